"""Analyses that read all items of a task together; a run of one is a single piece of work.

What is known so far is kept as it goes, in JSON. A search that was interrupted goes on from its
last step, a test begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import TypeAdapter

from attention_surgery.analyses import (
    CircuitRequest,
    CircuitSearchRequest,
    CircuitTest,
    FoundCircuit,
)
from attention_surgery.analyses.base import Steps
from attention_surgery.analyses.circuit_search import CircuitSearchProgress, Step
from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.over_items import ItemsAnalysis
from attention_surgery.analyses.result import Progress
from attention_surgery.errors import InvalidSetting
from attention_surgery.runs.work import Whole

FROM_RUN = ("prompt", "task", "n", "seed", "task_parameters", "items", "model")
STEPS = TypeAdapter(list[Step])
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Together:
    """An analysis of a task's items together.

    Attributes:
        scores: of its result and the shape [layer, head], a number for each head.
        meaning: of that number.
    """

    analysis: type[ItemsAnalysis[Any]]
    scores: Callable[[Any, tuple[int, int]], Scores]
    meaning: str

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raises:
        InvalidSetting: no task can be asked with these fields.
        """
        taken = [name for name in FROM_RUN if name in parameters]
        if taken:
            raise InvalidSetting(f"{taken[0]} is the run's own: write it beside analysis.")
        self.analysis.ask(**parameters)


def _needed(result: CircuitTest, shape: tuple[int, int]) -> Scores:
    scores = np.zeros(shape, np.float32)
    needed = [] if result.minimality is None else result.minimality.heads
    for each in needed:
        scores[each.head.layer, each.head.head] = each.effect
    return scores


def _members(result: FoundCircuit, shape: tuple[int, int]) -> Scores:
    scores = np.zeros(shape, np.float32)
    for head in result.heads:
        scores[head.layer, head.head] = 1
    return scores


TOGETHER = {
    each.analysis.name: each
    for each in (
        Together(CircuitRequest, _needed, "change of F without the head; 0 outside the circuit"),
        Together(CircuitSearchRequest, _members, "1 for a head of the circuit found"),
    )
}


class Piece:
    """The one piece of work of such a run, from where it was left.

    Args:
        request: all of it.
        known: what was kept of it before, as `news` told it.
        shape: layers and heads of the model.

    Attributes:
        left: the request that does what is left.
    """

    def __init__(
        self, request: ItemsAnalysis[Any], known: bytes | None, shape: tuple[int, int]
    ) -> None:
        self._request, self._shape = request, shape
        self._steps: list[Step] = []
        self._last: Progress | None = None
        self._told = True
        self.left = request
        if isinstance(request, CircuitSearchRequest) and known is not None:
            steps = orjson.dumps(orjson.loads(known).get("steps", []))
            self._steps = STEPS.validate_json(steps)
            self.left = request.after(self._steps, *shape)

    @property
    def goes_on(self) -> bool:
        """Whether it can be left after any step, and nothing is done twice."""
        return isinstance(self._request, CircuitSearchRequest)

    def watched(self, work: Steps[Any]) -> Steps[Any]:
        """The work of `left`, looked at as it goes."""
        with closing(work):
            while True:
                try:
                    step = next(work)
                except StopIteration as end:
                    return end.value
                if isinstance(step, CircuitSearchProgress):
                    self._steps.append(step.step)
                    self._last, self._told = step, False
                elif isinstance(step, Progress) and not self.goes_on:
                    self._last, self._told = step, False
                yield step

    def news(self) -> bytes | None:
        """What is known so far, in JSON; None where that has been told. Safe on any thread."""
        if self._told:
            return None
        self._told = True  # before it is read: what comes meanwhile is told the next time
        last = self._last
        if isinstance(last, CircuitSearchProgress):
            known = {"steps": list(self._steps), "best": last.best, "done": last.done}
            return encode(known)
        return encode(last)

    def finished(self, result: Any) -> Whole:
        """What the work of `left` comes to with what was done before."""
        if isinstance(result, FoundCircuit):
            whole = result.provenance.request | self._request.model_dump(
                mode="json", exclude={"model"}
            )
            result = replace(
                result,
                steps=self._steps,
                provenance=replace(result.provenance, request=whole),
            )
        scores = TOGETHER[self._request.name].scores(result, self._shape)
        return Whole(scores, encode(result))
