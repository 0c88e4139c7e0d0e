"""What a test of a circuit tells, while it goes and at its end, and in the formats of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.circuit_export import graphml, mib
from attention_surgery.analyses.circuit_figure import Drawing, drawing, png, svg
from attention_surgery.analyses.circuit_parts import (
    Completeness,
    Curve,
    Edge,
    Edges,
    Faithfulness,
    Minimality,
)
from attention_surgery.analyses.cost import Passes
from attention_surgery.analyses.figures import Figure, largest
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.sites import Sender
from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitProgress(Progress):
    """Event `progress`: what is known so far, of the first few items at once and then of more.

    Each part says of how many items it is.
    """

    event: ClassVar[str] = "progress"
    latest: ClassVar[bool] = True

    faithfulness: Faithfulness | None = None
    minimality: Minimality | None = None
    completeness: Completeness | None = None
    curve: Curve | None = None
    done: Annotated[float, Field(description="Share of the work, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitTest(Result):
    """A circuit's measures; those not asked for are null."""

    task: Annotated[str, Field(description="Of the items; `items` where they were given.")]
    items: list[Item]
    metric: str
    unit: str
    ablation_method: str
    heads: list[Sender]
    faithfulness: Faithfulness
    minimality: Minimality | None
    completeness: Completeness | None
    curve: Curve | None
    edges: Edges | None
    n_layers: int
    n_heads: int
    d_model: int
    passes: Annotated[
        Passes,
        Field(description="In forward passes of all items; naive: one for each circuit measured."),
    ]

    def table(self) -> Table:
        """A row a head: layer, head, effect, and the largest effect of any K."""
        if self.minimality is None:
            raise InvalidSetting("A table of heads needs the measure minimality: ask for it.")
        needed = self.minimality.heads
        return {
            "layer": np.array([each.head.layer for each in needed]),
            "head": np.array([each.head.head for each in needed]),
            "effect": np.array([each.effect for each in needed]),
            "value": np.array([each.value for each in needed]),
        }

    def figures(self) -> list[Figure]:
        """What the circuit loses without each of its heads."""
        if self.minimality is None:
            return []
        needed = self.minimality.heads
        effects = np.array([each.effect for each in needed])
        title = f"Effect of each of {len(needed)} heads in the circuit"
        return [largest(title, self.unit, [str(each.head) for each in needed], effects)]

    def mib(self) -> dict[str, Any]:
        """The circuit as the Mechanistic Interpretability Benchmark reads one; see
        `circuit_export.mib`."""
        needed = [] if self.minimality is None else self.minimality.heads
        sizes = {name: getattr(self, name) for name in ("n_layers", "n_heads", "d_model")}
        return mib(sizes, self.heads, {each.head: each.effect for each in needed}, self._edges)

    def graphml(self) -> str:
        """The heads and, where edges were asked for, who writes into whom."""
        return graphml(self.heads, self._edges)

    def svg(self) -> str:
        """A figure of it: heads, layers upward; edges, where they were asked for."""
        return svg(self._drawing())

    def png(self) -> bytes:
        """The same figure as a PNG.

        Raises:
            InvalidSetting: matplotlib is not installed.
        """
        return png(self._drawing())

    @property
    def _edges(self) -> list[Edge]:
        return [] if self.edges is None else self.edges.edges

    def _drawing(self) -> Drawing:
        faith = self.faithfulness
        title = f"{self.task} on {self.model}: {len(self.heads)} heads, {len(self.items)} items"
        told = [f"F(M) {faith.whole.mean:.2f}", f"F(C) {faith.circuit.mean:.2f}"]
        if faith.ratio is not None:
            told.append(f"faithfulness {faith.ratio:.0%}")
        if self.completeness is not None:
            told.append(f"largest gap {self.completeness.worst:.2f}")
        if self.curve is not None:
            told.append(f"CPR {self.curve.cpr:.2f}, CMD {self.curve.cmd:.2f}")
        lines = [title, "; ".join([*told, f"others by {self.ablation_method}"])]
        return drawing(self.heads, self._edges, self.n_layers, self.n_heads, lines)
