"""Error bars over the items of a task, for many heads at once.

    found = summary(values)              # values[item, layer, head]
    found.mean, found.low, found.high    # each [layer, head]
    against_zero(values).adjusted < 0.05

Every number depends on the values, their order and the seed alone, whoever measured them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attention_surgery.errors import InvalidSetting

LEVEL = 0.95
RESAMPLES = 2_000
PERMUTATIONS = 10_000
MOST_RESAMPLES = 100_000
# So many items have few enough sign patterns to try them all.
ALL_PATTERNS = 13
# Numbers drawn at once: 16 MB.
AT_ONCE = 2_000_000
# Means closer than this, relative to the items' size, differ by rounding.
SAME = 1e-12

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What items have in common; each array has the shape of one item's value.

    Attributes:
        n: items so far.
        mean: of the items.
        standard_error: standard deviation (n − 1) / √n; None of one item, as the interval is.
        low, high: the bootstrap's 95 % interval of the mean, by percentiles.
        same_sign: share of items whose value has the sign of the mean.
        resamples, seed: of the bootstrap.
    """

    n: int
    mean: Numbers
    standard_error: Numbers | None
    low: Numbers | None
    high: Numbers | None
    same_sign: Numbers
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class AgainstZero:
    """A two-sided test of each mean against zero; each array has the shape of one item's value.

    Attributes:
        p: how often as large a mean comes of signs given at random.
        adjusted: the same by Holm's correction over all values of an item; below α, the chance of
            even one head wrongly told from zero is at most α.
        permutations: how many sign patterns were tried; all there are where `exact`.
    """

    p: Numbers
    adjusted: Numbers
    permutations: int
    exact: bool
    seed: int


def summary(values: NDArray[np.floating], seed: int = 0, resamples: int = RESAMPLES) -> Summary:
    """Mean, standard error and bootstrap interval over items.

    Args:
        values: [item, …]; finite.
        resamples: each draws as many items as there are, with replacement; all heads the same.

    Raises:
        InvalidSetting: no items, numbers that are not finite, or resamples out of range.

    Source: Efron & Tibshirani 1993, chapter 13 (percentile interval).
    """
    items, shape = _by_item(values)
    _check_count("resamples", resamples)
    n = len(items)
    mean = items.mean(0)
    same = (np.sign(items) == np.sign(mean)).mean(0)
    error = low = high = None
    if n > 1:
        error = (items.std(0, ddof=1) / np.sqrt(n)).reshape(shape)
        ends = np.quantile(_resampled(items, seed, resamples), _tails(), axis=0)
        low, high = (end.reshape(shape) for end in ends)
    return Summary(n, mean.reshape(shape), error, low, high, same.reshape(shape), resamples, seed)


def interval_of(
    of: Callable[[Numbers], Numbers],
    values: NDArray[np.floating],
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Numbers, Numbers] | None:
    """The bootstrap's 95 % interval of what is made of means over items, such as their ratio.

    Args:
        of: takes means […, value] and gives […, number].
        values: [item, value]; finite.

    Returns:
        Its ends, one for each number; NaN where it is not finite for some resample. None of one
        item.

    Raises:
        InvalidSetting: as `summary`.
    """
    items, _ = _by_item(values)
    _check_count("resamples", resamples)
    if len(items) == 1:
        return None
    made = of(_resampled(items, seed, resamples))
    with np.errstate(invalid="ignore"):
        low, high = np.quantile(made, _tails(), axis=0)
    return low, high


def against_zero(
    values: NDArray[np.floating], seed: int = 0, permutations: int = PERMUTATIONS
) -> AgainstZero:
    """Sign-flip permutation test of the mean against zero, with Holm's correction.

    If a head had no effect, an item's value would as often have the opposite sign. All sign
    patterns are tried where there are few; else so many at random, and the one that was seen.

    Args:
        values: [item, …]; finite.

    Raises:
        InvalidSetting: no items, numbers that are not finite, or permutations out of range.

    Source: Nichols & Holmes 2002; Phipson & Smyth 2010 for p > 0; Holm 1979.
    """
    items, shape = _by_item(values)
    _check_count("permutations", permutations)
    n = len(items)
    exact = n <= ALL_PATTERNS
    seen = np.abs(items.mean(0)) - SAME * np.abs(items).mean(0)
    as_large, tried = np.zeros(items.shape[1]), 0
    for signs in _all_signs(n) if exact else _random_signs(n, seed, permutations):
        as_large += (np.abs(signs @ items / n) >= seen).sum(0)
        tried += len(signs)
    p = as_large / tried if exact else (as_large + 1) / (tried + 1)
    return AgainstZero(p.reshape(shape), holm(p).reshape(shape), tried, exact, seed)


def holm(p: Numbers) -> Numbers:
    """Holm's adjusted p-values of a family of tests."""
    flat = p.reshape(-1)
    order = np.argsort(flat, kind="stable")
    steps = flat[order] * np.arange(len(flat), 0, -1)
    adjusted = np.empty_like(flat)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted.reshape(p.shape)


def _by_item(values: NDArray[np.floating]) -> tuple[Numbers, tuple[int, ...]]:
    items = np.asarray(values, dtype=np.float64)
    if items.ndim == 0 or len(items) == 0:
        raise InvalidSetting("There is no item to summarise.")
    if not np.isfinite(items).all():
        raise InvalidSetting("An item's value is not finite: leave such items out.")
    return items.reshape(len(items), -1), items.shape[1:]


def _check_count(name: str, count: int) -> None:
    if not 100 <= count <= MOST_RESAMPLES:
        raise InvalidSetting(f"{name} is {count}: it must be 100 to {MOST_RESAMPLES}.")


def _tails() -> tuple[float, float]:
    return (1 - LEVEL) / 2, (1 + LEVEL) / 2


def _resampled(items: Numbers, seed: int, resamples: int) -> Numbers:
    """The mean of each resample, [resample, value]."""
    n = len(items)
    rng = np.random.default_rng(seed)
    means = []
    for rows in _parts(n, resamples):
        drawn = rng.integers(n, size=(rows, n))
        drawn += n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.reshape(-1), minlength=rows * n).reshape(rows, n)
        means.append(counts.astype(np.float64) @ items / n)
    return np.concatenate(means)


def _all_signs(n: int) -> Iterator[Numbers]:
    """Every pattern of signs, [pattern, item]."""
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    yield (1 - 2 * bits).astype(np.float64)


def _random_signs(n: int, seed: int, permutations: int) -> Iterator[Numbers]:
    """Patterns of signs at random, some at a time."""
    rng = np.random.default_rng(seed)
    for rows in _parts(n, permutations):
        yield (1 - 2 * rng.integers(2, size=(rows, n), dtype=np.int8)).astype(np.float64)


def _parts(n: int, rows: int) -> list[int]:
    """How many rows of `n` numbers to draw at once."""
    at_once = max(1, AT_ONCE // n)
    return [min(at_once, rows - first) for first in range(0, rows, at_once)]
