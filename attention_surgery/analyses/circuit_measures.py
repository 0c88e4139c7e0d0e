"""The measures of a circuit, from what its runs give; each a generator that pauses between runs.

Source: faithfulness, completeness, minimality Wang et al. 2022, arXiv:2211.00593, section 4; the
curve, CPR and CMD Mueller et al. 2025 (MIB), arXiv:2504.13151.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attention_surgery import statistics
from attention_surgery.analyses.circuit_parts import (
    Band,
    Completeness,
    Curve,
    CurvePoint,
    Faithfulness,
    Interval,
    Minimality,
    Needed,
    Removal,
    Removed,
    TaskMean,
)
from attention_surgery.engine.sites import Sender

if TYPE_CHECKING:
    from attention_surgery.engine.circuits import Circuit, CircuitRuns, HeadSite

Numbers = NDArray[np.float64]

SHARES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
RANDOM_REMOVALS = 10
GREEDY_STEPS = 10
GREEDY_TRIED = 5
SUPERFLUOUS = 0.01


@dataclass(frozen=True, slots=True)
class Tested:
    """A circuit, what it is tested on and against.

    Whatever is drawn is drawn for all heads of the model, not for those of the circuit: a circuit
    with one head more or less has nearly the same random ones, which are measured already.

    Attributes:
        classes: named sets of its heads.
        orders: all heads in random orders; the first of each are a random circuit.
        seed: of whatever else is drawn.
    """

    runs: CircuitRuns
    circuit: Circuit
    whole: Circuit
    classes: dict[str, Circuit]
    orders: list[list[HeadSite]]
    seed: int

    @property
    def rivals(self) -> list[Circuit]:
        """Random circuits of the circuit's size."""
        return [_first(order, len(self.circuit)) for order in self.orders]


def tested(
    runs: CircuitRuns, circuit: Circuit, classes: dict[str, Circuit], n_random: int, seed: int
) -> Tested:
    """A circuit and its random rivals, the same for the same seed."""
    from attention_surgery.engine.circuits import all_heads

    whole = all_heads(runs.model)
    rng = np.random.default_rng([seed, 0])
    orders = [_shuffled(whole, rng) for _ in range(n_random)]
    return Tested(runs, circuit, whole, classes, orders, seed)


