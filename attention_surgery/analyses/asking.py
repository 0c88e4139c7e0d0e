"""The fields by which a request asks for a metric, and says what to do to each head in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from attention_surgery.analyses.contrast import read_position
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import Intervention, method_named
from attention_surgery.metrics import Metric, metric_named, metrics

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


def _known(name: str) -> str:
    try:
        return metric_named(name).name
    except InvalidSetting as error:
        raise ValueError(str(error).rstrip(".")) from None


def _known_method(name: str) -> str:
    try:
        return method_named(name).name()
    except InvalidSetting as error:
        raise ValueError(str(error).rstrip(".")) from None


AblationMethod = Annotated[str, AfterValidator(_known_method)]
AblationStrength = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
AblationParameters = Annotated[
    dict[str, Any],
    Field(
        default_factory=dict,
        validate_default=True,
        max_length=8,
        description="The ablation method's own fields, e.g. `{source: …}` of resample.",
    ),
]


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that are fields of every method.

    Raises:
        ValueError: as validators do.
    """
    taken = {"layer", "head", "method", "strength"} & set(parameters)
    if taken:
        raise ValueError(f"{min(taken)} is none of the method's own fields: leave it out")


def at_first_head(
    method: str | None, strength: float, parameters: Mapping[str, Any]
) -> Intervention:
    """The ablation of L0H0, by zero where no method is named.

    Raises:
        ValidationError: the method takes no such parameters.
    """
    fields = {"layer": 0, "head": 0, "strength": strength, **parameters}
    return method_named("zero" if method is None else method).model_validate(fields)


def turns(
    model: Model, single: Intervention, cuts: Sequence[Intervention]
) -> Iterator[Intervention]:
    """What is done to each head in turn: not to those already cut, nor where it changes nothing."""
    cut = {(ablation.layer, ablation.head) for ablation in cuts}
    for layer in range(model.n_layers):
        for head in range(model.n_heads):
            turn = single.model_copy(update={"layer": layer, "head": head})
            if (layer, head) not in cut and not turn.warnings:
                yield turn


def warnings_of_turns(single: Intervention) -> list[str]:
    """What the ablation of a first head changes nothing of holds for its whole layer."""
    return [warning.replace("L0H0 is", "Layer 0's heads are") for warning in single.warnings]


MetricName = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "enum": [metric.name for metric in metrics()]}),
]
AnswerText = Annotated[
    str | None, Field(description="Text of the one token that the metric asks for.")
]
FoilText = Annotated[str | None, Field(description="Text of the one token it is compared with.")]


def check_metric(metric: Metric, answer: str | None, foil: str | None, position: int) -> None:
    """Refuse a metric with fields missing or too many.

    Raises:
        ValueError: as validators do.
    """
    _check_token("answer", answer, metric.needs_answer, metric)
    _check_token("foil", foil, metric.needs_foil, metric)
    if metric.everywhere and position != -1:
        raise ValueError(f"the metric {metric.name} reads the whole text: leave position out")


def _check_token(field: str, text: str | None, needed: bool, metric: Metric) -> None:
    if needed and text is None:
        raise ValueError(f"the metric {metric.name} needs the {field}: name the text of one token")
    if text is not None and not needed:
        raise ValueError(
            f"the metric {metric.name} has no {field}: leave it out, or ask another metric"
        )


def until(ids: list[int], metric: Metric, position: int) -> list[int]:
    """What of a text a metric at a position sees; what comes after changes nothing there.

    Raises:
        InvalidSetting: the text has no such position.
    """
    if metric.everywhere:
        return ids
    return ids[: read_position(ids, position) + 1]
