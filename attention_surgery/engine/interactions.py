"""The exact effect of cutting every two heads at once, without a run for each pair.

The runs in which a first head is cut are carried forward layer by layer; in each later layer they
are what the runs with a second head cut branch off: see `engine.branches`. So a pair costs what
follows its second head, and no more is held than a slice of first heads and a slice of pairs.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import torch
from torch import Tensor

from attention_surgery.engine.ablated_heads import AblatedHeads, head_of
from attention_surgery.engine.base_run import BaseRun, record
from attention_surgery.engine.branches import rounds
from attention_surgery.engine.head_changes import Place, raw_patterns, with_heads_changed
from attention_surgery.engine.model import Model
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.ready import Ready
from attention_surgery.engine.row_effects import RowEffects, effects_of_rows
from attention_surgery.engine.run import rows_at_once, run

Head = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairEffects:
    """metric(both cut) − metric(base) of some pairs; the first head is in no later layer.

    Attributes:
        passes: what they took, in forward passes.
    """

    pairs: list[tuple[Head, Head]]
    effects: list[float]
    passes: float


@dataclass(slots=True)
class _Firsts:
    """The runs in which a first head is cut, on their way through the later layers.

    Attributes:
        before: the residual stream before the layer that ran last.
        rows: the residual stream after it.
    """

    turns: list[Ready]
    before: Tensor
    rows: Tensor


def effects_of_pairs(
    model: Model,
    ids: Sequence[int],
    turns: Mapping[int, Sequence[Ready]],
    reading: Reading,
    base_cuts: Sequence[Ready] = (),
) -> Generator[object, None, None]:
    """`PairEffects` of all pairs of heads: those of one layer, then first heads of the last layers.

    Args:
        turns: layer → what is done to its heads; all by one method.
        reading: the metric.
        base_cuts: what is cut in the base and in every row.
    """
    base = yield from record(model, ids, base_cuts)
    reading.start(model, base.final)
    yield from _pairs_within(base, turns, reading)
    for firsts in rounds(base, {layer: AblatedHeads.of(some) for layer, some in turns.items()}):
        yield from _pairs_after(base, firsts, turns, reading)


def _pairs_within(
    base: BaseRun, turns: Mapping[int, Sequence[Ready]], reading: Reading
) -> Generator[object, None, None]:
    """Both heads in one layer: rows that branch off the base."""
    of_layers = {layer: list(combinations(some, 2)) for layer, some in turns.items()}
    changes = {layer: AblatedHeads.of(pairs) for layer, pairs in of_layers.items() if pairs}
    for step in effects_of_rows(base, changes, reading):
        if not isinstance(step, RowEffects):
            yield step
            continue
        found = iter(step.effects)
        for layer, change in sorted(step.changes.items()):
            pairs = list(zip(change.turns[::2], change.turns[1::2], strict=True))
            yield _told(base, pairs, layer, list(islice(found, len(pairs))))


def _pairs_after(
    base: BaseRun,
    cut_first: Mapping[int, AblatedHeads],
    turns: Mapping[int, Sequence[Ready]],
    reading: Reading,
) -> Generator[object, None, None]:
    """These first heads with every second one in a later layer."""
    last, nothing = max(turns), base.stream[0][:0]
    firsts = _Firsts([], nothing, nothing)
    for layer in range(min(cut_first), last + 1):
        below = _below(base, firsts, layer, turns.get(layer, ()))
        if firsts.turns and layer in turns:
            yield from _pairs_across(base, firsts, layer, turns[layer], below, reading)
        if layer < last:
            yield from _carry(base, firsts, layer, below)
            if layer in cut_first:
                yield from _join(base, firsts, layer, cut_first[layer])


def _pairs_across(
    base: BaseRun,
    firsts: _Firsts,
    later: int,
    turns: Sequence[Ready],
    below: Tensor | None,
    reading: Reading,
) -> Generator[object, None, None]:
    """The second head in a later layer: rows that branch off the runs with a first one cut."""
    model, most = base.model, _at_once(base)
    each = max(1, most // len(turns))
    for begin in range(0, len(firsts.turns), each):
        some = slice(begin, begin + each)
        for start in range(0, len(turns), most):
            seconds = turns[start : start + most]
            pairs = [(first, second) for first in firsts.turns[some] for second in seconds]
            yield later
            surgery = base.surgery()
            at = Place(model, later, 0, base.n_tokens, None if below is None else below[some])
            rows = with_heads_changed(
                firsts.rows[some],
                AblatedHeads.of([second for _, second in pairs]),
                at,
                surgery,
                last_only=reading.last_only,
            )
            rows = yield from run(
                model,
                rows,
                surgery,
                layers=range(later + 1, model.n_layers),
                last_only=reading.last_only,
            )
            effects = yield from reading.effects(model, rows)
            yield _told(base, pairs, later, effects)


def _carry(
    base: BaseRun, firsts: _Firsts, layer: int, below: Tensor | None
) -> Generator[object, None, None]:
    """Take the runs through one layer, a slice at a time."""
    rows = [firsts.rows[:0]]
    for begin in range(0, len(firsts.rows), _at_once(base)):
        some = slice(begin, begin + _at_once(base))
        surgery = base.surgery()
        if below is not None:
            surgery.pattern = below[some]
        part = yield from run(
            base.model, firsts.rows[some], surgery, layers=range(layer, layer + 1)
        )
        rows.append(part)
    firsts.before, firsts.rows = firsts.rows, torch.cat(rows)


def _join(
    base: BaseRun, firsts: _Firsts, layer: int, change: AblatedHeads
) -> Generator[object, None, None]:
    """Add the runs with one head of this layer cut, as they stand after it."""
    rows = yield from change.start(base, layer, base.surgery(), 0, False)
    before = base.stream[layer].expand(len(rows), -1, -1)
    firsts.turns = [*firsts.turns, *change.turns]
    firsts.before = torch.cat([firsts.before, before])
    firsts.rows = torch.cat([firsts.rows, rows])


def _below(base: BaseRun, firsts: _Firsts, layer: int, turns: Sequence[Ready]) -> Tensor | None:
    """Each run's patterns one layer below, before surgery on them, where anything asks for them."""
    asked = base.surgery().needs_below(layer) or any(t.intervention.needs_below for t in turns)
    if not (asked and firsts.turns):
        return None
    return raw_patterns(base.model, layer - 1, firsts.before)


def _told(
    base: BaseRun, pairs: Sequence[tuple[Ready, Ready]], layer: int, effects: list[float]
) -> PairEffects:
    sites = [(_site(first), _site(second)) for first, second in pairs]
    return PairEffects(sites, effects, len(pairs) * (1 - layer / base.model.n_layers))


def _site(ready: Ready) -> Head:
    return ready.intervention.layer, head_of(ready)


def _at_once(base: BaseRun) -> int:
    return rows_at_once(base.model, base.n_tokens)
