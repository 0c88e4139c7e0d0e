"""Many runs that each differ from one base run in one place, without running the model once each.

A run in which something is changed in layer l equals the base before it. So a row for each change
starts at its layer, from what the base computed there, and goes through the later layers only,
together with the rows of other layers. Where all of them equal the base before some position, they
carry the positions from there on alone, with the base's keys and values before it.

    base = yield from record(model, ids, cuts, points=KEYS_AND_VALUES)
    final = yield from wave(base, changes, begin=9, last_only=True)

`changes` says for some layers what is changed there: an `AblatedHeads`, `PatchedHeads` or
`PatchedLayer`, with a row for each change. `final` has the rows in order of layer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.components import HeadComponent
from attention_surgery.engine.forward import (
    hooked_pattern,
    mlp,
    queries_keys_values,
    write_heads,
)
from attention_surgery.engine.hook_points import has_hooks, points_of, through
from attention_surgery.engine.model import Model
from attention_surgery.engine.run import reads_last_only, rows_at_once, run
from attention_surgery.engine.surgery import (
    Ready,
    Surgery,
    Watchers,
    hooks,
    moved_towards,
    value_bias,
    watching,
)
from attention_surgery.interventions.base import Moment

Kind = TypeVar("Kind", bound="Change")
OfHeads = TypeVar("OfHeads", bound="HeadChange")


class Change(ABC):
    """What makes some rows differ from their base at a layer."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def part(self: Kind, rows: range) -> Kind:
        """The change of some of the rows."""

    @abstractmethod
    def start(
        self,
        base: BaseRun,
        layer: int,
        surgery: Surgery,
        begin: int,
        last_only: bool,
        watch: Watchers | None = None,
    ) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
        """The residual stream after the layer, from position `begin` on."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadChange(Change):
    """One or more heads of the layer changed in each row.

    Attributes:
        component: what of a head is changed.
        rows, heads: of each edit; rows count from 0 and are in order.
    """

    component: HeadComponent
    rows: list[int]
    heads: list[int]

    def __len__(self) -> int:
        return self.rows[-1] + 1 if self.rows else 0

    def part(self: OfHeads, rows: range) -> OfHeads:
        edits = [edit for edit, row in enumerate(self.rows) if row in rows]
        chosen = self._of(edits)
        places = [self.rows[edit] - rows.start for edit in edits]
        return replace(chosen, rows=places, heads=[self.heads[edit] for edit in edits])

    @abstractmethod
    def _of(self: OfHeads, edits: list[int]) -> OfHeads:
        """With what it has of these edits alone, but for their rows and heads."""

    @property
    def needs_below(self) -> bool:
        """Whether it looks at the patterns of the layer below."""
        return False

    @abstractmethod
    def new(self, old: Float[Tensor, "edit pos d"], at: Place) -> Float[Tensor, "edit pos d"]:
        """What takes the place of each edit's q, k, v, z [pos, d_head] or pattern [pos, key]."""

    def start(
        self,
        base: BaseRun,
        layer: int,
        surgery: Surgery,
        begin: int,
        last_only: bool,
        watch: Watchers | None = None,
    ) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
        yield layer
        below = None
        if layer and (self.needs_below or surgery.needs_below(layer)):
            below = raw_patterns(base.model, layer - 1, base.stream[layer - 1])
        at = Place(base.model, layer, begin, base.n_tokens, below)
        return with_heads_changed(
            base.stream[layer], self, at, surgery, last_only=last_only, watch=watch
        )


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where rows leave what they branch off.

    Attributes:
        begin: the first position that they carry.
        below: the patterns one layer below, before any surgery on them.
    """

    model: Model
    layer: int
    begin: int
    n_tokens: int
    below: Float[Tensor, "base head pos key"] | None = None

    @property
    def positions(self) -> Int[Tensor, "1 pos"]:
        device = self.model.weights.embed.device
        return torch.arange(self.begin, self.n_tokens, device=device)[None]


@dataclass(frozen=True, slots=True, eq=False)
class AblatedHeads(HeadChange):
    """Heads cut, each as its intervention says, beside what is cut in the base."""

    turns: list[Ready] = field(default_factory=list)

    @classmethod
    def of(cls, turns: Sequence[Ready | tuple[Ready, ...]]) -> AblatedHeads:
        """A row for each entry: one head, or several at once; all by one method."""
        groups = [turn if isinstance(turn, tuple) else (turn,) for turn in turns]
        edits = [(row, ready) for row, group in enumerate(groups) for ready in group]
        component = edits[0][1].intervention.component
        assert component != "mlp_out"
        rows, readies = [row for row, _ in edits], [ready for _, ready in edits]
        return cls(component, rows, [head_of(ready) for ready in readies], readies)

    def _of(self, edits: list[int]) -> AblatedHeads:
        return replace(self, turns=[self.turns[edit] for edit in edits])

    @property
    def needs_below(self) -> bool:
        return any(ready.intervention.needs_below for ready in self.turns)

    def new(self, old: Float[Tensor, "edit pos d"], at: Place) -> Float[Tensor, "edit pos d"]:
        n_bases = 1 if at.below is None else len(at.below)
        repeats = len(self) // n_bases
        return torch.cat(
            [
                moved_towards(old[edit : edit + 1], ready, _Cut(at, ready, row // repeats))
                for edit, (row, ready) in enumerate(zip(self.rows, self.turns, strict=True))
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class PatchedHeads(HeadChange):
    """Heads that get a q, k, v, pattern or z from elsewhere, at all positions or at one.

    Attributes:
        values: [edit, pos, d_head], or [edit, pos, key] of patterns; of the whole text.
        position: None for all.
    """

    values: Float[Tensor, "edit text d"] = field(default_factory=lambda: torch.empty(0, 0, 0))
    position: int | None = None

    @classmethod
    def each(
        cls,
        component: HeadComponent,
        values: Float[Tensor, "head text d"],
        position: int | None = None,
    ) -> PatchedHeads:
        """A row for each head of a layer."""
        heads = list(range(len(values)))
        return cls(component, heads, heads, values, position)

    def _of(self, edits: list[int]) -> PatchedHeads:
        return replace(self, values=self.values[edits])

    def new(self, old: Tensor, at: Place) -> Tensor:  # noqa: ARG002
        return _patched(old, self.values, self.position)


@dataclass(frozen=True, slots=True, eq=False)
class PatchedLayer(Change):
    """Rows that get the whole layer's value at a hook point from elsewhere.

    Attributes:
        point: `hook_resid_pre`, `hook_attn_out`, `hook_mlp_out`, …
        values: [row, pos, d_model] of the whole text.
        position: None for all.
    """

    point: str
    values: Float[Tensor, "row text d_model"]
    position: int | None = None

    def __len__(self) -> int:
        return len(self.values)

    def part(self, rows: range) -> PatchedLayer:
        return replace(self, values=self.values[rows.start : rows.stop])

    def start(
        self,
        base: BaseRun,
        layer: int,
        surgery: Surgery,
        begin: int,
        last_only: bool,
        watch: Watchers | None = None,
    ) -> Generator[object, None, Float[Tensor, "row read d_model"]]:
        if layer and surgery.needs_below(layer):
            surgery.pattern = raw_patterns(base.model, layer - 1, base.stream[layer - 1])[
                :, :, begin:
            ]

        def patch(_layer: int, old: Tensor) -> Tensor:
            return _patched(old, self.values, self.position)

        resid = base.stream[layer][:, begin:].expand(len(self), -1, -1)
        return (
            yield from run(
                base.model,
                resid,
                surgery,
                layers=range(layer, layer + 1),
                cache=base.prefix(begin),
                watch={**(watch or {}), self.point: patch},
                last_only=last_only,
            )
        )


def _patched(old: Tensor, values: Tensor, position: int | None) -> Tensor:
    """The values in place of the old, at all positions or at one.

    The values are of the whole text; the old may lack some of its first positions.
    """
    skipped = values.shape[1] - old.shape[1]
    if position is None:
        return values[:, skipped:].to(old)
    new = old.clone()
    if position >= skipped:
        new[:, position - skipped] = values[:, position].to(old)
    return new


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


@torch.inference_mode()
def with_heads_changed(
    resid: Float[Tensor, "base text d_model"],
    change: HeadChange,
    at: Place,
    surgery: Surgery,
    *,
    last_only: bool = False,
    watch: Watchers | None = None,
) -> Float[Tensor, "row read d_model"]:
    """The residual stream after a layer in which each row has heads changed.

    Args:
        resid: the residual stream before the layer, of one run or of several; the rows of the
            change that branch off the same run are adjacent, and as many for each.
        last_only: in the last layer, the last position alone, unless a hook wants to see all.
        watch: shown what the surgery leaves; z before its change.
    """
    model, layer, begin = at.model, at.layer, at.begin
    points = points_of(model).blocks[layer]
    repeats = len(change) // len(resid)
    rows, heads = torch.tensor(change.rows), torch.tensor(change.heads)
    bases = rows // repeats
    if at.below is not None:
        surgery.pattern = at.below[:, :, begin:]

    def each(value: Tensor) -> Tensor:
        """Of each row, where the change needs that."""
        return value.repeat_interleave(repeats, dim=0)

    def changed(component: HeadComponent, value: Tensor) -> Tensor:
        """[row, head, pos, d] with the change made, where it is one of this component."""
        if change.component == component:
            value[rows, heads] = change.new(value[rows, heads], at)
        return value

    with ExitStack() as stack:
        stack.enter_context(surgery.at(layer, at.positions))
        last = last_only and reads_last_only(model, layer)
        stack.enter_context(hooks(model, layer, watching(watch or {}, layer)))
        resid = through(points.resid_pre, resid)
        q, k, v = queries_keys_values(model, layer, resid)
        q, resid = q[:, :, begin:], resid[:, begin:]
        if change.component in ("q", "k"):
            q, k = changed("q", each(q)), changed("k", each(k))
        pattern = hooked_pattern(model, layer, q, k)
        values = changed("v", each(v)) if change.component == "v" else v
        z = (pattern.to(v.dtype) @ values).transpose(1, 2)
        z = z.repeat_interleave(len(change) // len(z), dim=0)
        if change.component == "pattern":
            new = change.new(pattern[bases, heads], at)
            z[rows, :, heads] = new.to(v.dtype) @ v[bases, heads]
        z = through(points.z, z)
        if change.component == "z":
            z = z.clone() if has_hooks(points.z) else z
            z[rows, :, heads] = change.new(z[rows, :, heads], at)
        if last:
            z, resid = z[:, -1:], resid[:, -1:]
        out = write_heads(model, layer, resid.repeat_interleave(repeats, dim=0), z)
        resid = through(points.resid_post, out + mlp(model, layer, out))
    if surgery.needs_below(layer + 1):
        of_each = len(change) // len(surgery.pattern)
        surgery.pattern = surgery.pattern.repeat_interleave(of_each, dim=0)
    return resid


@torch.inference_mode()
def raw_patterns(
    model: Model, layer: int, resid: Float[Tensor, "row pos d_model"]
) -> Float[Tensor, "row head query key"]:
    """The patterns of a layer, before any surgery on them, from the residual stream before it."""
    q, k, _ = queries_keys_values(
        model, layer, through(points_of(model).blocks[layer].resid_pre, resid)
    )
    return hooked_pattern(model, layer, q, k)


def by_layer(singles: Iterable[Ready]) -> dict[int, list[Ready]]:
    """What is done to heads, by their layer; only layers with any."""
    found: dict[int, list[Ready]] = {}
    for ready in singles:
        found.setdefault(ready.intervention.layer, []).append(ready)
    return found


def head_of(ready: Ready) -> int:
    head = ready.intervention.head
    assert head is not None
    return head


class _Cut(Moment):
    """The moment at which one head is cut in one of the runs that rows branch off."""

    def __init__(self, at: Place, ready: Ready, base: int) -> None:
        self._at, self._ready, self._base = at, ready, base

    @property
    def positions(self) -> Int[Tensor, "1 query"]:
        return self._at.positions

    @property
    def visible(self) -> Bool[Tensor, "1 query key"]:
        n, device = self._at.n_tokens, self._at.positions.device
        return torch.ones(1, n, n, dtype=torch.bool, device=device).tril()[:, self._at.begin :]

    @property
    def below(self) -> Float[Tensor, "1 query key"]:
        assert self._at.below is not None
        return self._at.below[self._base : self._base + 1, head_of(self._ready), self._at.begin :]

    @property
    def reference(self) -> Float[Tensor, "pos d"]:
        assert self._ready.reference is not None
        return self._ready.reference

    @property
    def value_bias(self) -> Float[Tensor, " d_head"]:
        return value_bias(self._at.model, self._at.layer, head_of(self._ready))
