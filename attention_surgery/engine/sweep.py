"""Exact KL of every single-head ablation, without running the model once per head.

A run in which only L{l}H{h} is cut equals the control run up to that head's output. So layer by
layer, from the last: one row per head starts from the control's residual stream at layer l with
that head's output replaced, and runs only the layers after it. KL needs no second distribution
over the vocabulary either: with p and x of the control run (x the final LayerNorm's output),

    KL(P‖Q) = Σ p (z_p − z_q) + logsumexp z_q − logsumexp z_p
            = (W_U p)·(x_p − x_q)   + logsumexp z_q − logsumexp z_p.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.forward import (
    by_head,
    embed,
    final_norm,
    hooked_pattern,
    mlp,
    queries_keys_values,
    run_block,
    write_heads,
)
from attention_surgery.engine.kernels import linear
from attention_surgery.engine.model import Model

Positions = Literal["all", "last"]

# Logits held at once: 512 rows × 4,096 tokens are 8 MB, which stay in the cache.
LOGIT_ROWS = 512
LOGIT_COLUMNS = 4096
# Rows × positions of the residual stream held at once; more heads than fit take turns.
SWEEP_TOKENS = 16384
# Rows × positions that go through a layer together: enough for full speed, few enough that the
# hidden layer stays in the cache.
SLICE_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class _Control:
    """What the sweep needs of the control run; `read` are the positions KL is taken at."""

    resid: list[Float[Tensor, "1 pos d_model"]]  # before each layer
    normalized: Float[Tensor, "read d_model"]
    logsumexp: Float[Tensor, " read"]
    mean_unembedding: Float[Tensor, "read d_model"]  # W_U p


def kl_of_each_head(
    model: Model, ids: list[int], method: str, positions: Positions
) -> Generator[tuple[int, list[float] | None], None, None]:
    """Mean KL(control‖ablated) in nats of each head of a layer, the last layer first.

    Yields (layer, None) between blocks and (layer, scores) when a layer is finished.
    """
    last_only = positions == "last"
    control = _run_control(model, ids, last_only)
    heads_at_once = max(1, SWEEP_TOKENS // len(ids))
    for layer in reversed(range(model.n_layers)):
        if method == "previous" and layer == 0:
            yield 0, [0.0] * model.n_heads
            continue
        scores: list[float] = []
        for first in range(0, model.n_heads, heads_at_once):
            heads = range(first, min(first + heads_at_once, model.n_heads))
            resid = _cut_each(model, control, layer, heads, method, last_only)
            for later in range(layer + 1, model.n_layers):
                yield layer, None
                resid = _block(model, later, resid, last_only and later == model.n_layers - 1)
            divergences = []
            for part in resid.split(max(1, LOGIT_ROWS // resid.shape[1])):
                yield layer, None
                divergences += _divergence(model, control, part)
            scores += divergences
        yield layer, scores


@torch.inference_mode()
def _run_control(model: Model, ids: list[int], last_only: bool) -> _Control:
    stream = [embed(model, torch.tensor([ids], device=model.weights.embed.device))]
    for layer in range(model.n_layers):
        stream.append(run_block(model, layer, stream[-1]))
    resid = stream.pop()[0]
    normalized = final_norm(model, resid[-1:] if last_only else resid)
    logsumexp = _logsumexp(model, normalized)
    means = torch.zeros_like(normalized)
    for columns in model.weights.embed.split(LOGIT_COLUMNS):
        probabilities = (linear(normalized, columns).float() - logsumexp[:, None]).exp()
        means += linear(probabilities, columns.T)
    return _Control(stream, normalized, logsumexp, means)


@torch.inference_mode()
def _cut_each(
    model: Model,
    control: _Control,
    layer: int,
    heads: range,
    method: str,
    last_only: bool,
) -> Float[Tensor, "head pos d_model"]:
    """The control's residual stream after `layer`, one row per head with that head ablated."""
    resid = control.resid[layer]
    q, k, v = queries_keys_values(model, layer, resid)
    pattern = hooked_pattern(model, layer, q, k)
    cut = pattern[0, heads.start : heads.stop]
    change = -cut
    if method == "mean":
        counts = torch.arange(1, cut.shape[-1] + 1, device=cut.device)[:, None]
        change = torch.ones_like(cut).tril() / counts - cut
    elif method == "previous":
        before = queries_keys_values(model, layer - 1, control.resid[layer - 1])[:2]
        change = hooked_pattern(model, layer - 1, *before)[0, heads.start : heads.stop] - cut

    z = (pattern.to(v.dtype) @ v).transpose(1, 2)
    after_attention = write_heads(model, layer, resid, z)
    w_o = by_head(model, layer)[heads.start : heads.stop]
    rows = after_attention + (change.to(v.dtype) @ v[0, heads.start : heads.stop]) @ w_o
    if last_only and layer == model.n_layers - 1:
        rows = rows[:, -1:]
    return _in_slices(rows, lambda part: part + mlp(model, layer, part))


@torch.inference_mode()
def _block(model: Model, layer: int, resid: Tensor, last_only: bool) -> Tensor:
    return _in_slices(resid, lambda part: run_block(model, layer, part, last_only=last_only))


def _in_slices(resid: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    rows_at_once = max(1, SLICE_TOKENS // resid.shape[1])
    return torch.cat([function(part) for part in resid.split(rows_at_once)])


@torch.inference_mode()
def _divergence(
    model: Model, control: _Control, resid: Float[Tensor, "row pos d_model"]
) -> list[float]:
    """Mean KL(control‖row) over the positions the control was read at."""
    normalized = final_norm(model, resid[:, -control.normalized.shape[0] :])
    shift = (control.mean_unembedding * (control.normalized - normalized)).sum(-1)
    logsumexp = _logsumexp(model, normalized.flatten(0, 1)).view_as(shift)
    kl = shift + logsumexp - control.logsumexp
    scores: list[float] = kl.clamp(min=0).mean(-1).tolist()
    return scores


def _logsumexp(model: Model, normalized: Float[Tensor, "pos d_model"]) -> Float[Tensor, " pos"]:
    """log Σ exp of the logits, never holding more than a cacheful of them."""
    columns = model.weights.embed.split(LOGIT_COLUMNS)
    parts = [
        torch.stack([linear(rows, part).float().logsumexp(-1) for part in columns]).logsumexp(0)
        for rows in normalized.split(LOGIT_ROWS)
    ]
    return torch.cat(parts)
