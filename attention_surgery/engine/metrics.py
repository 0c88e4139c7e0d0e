"""Comparisons of a control distribution P and an ablated one Q: pure functions of logits."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor


def kl_divergence(
    control: Float[Tensor, "*rows d_vocab"], ablated: Float[Tensor, "*rows d_vocab"]
) -> Float[Tensor, "*rows"]:
    """KL(P‖Q) = Σ p (log p − log q), in nats, ≥ 0; one value per row.

    Args:
        control, ablated: logits or log-probabilities.
    """
    log_p, log_q = control.log_softmax(-1), ablated.log_softmax(-1)
    # Rounding can put the sum a little below zero, which no divergence is.
    return (log_p.exp() * (log_p - log_q)).sum(-1).clamp(min=0)


def perplexity(logprobs: Float[Tensor, "*rows pos"]) -> Float[Tensor, "*rows"]:
    """exp(mean −log p) over the predicted tokens; in [1, ∞)."""
    return (-logprobs.mean(-1)).exp()


def top1_changed(
    control: Float[Tensor, "*rows d_vocab"], ablated: Float[Tensor, "*rows d_vocab"]
) -> Bool[Tensor, "*rows"]:
    """Whether the most likely token differs."""
    return control.argmax(-1) != ablated.argmax(-1)


def entropy(logprobs: Float[Tensor, "*rows d_vocab"]) -> Float[Tensor, "*rows"]:
    """−Σ p log p of log-probabilities, in nats, within [0, log d_vocab]."""
    return -(logprobs.exp() * logprobs).sum(-1)
