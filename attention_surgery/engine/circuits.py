"""What circuits do on the items of a task: every head outside the circuit replaced, MLPs kept.

Items are rows of a batch. A run of a circuit is kept layer by layer, as what stands before each
layer and what its heads compute there: the next circuit begins at the first layer in which it
differs, with the attention of that layer already done. Of many circuits the one that shares most
with the last goes next, so that layers below a difference are computed once.

A few items come first, then more at a time, so that there are numbers early; and what was measured
stays with the model for the next request about the same items.

    runs = yield from circuit_runs(model, questions, "dataset-mean")
    values = yield from runs.values([all_heads(model), frozenset({(9, 9), (9, 6)})])

Source: Wang et al. 2022, arXiv:2211.00593, section 4.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence

import numpy as np

from attention_surgery.engine.base_run import may_skip_prefix
from attention_surgery.engine.circuit_batch import Batch, Circuit, HeadSite, PerItem, Question
from attention_surgery.engine.model import Model
from attention_surgery.engine.standing_in import references_of, slices, standing_in, taken_from
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention

__all__ = ["Circuit", "CircuitRuns", "HeadSite", "Question", "all_heads", "circuit_runs"]

# So many items come first; then each time so many times as many as have been read.
FIRST_ITEMS, GROWTH = 5, 3
# So many circuits, and estimates, of the last ones are remembered.
MOST_KNOWN = 3_000
MOST_ESTIMATED = 32


def all_heads(model: Model) -> Circuit:
    """The circuit that is the whole model."""
    return frozenset((lay, head) for lay in range(model.n_layers) for head in range(model.n_heads))


def circuit_runs(
    model: Model, questions: Sequence[Question], method: str
) -> Generator[object, None, CircuitRuns]:
    """Make the items and what stands in for heads ready: runs the corrupt prompts if it must.

    Args:
        method: an ablation method of heads; those made of reference prompts take the corrupt ones:
            `dataset-mean` those of as many tokens as the item has, position by position (all
            of them, over all positions, where there are none), `resample` the item's own.

    Raises:
        InvalidSetting: the method or a metric cannot be used so, items lack a corrupt prompt, or
            there are hooks on the model.
    """
    cut = standing_in(method)
    unfit = (each.metric for each in questions if each.metric.everywhere or each.metric.needs_base)
    if (metric := next(unfit, None)) is not None:
        raise InvalidSetting(
            f"A circuit is measured at the end of each prompt, and {metric.name} is not: use "
            "another metric, such as logit_difference."
        )
    references = references_of(cut, questions)
    return _prepared(model, questions, cut, references)


def _prepared(
    model: Model,
    questions: Sequence[Question],
    cut: Intervention,
    references: list[list[list[int]]],
) -> Generator[object, None, CircuitRuns]:
    # Not at the call: another's step may be under way then, with its own hooks.
    if not may_skip_prefix(model):
        raise InvalidSetting(
            "There are hooks on this model, and a circuit's runs would not show them all: remove "
            "them."
        )
    asked = (cut.method, *(question.key for question in questions))
    if isinstance(kept := model.left.take(asked), CircuitRuns):
        kept.begin()
        return kept
    lengths = [len(question.ids) for question in questions]
    parts: list[Part] = []
    for places in portions(len(questions)):
        batches: list[Batch] = []
        for row in slices(sorted(places, key=lengths.__getitem__), lengths):
            batch = Batch(model, cut, [p - places[0] for p in row], [questions[p] for p in row])
            if references:
                batch.others = yield from taken_from(
                    model, cut, [references[place] for place in row], batch
                )
            batches.append(batch)
        parts.append(Part(model, batches, len(places)))
    return CircuitRuns(model, parts, asked)


def portions(n_items: int) -> Iterator[range]:
    """A few items, then more at a time; none is smaller than the one before."""
    begin, end = 0, FIRST_ITEMS if n_items >= 2 * FIRST_ITEMS else n_items
    while begin < n_items:
        following = min(end * (1 + GROWTH), n_items)
        if n_items - following < following - end:
            following = n_items
        yield range(begin, end)
        begin, end = end, following


class Part:
    """Items that are read together, and what was measured of them.

    Attributes:
        passes: what it took so far, in forward passes of these items.
    """

    def __init__(self, model: Model, batches: list[Batch], n_items: int) -> None:
        self.model, self.n_items = model, n_items
        self.passes = 0.0
        self.known: dict[Circuit, PerItem] = {}
        self._estimated: dict[Circuit, PerItem] = {}
        self._batches = batches
        self._last: Circuit = frozenset()

    def measure(self, circuits: Iterable[Circuit]) -> Generator[object, None, None]:
        """Bring them into `known`."""
        asked = dict.fromkeys(circuits)
        for circuit in asked.keys() & self.known.keys():
            self.known[circuit] = self.known.pop(circuit)  # last used, last forgotten
        left = [circuit for circuit in asked if circuit not in self.known]
        while left:
            nearest = max(left, key=self._shared)
            left.remove(nearest)
            self.known[nearest] = yield from self._measured(nearest)

    def estimates(self, circuit: Circuit) -> Generator[object, None, PerItem]:
        """See `CircuitRuns.estimates`."""
        if circuit in self._estimated:
            return self._estimated[circuit]
        found = np.zeros((self.n_items, self.model.n_layers, self.model.n_heads))
        for batch in self._batches:
            yield from batch.advance(circuit, everywhere=True)
            found[batch.places] = yield from batch.estimates(circuit)
        self.passes += 2
        self._last = circuit
        if len(self._estimated) >= MOST_ESTIMATED:
            del self._estimated[next(iter(self._estimated))]
        self._estimated[circuit] = found
        return found

    @property
    def numbers(self) -> int:
        """How many it holds once it rests."""
        return sum(batch.numbers for batch in self._batches)

    def rest(self) -> None:
        """Keep what was measured last, and what stands in for heads; no run."""
        for circuit in list(self.known)[: max(0, len(self.known) - MOST_KNOWN)]:
            del self.known[circuit]
        for batch in self._batches:
            batch.rest()
        self._last = frozenset()

    def _measured(self, circuit: Circuit) -> Generator[object, None, PerItem]:
        values = np.zeros(self.n_items)
        for batch in self._batches:
            crossed = yield from batch.advance(circuit)
            values[batch.places] = batch.values()
            self.passes += crossed * len(batch.places) / (self.n_items * self.model.n_layers)
        self._last = circuit
        return values

    def _shared(self, circuit: Circuit) -> int:
        """How many layers a circuit has in common with the one measured last."""
        changed = (layer for layer, _ in circuit ^ self._last)
        return min(changed, default=self.model.n_layers)


class CircuitRuns:
    """The metric of every item under circuits; remembers what it has measured.

    Attributes:
        n_items: of how many items it is.
        passes: what it took so far, in forward passes of all items.
    """

    def __init__(self, model: Model, parts: Sequence[Part], key: object = None) -> None:
        self.model, self.parts = model, list(parts)
        self.n_items = sum(part.n_items for part in parts)
        self._key = key
        self._asked: set[Circuit] = set()

    def growing(self) -> Iterator[CircuitRuns]:
        """The same of the first few items, of more, and at last of all; what one has measured the
        next one knows."""
        for end in range(1, len(self.parts)):
            some = CircuitRuns(self.model, self.parts[:end])
            some._asked = self._asked
            yield some
        yield self

    def begin(self) -> None:
        """Count passes and circuits anew."""
        self._asked.clear()
        for part in self.parts:
            part.passes = 0.0

    def values(self, circuits: Iterable[Circuit]) -> Generator[object, None, PerItem]:
        """The metric [circuit, item]. Yields between blocks of at most `SLICE_TOKENS` tokens."""
        asked = list(circuits)
        self._asked.update(asked)
        for part in self.parts:
            yield from part.measure(asked)
        rows = [np.concatenate([part.known[each] for part in self.parts]) for each in asked]
        return np.array(rows).reshape(-1, self.n_items)

    def mean(self, circuit: Circuit) -> Generator[object, None, float]:
        """F: the mean metric over the items."""
        values = yield from self.values([circuit])
        return float(values.mean(1)[0])

    def estimates(self, circuit: Circuit) -> Generator[object, None, PerItem]:
        """First-order estimates [item, layer, head] of what changing one head does to the metric.

        Of a head in the circuit Σ (replacement − z) · ∂metric/∂z, of any other what its own z in
        place of the replacement does; at the circuit's own run.

        Source: attribution patching, Nanda 2023; Syed et al. 2023, arXiv:2310.10348.
        """
        found = np.zeros((self.n_items, self.model.n_layers, self.model.n_heads))
        begin = 0
        for part in self.parts:
            found[begin : begin + part.n_items] = yield from part.estimates(circuit)
            begin += part.n_items
        return found

    def leave(self) -> None:
        """Leave it with the model for the next request about the same items."""
        for part in self.parts:
            part.rest()
        self.model.left.put(self._key, self, sum(part.numbers for part in self.parts))

    @property
    def passes(self) -> float:
        return sum(part.passes * part.n_items for part in self.parts) / self.n_items

    @property
    def measured(self) -> int:
        """How many different circuits were asked for."""
        return len(self._asked)
