"""Values from elsewhere in place of a layer's own, in rows that leave a base run."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.base_run import BaseRun
from attention_surgery.engine.changes import Change
from attention_surgery.engine.components import HeadComponent
from attention_surgery.engine.head_changes import HeadChange, Place, raw_patterns
from attention_surgery.engine.run import run
from attention_surgery.engine.surgery import Surgery, Watchers


@dataclass(frozen=True, slots=True, eq=False)
class PatchedHeads(HeadChange):
    """Heads that get a q, k, v, pattern or z from elsewhere, at all positions or each at one.

    Attributes:
        values: [edit, pos, d_head], or [edit, pos, key] of patterns; of the whole text.
        positions: of each edit; None for all.
    """

    values: Float[Tensor, "edit text d"] = field(default_factory=lambda: torch.empty(0, 0, 0))
    positions: Sequence[int] | None = None

    @classmethod
    def each(
        cls,
        component: HeadComponent,
        values: Float[Tensor, "head text d"],
        heads: Sequence[int] | None = None,
    ) -> PatchedHeads:
        """A row for each head of a layer, or for some of them."""
        if heads is None:
            heads = range(len(values))
        else:
            values = values[list(heads)]
        return cls(component, list(range(len(heads))), list(heads), values)

    def at(self, positions: Sequence[int]) -> PatchedHeads:
        """All rows for the first of these positions, then all for the next."""
        times, n_rows = len(positions), len(self)
        return replace(
            self,
            rows=[n_rows * turn + row for turn in range(times) for row in self.rows],
            heads=self.heads * times,
            values=self.values.repeat(times, 1, 1) if times > 1 else self.values,
            positions=[position for position in positions for _ in self.rows],
        )

    def _of(self, edits: list[int]) -> PatchedHeads:
        at = None if self.positions is None else [self.positions[edit] for edit in edits]
        return replace(self, values=self.values[edits], positions=at)

    def new(self, old: Tensor, at: Place) -> Tensor:  # noqa: ARG002
        return _patched(old, self.values, self.positions)


@dataclass(frozen=True, slots=True, eq=False)
class PatchedLayer(Change):
    """Rows that get the whole layer's value at a hook point from elsewhere.

    Attributes:
        point: `hook_resid_pre`, `hook_attn_out`, `hook_mlp_out`, …
        values: [row, pos, d_model] of the whole text.
        positions: of each row; None for all.
    """

    point: str
    values: Float[Tensor, "row text d_model"]
    positions: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def at(self, positions: Sequence[int]) -> PatchedLayer:
        """All rows for the first of these positions, then all for the next."""
        every = [position for position in positions for _ in self.values]
        return replace(self, values=self.values.repeat(len(positions), 1, 1), positions=every)

    def part(self, rows: range) -> PatchedLayer:
        some = slice(rows.start, rows.stop)
        at = None if self.positions is None else self.positions[some]
        return replace(self, values=self.values[some], positions=at)

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
            return _patched(old, self.values, self.positions)

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


def _patched(old: Tensor, values: Tensor, positions: Sequence[int] | None) -> Tensor:
    """The values in place of the old, at all positions or in each row at its own.

    The values are of the whole text; the old may lack some of its first positions.
    """
    skipped = values.shape[1] - old.shape[1]
    if positions is None:
        return values[:, skipped:].to(old)
    new, rows = old.clone(), range(len(positions))
    places = [(row, at) for row, at in zip(rows, positions, strict=True) if at >= skipped]
    if places:
        row, at = torch.tensor(places, device=old.device).T
        new[row, at - skipped] = values[row, at].to(old)
    return new
