"""Self-repair: who changes what they write of a logit difference once a head is cut.

With x the residual stream at the position, σ its final LayerNorm's scale and g the direction of
the logit difference (see `engine.attribution`), the difference is x · g / σ but for a constant.
Cutting a head changes x · g by what it no longer writes itself and by what every later head and
MLP writes otherwise, and changes σ. Held against the base's σ₀:

    Δ(x · g / σ) = Σ Δ(written · g) / σ₀ + x · g (1/σ − 1/σ₀)

Source: McGrath et al. 2023, arXiv:2307.15771; Rushing and Nanda 2024, arXiv:2402.15390.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.ablated_heads import AblatedHeads, by_layer
from attention_surgery.engine.attribution import BEHIND_THE_SUM, LogitDirection, wide
from attention_surgery.engine.base_run import BaseRun, record
from attention_surgery.engine.branches import rounds, wave
from attention_surgery.engine.hook_points import refuse_hooks_on
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.surgery import Watchers

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
) -> Generator[object, None, Writers]:
    """Run the base, under some cuts, with what everyone writes at the last of the tokens.

    Raises:
        InvalidSetting: a hook changes the residual stream beside what heads and MLPs write.
    """
    refuse_hooks_on(model, BEHIND_THE_SUM, "which changes more than what heads and MLPs write")
    base = yield from record(model, ids, cuts, WRITERS)
    return Writers.of(base, direction)


def self_repair(writers: Writers, singles: Iterable[Ready]) -> Generator[object, None, None]:
    """`Repairs` of every head, from the last layers on.

    Args:
        writers: the base; what is cut there is cut in every row.
        singles: what is done to a head when its turn comes.
    """
    turns = by_layer(singles)
    every = {layer: AblatedHeads.of(of_layer) for layer, of_layer in turns.items()}
    for some in rounds(writers.base, every):
        written = _Written(writers, sum(map(len, some.values())))
        final = yield from wave(writers.base, some, last_only=True, watch=written.watchers)
        yield from written.compared(some, final[:, -1])


class _Written:
    """What everyone writes along the direction in some rows: as in the base, unless seen."""

    def __init__(self, writers: Writers, n_rows: int) -> None:
        self._writers = writers
        self._heads = writers.heads.expand(n_rows, -1, -1).clone()
        self._mlps = writers.mlps.expand(n_rows, -1).clone()
        self._attention = writers.attention.expand(n_rows, -1).clone()

    def watchers(self, rows: slice) -> Watchers:
        writers, along = self._writers, self._writers.direction.along

        def see_heads(layer: int, z: Tensor) -> None:
            self._heads[rows, layer] = writers.of_heads(layer, z[:, -1])

        def see_attention(layer: int, out: Tensor) -> None:
            self._attention[rows, layer] = along(out[:, -1])

        def see_mlp(layer: int, out: Tensor) -> None:
            self._mlps[rows, layer] = along(out[:, -1])

        return {
            "attn.hook_z": see_heads,
            "hook_attn_out": see_attention,
            "hook_mlp_out": see_mlp,
        }

    def compared(
        self, some: Mapping[int, AblatedHeads], final: Float[Tensor, "row d_model"]
    ) -> Iterator[Repairs]:
        """Of each layer, from the last on."""
        stop = len(final)
        for layer, ablated in sorted(some.items(), reverse=True):
            rows = slice(stop - len(ablated), stop)
            yield self._of_layer(layer, ablated.heads, rows, final[rows])
            stop = rows.start

    @torch.inference_mode()
    def _of_layer(
        self, layer: int, cut: list[int], rows: slice, final: Float[Tensor, "row d_model"]
    ) -> Repairs:
        """The changes from the base, in logits."""
        base, direction = self._writers, self._writers.direction
        before, after = direction.scale(base.final), direction.scale(final)
        heads = self._heads[rows]
        heads[:, layer] = base.heads[layer]  # the cut one's is `direct`; the others do not change
        return Repairs(
            layer,
            cut,
            total=direction.difference(final) - direction.difference(base.final),
            direct=(self._attention[rows, layer] - base.attention[layer]) / before,
            heads=(heads - base.heads) / before,
            mlps=(self._mlps[rows] - base.mlps) / before,
            layer_norm=direction.along(final) * (1 / after - 1 / before),
        )


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


def _dot(z: Float[Tensor, "*rows head d_head"], by_head: Tensor) -> Float[Tensor, "*rows head"]:
    return (wide(z) * by_head).sum(-1)
