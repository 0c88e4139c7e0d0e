"""The metric of many runs that each differ from one base in one place."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Generic

import torch
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.branches import rounds, wave
from attention_surgery.engine.changes import Kind
from attention_surgery.engine.reading import Reading
from attention_surgery.engine.shape import READ_ROWS


@dataclass(frozen=True, slots=True)
class RowEffects(Generic[Kind]):
    """Changes that travelled together, and the metric of each of their rows less the base's.

    Attributes:
        effects: of the changes' rows, in order of layer.
    """

    changes: dict[int, Kind]
    effects: list[float]


def effects_of_rows(
    base: BaseRun, changes: Mapping[int, Kind], reading: Reading, begin: int = 0
) -> Generator[object, None, None]:
    """`RowEffects` of all changes, from the last layer on; else mere pauses.

    The rows of several rounds are read together: reading all logits of a position takes all of the
    unembedding for one row as for many, and a divergence the base's logits as well.

    Args:
        changes: layer → what is changed there.
        reading: the metric, started with the base.
        begin: the first position at which any row may differ from the base, see `wave`.
    """
    waiting: list[tuple[dict[int, Kind], Tensor]] = []

    def read() -> Generator[object, None, None]:
        rows = base.whole(torch.cat([rows for _, rows in waiting]), last_only=reading.last_only)
        values = yield from reading.effects(base.model, rows)
        for some, of_these in waiting:
            yield RowEffects(some, values[: len(of_these)])
            values = values[len(of_these) :]
        waiting.clear()

    for some in rounds(base, changes, begin):
        rows = yield from wave(base, some, begin=begin, last_only=reading.last_only)
        waiting.append((some, rows))
        if sum(len(rows) for _, rows in waiting) >= READ_ROWS:
            yield from read()
    if waiting:
        yield from read()