def faithfulness(test: Tested) -> Generator[object, None, Faithfulness]:
    """F of the circuit between that of no head and that of all; see `beside_rivals`."""
    values = yield from test.runs.values([test.whole, frozenset(), test.circuit])
    whole, empty, circuit = (_mean(each, test.seed) for each in values)

    def derived(means: Numbers) -> Numbers:
        m, none, c = means[..., 0], means[..., 1], means[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack([c / m, np.abs(m - c), (c - none) / (m - none)], axis=-1)

    ratio, gap, f = _intervals(derived, values, test.seed)
    return Faithfulness(
        n=test.runs.n_items,
        whole=whole,
        empty=empty,
        circuit=circuit,
        ratio=circuit.mean / whole.mean if whole.mean else None,
        ratio_interval=ratio,
        gap=abs(whole.mean - circuit.mean),
        gap_interval=gap,
        normalized=normalized(circuit.mean, whole.mean, empty.mean),
        normalized_interval=f,
        random=None,
    )


def beside_rivals(test: Tested) -> Generator[object, None, Band | None]:
    """F of the random circuits."""
    values = yield from test.runs.values(test.rivals)
    return _band(test, values.mean(1))


def normalized(value: float, whole: float, empty: float) -> float | None:
    """MIB's f: 0 of no head, 1 of all; None where those are equal."""
    return None if whole == empty else (value - empty) / (whole - empty)


def minimality(test: Tested) -> Generator[object, None, Minimality]:
    """What each head adds to the circuit, and to it without the head's class; see
    `needed_by_rivals`."""
    runs, circuit = test.runs, test.circuit
    pairs = [(head, removed) for head in sorted(circuit) for removed in _contexts(test, head)]
    asked = [circuit - removed for _, removed in pairs]
    before = yield from runs.values(asked)
    asked = [circuit - removed - {head} for head, removed in pairs]
    changes = (yield from runs.values(asked)) - before
    bounds = _intervals(_same, changes, test.seed)
    found: dict[HeadSite, Needed] = {}
    for (head, removed), change, bound in zip(pairs, changes, bounds, strict=True):
        effect, so_far = float(change.mean()), found.get(head)
        if so_far is None:
            found[head] = Needed(Sender(*head), effect, bound, abs(effect), [])
        elif abs(effect) > so_far.value:
            found[head] = replace(so_far, value=abs(effect), without=_senders(removed))
    whole = yield from runs.mean(test.whole)
    needed = sorted(found.values(), key=lambda each: -each.value)
    few = [each.head for each in needed if each.value < SUPERFLUOUS * abs(whole)]
    return Minimality(runs.n_items, needed, few, None)


def _contexts(test: Tested, head: HeadSite) -> list[Circuit]:
    """The K of a head: none, and the others of each class it is in."""
    others = [heads - {head} for heads in test.classes.values() if head in heads]
    return list(dict.fromkeys([frozenset(), *(each for each in others if each)]))


def needed_by_rivals(test: Tested) -> Generator[object, None, Band | None]:
    """What the last head of each of the random circuits adds to it."""
    size = len(test.circuit)
    less = [_first(order, size - 1) for order in test.orders if size]
    before = (yield from test.runs.values(test.rivals[: len(less)])).mean(1)
    after = (yield from test.runs.values(less)).mean(1)
    return _band(test, np.abs(after - before))


def completeness(test: Tested, kinds: Sequence[Removal]) -> Generator[object, None, Completeness]:
    """How the circuit and the whole model react to the loss of the same heads."""
    rng = np.random.default_rng([test.seed, 2])
    removals: list[tuple[Removal, str, Circuit]] = []
    if "class" in kinds:
        removals += [("class", name, heads) for name, heads in test.classes.items()]
    if "random" in kinds and test.circuit:
        halves = [_half(sorted(test.whole), rng) & test.circuit for _ in range(RANDOM_REMOVALS)]
        removals += [("random", "a random half", heads) for heads in dict.fromkeys(halves)]
    if "greedy" in kinds and test.circuit:
        heads = yield from _greedy(test)
        removals.append(("greedy", "one head after the other", heads))
    removed = yield from _reactions(test, test.circuit, removals)
    removed.sort(key=lambda each: -each.gap)
    gaps: list[float] = []
    for order, rival in zip(test.orders, test.rivals, strict=True):
        half = _half(order, rng) & rival
        pair = yield from test.runs.values([rival - half, test.whole - half])
        gaps.append(abs(float(np.subtract(*pair.mean(1)))))
    worst = removed[0].gap if removed else 0.0
    return Completeness(test.runs.n_items, worst, removed, _band(test, np.array(gaps)))


def _reactions(
    test: Tested, circuit: Circuit, removals: Sequence[tuple[Removal, str, Circuit]]
) -> Generator[object, None, list[Removed]]:
    runs = test.runs
    ours = yield from runs.values([circuit - heads for *_, heads in removals])
    all_of = yield from runs.values([test.whole - heads for *_, heads in removals])
    bounds = _intervals(np.abs, ours - all_of, test.seed)
    means = zip(ours.mean(1).tolist(), all_of.mean(1).tolist(), bounds, strict=True)
    return [
        Removed(kind, name, _senders(heads), mine, whole, abs(mine - whole), bound)
        for (kind, name, heads), (mine, whole, bound) in zip(removals, means, strict=True)
    ]


def _greedy(test: Tested) -> Generator[object, None, Circuit]:
    """Heads that widen the gap, one after the other: of those estimated to widen it most, the one
    that does, until none does."""
    runs, removed, widest = test.runs, frozenset[tuple[int, int]](), -1.0
    for _ in range(GREEDY_STEPS):
        ours, theirs = test.circuit - removed, test.whole - removed
        gap = (yield from runs.mean(ours)) - (yield from runs.mean(theirs))
        widest = max(widest, abs(gap))
        tried = yield from _likeliest(runs, ours, theirs, gap)
        if not tried:
            break
        mine = (yield from runs.values([ours - {head} for head in tried])).mean(1)
        whole = (yield from runs.values([theirs - {head} for head in tried])).mean(1)
        gaps = np.abs(mine - whole)
        best = int(gaps.argmax())
        if gaps[best] <= widest:
            break
        removed |= {tried[best]}
    return removed


def _likeliest(
    runs: CircuitRuns, ours: Circuit, theirs: Circuit, gap: float
) -> Generator[object, None, list[HeadSite]]:
    """The heads to try: all where those are few, else those estimated to widen the gap most."""
    if len(ours) <= GREEDY_TRIED:
        return sorted(ours)
    of_ours = (yield from runs.estimates(ours)).mean(0)
    of_theirs = (yield from runs.estimates(theirs)).mean(0)
    guess = {head: abs(gap + of_ours[head] - of_theirs[head]) for head in sorted(ours)}
    return sorted(guess, key=lambda head: -guess[head])[:GREEDY_TRIED]


def curve(test: Tested, needed: Minimality) -> Generator[object, None, Curve]:
    """f of the first heads of a ranking that begins with the circuit, and of random rankings."""
    runs = test.runs
    estimates = (yield from runs.estimates(test.whole)).mean(0)
    effects = {(each.head.layer, each.head.head): abs(each.effect) for each in needed.heads}
    ranking = sorted(effects, key=lambda head: -effects[head])
    ranking += sorted(test.whole - test.circuit, key=lambda head: (-abs(estimates[head]), head))
    sizes = [round(share * len(ranking)) for share in SHARES]
    rng = np.random.default_rng([test.seed, 3])
    orders = [ranking, *(_shuffled(test.whole, rng) for _ in test.orders)]
    asked = [_first(order, size) for order in orders for size in sizes]
    values = yield from runs.values([test.whole, frozenset(), *asked])
    means = values[2:].mean(1).reshape(len(orders), len(sizes))
    f = _shares(values.mean(1)).reshape(means.shape)
    bounds = _intervals(_shares, values[: 2 + len(sizes)], test.seed)
    cpr, cmd = area(f), area(np.abs(1 - f))
    rows = zip(SHARES, sizes, means[0], f.T, bounds, strict=True)
    points = [
        CurvePoint(share, size, float(value), float(of_size[0]), bound, _band(test, of_size[1:]))
        for share, size, value, of_size, bound in rows
    ]
    return Curve(
        runs.n_items,
        [Sender(*head) for head in ranking],
        points,
        float(cpr[0]),
        float(cmd[0]),
        _band(test, cpr[1:]),
        _band(test, cmd[1:]),
    )


def area(values: Numbers) -> Numbers:
    """∫ over the shares of each row [row, share], by the trapezoid rule, as MIB takes it."""
    return np.asarray(np.trapezoid(values, SHARES, axis=-1))


def _shares(means: Numbers) -> Numbers:
    """f of […, value], of which the first is F(M) and the second F(∅)."""
    whole, empty = means[..., :1], means[..., 1:2]
    # Where the heads do nothing at all, every circuit does all there is.
    same = whole == empty
    return np.where(same, 1.0, (means[..., 2:] - empty) / np.where(same, 1.0, whole - empty))


def _mean(values: Numbers, seed: int) -> TaskMean:
    told = statistics.summary(values, seed)
    error = None if told.standard_error is None else float(told.standard_error)
    (bound,) = _intervals(_same, values[None], seed)
    return TaskMean(float(values.mean()), error, bound, values.tolist())


def _intervals(
    of: Callable[[Numbers], Numbers], values: Numbers, seed: int
) -> list[Interval | None]:
    """Of each number that is made of means over the items of [value, item]."""
    if not len(values):
        return []
    ends = statistics.interval_of(of, values.T, seed)
    if ends is None:
        return [None] * len(of(values.mean(1)))
    told = zip(*(end.tolist() for end in ends), strict=True)
    return [Interval(low, high) if isfinite(low + high) else None for low, high in told]


def _band(test: Tested, values: Numbers) -> Band | None:
    return Band.of(test.runs.n_items, values.tolist())


def _same(means: Numbers) -> Numbers:
    return means


def _senders(heads: Circuit) -> list[Sender]:
    return [Sender(*head) for head in sorted(heads)]


def _shuffled(heads: Circuit, rng: np.random.Generator) -> list[HeadSite]:
    ordered = sorted(heads)
    return [ordered[place] for place in rng.permutation(len(ordered))]


def _first(heads: Sequence[HeadSite], size: int) -> Circuit:
    return frozenset(heads[:size])


def _half(heads: Sequence[HeadSite], rng: np.random.Generator) -> Circuit:
    """Each head with probability ½."""
    return frozenset(head for head in heads if rng.random() < 0.5)
