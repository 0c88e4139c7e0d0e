"""Requests that hold one prompt against another: a clean one against a corrupt one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic

from pydantic import Field, model_validator

from attention_surgery.analyses.asking import (
    AnswerText,
    FoilText,
    MetricName,
    check_metric,
    until,
)
from attention_surgery.analyses.base import AblatedAnalysis, Answer
from attention_surgery.analyses.contrast import Position
from attention_surgery.errors import InvalidPrompt
from attention_surgery.metrics import Metric, metric_named

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.reading import TokenReading

# Clean and corrupt run closer than this tell nothing apart: shares of it would be noise.
LEAST_CONTRAST = 1e-3
TOKENS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """The token ids of two prompts of one length.

    Attributes:
        read: how many of them the metric sees; later ones change nothing.
    """

    clean: list[int]
    corrupt: list[int]
    read: int

    @property
    def differing(self) -> list[int]:
        """The positions at which they have different tokens."""
        tokens = zip(self.clean, self.corrupt, strict=True)
        return [place for place, (clean, corrupt) in enumerate(tokens) if clean != corrupt]

    @property
    def first(self) -> int:
        """The first of these that the metric can see; the end where there is none."""
        return min((place for place in self.differing if place < self.read), default=self.read)


class TwoPromptAnalysis(AblatedAnalysis[Answer], Generic[Answer]):
    """An analysis of a clean and a corrupt prompt, both under the present cuts, by a metric."""

    corrupt: Annotated[
        str,
        Field(
            description="The other prompt, of as many tokens: the clean one but for what "
            "is asked about, e.g. with two names swapped."
        ),
    ]
    metric: Annotated[MetricName, Field(description="Any that one run has a value of: not kl.")] = (
        "logit_difference"
    )
    answer: AnswerText = None
    foil: FoilText = None
    position: Position = -1

    @model_validator(mode="after")
    def _asks_for_a_metric(self) -> TwoPromptAnalysis[Answer]:
        if self.of.needs_base:
            raise ValueError(
                f"the metric {self.metric} has no value of one run: use another, such as "
                "logit_difference"
            )
        check_metric(self.of, self.answer, self.foil, self.position)
        return self

    @property
    def of(self) -> Metric:
        """The metric that is asked."""
        return metric_named(self.metric)

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        yield self.corrupt

    def read_pair(self, model: Model) -> Pair:
        """Both prompts' tokens.

        Raises:
            InvalidPrompt: they are of different length, or one cannot be read.
            PromptTooLong, InvalidSetting
        """
        from attention_surgery.engine.prompt import read_prompt

        clean, corrupt = (
            read_prompt(model, text, self.prepend_bos) for text in (self.prompt, self.corrupt)
        )
        if len(clean) != len(corrupt):
            raise InvalidPrompt(_of_different_length(model, clean, corrupt))
        return Pair(clean, corrupt, len(until(clean, self.of, self.position)))

    def reading(self, model: Model, pair: Pair) -> TokenReading:
        """The metric, of the clean prompt's tokens where it asks for those that follow.

        Raises:
            InvalidSetting: answer or foil is not one token.
        """
        from attention_surgery.engine.reading import token_reading

        return token_reading(model, self.of, pair.clean[: pair.read], self.answer, self.foil)


def too_close(clean: float, corrupt: float) -> list[str]:
    """A warning where shares of the difference would be noise."""
    if abs(clean - corrupt) >= LEAST_CONTRAST:
        return []
    return [
        f"The metric hardly tells the prompts apart ({clean:.6g} clean, {corrupt:.6g} corrupt): "
        "shares of that difference would be noise and are left out; the values are there."
    ]


def _of_different_length(model: Model, clean: Sequence[int], corrupt: Sequence[int]) -> str:
    shorter = min(len(clean), len(corrupt))
    apart = next((i for i in range(shorter) if clean[i] != corrupt[i]), shorter)
    return (
        f"The prompts must have the same number of tokens, and the clean one has {len(clean)} "
        f"({_shown(model, clean)}), the corrupt one {len(corrupt)} ({_shown(model, corrupt)}); "
        f"they part at token {apart}: change words for words of as many tokens."
    )


def _shown(model: Model, ids: Sequence[int]) -> str:
    shown = "|".join(token.text for token in model.tokens(ids[:TOKENS_SHOWN]))
    return shown + "|…" * (len(ids) > TOKENS_SHOWN)
