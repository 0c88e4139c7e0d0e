"""The fields by which a request asks for a metric, or names a way to cut heads."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from attention_surgery.analyses.contrast import read_position
from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions import method_named
from attention_surgery.metrics import Metric, metric_named, metrics


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
