"""KL of runs that hardly differ, exact where it is small.

With z_p, z_q the logits of both runs and δ = z_q − z_p, centred so that Σ p δ = 0,

    KL(P‖Q) = log Σ p exp δ = log1p(Σ p (exp δ − 1 − δ)).

No term is negative, so nothing cancels. δ itself is not a difference of logits, whose rounding
would swamp it, but the unembedding of a difference: δ = W_U(x_q − x_p), x the final LayerNorm's
output. A wrong centre changes the sum in second order only.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from attention_surgery.engine.forward import final_norm, unembed
from attention_surgery.engine.kernels import linear
from attention_surgery.engine.metrics import kl_divergence, kl_of_change, top1_changed
from attention_surgery.engine.model import Model
from attention_surgery.engine.shape import KEPT_PROBABILITIES, LOGIT_COLUMNS, LOGIT_ROWS


class Compared(NamedTuple):
    """Two runs' predictions at the same positions of one text.

    Attributes:
        control, ablated: log-probabilities.
        kl: KL(control‖ablated) in nats.
        top1_changed: whether the likeliest token differs.
    """

    control: Float[Tensor, "*pos d_vocab"]
    ablated: Float[Tensor, "*pos d_vocab"]
    kl: Float[Tensor, "*pos"]
    top1_changed: Bool[Tensor, "*pos"]


def compared(
    control: Float[Tensor, "*pos d_vocab"], change: Float[Tensor, "*pos d_vocab"]
) -> Compared:
    """The predictions of the control's logits, and of these changed by W_U(x_q − x_p)."""
    logprobs, ablated = control.log_softmax(-1), (control + change).log_softmax(-1)
    kl = kl_of_change(logprobs, change)
    return Compared(logprobs, ablated, kl, top1_changed(logprobs, ablated))


def unchanged(control: Float[Tensor, "*pos d_vocab"]) -> Compared:
    """The predictions of these logits, compared with themselves."""
    logprobs = control.log_softmax(-1)
    kl = logprobs.new_zeros(logprobs.shape[:-1])
    return Compared(logprobs, logprobs, kl, kl.bool())


@dataclass(frozen=True, slots=True)
class Reference:
    """The distribution P at some positions, as divergences from it need it."""

    normalized: Float[Tensor, "pos d_model"]  # x_p, in the widest precision
    logsumexp: Float[Tensor, " pos"]  # of z_p
    mean_unembedding: Float[Tensor, "pos d_model"]  # W_U p
    probs: Float[Tensor, "pos d_vocab"] | None  # p, where that is few numbers

    def part(self, positions: slice) -> Reference:
        """Some of the positions."""
        return Reference(
            self.normalized[positions],
            self.logsumexp[positions],
            self.mean_unembedding[positions],
            None if self.probs is None else self.probs[positions],
        )


def reference(model: Model, resid: Float[Tensor, "pos d_model"]) -> Reference:
    """P of a run that leaves this residual stream."""
    normalized = wide_norm(model, resid)
    narrow = normalized.float()
    if len(narrow) * model.d_vocab <= KEPT_PROBABILITIES:
        logits = unembed(model, narrow)
        total = logits.logsumexp(-1)
        probs = logits.sub_(total[:, None]).exp_()
        return Reference(normalized, total, mean_unembedding(model, probs), probs)
    parts = [slope_of_logsumexp(model, part) for part in narrow.split(LOGIT_ROWS)]
    total, means = (torch.cat(each) for each in zip(*parts, strict=True))
    return Reference(normalized, total, means, None)


def mean_unembedding(
    model: Model, probs: Float[Tensor, "pos d_vocab"]
) -> Float[Tensor, "pos d_model"]:
    """W_U p of these predictions, never holding more than a part of W_U in another precision."""
    mean = probs.new_zeros(len(probs), model.d_model)
    columns = model.weights.unembed.split(LOGIT_COLUMNS)
    for p, part in zip(probs.split(LOGIT_COLUMNS, dim=-1), columns, strict=True):
        mean += linear(p, part.float().T)
    return mean


