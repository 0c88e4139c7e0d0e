"""Metrics of one token against another, at one position."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attention_surgery.metrics.base import Metric, register

if TYPE_CHECKING:
    from torch import Tensor


@register
class LogitDifference(Metric):
    """logit(answer) − logit(foil): how much rather the model says the one than the other."""

    name: ClassVar[str] = "logit_difference"
    title: ClassVar[str] = "Logit difference"
    unit: ClassVar[str] = "logits"
    needs_answer: ClassVar[bool] = True
    needs_foil: ClassVar[bool] = True
    whole: ClassVar[bool] = False
    code: ClassVar[str] = "expected[POSITION, answer] - expected[POSITION, foil]"
    formula: ClassVar[str] = r"\ell_t(a) - \ell_t(f)"

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:  # noqa: ARG002
        return (logits[..., 0] - logits[..., 1])[..., 0]


@register
class Probability(Metric):
    """The probability of the answer."""

    name: ClassVar[str] = "probability"
    title: ClassVar[str] = "Probability"
    unit: ClassVar[str] = "probability"
    needs_answer: ClassVar[bool] = True
    code: ClassVar[str] = "expected[POSITION, answer].exp()"
    formula: ClassVar[str] = r"p_t(a)"

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:
        return (logits[..., 0] - logsumexp).exp()[..., 0]


@register
class LogProbability(Metric):
    """The log-probability of the answer."""

    name: ClassVar[str] = "log_probability"
    title: ClassVar[str] = "Log-probability"
    unit: ClassVar[str] = "nats"
    needs_answer: ClassVar[bool] = True
    code: ClassVar[str] = "expected[POSITION, answer]"
    formula: ClassVar[str] = r"\ln p_t(a)"

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:
        return (logits[..., 0] - logsumexp)[..., 0]


@register
class ProbabilityDifference(Metric):
    """The probability of the answer less that of the foil."""

    name: ClassVar[str] = "probability_difference"
    title: ClassVar[str] = "Probability difference"
    unit: ClassVar[str] = "probability"
    needs_answer: ClassVar[bool] = True
    needs_foil: ClassVar[bool] = True
    code: ClassVar[str] = "expected[POSITION, answer].exp() - expected[POSITION, foil].exp()"
    formula: ClassVar[str] = r"p_t(a) - p_t(f)"

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:
        p = (logits - logsumexp[..., None]).exp()
        return (p[..., 0] - p[..., 1])[..., 0]
