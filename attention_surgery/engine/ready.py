"""An intervention made ready for a prompt, and the moment at which it acts."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.interventions import Intervention
from attention_surgery.interventions.base import Moment


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """An intervention made ready for one prompt; see `engine.preparation`.

    Attributes:
        positions: where in the row's text it holds, from zero; everywhere when None.
        reference: what it made of its reference prompts, if it has any.
    """

    intervention: Intervention
    positions: Int[Tensor, " chosen"] | None = None
    reference: Float[Tensor, "pos d"] | None = None

    @property
    def asks_where(self) -> bool:
        """Whether it must know at which positions the queries stand."""
        return self.positions is not None or self.reference is not None


class Seen:
    """What a pass knows of its rows at a layer; of a single row where all have the same.

    Args:
        positions: where the queries stand; found out from what they may see when None.

    Attributes:
        pattern: of the layer that ran last, before any surgery on it; there once it was seen.
        visible: what the queries may see; there once it was seen.
    """

    pattern: Float[Tensor, "row head query key"]
    visible: Bool[Tensor, "row query key"]

    def __init__(self, model: Model, positions: Int[Tensor, "row query"] | None = None) -> None:
        self.model = model
        self._positions = positions

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        """Where each query of the present pass stands in its row's text; padding is before 0."""
        if self._positions is not None:
            return self._positions
        _, queries, keys = self.visible.shape
        padding = self.visible[:, -1].int().argmax(-1, keepdim=True)
        return torch.arange(keys - queries, keys, device=padding.device) - padding


@dataclass(frozen=True, slots=True)
class Here(Moment):
    """The moment at which an intervention acts on some rows of a pass."""

    seen: Seen
    ready: Ready
    rows: slice

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        return self._of_rows(self.seen.positions)

    @property
    def visible(self) -> Bool[Tensor, "row query key"]:
        return self._of_rows(self.seen.visible)

    @property
    def below(self) -> Float[Tensor, "row query key"]:
        return self.seen.pattern[self.rows, self.ready.intervention.head]

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self.ready.reference is not None
        return self.ready.reference

    @property
    def value_bias(self) -> Float[Tensor, " d_head"]:
        cut = self.ready.intervention
        assert cut.head is not None
        return value_bias(self.seen.model, cut.layer, cut.head)

    def _of_rows(self, value: Tensor) -> Tensor:
        return value[self.rows] if len(value) > 1 else value


def moved_towards(old: Tensor, ready: Ready, moment: Moment) -> Tensor:
    """old + strength · (replacement − old), at the positions where the intervention holds."""
    strength = ready.intervention.strength
    new = ready.intervention.replacement(old, moment)
    if strength != 1:
        new = old + strength * (new - old)
    if ready.positions is None:
        return new
    return new.where(torch.isin(moment.positions, ready.positions)[..., None], old)


def value_bias(model: Model, layer: int, head: int) -> Float[Tensor, " d_head"]:
    """What every token's value of a head has in common: b_V and b_ln1 W_V."""
    block = model.weights.blocks[layer]
    heads = (block.w_qkv @ block.ln1_b + block.b_qkv).view(3, model.n_heads, model.d_head)
    return heads[2, head].float()
