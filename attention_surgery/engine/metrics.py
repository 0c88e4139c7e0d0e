"""Comparisons of a control distribution P and an ablated one Q: pure functions of logits."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def kl_divergence(
    control: Float[Tensor, "*rows d_vocab"], ablated: Float[Tensor, "*rows d_vocab"]
) -> Float[Tensor, "*rows"]:
    """KL(P‖Q) = Σ p (log p − log q), in nats, ≥ 0; one value per row.

    Summed as log1p(Σ p (exp δ − 1 − δ)), δ = log q − log p less its mean under P: no term is
    negative, so that a small divergence is not lost in what cancels.

    Args:
        control, ablated: logits or log-probabilities.
    """
    log_p = control.log_softmax(-1)
    change = ablated.log_softmax(-1) - log_p
    p = log_p.exp()
    mean = (p * change).sum(-1, keepdim=True)
    delta = change - mean
    kl = (p * (torch.expm1(delta) - delta)).sum(-1).log1p()
    # Where exp δ is too large for its type, the plain sum is precise.
    return torch.where(kl.isfinite(), kl, -mean[..., 0]).clamp(min=0)


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
