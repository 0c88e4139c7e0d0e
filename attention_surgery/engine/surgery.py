"""Interventions as hooks: what is cut in which rows of a batch, while a model runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.model import Model
from attention_surgery.interventions import Intervention

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


@dataclass(slots=True)
class _Seen:
    """What a pass has shown so far, by layer, before any surgery on it."""

    patterns: dict[int, Tensor] = field(default_factory=dict)
    visible: dict[int, Tensor] = field(default_factory=dict)
    positions: Tensor | None = None


@dataclass(frozen=True, slots=True)
class _Here:
    """The moment at which one intervention acts: see `interventions.base.Moment`."""

    surgery: Surgery
    ready: Ready
    rows: slice

    @property
    def positions(self) -> Int[Tensor, "row query"]:
        positions = self.surgery.positions_at(self.ready.intervention.layer)
        return positions[self.rows] if len(positions) > 1 else positions

    @property
    def visible(self) -> Bool[Tensor, "row query key"]:
        return self.surgery.seen.visible[self.ready.intervention.layer][self.rows]

    @property
    def below(self) -> Float[Tensor, "row query key"]:
        cut = self.ready.intervention
        return self.surgery.seen.patterns[cut.layer - 1][self.rows, cut.head]

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self.ready.reference is not None
        return self.ready.reference

    @property
    def value_bias(self) -> Float[Tensor, " d_head"]:
        cut = self.ready.intervention
        block = self.surgery.model.hooked.blocks[cut.layer]
        bias: Tensor = block.attn.b_V[cut.head] + block.ln1.b @ block.attn.W_V[cut.head]
        return bias.float()


class Surgery:
    """What is done to which rows of a batch; empty, it does nothing and costs nothing.

    One object serves one batch from its prompt to its last token. Rows are slices of the batch.
    """

    def __init__(self, model: Model, groups: Iterable[tuple[slice, Sequence[Ready]]] = ()) -> None:
        self.model = model
        self.seen = _Seen()
        self._at: dict[int, dict[str, list[_Here]]] = defaultdict(lambda: defaultdict(list))
        for rows, cuts in groups:
            for ready in cuts:
                if ready.intervention.strength != 0:
                    cut = ready.intervention
                    self._at[cut.layer][cut.hook].append(_Here(self, ready, rows))

    @property
    def first_layer(self) -> int | None:
        """The first layer at which cut rows must be kept apart; None where nothing is cut."""
        cuts = (h.ready.intervention for layer in self._at for h in self._heres(layer))
        return min((cut.first_layer for cut in cuts), default=None)

    @contextmanager
    def at(self, layer: int, positions: Tensor | None = None) -> Iterator[None]:
        """Within this context, this layer runs under the surgery.

        Args:
            positions: [row, query] where the queries stand; found out from the attention mask
                when None.
        """
        self.seen.positions = positions
        with hooks(self.model, layer, self._hooks(layer)):
            yield

    def positions_at(self, layer: int) -> Int[Tensor, "row query"]:
        """Where each query of the present pass stands in its row's text; padding is before 0."""
        if self.seen.positions is not None:
            return self.seen.positions
        visible = self.seen.visible[layer]
        _, queries, keys = visible.shape
        padding = visible[:, -1].int().argmax(-1, keepdim=True)
        return torch.arange(keys - queries, keys, device=visible.device) - padding

    def _heres(self, layer: int) -> list[_Here]:
        return [here for heres in self._at[layer].values() for here in heres]

    def _hooks(self, layer: int) -> Iterator[tuple[str, Hook]]:
        if layer in self._at and any(self._looks_at_mask(here) for here in self._heres(layer)):
            yield "attn.hook_attn_scores", self._see_mask
        if layer + 1 in self._at and any(
            here.ready.intervention.needs_below for here in self._heres(layer + 1)
        ):
            yield "attn.hook_pattern", self._see_pattern
        for point, heres in self._at[layer].items() if layer in self._at else ():
            yield point, _Replacing(heres)

    def _looks_at_mask(self, here: _Here) -> bool:
        unplaced = here.ready.asks_where and self.seen.positions is None
        return here.ready.intervention.needs_visible or unplaced

    def _see_mask(self, scores: Tensor, hook: Any) -> None:
        self.seen.visible[hook.layer()] = ~scores[:, 0].isneginf()

    def _see_pattern(self, pattern: Tensor, hook: Any) -> None:
        self.seen.patterns[hook.layer()] = pattern


class _Replacing:
    """The hook that moves one activation towards its replacements."""

    def __init__(self, heres: list[_Here]) -> None:
        self._heres = heres

    def __call__(self, value: Tensor, **_hook: Any) -> Tensor:
        value = value.clone()
        for here in self._heres:
            place = _place(here)
            value[place] = _moved(value[place], here)
        return value


def _place(here: _Here) -> tuple[Any, ...]:
    cut = here.ready.intervention
    match cut.component:
        case "pattern":
            return here.rows, cut.head
        case "z":
            return here.rows, slice(None), cut.head
        case "mlp_out":
            return (here.rows,)


def _moved(old: Tensor, here: _Here) -> Tensor:
    """old + strength · (replacement − old), at the positions where the intervention holds."""
    cut = here.ready.intervention
    new = cut.replacement(old, here)
    if cut.strength != 1:
        new = old + cut.strength * (new - old)
    if here.ready.positions is None:
        return new
    return new.where(torch.isin(here.positions, here.ready.positions)[..., None], old)


@contextmanager
def hooks(model: Model, layer: int, of_block: Iterable[tuple[str, Hook]]) -> Iterator[None]:
    """Within this context these hooks act on one block; they are gone however it ends.

    They outlast `reset_hooks` of TransformerLens: nobody takes a surgery away by accident.
    """
    added: list[tuple[Any, Any]] = []
    try:
        for name, hook in of_block:
            point = model.hooked.hook_dict[f"blocks.{layer}.{name}"]
            point.add_hook(hook, is_permanent=True)
            added.append((point, point.fwd_hooks[-1]))
        yield
    finally:
        for point, handle in added:
            handle.hook.remove()
            if handle in point.fwd_hooks:
                point.fwd_hooks.remove(handle)


def watching(watchers: Watchers, layer: int) -> Iterator[tuple[str, Hook]]:
    """Hooks that show a block's activations, by hook-point name, to whom it may concern."""
    for name, watch in watchers.items():
        yield name, partial(_show, watch, layer)


def _show(
    watch: Callable[[int, Tensor], Tensor | None], layer: int, value: Tensor, **_hook: Any
) -> Tensor | None:
    return watch(layer, value)
