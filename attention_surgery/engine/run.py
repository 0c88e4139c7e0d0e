"""The one loop over the blocks."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.cache import Cache, KeyValueCache
from attention_surgery.engine.forward import embed, run_block
from attention_surgery.engine.hook_points import points_of, refuse_unseen_hooks
from attention_surgery.engine.model import Model
from attention_surgery.engine.surgery import Surgery, Watchers, hooks, watching


def run(
    model: Model,
    resid: Float[Tensor, "row pos d_model"],
    surgery: Surgery | None = None,
    *,
    layers: range | None = None,
    cache: Cache | None = None,
    watch: Watchers | None = None,
    last_only: bool = False,
    lengths: Sequence[int] | None = None,
    grad: bool = False,
) -> Generator[int, None, Float[Tensor, "row read d_model"]]:
    """The residual stream after some blocks, under a surgery.

    Yields each layer before it runs. At a yield no hook of ours is installed and no mode is
    entered, so that other work may use the model in between; `close` cancels.

    Args:
        resid: the residual stream before the first of the layers. Rows of different lengths are
            padded on the right: attention looks back only, so nothing of a row changes.
        layers: all when None.
        cache: the new tokens follow those it holds, and are added to it once the last layer has
            run.
        watch: shown the activation at these hook points of each block, as the surgery leaves it;
            what a watcher returns takes its place.
        last_only: of the last layer's block, the last position alone; so are watchers shown it
            from the queries on.
        lengths: how many of the new tokens the cache shall keep of each row; all when None.
        grad: let autograd record the pass.

    Raises:
        InvalidSetting: something is hooked that this pass would not honour.
    """
    refuse_unseen_hooks(model)
    layers = range(model.n_layers) if layers is None else layers
    positions = _positions(resid, cache)
    for layer in layers:
        yield layer
        with ExitStack() as stack:
            stack.enter_context(torch.enable_grad() if grad else torch.inference_mode())
            if surgery is not None:
                stack.enter_context(surgery.at(layer, positions))
            last = last_only and reads_last_only(model, layer)
            if watch:
                stack.enter_context(hooks(model, layer, watching(watch, layer)))
            resid = run_block(model, layer, resid, cache, last_only=last)
    if cache is not None and layers.stop == model.n_layers:
        cache.extend(positions.shape[1] if lengths is None else lengths)
    return resid


def rows_at_once(model: Model, positions: int) -> int:
    """How many rows of so many positions go through a layer together."""
    return model.config.rows_at_once(positions)


def reads_last_only(model: Model, layer: int) -> bool:
    """Whether the last position alone may leave a layer: in the last one, if no hook acts there."""
    return layer == model.n_layers - 1 and not points_of(model).blocks[layer].hooked


@torch.inference_mode()
def embedded(
    model: Model, rows: Sequence[Sequence[int]], cache: KeyValueCache | None = None
) -> Float[Tensor, "row pos d_model"]:
    """The residual stream before layer 0 of rows of token ids, shorter ones padded on the right."""
    longest = max(map(len, rows))
    tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    return embed(model, tokens, None if cache is None else cache.positions(longest))


def _positions(resid: Tensor, cache: Cache | None) -> Int[Tensor, "row query"]:
    rows, n_new, _ = resid.shape
    if cache is None:
        return torch.arange(n_new, device=resid.device)[None]
    return cache.positions(n_new)[:rows]
