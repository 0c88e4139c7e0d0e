"""What patches do, normalised, and how near an estimate of it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery.analyses.arrays import Axes
from attention_surgery.analyses.two_prompts import LEAST_CONTRAST
from attention_surgery.engine.components import Component, is_of_heads

# Values that spread no further, relative to the largest, differ by rounding.
SAME = 1e-4
PatchScores = Annotated[
    NDArray[np.float32],
    Axes(
        ("layer", "head"),
        others=(
            ("layer", "head", "position"),
            ("layer",),
            ("layer", "position"),
            ("head",),
            ("head", "position"),
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class PatchSite:
    """Where a patch was made."""

    layer: int
    head: Annotated[int | None, Field(description="Null for a whole layer.")]
    position: Annotated[int | None, Field(description="Null for all positions together.")]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Attribution patching beside the exact values: one backward pass instead of all patches."""

    values: Annotated[PatchScores, Field(description="The metric, in the shape of `values`.")]
    scores: Annotated[PatchScores | None, Field(description="Normalised; null as `scores` is.")]
    rank_correlation: Annotated[
        float | None,
        Field(description="Spearman's, with the exact values; null where either is constant."),
    ]
    worst: Annotated[PatchSite, Field(description="Where the estimate is furthest off.")]
    worst_error: Annotated[float, Field(description="Estimate − exact there, in the metric.")]


def normalised(
    values: NDArray[np.float64], clean: float, corrupt: float
) -> NDArray[np.float32] | None:
    """0 as corrupt, 1 as clean; None where the two are too close."""
    if abs(clean - corrupt) < LEAST_CONTRAST:
        return None
    return ((values - corrupt) / (clean - corrupt)).astype(np.float32)


def compared(
    estimated: NDArray[np.float64],
    exact: NDArray[np.float64],
    base: float,
    clean: float,
    corrupt: float,
    component: Component,
    heads: Sequence[tuple[int, int]] | None,
) -> Estimate:
    """How near an estimate comes.

    Args:
        estimated, exact: effects, the metric less that of the run that is patched, `base`.
        clean, corrupt: the metric of either run.
        heads: of the rows; those of all layers, or layers, when None.
    """
    off = estimated - exact
    place = np.unravel_index(int(np.abs(off).argmax()), off.shape)
    site = [int(index) for index in place]
    if heads is not None:
        site[:1] = heads[site[0]]
    layer, *rest = site
    head = rest.pop(0) if is_of_heads(component) else None
    return Estimate(
        values=(base + estimated).astype(np.float32),
        scores=normalised(base + estimated, clean, corrupt),
        rank_correlation=_spearman(estimated.ravel(), exact.ravel()),
        worst=PatchSite(layer, head, rest[0] if rest else None),
        worst_error=float(off[place]),
    )


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """The correlation of ranks, tied ones sharing their mean; None where either is constant."""
    if any(np.ptp(values) <= SAME * np.abs(values).max() for values in (a, b)):
        return None
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
