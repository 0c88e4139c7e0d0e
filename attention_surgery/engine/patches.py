"""Values from elsewhere in place of a layer's own, in rows that leave a base run."""

from __future__ import annotations

from collections.abc import Generator
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
