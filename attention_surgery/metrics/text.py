"""Metrics of the whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attention_surgery.metrics.base import Metric, register

if TYPE_CHECKING:
    from torch import Tensor


@register
class KLDivergence(Metric):
    """KL(base‖ablated): how far the predictions move, whichever way."""

    name: ClassVar[str] = "kl"
    title: ClassVar[str] = "KL divergence"
    unit: ClassVar[str] = "nats"
    everywhere: ClassVar[bool] = True
    needs_base: ClassVar[bool] = True
    falls: ClassVar[str] = "never happens"
    rises: ClassVar[str] = "changes the predictions"
    formula: ClassVar[str] = r"\frac{1}{n} \sum_t \sum_v p_t(v) \ln \frac{p_t(v)}{q_t(v)}"


@register
class Loss(Metric):
    """The mean cross-entropy of each token of the prompt given those before it."""

    name: ClassVar[str] = "loss"
    title: ClassVar[str] = "Loss"
    unit: ClassVar[str] = "nats"
    everywhere: ClassVar[bool] = True
    falls: ClassVar[str] = "misleads on this text"
    rises: ClassVar[str] = "helps with this text"
    code: ClassVar[str] = "-expected[:-1].gather(-1, torch.tensor(prompt[1:])[:, None]).mean()"
    formula: ClassVar[str] = r"-\frac{1}{n-1} \sum_{t<n} \ln p_t(x_{t+1})"

    def value(self, logits: Tensor, logsumexp: Tensor) -> Tensor:
        return (logsumexp - logits[..., 0]).mean(-1)
