"""What a run has found so far: means over the items done, with their error bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery import statistics
from attention_surgery.analyses.arrays import Axes

OfHeads = Annotated[NDArray[np.float64], Axes(("layer", "head"))]

# Above so many items half as many permutations for twice as many items, down to a thousand.
NUMBERS_DRAWN = 20_000_000
LEAST_PERMUTATIONS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class HeadSummary:
    """Over the items done, of each head."""

    n: Annotated[int, Field(description="Items that this is of.")]
    mean: OfHeads
    standard_error: Annotated[
        OfHeads | None, Field(description="Of the mean; null of a single item.")
    ]
    low: Annotated[OfHeads | None, Field(description="Of the bootstrap's 95 % interval.")]
    high: OfHeads | None
    same_sign: Annotated[OfHeads, Field(description="Share of items of the mean's sign.")]
    adjusted_p: Annotated[
        OfHeads,
        Field(description="Sign-flip permutation test against zero, by Holm over all heads."),
    ]
    resamples: int
    permutations: Annotated[int, Field(description="Patterns of signs tried.")]
    seed: int


def summarised(scores: NDArray[np.float32], seed: int) -> HeadSummary | None:
    """Of [item, layer, head]; None of no item."""
    n = len(scores)
    if n == 0:
        return None
    told = statistics.summary(scores, seed)
    most = max(LEAST_PERMUTATIONS, min(statistics.PERMUTATIONS, NUMBERS_DRAWN // n))
    test = statistics.against_zero(scores, seed, most)
    return HeadSummary(
        n,
        told.mean,
        told.standard_error,
        told.low,
        told.high,
        told.same_sign,
        test.adjusted,
        told.resamples,
        test.permutations,
        seed,
    )
