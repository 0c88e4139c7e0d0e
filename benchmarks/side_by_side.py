"""Several users' requests in one process, driven as the server drives them, and their floor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from attention_surgery.analyses import InferRequest
from attention_surgery.engine.joint import Joint, do_together
from attention_surgery.engine.model import Model
from attention_surgery.engine.steps import advance, drain
from benchmarks.concurrency import PROMPT
from benchmarks.measure import duration, products_alone, seconds, table

WORDS = PROMPT.split()
HEADER = ["in one process", "one at a time", "side by side", "ratio", "products", "at most"]
STEPS, RUNS = 20, 3


def measured(models: dict[str, Model]) -> str:
    """A table: views of 8 users, and a step of 16 users' texts."""
    lines = []
    for name, model in models.items():
        for what, cost in (
            (f"8 next-token views, {name}", _views),
            (f"a step of 16 texts, {name}", _step),
        ):
            one, many = cost(model, _one_by_one, seconds), cost(model, _together, seconds)
            products = cost(model, _together, products_alone)
            ratios = (f"{one / many:.1f}", f"{one / products:.1f}")
            line = [what, duration(one), duration(many), ratios[0], duration(products), ratios[1]]
            print(" | ".join(line), flush=True)
            lines.append(line)
    return table(HEADER, lines)


Job = Generator[object, None, object]
Drive = Callable[[Sequence[Job]], None]
Cost = Callable[[Callable[[], object]], float]


def _views(model: Model, drive: Drive, cost: Cost) -> float:
    return _least(model, drive, cost, users=8, n_new=0)


def _step(model: Model, drive: Drive, cost: Cost) -> float:
    whole = _least(model, drive, cost, users=16, n_new=1 + STEPS)
    return (whole - _least(model, drive, cost, users=16, n_new=1)) / STEPS


def _least(model: Model, drive: Drive, cost: Cost, users: int, n_new: int) -> float:
    def work() -> None:
        drive([request.steps(model) for request in _requests(users, n_new)])

    work()
    return min(cost(work) for _ in range(RUNS))


def _requests(users: int, n_new: int) -> list[InferRequest]:
    """Each with a prompt and a cut of its own."""
    return [
        InferRequest.ask(
            prompt=" ".join(WORDS[user % 8 :] + WORDS[: user % 8]),
            ablations=(f"L{user % 12}H{5 * user % 12}",),
            max_new_tokens=n_new,
        )
        for user in range(users)
    ]


def _one_by_one(jobs: Sequence[Job]) -> None:
    for job in jobs:
        drain(job)


def _together(jobs: Sequence[Job]) -> None:
    """Those furthest behind do their next piece in one go, until all are done."""
    pieces = {at: piece for at, job in enumerate(jobs) if (piece := _next_piece(job))}
    while pieces:
        first = min(pieces.values(), key=lambda piece: piece.depth)
        level = [at for at, piece in pieces.items() if piece.kind == first.kind]
        do_together([pieces[at] for at in level])
        for at in level:
            if (piece := _next_piece(jobs[at])) is None:
                del pieces[at]
            else:
                pieces[at] = piece


def _next_piece(job: Job) -> Joint[object] | None:
    """The next that may be done with others'; None at the end."""
    while True:
        try:
            told = advance(job)
        except StopIteration:
            return None
        if isinstance(told, Joint) and told.kind is not None:
            return told
