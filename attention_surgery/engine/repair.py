"""Self-repair: who changes what they write of a logit difference once a head is cut.

With x the residual stream at the position, σ its final LayerNorm's scale and g the direction of
the logit difference (see `engine.attribution`), the difference is x · g / σ but for a constant.
Cutting a head changes x · g by what it no longer writes itself and by what every later head and
MLP writes otherwise, and changes σ. Held against the base's σ₀:

    Δ(x · g / σ) = Σ Δ(written · g) / σ₀ + x · g (1/σ − 1/σ₀)

Source: McGrath et al. 2023, arXiv:2307.15771; Rushing and Nanda 2024, arXiv:2402.15390.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.attribution import BEHIND_THE_SUM, LogitDirection, wide
from attention_surgery.engine.base_run import BaseRun, record
from attention_surgery.engine.branches import SLICE_TOKENS, AblatedHeads, by_layer, split
from attention_surgery.engine.hook_points import refuse_hooks_on
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import run
from attention_surgery.engine.steps import drain
from attention_surgery.engine.surgery import Ready, hooks, watching

WRITERS = ("attn.hook_z", "hook_attn_out", "hook_mlp_out")


@dataclass(frozen=True, slots=True)
class Repairs:
    """What cutting some heads of one layer changes of the logit difference, in logits.

    Attributes:
        heads_cut: a row each.
        total: of the logit difference.
        direct: by the cut head's own writing.
        heads, mlps: by each head's and MLP's writing; 0 where it comes before the cut.
        layer_norm: by the final LayerNorm's scale.
    """

    layer: int
    heads_cut: list[int]
    total: Float[Tensor, " row"]
    direct: Float[Tensor, " row"]
    heads: Float[Tensor, "row layer head"]
    mlps: Float[Tensor, "row layer"]
    layer_norm: Float[Tensor, " row"]


def record_writers(
    model: Model, ids: Sequence[int], direction: LogitDirection, cuts: Sequence[Ready] = ()
) -> Generator[int, None, Writers]:
    """Run the base, under some cuts, with what everyone writes at the last of the tokens.

    Raises:
        InvalidSetting: a hook changes the residual stream beside what heads and MLPs write.
    """
    refuse_hooks_on(model, BEHIND_THE_SUM, "which changes more than what heads and MLPs write")
    base = yield from record(model, ids, cuts, WRITERS)
    return Writers.of(base, direction)


def self_repair(writers: Writers, singles: Iterable[Ready]) -> Generator[object, None, None]:
    """`Repairs` of every head, from the last layer on.

    Args:
        writers: the base; what is cut there is cut in every row.
        singles: what is done to a head when its turn comes.
    """
    turns = by_layer(singles)
    at_once = max(1, SLICE_TOKENS // writers.base.n_tokens)
    for layer in sorted(turns, reverse=True):
        for part in split(AblatedHeads.of(turns[layer]), at_once):
            yield (yield from _repairs(writers, layer, part))


def _repairs(
    writers: Writers, layer: int, ablated: AblatedHeads
) -> Generator[object, None, Repairs]:
    base, along = writers.base, writers.direction.along
    model, surgery = base.model, base.surgery()
    heads = writers.heads.expand(len(ablated), -1, -1).clone()
    mlps = writers.mlps.expand(len(ablated), -1).clone()
    attention = writers.attention.expand(len(ablated), -1).clone()

    def see_heads(at: int, z: Tensor) -> None:
        heads[:, at] = writers.of_heads(at, z[:, -1])

    def see_attention(at: int, out: Tensor) -> None:
        attention[:, at] = along(out[:, -1])

    def see_mlp(at: int, out: Tensor) -> None:
        mlps[:, at] = along(out[:, -1])

    yield layer
    with hooks(model, layer, watching({"hook_attn_out": see_attention}, layer)):
        rows = drain(ablated.start(base, layer, surgery, 0, last_only=True))
    mlps[:, layer] = along(rows[:, -1] - base.stream[layer][:, -1]) - attention[:, layer]
    rows = yield from run(
        model,
        rows,
        surgery,
        layers=range(layer + 1, model.n_layers),
        watch={"attn.hook_z": see_heads, "hook_mlp_out": see_mlp},
    )
    return writers.compared(layer, ablated.heads, rows[:, -1], attention[:, layer], heads, mlps)


@dataclass(frozen=True, slots=True, eq=False)
class Writers:
    """What everyone writes along the direction at the last position of the base."""

    base: BaseRun
    direction: LogitDirection
    by_head: list[Float[Tensor, "head d_head"]]
    heads: Float[Tensor, "layer head"]
    mlps: Float[Tensor, " layer"]
    attention: Float[Tensor, " layer"]

    @classmethod
    @torch.inference_mode()
    def of(cls, base: BaseRun, direction: LogitDirection) -> Writers:
        by_head = [direction.by_head(base.model, layer) for layer in range(base.model.n_layers)]
        z, attention, mlps = (base.seen[point] for point in WRITERS)
        return cls(
            base,
            direction,
            by_head,
            torch.stack([_dot(values[0, -1], w) for values, w in zip(z, by_head, strict=True)]),
            torch.stack([direction.along(value[0, -1]) for value in mlps]),
            torch.stack([direction.along(value[0, -1]) for value in attention]),
        )

    @property
    def final(self) -> Float[Tensor, " d_model"]:
        """The residual stream that is read."""
        return self.base.final[0, -1]

    @property
    def difference(self) -> float:
        """The logit difference."""
        return self.direction.difference(self.final).item()

    def of_heads(self, layer: int, z: Float[Tensor, "row head d_head"]) -> Tensor:
        return _dot(z, self.by_head[layer])

    @torch.inference_mode()
    def compared(
        self,
        layer: int,
        heads_cut: list[int],
        final: Float[Tensor, "row d_model"],
        attention: Float[Tensor, " row"],
        heads: Float[Tensor, "row layer head"],
        mlps: Float[Tensor, "row layer"],
    ) -> Repairs:
        """The changes from the base, in logits."""
        before, after = self.direction.scale(self.final), self.direction.scale(final)
        rows = range(len(heads_cut))
        heads[rows, layer, heads_cut] = self.heads[layer, heads_cut]  # that is `direct`
        return Repairs(
            layer,
            heads_cut,
            total=self.direction.difference(final) - self.direction.difference(self.final),
            direct=(attention - self.attention[layer]) / before,
            heads=(heads - self.heads) / before,
            mlps=(mlps - self.mlps) / before,
            layer_norm=self.direction.along(final) * (1 / after - 1 / before),
        )


def _dot(z: Float[Tensor, "*rows head d_head"], by_head: Tensor) -> Float[Tensor, "*rows head"]:
    return (wide(z) * by_head).sum(-1)
