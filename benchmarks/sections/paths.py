"""Path patching, against the two hooked passes that define each path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from attention_surgery.analyses import paths
from attention_surgery.engine.sites import Receiver
from benchmarks.loops import ANSWER, FOIL, Loop, texts
from benchmarks.measure import compare, products_alone
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Paths"
NOTE = (
    "16 tokens. The loops are timed on every sixteenth sender of one receiver, times as many paths "
    "as there are: each pass costs the same. The map is of one head's queries, keys and values in "
    "every layer, a twelfth of the whole. The floor is the matrix products of ours, made again by "
    "themselves."
)
EVERY = 16
LAYER = 9  # of the one receiver


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    def told(first: int, receivers: Sequence[str]) -> object:
        return paths(s.model, *texts(s, first), ANSWER, FOIL, receivers)

    n_heads = len(s.all_heads)
    ours = partial(told, 9, ["logits"])
    sample = [(head, None) for head in s.all_heads[::EVERY]]
    result = compare(ours, partial(Loop(s, 9).paths, sample), peer_scale=EVERY)
    name = f"direct paths, {n_heads} heads to the logits"
    yield Row(name, "hooked passes", "≥ 250", result, products_alone(ours))

    receiver = Receiver(LAYER, 0, "q")
    below = [head for head in s.all_heads if head[0] < LAYER]
    loop = partial(Loop(s, 1).paths, [(head, receiver) for head in below[::EVERY]])
    for first in (1, 9):
        ours = partial(told, first, [str(receiver)])
        result = compare(ours, loop, runs=3, peer_scale=len(below) / len(below[::EVERY]))
        name = f"paths, {len(below)} heads to {receiver}, prompts differ from token {first}"
        yield Row(name, "hooked passes", "≥ 30", result, products_alone(ours))

    inputs = [Receiver(layer, 0, part) for layer in range(s.model.n_layers) for part in "qkv"]  # type: ignore[arg-type]
    n_paths = sum(s.model.n_heads * each.layer for each in inputs)
    ours = partial(told, 9, [str(each) for each in inputs])
    result = compare(ours, loop, runs=1, peer_scale=n_paths / len(below[::EVERY]))
    name = f"paths, {n_paths:,} of the map, prompts differ from token 9"
    yield Row(name, "hooked passes", "≥ 60", result, products_alone(ours))
