"""Exact KL of every single-head ablation, without running the model once per head.

A run in which only L{l}H{h} is cut equals the control run up to that head's output. So layer by
layer, from the last: one row per head starts from the control's residual stream at layer l with
that head's output replaced, and runs only the layers after it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.divergence import Reference, divergences, reference
from attention_surgery.engine.forward import (
    by_head,
    embed,
    hooked_pattern,
    mlp,
    queries_keys_values,
    run_block,
    write_heads,
)
from attention_surgery.engine.model import Model

Positions = Literal["all", "last"]

# Rows × positions of the residual stream held at once; more heads than fit take turns.
SWEEP_TOKENS = 16384
# Rows × positions that go through a layer together: enough for full speed, few enough that the
# hidden layer stays in the cache.
SLICE_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class _Control:
    """What the sweep needs of the control run."""

    resid: list[Float[Tensor, "1 pos d_model"]]  # before each layer
    predictions: Reference  # at the positions KL is taken at


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
            kl: list[Tensor] = []
            for part in divergences(model, control.predictions, resid):
                yield layer, None
                kl.append(part)
            scores += torch.cat(kl, dim=1).double().mean(-1).tolist()
        yield layer, scores


@torch.inference_mode()
def _run_control(model: Model, ids: list[int], last_only: bool) -> _Control:
    stream = [embed(model, torch.tensor([ids], device=model.weights.embed.device))]
    for layer in range(model.n_layers):
        stream.append(run_block(model, layer, stream[-1]))
    resid = stream.pop()[0]
    return _Control(stream, reference(model, resid[-1:] if last_only else resid))


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
