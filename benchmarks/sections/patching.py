"""Activation patching and a sweep of a model already cut, against a hooked pass for each number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from attention_surgery.analyses import importance, patching
from benchmarks.loops import ANSWER, FOIL, Loop, texts
from benchmarks.measure import compare, products_alone
from benchmarks.rows import Row, comparison
from benchmarks.subjects import CUTS, Subjects

TITLE = "Activation patching"
NOTE = (
    "16 tokens. The loops are timed on every sixteenth head, times sixteen: each pass costs the "
    "same. The floor is the matrix products of ours, made again by themselves."
)
EVERY = 16
HEAD_COMPONENTS = ("z", "q", "k", "v", "pattern")


def measured(s: Subjects) -> str:
    return comparison(_rows(s))


def _rows(s: Subjects) -> Iterator[Row]:
    n_heads, some = len(s.all_heads), s.all_heads[::EVERY]

    def patched(first: int, components: tuple[str, ...]) -> None:
        for component in components:
            patching(s.model, *texts(s, first), ANSWER, FOIL, component)

    for first, target in ((1, 20), (9, 40)):
        ours = partial(patched, first, ("z",))
        loop = partial(Loop(s, first).patches, "z", some)
        result = compare(ours, loop, runs=3, peer_scale=EVERY)
        name = f"z of {n_heads} heads, prompts differ from token {first}"
        yield Row(name, "hooked passes", f"≥ {target}", result, products_alone(ours))

    ours = partial(patched, 1, HEAD_COMPONENTS)
    result = compare(
        ours,
        partial(Loop(s, 1).patches, "z", some),
        runs=1,
        peer_scale=EVERY * len(HEAD_COMPONENTS),
    )
    name = f"z, q, k, v and pattern of {n_heads} heads, prompts differ from token 1"
    yield Row(name, "hooked passes", "≥ 20", result, products_alone(ours))

    def given_cuts() -> object:
        return importance(
            s.model,
            texts(s, 1)[0],
            "ablation",
            metric="logit_difference",
            answer=ANSWER,
            foil=FOIL,
            ablations=CUTS,
        )

    sets = [[*CUTS, head] for head in some]
    result = compare(given_cuts, partial(Loop(s, 1).cuts, sets), runs=3, peer_scale=EVERY)
    name = f"{n_heads} ablations, {len(CUTS)} heads cut already"
    yield Row(name, "hooked passes", "≥ 20", result, products_alone(given_cuts))
