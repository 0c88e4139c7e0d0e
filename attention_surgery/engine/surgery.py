"""Interventions as hooks: what is cut in which rows of a batch, while a model runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from attention_surgery.engine.hook_points import points_of
from attention_surgery.engine.model import Model
from attention_surgery.interventions import Intervention
from attention_surgery.interventions.base import Moment

Hook = Callable[..., Tensor | None]
Watchers = Mapping[str, Callable[[int, Tensor], Tensor | None]]


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


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """An intervention on some rows."""

    ready: Ready
    rows: slice

    @property
    def intervention(self) -> Intervention:
        return self.ready.intervention


class Surgery:
    """What is done to which rows of a batch; empty, it does nothing and costs nothing.

    One object serves one batch from its prompt to its last token. Rows are slices of the batch.
    """

    def __init__(self, model: Model, groups: Iterable[tuple[slice, Sequence[Ready]]] = ()) -> None:
        self.model = model
        self._cuts: dict[int, list[_Cut]] = {}
        for rows, group in groups:
            for ready in group:
                if ready.intervention.strength != 0:
                    at_layer = self._cuts.setdefault(ready.intervention.layer, [])
                    at_layer.append(_Cut(ready, rows))
        # Of the layer that ran last, before any surgery on it:
        self.pattern: Float[Tensor, "row head query key"]
        self.visible: Bool[Tensor, "row query key"]
        self._positions: Int[Tensor, "row query"] | None = None

    @property
    def first_layer(self) -> int | None:
        """The first layer at which cut rows must be kept apart; None where nothing is cut."""
        cuts = (cut.intervention for at_layer in self._cuts.values() for cut in at_layer)
        return min((cut.first_layer for cut in cuts), default=None)

    def needs_below(self, layer: int) -> bool:
        """Whether a cut at this layer looks at `pattern` of the layer below."""
        return any(cut.intervention.needs_below for cut in self._cuts.get(layer, ()))

    @contextmanager
    def at(self, layer: int, positions: Tensor | None = None) -> Iterator[None]:
        """Within this context, this layer runs under the surgery.

        Args:
            positions: [row, query] where the queries stand; found out from the attention mask
                when None.
        """
        self._positions = positions
        with hooks(self.model, layer, self._hooks(layer)):
            yield

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        """Where each query of the present pass stands in its row's text; padding is before 0."""
        if self._positions is not None:
            return self._positions
        _, queries, keys = self.visible.shape
        padding = self.visible[:, -1].int().argmax(-1, keepdim=True)
        return torch.arange(keys - queries, keys, device=padding.device) - padding

    def _hooks(self, layer: int) -> Iterator[tuple[str, Hook]]:
        here = self._cuts.get(layer, [])
        if any(self._needs_mask(cut) for cut in here):
            yield "attn.hook_attn_scores", self._see_mask
        by_point: dict[str, list[_Cut]] = defaultdict(list)
        for cut in here:
            by_point[cut.intervention.hook].append(cut)
        sees_below = self.needs_below(layer + 1)
        if sees_below and "attn.hook_pattern" not in by_point:
            by_point["attn.hook_pattern"] = []
        for point, cuts in by_point.items():
            keeps = sees_below and point == "attn.hook_pattern"
            yield point, partial(self._replace, cuts, keeps=keeps)

    def _needs_mask(self, cut: _Cut) -> bool:
        unplaced = cut.ready.asks_where and self._positions is None
        return cut.intervention.needs_visible or unplaced

    def _see_mask(self, scores: Tensor, **_hook: Any) -> None:
        self.visible = ~scores[:, 0].isneginf()

    def _replace(
        self, cuts: list[_Cut], value: Tensor, *, keeps: bool = False, **_hook: Any
    ) -> Tensor:
        """One activation moved towards its replacements, and kept as it was for the layer above."""
        moved = value.clone() if cuts else value
        for cut in cuts:
            place = _place(cut)
            moved[place] = moved_towards(moved[place], cut.ready, _Here(self, cut))
        if keeps:
            self.pattern = value
        return moved


@dataclass(frozen=True, slots=True)
class _Here(Moment):
    """The moment at which one intervention acts: see `interventions.base.Moment`."""

    surgery: Surgery
    cut: _Cut

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        positions = self.surgery.positions
        return positions[self.cut.rows] if len(positions) > 1 else positions

    @property
    def visible(self) -> Bool[Tensor, "row query key"]:
        return self.surgery.visible[self.cut.rows]

    @property
    def below(self) -> Float[Tensor, "row query key"]:
        return self.surgery.pattern[self.cut.rows, self.cut.intervention.head]

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self.cut.ready.reference is not None
        return self.cut.ready.reference

    @property
    def value_bias(self) -> Float[Tensor, " d_head"]:
        cut = self.cut.intervention
        assert cut.head is not None
        return value_bias(self.surgery.model, cut.layer, cut.head)


def _place(cut: _Cut) -> tuple[Any, ...]:
    match cut.intervention.component:
        case "pattern":
            return cut.rows, cut.intervention.head
        case "z":
            return cut.rows, slice(None), cut.intervention.head
        case "mlp_out":
            return (cut.rows,)


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


@contextmanager
def hooks(model: Model, layer: int, of_block: Iterable[tuple[str, Hook]]) -> Iterator[None]:
    """Within this context these hooks act on one block; they are gone however it ends.

    They outlast `reset_hooks` of TransformerLens: nobody takes a surgery away by accident.
    """
    handles: list[RemovableHandle] = []
    try:
        for name, hook in of_block:
            point = points_of(model).named[f"blocks.{layer}.{name}"]
            handles.append(point.register_forward_hook(partial(_call, hook)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def watching(watchers: Watchers, layer: int) -> Iterator[tuple[str, Hook]]:
    """Hooks that show a block's activations, by hook-point name, to whom it may concern."""
    for name, watch in watchers.items():
        yield name, partial(_show, watch, layer)


def _call(hook: Hook, point: Any, _inputs: Any, value: Tensor) -> Tensor | None:
    return hook(value, hook=point)


def _show(
    watch: Callable[[int, Tensor], Tensor | None], layer: int, value: Tensor, **_hook: Any
) -> Tensor | None:
    return watch(layer, value)
