"""Activation patching position by position, against a hooked pass for each number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from attention_surgery.analyses import patching
from benchmarks.loops import ANSWER, FOIL, N_TOKENS, Loop, texts
from benchmarks.measure import compare, products_alone
from benchmarks.rows import Row, comparison
from benchmarks.subjects import Subjects

TITLE = "Activation patching by position"
NOTE = (
    "16 tokens. The loop is timed on every sixteenth head at one position, times 256: each pass "
    "costs the same. The floor is the matrix products of ours, made again by themselves."
)
EVERY = 16


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    for first, target in ((1, 35), (9, 35)):
        ours = partial(patching, s.model, *texts(s, first), ANSWER, FOIL, "z", each_position=True)
        result = compare(
            ours,
            partial(Loop(s, first).patches, "z", s.all_heads[::EVERY]),
            runs=1,
            peer_scale=EVERY * N_TOKENS,
        )
        name = f"z of {len(s.all_heads)} heads × {N_TOKENS} positions, prompts differ from {first}"
        floor = products_alone(ours) if first > 1 else None
        yield Row(name, "hooked passes", f"≥ {target}", result, floor)
