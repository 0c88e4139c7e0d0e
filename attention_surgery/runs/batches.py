"""Which items of a run go through the model together, and how they get their scores.

Where an analysis takes one pass, neighbouring items share it, shorter ones padded. Products of more
rows round differently in the last digits, so which items those are follows from the task alone:
whoever measures, in whatever order, measures the same batches, and gets the same numbers digit for
digit. Where an analysis has a row for each head, its rows fill the machine, and items go alone.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention_surgery.analyses.base import Analysis
from attention_surgery.runs.measure import Measure, measure_named
from attention_surgery.runs.request import RunRequest
from attention_surgery.tasks import Task

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

# Tokens of a batch, padding counted: no more memory than one prompt of as many, which any server
# reads.
TOKENS_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked of some items; it can be sent to another process.

    Attributes:
        name, parameters: of the analysis, as the run's request has them.
        requests: the analysis of each item.
    """

    name: str
    parameters: dict[str, Any]
    requests: tuple[Analysis[Any], ...]

    @property
    def measure(self) -> Measure:
        return measure_named(self.name)

    def steps(self, model: Model) -> Generator[object, None, NDArray[np.float32]]:
        """The scores, [item, layer, head]; a generator as those of `Analysis.steps`.

        Raises:
            InvalidRequest: an item cannot be asked so at this model.
        """
        together = self.measure.together(self.parameters)
        if together is not None:
            return np.asarray((yield from together(model, self.requests)), np.float32)
        kind = self.parameters.get("kind")
        found = np.zeros((len(self.requests), model.n_layers, model.n_heads), np.float32)
        for item, request in enumerate(self.requests):
            found[item] = self.measure.scores((yield from request.steps(model)), kind)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The batches of a run.

    Attributes:
        parts: of the items' numbers, in order.
    """

    request: RunRequest
    task: Task
    parts: tuple[range, ...]

    @classmethod
    def of(cls, request: RunRequest, task: Task, model: Model) -> Batches:
        """Reads the items' tokens, where they share passes."""
        if request.measure.together(request.analysis_fields) is None:
            parts = [range(item, item + 1) for item in range(len(task.items))]
        else:
            lengths = [len(model.tokenize(item.prompt)) for item in task.items]
            parts = divided(lengths)
        return cls(request, task, tuple(parts))

    def batch(self, part: range) -> Batch:
        """What is asked of these items."""
        measure, fields = self.request.measure, dict(self.request.analysis_fields)
        items = (self.task.items[item] for item in part)
        requests = tuple(measure.request_for(item, fields, self.task.metric) for item in items)
        return Batch(measure.analysis.name, fields, requests)


def divided(lengths: Sequence[int], most: int = TOKENS_TOGETHER) -> list[range]:
    """Neighbours, as many as hold so many tokens when padded to the longest; or one alone."""
    parts: list[range] = []
    longest = 0
    for item, length in enumerate(lengths):
        longest = max(longest, length)
        if parts and longest * (len(parts[-1]) + 1) <= most:
            parts[-1] = range(parts[-1].start, item + 1)
        else:
            parts.append(range(item, item + 1))
            longest = length
    return parts
