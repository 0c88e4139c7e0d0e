"""One layer in which each row has heads changed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.changes import Change
from attention_surgery.engine.components import HeadComponent
from attention_surgery.engine.forward import (
    hooked_pattern,
    mlp,
    queries_keys_values,
    write_heads,
)
from attention_surgery.engine.hook_points import has_hooks, points_of, through
from attention_surgery.engine.model import Model
from attention_surgery.engine.ready import Seen
from attention_surgery.engine.run import reads_last_only
from attention_surgery.engine.surgery import Surgery, Watchers, hooks, watching


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


OfHeads = TypeVar("OfHeads", bound=HeadChange)


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

    def seen(self) -> Seen:
        """What a cut may look at here."""
        seen, n = Seen(self.model, self.positions), self.n_tokens
        every = torch.ones(1, n, n, dtype=torch.bool, device=seen.positions.device)
        seen.visible = every.tril()[:, self.begin :]
        if self.below is not None:
            seen.pattern = self.below[:, :, self.begin :]
        return seen


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