def divergences(
    model: Model, control: Reference, resid: Float[Tensor, "row pos d_model"]
) -> Generator[None, None, Float[Tensor, "row pos"]]:
    """KL(P‖Q) in nats of each run that leaves one row of residual streams, at P's positions.

    Yields between parts of the vocabulary for some of the positions, so that no step is long.
    """
    at_once = max(1, LOGIT_ROWS // resid.shape[0])
    parts: list[Tensor] = []
    for start in range(0, resid.shape[1], at_once):
        part = slice(start, start + at_once)
        parts.append((yield from _divergence(model, control.part(part), resid[:, part])))
    return torch.cat(parts, dim=1)


def _divergence(
    model: Model, control: Reference, resid: Tensor
) -> Generator[None, None, Float[Tensor, "row pos"]]:
    with torch.inference_mode():
        # [pos, row, d_model]
        change = (wide_norm(model, resid) - control.normalized).transpose(0, 1)
        offset = (change * control.mean_unembedding[:, None]).sum(-1, keepdim=True).float()
        rows, total = change.float(), torch.zeros_like(offset[..., 0])
        if control.probs is None:  # P's own row rides along, and shares each product.
            rows = torch.cat([rows, control.normalized.float()[:, None]], dim=1)
            offset = torch.cat([offset, control.logsumexp[:, None, None]], dim=1)
    for first in range(0, model.d_vocab, LOGIT_COLUMNS):
        columns = slice(first, first + LOGIT_COLUMNS)
        with torch.inference_mode():
            delta = linear(rows, model.weights.unembed[columns].float()).sub_(offset)
            if control.probs is None:
                p, delta = delta[:, -1:].exp_(), delta[:, :-1]
            else:
                p = control.probs[:, None, columns]
            total += torch.expm1(delta).sub_(delta).mul_(p).sum(-1)
        yield
    with torch.inference_mode():
        kl = torch.log1p(total).T
        return kl if kl.isfinite().all() else _with_far_ones(model, control, resid, kl)


def _with_far_ones(model: Model, control: Reference, resid: Tensor, kl: Tensor) -> Tensor:
    """With plain formulas where a logit rose by more than float32's exponential can hold."""
    row, position = (~kl.isfinite()).nonzero(as_tuple=True)
    p = unembed(model, control.normalized[position].float())
    q = unembed(model, final_norm(model, resid[row, position]))
    return kl.index_put((row, position), kl_divergence(p, q))


def wide_norm(model: Model, resid: Tensor) -> Tensor:
    """The final LayerNorm in double precision, where the device has it."""
    return final_norm(model, resid if resid.device.type == "mps" else resid.double())


def logsumexp(model: Model, normalized: Float[Tensor, "pos d_model"]) -> Float[Tensor, " pos"]:
    """log Σ exp of the logits, never holding more than a cacheful of them."""
    return torch.stack(list(logsumexps(model, normalized))).logsumexp(0)


def logsumexps(
    model: Model, normalized: Float[Tensor, "pos d_model"]
) -> Iterator[Float[Tensor, " pos"]]:
    """The same of one part of the vocabulary after the other."""
    for columns in model.weights.unembed.split(LOGIT_COLUMNS):
        yield linear(normalized, columns.float()).logsumexp(-1)


def slope_of_logsumexp(
    model: Model, normalized: Float[Tensor, "pos d_model"]
) -> tuple[Float[Tensor, " pos"], Float[Tensor, "pos d_model"]]:
    """The logsumexp and its slope W_U p, the mean of the unembedding under the prediction.

    One walk over the vocabulary: what is summed up is relative to the largest logit so far, and
    scaled down where a larger one comes.
    """
    largest = normalized.new_full((len(normalized), 1), -torch.inf)
    total, mean = torch.zeros_like(largest), torch.zeros_like(normalized)
    for part in model.weights.unembed.split(LOGIT_COLUMNS):
        columns = part.float()
        p = linear(normalized, columns)
        before, largest = largest, torch.maximum(largest, p.amax(-1, keepdim=True))
        p.sub_(largest).exp_()
        fade = (before - largest).exp()
        total = total * fade + p.sum(-1, keepdim=True)
        mean = torch.addcmul(linear(p, columns.T), mean, fade)
    return (largest + total.log())[:, 0], mean / total
