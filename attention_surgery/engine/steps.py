"""Long work as generators that yield progress and return a result.

At a yield nothing is held open: no hook, no context, no inference mode. Whoever drives the
generator may run other work on the model in between, and cancels by closing it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from attention_surgery.engine.cores import computing

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class LayerScores:
    """Progress: the scores of the heads of one layer; whatever else is yielded is a mere pause."""

    layer: int
    scores: list[float]


@dataclass(frozen=True, slots=True)
class RowScores:
    """The same of several prompts that go through the model together: [row][head]."""

    layer: int
    scores: list[list[float]]


def of_one_row(steps: Iterable[object]) -> Iterator[object]:
    """The `RowScores` of a single row as `LayerScores`."""
    for step in steps:
        yield LayerScores(step.layer, step.scores[0]) if isinstance(step, RowScores) else step


def advance(steps: Generator[Any, None, object]) -> Any:
    """Run a job's next step, on the cores that others leave free."""
    with computing():
        return next(steps)


def drain(steps: Generator[Any, None, Result]) -> Result:
    """Run a job to its end and return its result."""
    while True:
        try:
            advance(steps)
        except StopIteration as finished:
            result: Result = finished.value
            return result
