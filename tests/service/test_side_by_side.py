"""Requests that go through the model side by side get what each gets alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from torch import Tensor

from attention_surgery.analyses.cost import Urgency
from attention_surgery.analyses.infer import Inference, InferRequest
from attention_surgery.engine import run
from attention_surgery.engine.forward import Part, run_block, run_block_together
from attention_surgery.engine.model import Model
from attention_surgery.service.computation import Computation
from attention_surgery.service.worker import Worker
from tests.service.jobs import PATIENT, Reader, computation, submit

GIVEN = "When Mary and John went to the store, John gave a drink to"
SWAPPED = "When John and Mary went to the store, Mary gave a drink to"
PROSE = "It was the best of times, it was the worst of"
# Every kind of cut, in prompts of several lengths.
ASKED: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (GIVEN, ()),
    (PROSE, ("L1H1", "L2H3m*0.5")),
    ("Hello", ("L2H0p", "L2H2z@-1", "M1z")),
    (GIVEN, ({"layer": 1, "head": 0, "method": "resample", "source": SWAPPED},)),
    (PROSE, ({"layer": 0, "component": "mlp_out", "strength": -1},)),
)


@pytest.fixture
def asked() -> list[InferRequest]:
    """Texts that end at different times, greedy and drawn."""
    return [
        InferRequest.ask(
            prompt=prompt,
            ablations=cuts,
            max_new_tokens=4 + number,
            alternatives=3 + number % 2,
            temperature=0.8 * (number % 2),
            seed=number,
        )
        for number, (prompt, cuts) in enumerate(ASKED)
    ]


class Gate:
    """A job that keeps the worker until everything else is in the queue."""

    def __init__(self) -> None:
        self.entered, self.go = threading.Event(), threading.Event()

    def run(self) -> Any:
        self.entered.set()
        assert self.go.wait(PATIENT)
        yield


def answers(worker: Worker, steps: Sequence[Any]) -> list[tuple[Computation, Reader]]:
    """All of them, begun together."""
    gate = Gate()
    before, reader = computation(gate.run(), Urgency.VIEW, "before")
    submit(worker, before)
    assert gate.entered.wait(PATIENT)
    made = [computation(each, Urgency.GENERATION, f"{i}") for i, each in enumerate(steps)]
    for work, _ in made:
        submit(worker, work)
    gate.go.set()
    reader.wait_for_end(before)
    return made


def kept(results: dict[int, Inference], number: int, request: InferRequest, model: Model) -> Any:
    results[number] = yield from request.steps(model)
    return None


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each product that was shared was made for."""
    seen: list[int] = []

    def noted(model: Model, layer: int, parts: Sequence[Part]) -> Any:
        seen.append(len(parts))
        return run_block_together(model, layer, parts)

    monkeypatch.setattr(run, "run_block_together", noted)
    return seen


def test_numbers_are_those_of_each_alone(
    bundled: Model, asked: list[InferRequest], make_worker: Callable[..., Worker], sizes: list[int]
) -> None:
    results: dict[int, Inference] = {}
    worker = make_worker(abreast=8)
    steps = [kept(results, number, request, bundled) for number, request in enumerate(asked)]
    for work, reader in answers(worker, steps):
        assert reader.wait_for_end(work) is None
    assert max(sizes) == len(asked), "all of them shared products"
    for number, request in enumerate(asked):
        _assert_equal(results[number], request.run(bundled))


def _assert_equal(together: Inference, alone: Inference) -> None:
    for stream in ("control", "ablated"):
        one, other = getattr(together, stream).tokens, getattr(alone, stream).tokens
        assert [token.id for token in one] == [token.id for token in other]
        assert [token.logprob for token in one] == pytest.approx(
            [token.logprob for token in other], abs=1e-4
        )
        for token, its_twin in zip(one, other, strict=True):
            assert [(each.id, each.text) for each in token.alternatives] == [
                (each.id, each.text) for each in its_twin.alternatives
            ]
            assert [each.logprob for each in token.alternatives] == pytest.approx(
                [each.logprob for each in its_twin.alternatives], abs=1e-4
            )
    found = [token.kl for token in together.metrics.per_token]
    assert found == pytest.approx([token.kl for token in alone.metrics.per_token], 1e-3, 1e-7)


def test_all_texts_go_through_each_block_together_once_their_prompts_are_read(
    bundled: Model, make_worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []

    def noted(model: Model, layer: int, parts: Sequence[Part]) -> Any:
        decoded.extend([layer] if all(part.resid.shape[1] == 1 for part in parts) else [])
        return run_block_together(model, layer, parts)

    def alone(model: Model, layer: int, resid: Tensor, *more: Any, **settings: Any) -> Tensor:
        assert resid.shape[1] > 1, f"a token went through block {layer} by itself"
        return run_block(model, layer, resid, *more, **settings)

    monkeypatch.setattr(run, "run_block_together", noted)
    monkeypatch.setattr(run, "run_block", alone)
    texts = [
        InferRequest.ask(prompt=PROSE, ablations=(cut,), max_new_tokens=4)
        for cut in ("L0H1", "L2H3m", "L5H1")
    ]
    for work, reader in answers(make_worker(abreast=8), [text.steps(bundled) for text in texts]):
        assert reader.wait_for_end(work) is None
    assert decoded == 3 * list(range(bundled.n_layers))


def test_who_leaves_or_fails_costs_the_others_nothing(
    bundled: Model, asked: list[InferRequest], make_worker: Callable[..., Worker], sizes: list[int]
) -> None:
    results: dict[int, Inference] = {}
    worker = make_worker(abreast=8)
    steps = [kept(results, number, request, bundled) for number, request in enumerate(asked)]
    steps[0] = _failing(steps[0])
    made = answers(worker, steps)
    leaver, its_reader = made[1]
    leaver.log.leave(its_reader)
    for work, reader in made[2:]:
        assert reader.wait_for_end(work) is None
    assert made[0][1].wait_for_end(made[0][0]) is not None
    assert max(sizes) > 2
    for number in range(2, len(asked)):
        _assert_equal(results[number], asked[number].run(bundled))


def _failing(steps: Any) -> Any:
    """A job that breaks in the middle of a pass, with its rows among the others'."""
    for _ in range(20):
        yield next(steps)
    raise RuntimeError("its own fault")
