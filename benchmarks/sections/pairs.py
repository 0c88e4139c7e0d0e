"""Self-repair and pairs of heads, against a hooked pass for each ablation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from attention_surgery.analyses import interactions, self_repair
from attention_surgery.interventions import head_name
from benchmarks.loops import ANSWER, FOIL, Loop, texts
from benchmarks.measure import compare, products_alone
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Self-repair and pairs"
NOTE = (
    "16 tokens. The loops are timed on every sixteenth head, times sixteen, and on every "
    "seventieth pair, times seventy: each pass costs the same. The floor is the matrix products of "
    "ours, made again by themselves."
)
EVERY, EVERY_PAIR = 16, 70


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    prompt, _ = texts(s, 1)
    loop = Loop(s, 1)

    ours = partial(self_repair, s.model, prompt, ANSWER, FOIL)
    result = compare(ours, partial(loop.repairs, s.all_heads[::EVERY]), runs=3, peer_scale=EVERY)
    name = f"self-repair, {len(s.all_heads)} heads, every later head, MLP and LayerNorm"
    yield Row(name, "cached passes", "≥ 20", result, products_alone(ours))

    heads = [head for head in s.all_heads if head[1] % 4 == 0]
    pairs = list(combinations(heads, 2))
    paired = partial(
        interactions,
        s.model,
        prompt,
        answer=ANSWER,
        foil=FOIL,
        heads=[head_name(*head) for head in heads],
    )
    result = compare(
        paired,
        partial(loop.cuts, pairs[::EVERY_PAIR]),
        runs=1,
        peer_scale=len(pairs) / len(pairs[::EVERY_PAIR]),
    )
    name = f"{len(pairs)} pairs of {len(heads)} heads"
    yield Row(name, "hooked passes", "≥ 30", result, products_alone(paired))
