"""Analyses that cut each head in turn, beside what is cut already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic

from pydantic import AfterValidator, Field, ValidationInfo

from attention_surgery.analyses.base import AblatedAnalysis, Answer
from attention_surgery.interventions import Intervention, method_named

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

AblationStrength = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
PARAMETERS = Field(
    default_factory=dict,
    validate_default=True,
    max_length=8,
    description="The ablation method's own fields, e.g. `{source: …}` of resample.",
)


class Fitting:
    """What the method refuses of its parameters is refused as a field of these, e.g. `…source is
    required`.

    Args:
        method: the field that names the method, which comes before that of the parameters.
        only: a field, and its value where heads are cut at all.
    """

    def __init__(self, method: str, only: tuple[str, str] | None = None) -> None:
        self._method, self._only = method, only

    def __call__(self, parameters: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        taken = {"layer", "head", "method", "strength"} & set(parameters)
        if taken:
            raise ValueError(f"{min(taken)} is none of the method's own fields: leave it out")
        cuts = self._only is None or info.data.get(self._only[0]) == self._only[1]
        if cuts and self._method in info.data:
            at_first_head(info.data[self._method], 1.0, parameters)
        return parameters


AblationParameters = Annotated[
    dict[str, Any], PARAMETERS, AfterValidator(Fitting("ablation_method"))
]


class EachHeadAnalysis(AblatedAnalysis[Answer], Generic[Answer]):
    """An analysis that does one thing to each head in turn.

    Attributes:
        turn_fields: what its fields are called that name the method, its strength and parameters.
    """

    turn_fields: ClassVar[tuple[str, str, str]] = (
        "ablation_method",
        "ablation_strength",
        "ablation_parameters",
    )

    @property
    def turn(self) -> Intervention:
        """What is done to each head, at L0H0."""
        return at_first_head(*(getattr(self, name) for name in self.turn_fields))

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        yield from self.turn.reference_prompts

    def turns(self, model: Model) -> Iterator[Intervention]:
        """What is done to each: not to those already cut, nor where it changes nothing."""
        cut = {(ablation.layer, ablation.head) for ablation in self.ablations}
        first = self.turn
        for layer in range(model.n_layers):
            for head in range(model.n_heads):
                turn = first.model_copy(update={"layer": layer, "head": head})
                if (layer, head) not in cut and not turn.warnings:
                    yield turn

    @property
    def warnings_of_turns(self) -> list[str]:
        """What the ablation of a first head changes nothing of holds for its whole layer."""
        return [warning.replace("L0H0 is", "Layer 0's heads are") for warning in self.turn.warnings]


def at_first_head(method: str | None, strength: float, parameters: dict[str, Any]) -> Intervention:
    """The ablation of L0H0, by zero where no method is named.

    Raises:
        ValidationError: the method takes no such parameters.
    """
    fields = {"layer": 0, "head": 0, "strength": strength, **parameters}
    return method_named("zero" if method is None else method).model_validate(fields)
