"""Interventions as hooks: what is cut in which rows of a batch, while a model runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor
from torch.utils.hooks import RemovableHandle

from attention_surgery.engine.hook_points import points_of
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Here, Ready, Seen, moved_towards
from attention_surgery.interventions import Intervention

Hook = Callable[..., Tensor | None]
Watchers = Mapping[str, Callable[[int, Tensor], Tensor | None]]


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """An intervention on some rows."""

    ready: Ready
    rows: slice

    @property
    def intervention(self) -> Intervention:
        return self.ready.intervention


class Surgery(Seen):
    """What is done to which rows of a batch; empty, it does nothing and costs nothing.

    One object serves one batch from its prompt to its last token. Rows are slices of the batch.
    """

    def __init__(self, model: Model, groups: Iterable[tuple[slice, Sequence[Ready]]] = ()) -> None:
        super().__init__(model)
        self._cuts: dict[int, list[_Cut]] = {}
        for rows, group in groups:
            for ready in group:
                if ready.intervention.acts:
                    at_layer = self._cuts.setdefault(ready.intervention.layer, [])
                    at_layer.append(_Cut(ready, rows))

    @property
    def first_layer(self) -> int | None:
        """The first layer at which cut rows must be kept apart; None where nothing is cut."""
        cuts = (cut.intervention for at_layer in self._cuts.values() for cut in at_layer)
        return min((cut.first_layer for cut in cuts), default=None)

    def of_ablated(self) -> Surgery:
        """The same cuts, for a batch in which all rows have them."""
        every = [cut.ready for cuts in self._cuts.values() for cut in cuts]
        return Surgery(self.model, [(slice(None), every)])

    def needs_below(self, layer: int) -> bool:
        """Whether a cut at this layer looks at `pattern` of the layer below."""
        return any(cut.intervention.needs_below for cut in self._cuts.get(layer, ()))

    def acts_at(self, layer: int) -> bool:
        """Whether it changes or looks at anything there."""
        return layer in self._cuts or self.needs_below(layer + 1)

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
            moved[place] = moved_towards(moved[place], cut.ready, Here(self, cut.ready, cut.rows))
        if keeps:
            self.pattern = value
        return moved


def _place(cut: _Cut) -> tuple[Any, ...]:
    match cut.intervention.component:
        case "pattern":
            return cut.rows, cut.intervention.head
        case "z":
            return cut.rows, slice(None), cut.intervention.head
        case "mlp_out":
            return (cut.rows,)


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
