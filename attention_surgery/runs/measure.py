"""Which analyses can be made of a task's items: those that give each head one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from attention_surgery.analyses import (
    AttributionRequest,
    DirectAttribution,
    HeadScores,
    ImportanceRequest,
    Patching,
    PatchingRequest,
    SelfRepair,
    SelfRepairRequest,
)
from attention_surgery.analyses.base import Analysis
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.metrics import metric_named
from attention_surgery.tasks import Item

# What comes from the item, not from whoever asks.
FROM_ITEMS = ("prompt", "answer", "foil", "corrupt", "model")
SOME_ITEM = Item("A", " a", " b", "B")


@dataclass(frozen=True, slots=True)
class Measure:
    """An analysis and the number that it gives each head.

    Attributes:
        scores: of its result, [layer, head].
        meaning: of a score.
    """

    analysis: type[Analysis[Any]]
    scores: Callable[[Any], NDArray[np.float32]]
    meaning: str

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raises:
        InvalidSetting: no item can be asked with these fields.
        """
        taken = [name for name in FROM_ITEMS if name in parameters]
        if taken:
            raise InvalidSetting(f"{taken[0]} comes from the task's items: leave it out.")
        if parameters.get("each_position"):
            raise InvalidSetting("A run has one number a head: leave each_position out.")
        self.request_for(SOME_ITEM, parameters, "logit_difference")

    def request_for(self, item: Item, parameters: Mapping[str, Any], metric: str) -> Analysis[Any]:
        """The analysis of one item.

        Args:
            metric: the task's, where the parameters name none.

        Raises:
            InvalidSetting: it cannot be asked so.
        """
        known, fields = self.analysis.model_fields, dict(parameters)
        if "metric" in known and fields.get("method") != "l2":
            fields.setdefault("metric", metric)
            of = metric_named(str(fields["metric"]))
            needed = {"answer": of.needs_answer, "foil": of.needs_foil}
        else:
            needed = {"answer": "answer" in known, "foil": "foil" in known}
            if "metric" in known:
                needed = {}
        needed["corrupt"] = "corrupt" in known
        for name in (name for name, wanted in needed.items() if wanted):
            fields[name] = getattr(item, name)
            if fields[name] is None:
                raise InvalidSetting(
                    f"{self.analysis.name} needs a {name} of each item, and {item.prompt[:60]!r} "
                    "has none."
                )
        return asked(self.analysis, {"prompt": item.prompt, **fields})


Model = TypeVar("Model", bound=BaseModel)


def asked(kind: type[Model], fields: Mapping[str, Any]) -> Model:
    """A model of fields that a client sent.

    Raises:
        InvalidSetting: one is unknown or out of range, in a sentence.
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise InvalidSetting(validation_sentence(error.errors())) from None


def _patched(result: Patching) -> NDArray[np.float32]:
    base = result.corrupt if result.direction == "denoise" else result.clean
    change: NDArray[np.float32] = result.values - np.float32(base)
    return change


def _importance(result: HeadScores) -> NDArray[np.float32]:
    return result.scores


def _attribution(result: DirectAttribution) -> NDArray[np.float32]:
    return result.heads


def _repaired(result: SelfRepair) -> NDArray[np.float32]:
    return result.repaired


_MEASURES = {
    measure.analysis.name: measure
    for measure in (
        Measure(ImportanceRequest, _importance, "the score of the head"),
        Measure(PatchingRequest, _patched, "change of the metric when the head is patched"),
        Measure(AttributionRequest, _attribution, "what the head writes of the logit difference"),
        Measure(SelfRepairRequest, _repaired, "what others change when the head is cut"),
    )
}


def measures() -> tuple[Measure, ...]:
    """All that a run can measure."""
    return tuple(_MEASURES.values())


def measure_named(name: str) -> Measure:
    """The measure that the analysis of that name gives.

    Raises:
        InvalidSetting: it gives none.
    """
    if name not in _MEASURES:
        raise InvalidSetting(
            f"{name[:40]!r} gives heads no number to average: use {', '.join(_MEASURES)}."
        )
    return _MEASURES[name]
