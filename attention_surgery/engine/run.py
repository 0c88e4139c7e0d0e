"""The one loop over the blocks."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.cache import Cache, KeyValueCache
from attention_surgery.engine.forward import Part, embed, run_block, run_block_together
from attention_surgery.engine.hook_points import points_of, refuse_unseen_hooks
from attention_surgery.engine.joint import Joint
from attention_surgery.engine.model import Model
from attention_surgery.engine.shape import SLICE_TOKENS
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
) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
    """The residual stream after some blocks, under a surgery.

    Yields each block before it runs, for others' rows to go with it. At a yield no hook of ours
    is installed and no mode is entered, so that other work may use the model in between; `close`
    cancels.

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
        block = Block(model, layer, resid, surgery, positions, cache, watch, last_only, grad)
        yield block
        resid = block.outcome()
    if cache is not None and layers.stop == model.n_layers:
        cache.extend(positions.shape[1] if lengths is None else lengths)
    return resid


def run_apart(
    model: Model,
    resid: Float[Tensor, "row pos d_model"],
    surgery: Surgery,
    rows: Sequence[int],
    *,
    cache: Cache | None = None,
    watch: Watchers | None = None,
) -> Generator[object, None, Float[Tensor, "row pos d_model"]]:
    """The residual stream after the last block, with what is equal until the first cut made once.

    Args:
        resid: before the first block, a row for each text.
        surgery: of the rows from its first cut on.
        rows: which row of `resid` each of those goes on from; where nothing is cut, `resid` stays
            as it is.
        cache, watch: see `run`.
    """
    apart, n_layers = surgery.first_layer, model.n_layers
    below = range(n_layers if apart is None else apart)
    resid = yield from run(model, resid, layers=below, cache=cache, watch=watch)
    if apart is None:
        return resid
    above = range(apart, n_layers)
    return (yield from run(model, resid[rows], surgery, layers=above, cache=cache, watch=watch))


@dataclass(eq=False)
class Block(Joint[Tensor]):
    """One block of one run, before it runs; see `run` for its fields."""

    most: ClassVar[int] = SLICE_TOKENS

    model: Model
    layer: int
    resid: Float[Tensor, "row pos d_model"]
    surgery: Surgery | None
    positions: Int[Tensor, "#row pos"]
    cache: Cache | None
    watch: Watchers | None
    last_only: bool
    grad: bool

    @property
    def depth(self) -> int:
        return self.layer

    @property
    def size(self) -> int:
        rows, positions, _ = self.resid.shape
        return rows * positions

    @property
    def kind(self) -> Hashable | None:
        hooked = points_of(self.model).blocks[self.layer].hooked
        alone = self.grad or self.watch or self.last_only or hooked
        return None if alone else (id(self.model), self.layer)

    def alone(self) -> Float[Tensor, "row read d_model"]:
        with ExitStack() as stack:
            stack.enter_context(torch.enable_grad() if self.grad else torch.inference_mode())
            stack.enter_context(self.operated())
            last = self.last_only and reads_last_only(self.model, self.layer)
            if self.watch:
                watchers = watching(self.watch, self.layer)
                stack.enter_context(hooks(self.model, self.layer, watchers))
            return run_block(self.model, self.layer, self.resid, self.cache, last_only=last)

    @property
    def acts(self) -> bool:
        """Whether the surgery does anything in this block."""
        return self.surgery is not None and self.surgery.acts_at(self.layer)

    def operated(self) -> AbstractContextManager[None]:
        """Within this context the block runs under this run's surgery."""
        if self.surgery is None:
            return nullcontext()
        return self.surgery.at(self.layer, self.positions)

    @classmethod
    @torch.inference_mode()
    def together(cls, pieces: Sequence[Block]) -> list[Float[Tensor, "row pos d_model"]]:
        parts = [
            Part(piece.resid, piece.cache, piece.operated if piece.acts else None)
            for piece in pieces
        ]
        return run_block_together(pieces[0].model, pieces[0].layer, parts)


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
    return embed(model, tokens, None if cache is None else cache.positions(longest)[: len(rows)])


def _positions(resid: Tensor, cache: Cache | None) -> Int[Tensor, "row query"]:
    rows, n_new, _ = resid.shape
    if cache is None:
        return torch.arange(n_new, device=resid.device)[None]
    return cache.positions(n_new)[:rows]
