"""Activation patching: one activation of another run put into a base run, everywhere in turn.

Every patch is a row that branches off the base run: see `engine.branches`. Before the first token
in which the two prompts differ the runs are equal, so no row carries those positions, and a patch
of one of them changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.base_run import (
    KEYS_AND_VALUES,
    BaseRun,
    may_skip_prefix,
    record_together,
)
from attention_surgery.engine.components import POINTS, Component, HeadComponent, is_of_heads
from attention_surgery.engine.gradients import LayerSlope, slopes
from attention_surgery.engine.model import Model
from attention_surgery.engine.patches import PatchedHeads, PatchedLayer
from attention_surgery.engine.reading import Reading, TokenReading
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.row_effects import RowEffects, effects_of_rows
from attention_surgery.engine.rows import Row
from attention_surgery.engine.run import rows_at_once


@dataclass(frozen=True, slots=True)
class Effects:
    """metric(patched) − metric(base) of the patches of some layers.

    Attributes:
        position: the one that was patched; all at once when None.
        values: [layer][head] of the heads that are patched there, or [layer][0] where a whole layer
            is.
        passes: what it took, in forward passes.
        done: share of the work that is done, 0 to 1.
    """

    layers: list[int]
    position: int | None
    values: list[list[float]]
    passes: float
    done: float


def record_for_patching(
    model: Model,
    base: Sequence[int],
    other: Sequence[int],
    cuts: Sequence[Ready],
    component: Component,
) -> Generator[object, None, list[BaseRun]]:
    """Both runs, with what patching this component needs of them."""
    points = dict.fromkeys([*KEYS_AND_VALUES, POINTS[component]])
    return record_together(model, [base, other], cuts, list(points))


def patched(
    base: BaseRun,
    other: BaseRun,
    component: Component,
    reading: Reading,
    first: int,
    *,
    each_position: bool = False,
    heads: Mapping[int, Sequence[int]] | None = None,
) -> Generator[object, None, None]:
    """`Effects` of every patch, from the last layer (or position) on; nothing where none has any.

    Args:
        reading: the metric, started with the base.
        first: the first position in which the two prompts differ.
        each_position: patch the positions one by one, not all together.
        heads: layer → which of its heads; all of every layer when None.
    """
    model = base.model
    changes = {
        layer: _change(other, component, layer, None if heads is None else heads[layer])
        for layer in (range(model.n_layers) if heads is None else heads)
    }
    places = _places(base, first, sum(map(len, changes.values())), each_position=each_position)
    crossings = sum(len(rows) * (model.n_layers - layer) for layer, rows in changes.items())
    work = sum((base.n_tokens - begin) * len(at or [None]) for begin, at in places) * crossings
    crossed = told = 0.0  # layers, times rows, times positions
    for begin, at in places:
        every = changes
        if at is not None:
            every = {layer: rows.at(at) for layer, rows in changes.items()}
        known: dict[int, list[float]] = {layer: [] for layer in every}
        for step in effects_of_rows(base, every, reading, begin):
            if not isinstance(step, RowEffects):
                yield step
                continue
            found = iter(step.effects)
            for layer, change in sorted(step.changes.items()):
                known[layer] += islice(found, len(change))
                crossed += (base.n_tokens - begin) * len(change) * (model.n_layers - layer)
            layers = [
                layer for layer in sorted(step.changes) if len(known[layer]) == len(every[layer])
            ]
            for turn, position in enumerate(at or [None]) if layers else ():
                values = [_turn(known[layer], turn, len(changes[layer])) for layer in layers]
                passes = (crossed - told) / (base.n_tokens * model.n_layers)
                told = crossed
                yield Effects(layers, position, values, passes, min(crossed / work, 1.0))


def _turn(values: list[float], turn: int, size: int) -> list[float]:
    return values[turn * size : (turn + 1) * size]


def _places(
    base: BaseRun, first: int, n_rows: int, *, each_position: bool
) -> list[tuple[int, list[int] | None]]:
    """What is patched in turn: where its rows begin, and at which positions, each by itself.

    Where few rows are patched at each, several positions go together, up to half of what goes
    through a layer at once: what they carry in vain costs less than as many rounds.
    """
    skips = may_skip_prefix(base.model)
    first = first if skips else 0
    if not each_position:
        return [] if first == base.n_tokens else [(first, None)]
    places: list[tuple[int, list[int]]] = []
    for position in reversed(range(first, base.n_tokens)):
        begin = position if skips else 0
        together = places[-1][1] if places else []
        fit = rows_at_once(base.model, base.n_tokens - begin) // 2
        if together and (len(together) + 1) * n_rows <= fit:
            places[-1] = begin, [*together, position]
        else:
            places.append((begin, [position]))
    return [*places]


def _change(
    other: BaseRun, component: Component, layer: int, heads: Sequence[int] | None
) -> PatchedHeads | PatchedLayer:
    value = other.seen[POINTS[component]][layer]
    if is_of_heads(component):
        by_head = value[0] if component == "pattern" else value[0].transpose(0, 1)
        return PatchedHeads.each(cast(HeadComponent, component), by_head, heads)
    return PatchedLayer(POINTS[component], value)


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """First-order estimates of the effects of one layer: [head, pos], or [1, pos]."""

    layer: int
    values: Float[Tensor, "head pos"]


def estimated(
    base: BaseRun, other: BaseRun, ids: Sequence[int], component: Component, reading: TokenReading
) -> Generator[object, None, None]:
    """Attribution patching: `Estimates` of each layer, from one backward pass of the base.

    Of each position Σ (a_other − a_base) · ∂metric/∂a at the base.

    Source: Nanda 2023, "Attribution patching"; Syed et al. 2023, arXiv:2310.10348.
    """
    point = POINTS[component]
    for step in slopes(base.model, [Row(ids, base.cuts)], point, [reading]):
        if isinstance(step, LayerSlope):
            change = other.seen[point][step.layer] - step.value
            by_position = (change * step.slope).sum(-1)[0].float()
            # Patterns have their heads in front of the positions, the others behind.
            if component in ("q", "k", "v", "z"):
                by_position = by_position.T
            yield Estimates(step.layer, by_position.reshape(-1, base.n_tokens))
        else:
            yield step
