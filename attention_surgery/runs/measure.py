"""Which analyses can be made of a task's items: those that give each head one number."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

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
from attention_surgery.analyses.head_types import LOOKING, HeadTypes, HeadTypesRequest
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.metrics import metric_named
from attention_surgery.runs.together import TOGETHER
from attention_surgery.tasks import Item

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

# What comes from the item, not from whoever asks.
FROM_ITEMS = ("prompt", "answer", "foil", "corrupt", "model")
SOME_ITEM = Item("A", " a", " b", "B")


class Together(Protocol):
    """Scores of several requests from one pass: [request, layer, head]."""

    def __call__(
        self, model: Model, requests: Sequence[Any]
    ) -> Generator[object, None, NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True)
class Measure:
    """An analysis and the number that it gives each head.

    Attributes:
        scores: of its result, and of the kind that was asked for, [layer, head].
        meaning: of a score.
        kinds: numbers that it can give a head, of which a run names one; none where there is one.
        fixed: fields of the analysis that a run does not choose.
        together: how requests with these fields share a pass, where that is faster.
    """

    analysis: type[Analysis[Any]]
    scores: Callable[[Any, str | None], NDArray[np.float32]]
    meaning: str
    kinds: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    together: Callable[[Mapping[str, Any]], Together | None] = lambda _: None

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raises:
        InvalidSetting: no item can be asked with these fields.
        """
        taken = [name for name in FROM_ITEMS if name in parameters]
        if taken:
            raise InvalidSetting(f"{taken[0]} comes from the task's items: leave it out.")
        if parameters.get("each_position"):
            raise InvalidSetting("A run has one number a head: leave each_position out.")
        if "heads" in parameters:
            raise InvalidSetting("A run has a number for every head: leave heads out.")
        if fixed := [name for name in self.fixed if name in parameters]:
            raise InvalidSetting(f"{fixed[0]} has no part in a run: leave it out.")
        if self.kinds and parameters.get("kind") not in self.kinds:
            raise InvalidSetting(f"Say which kind of head: kind is one of {', '.join(self.kinds)}.")
        self.request_for(SOME_ITEM, parameters, "logit_difference")

    def request_for(self, item: Item, parameters: Mapping[str, Any], metric: str) -> Analysis[Any]:
        """The analysis of one item.

        Args:
            metric: the task's, where the parameters name none.

        Raises:
            InvalidSetting: it cannot be asked so.
        """
        known, fields = self.analysis.model_fields, {**self.fixed, **parameters}
        if self.kinds:
            fields.pop("kind", None)
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


Kind = TypeVar("Kind", bound=BaseModel)


def asked(kind: type[Kind], fields: Mapping[str, Any]) -> Kind:
    """A model of fields that a client sent.

    Raises:
        InvalidSetting: one is unknown or out of range, in a sentence.
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise InvalidSetting(validation_sentence(error.errors())) from None


def _patched(result: Patching, _kind: str | None) -> NDArray[np.float32]:
    base = result.corrupt if result.direction == "denoise" else result.clean
    change: NDArray[np.float32] = result.values - np.float32(base)
    return change


def _importance(result: HeadScores, _kind: str | None) -> NDArray[np.float32]:
    return result.scores


def _attribution(result: DirectAttribution, _kind: str | None) -> NDArray[np.float32]:
    return result.heads


def _repaired(result: SelfRepair, _kind: str | None) -> NDArray[np.float32]:
    return result.repaired


def _looks(result: HeadTypes, kind: str | None) -> NDArray[np.float32]:
    return next(each.scores for each in result.kinds if each.name == kind)


def _by_one_pass(parameters: Mapping[str, Any]) -> Together | None:
    ablates = parameters.get("method", "gradient") in ("ablation", "kl")
    return None if ablates else ImportanceRequest.together


def _looks_together(parameters: Mapping[str, Any]) -> Together:
    kind = KINDS_OF_LOOKING.index(parameters["kind"])

    def together(
        model: Model, requests: Sequence[HeadTypesRequest]
    ) -> Generator[object, None, NDArray[np.float32]]:
        of_kinds = yield from HeadTypesRequest.together(model, requests)
        scores: NDArray[np.float32] = of_kinds[kind]
        return scores

    return together


KINDS_OF_LOOKING = tuple(kind.name for kind in LOOKING)
_MEASURES = {
    measure.analysis.name: measure
    for measure in (
        Measure(ImportanceRequest, _importance, "the score of the head", together=_by_one_pass),
        Measure(PatchingRequest, _patched, "change of the metric when the head is patched"),
        Measure(
            AttributionRequest,
            _attribution,
            "what the head writes of the logit difference",
            together=lambda _: AttributionRequest.together,
        ),
        Measure(SelfRepairRequest, _repaired, "what others change when the head is cut"),
        Measure(
            HeadTypesRequest,
            _looks,
            "share of its attention that goes where heads of the kind look",
            kinds=KINDS_OF_LOOKING,
            fixed={"copying_tokens": 0},
            together=_looks_together,
        ),
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
        names = ", ".join((*_MEASURES, *TOGETHER))
        raise InvalidSetting(f"{name[:40]!r} gives heads no number to average: use {names}.")
    return _MEASURES[name]
