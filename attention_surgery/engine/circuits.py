"""What circuits do on the items of a task: every head outside the circuit replaced, MLPs kept.

Items are rows of one batch. A run of a circuit is kept layer by layer, as what stands before each
layer and what its heads compute there: the next circuit begins at the first layer in which it
differs, with the attention of that layer already done. Of many circuits the one that shares most
with the last goes next, so that layers below a difference are computed once.

    runs = yield from circuit_runs(model, questions, "dataset-mean")
    values = yield from runs.values([all_heads(model), frozenset({(9, 9), (9, 6)})])

Source: Wang et al. 2022, arXiv:2211.00593, section 4.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

import numpy as np

from attention_surgery.engine.base_run import may_skip_prefix
from attention_surgery.engine.circuit_batch import Batch, Circuit, HeadSite, PerItem, Question
from attention_surgery.engine.model import Model
from attention_surgery.engine.standing_in import references_of, slices, standing_in, taken_from
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention

__all__ = ["Circuit", "CircuitRuns", "HeadSite", "Question", "all_heads", "circuit_runs"]


def all_heads(model: Model) -> Circuit:
    """The circuit that is the whole model."""
    return frozenset((lay, head) for lay in range(model.n_layers) for head in range(model.n_heads))


def circuit_runs(
    model: Model, questions: Sequence[Question], method: str
) -> Generator[int, None, CircuitRuns]:
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
    if not may_skip_prefix(model):
        raise InvalidSetting(
            "There are hooks on this model, and a circuit's runs would not show them all: remove "
            "them."
        )
    references = references_of(cut, questions)
    return _prepared(model, questions, cut, references)


def _prepared(
    model: Model,
    questions: Sequence[Question],
    cut: Intervention,
    references: list[list[list[int]]],
) -> Generator[int, None, CircuitRuns]:
    lengths = [len(question.ids) for question in questions]
    order = sorted(range(len(questions)), key=lengths.__getitem__)
    batches: list[Batch] = []
    for places in slices(order, lengths):
        batch = Batch(model, cut, places, [questions[place] for place in places])
        if references:
            batch.others = yield from taken_from(
                model, cut, [references[place] for place in places], batch
            )
        batches.append(batch)
    return CircuitRuns(model, batches, len(questions))


class CircuitRuns:
    """The metric of every item under circuits; remembers what it has measured.

    Attributes:
        passes: what it took so far, in forward passes of all items.
    """

    def __init__(self, model: Model, batches: list[Batch], n_items: int) -> None:
        self.model, self.n_items = model, n_items
        self.passes = 0.0
        self._batches = batches
        self._known: dict[Circuit, PerItem] = {}
        self._last: Circuit = frozenset()

    def values(self, circuits: Iterable[Circuit]) -> Generator[object, None, PerItem]:
        """The metric [circuit, item]. Yields between blocks of at most `SLICE_TOKENS` tokens."""
        asked = list(circuits)
        left = list(dict.fromkeys(each for each in asked if each not in self._known))
        while left:
            nearest = max(left, key=self._shared)
            left.remove(nearest)
            self._known[nearest] = yield from self._measured(nearest)
        return np.array([self._known[circuit] for circuit in asked]).reshape(-1, self.n_items)

    def forget(self) -> None:
        """As if nothing had been measured."""
        self._known.clear()
        self._last = frozenset()
        for batch in self._batches:
            batch.forget()

    @property
    def measured(self) -> int:
        """How many different circuits have been measured."""
        return len(self._known)

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
        shape = (self.n_items, self.model.n_layers, self.model.n_heads)
        found = np.zeros(shape)
        for batch in self._batches:
            yield from batch.advance(circuit)
            found[batch.places] = yield from batch.estimates(circuit)
        self.passes += 2
        self._last = circuit
        return found

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
