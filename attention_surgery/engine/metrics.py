"""Comparisons of a control distribution P and an ablated one Q: pure functions of logits."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def kl_divergence(
    control: Float[Tensor, "*rows d_vocab"], ablated: Float[Tensor, "*rows d_vocab"]
) -> Float[Tensor, "*rows"]:
    """KL(P‖Q) = Σ p (log p − log q), in nats, ≥ 0; one value per row.

    Args:
        control, ablated: logits or log-probabilities.
    """
    return kl_of_change(control.log_softmax(-1), ablated - control)


def kl_of_change(
    control_logprobs: Float[Tensor, "*rows d_vocab"], change: Float[Tensor, "*rows d_vocab"]
) -> Float[Tensor, "*rows"]:
    """KL(P‖Q) in nats where Q's logits are P's plus a change; ≥ 0, one value per row.

    Summed as log1p(Σ p (exp δ − 1 − δ)), δ the change less its mean under P: no term is negative,
    so that a small divergence is not lost in what cancels.
    """
    p = control_logprobs.exp()
    mean = (p * change).sum(-1, keepdim=True)
    delta = change - mean
    kl = (p * (torch.expm1(delta) - delta)).sum(-1).log1p()
    if kl.isfinite().all():
        return kl.clamp(min=0)
    # Where exp δ is too large for its type, the plain sum is precise.
    far = (control_logprobs + change).logsumexp(-1) - mean[..., 0]
    return torch.where(kl.isfinite(), kl, far).clamp(min=0)


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
    negative: Tensor = torch.linalg.vecdot(logprobs.exp(), logprobs)
    return -negative
