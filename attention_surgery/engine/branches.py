"""Many runs that each differ from one base run in one place, without running the model once each.

A run in which something is changed in layer l equals the base before it. So a row for each change
starts at its layer, from what the base computed there, and goes through the later layers only,
together with the rows of other layers. Where all of them equal the base before some position, they
carry the positions from there on alone, with the base's keys and values before it.

    base = yield from record(model, ids, cuts, points=KEYS_AND_VALUES)
    final = yield from wave(base, changes, begin=9, last_only=True)

`changes` says for some layers what is changed there, with a row for each change: see
`engine.changes`. `final` has the rows in order of layer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.changes import Change, Kind
from attention_surgery.engine.run import rows_at_once, run
from attention_surgery.engine.surgery import Surgery, Watchers


@dataclass(slots=True)
class _Batch:
    """Rows that travel together."""

    rows: Tensor
    surgery: Surgery


def wave(
    base: BaseRun,
    changes: Mapping[int, Change],
    *,
    begin: int = 0,
    last_only: bool = False,
    watch: Callable[[slice], Watchers] | None = None,
) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
    """The residual stream after the last block of rows that leave the base in these layers.

    Yields between the blocks of a batch of at most `SLICE_TOKENS` tokens, or of one row.

    Args:
        changes: layer → what is changed there.
        begin: the first position at which any row may differ from the base; needs `may_skip_prefix`
            and what `BaseRun.prefix` needs when it is not 0.
        last_only: return the last position alone.
        watch: who watches some of the rows, in the order in which they are returned, from the layer
            on in which they leave the base; see `engine.run`.

    Returns:
        [row, read, d_model], rows in order of layer, positions from `begin` on.
    """
    model, prefix = base.model, base.prefix(begin)
    at_once = rows_at_once(base.model, base.n_tokens - begin)

    def watchers(first: int, n_rows: int) -> Watchers | None:
        return None if watch is None else watch(slice(first, first + n_rows))

    batches: list[_Batch] = []
    for layer in range(min(changes), model.n_layers):
        # A hook in the last layer is shown all positions, of which the last is wanted.
        read = slice(-1 if last_only and layer == model.n_layers - 1 else 0, None)
        first = 0
        for batch in batches:
            rows = yield from run(
                model,
                batch.rows,
                batch.surgery,
                layers=range(layer, layer + 1),
                cache=prefix,
                watch=watchers(first, len(batch.rows)),
                last_only=last_only,
            )
            batch.rows = rows[:, read]
            first += len(rows)
        for part in split(changes[layer], at_once) if layer in changes else ():
            surgery = base.surgery()
            who = watchers(first, len(part))
            rows = yield from part.start(base, layer, surgery, begin, last_only, who)
            first += len(rows)
            _join(batches, _Batch(rows[:, read], surgery), layer, at_once)
    return torch.cat([batch.rows for batch in batches])


def rounds(base: BaseRun, changes: Mapping[int, Kind], begin: int = 0) -> Iterator[dict[int, Kind]]:
    """Changes that travel together, the last layers first: as many rows as fill a slice.

    A layer with more rows than that comes in parts.

    Args:
        changes: layer → what is changed there.
        begin: the first position that rows carry.
    """
    at_once = rows_at_once(base.model, base.n_tokens - begin)
    together: dict[int, Kind] = {}
    for layer in sorted(changes, reverse=True):
        for part in split(changes[layer], at_once):
            if sum(map(len, together.values())) + len(part) > at_once:
                if together:
                    yield together
                together = {}
            together[layer] = part
    if together:
        yield together


def split(change: Kind, at_once: int) -> list[Kind]:
    """A change in parts of at most so many rows."""
    n_rows = len(change)
    if n_rows <= at_once:
        return [change] if n_rows else []
    return [
        change.part(range(first, min(first + at_once, n_rows)))
        for first in range(0, n_rows, at_once)
    ]


def _join(batches: list[_Batch], new: _Batch, layer: int, at_once: int) -> None:
    """Let new rows travel with the youngest batch, if that has room.

    Not where a cut in the next layer looks back at each batch's own patterns.
    """
    last = batches[-1] if batches else None
    if (
        last is None
        or len(last.rows) + len(new.rows) > at_once
        or new.surgery.needs_below(layer + 1)
    ):
        batches.append(new)
    else:
        last.rows = torch.cat([last.rows, new.rows])
