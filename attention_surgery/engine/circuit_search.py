"""Searches for a small circuit: one head at a time, each step measured exactly.

The estimate by attribution patching says which heads to try first; what is taken is decided by the
exact runs of those, and a search ends only when no head is left that it has not tried exactly.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np

from attention_surgery.engine.circuits import Circuit, CircuitRuns, HeadSite, all_heads


@dataclass(frozen=True, slots=True)
class SearchStep:
    """One head taken out of the circuit, or put into it.

    Attributes:
        circuit: after the step.
        mean: its F, the mean metric over the items.
        estimated: what the step was estimated to do to F.
        effect: what it did.
        tried: how many heads were tried exactly.
    """

    head: HeadSite
    added: bool
    circuit: Circuit
    mean: float
    estimated: float
    effect: float
    tried: int


def removal(
    runs: CircuitRuns, start: Circuit, target: float, at_once: int
) -> Generator[object, None, Circuit]:
    """Take out heads while F stays near the whole model's; yields `SearchStep`.

    Of the heads estimated to leave F nearest to F(M), `at_once` are tried exactly and the best of
    them goes; where that would be too far, the others are tried, and the search ends when all are.
    In what it returns no single head can be spared.

    Args:
        start: faithful itself.
        target: least F(C)/F(M), and as near to 1 from above.
        at_once: how many heads are tried before one is taken.
    """
    whole = yield from runs.mean(all_heads(runs.model))
    allowed = (1 - target) * abs(whole)
    circuit, mean = start, (yield from runs.mean(start))
    while circuit:
        ordered = yield from _ordered(runs, circuit, circuit, mean, whole)
        taken = yield from _nearest(runs, circuit, ordered, whole, allowed, at_once)
        if taken is None:
            break
        head, value, tried = taken
        circuit -= {head}
        yield SearchStep(head, False, circuit, value, ordered[head], value - mean, tried)
        mean = value
    return circuit


def growth(
    runs: CircuitRuns, start: Circuit, target: float, at_once: int
) -> Generator[object, None, Circuit]:
    """Put heads into a circuit until F is near the whole model's, then take out what that made
    superfluous; yields `SearchStep`.

    Of the heads estimated to bring F nearest to F(M), `at_once` are tried exactly and the best of
    them stays, also where it does not help by itself: some heads do nothing without each other.
    """
    model = runs.model
    whole = yield from runs.mean(all_heads(model))
    circuit, mean = start, (yield from runs.mean(start))
    while abs(whole - mean) > (1 - target) * abs(whole):
        left = all_heads(model) - circuit
        ordered = yield from _ordered(runs, circuit, left, mean, whole)
        taken = yield from _nearest(runs, circuit, ordered, whole, None, at_once)
        assert taken is not None
        head, value, tried = taken
        circuit |= {head}
        yield SearchStep(head, True, circuit, value, ordered[head], value - mean, tried)
        mean = value
    return (yield from removal(runs, circuit, target, at_once))


def _ordered(
    runs: CircuitRuns, circuit: Circuit, heads: Iterable[HeadSite], mean: float, whole: float
) -> Generator[object, None, dict[HeadSite, float]]:
    """The estimated effect of changing each head, those first that leave F nearest to F(M)."""
    estimates = (yield from runs.estimates(circuit)).mean(0)
    effects = {head: float(estimates[head]) for head in sorted(heads)}
    nearest = sorted(effects, key=lambda head: abs(mean + effects[head] - whole))
    return {head: effects[head] for head in nearest}


def _nearest(
    runs: CircuitRuns,
    circuit: Circuit,
    ordered: Iterable[HeadSite],
    whole: float,
    allowed: float | None,
    at_once: int,
) -> Generator[object, None, tuple[HeadSite, float, int] | None]:
    """The head whose change leaves F nearest to F(M), of the first few that has one near enough;
    with its F and how many were tried."""
    heads = list(ordered)
    for start in range(0, len(heads), at_once):
        part = heads[start : start + at_once]
        values = yield from runs.values([circuit ^ {head} for head in part])
        means = values.mean(1)
        best = int(np.abs(means - whole).argmin())
        if allowed is None or abs(means[best] - whole) <= allowed:
            return part[best], float(means[best]), start + len(part)
    return None
