"""What patching tells: one number for each patch, on the way and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from attention_surgery.analyses.arrays import Table, tidy
from attention_surgery.analyses.cost import Passes
from attention_surgery.analyses.figures import MOST_BARS, Bars, Figure, Map, head_map
from attention_surgery.analyses.heads import Head
from attention_surgery.analyses.patch_scores import Estimate, PatchScores
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.analyses.two_prompts import LEAST_CONTRAST
from attention_surgery.engine.components import Component, is_of_heads
from attention_surgery.engine.tokens import Token
from attention_surgery.interventions import head_name

Direction = Literal["denoise", "noise"]


@dataclass(frozen=True, slots=True)
class PatchingProgress(Progress):
    """Event `progress`: the patches of some layers, at all positions or at one."""

    event: ClassVar[str] = "progress"

    clean: Annotated[float, Field(description="The metric of the clean run.")]
    corrupt: Annotated[float, Field(description="The metric of the corrupt run.")]
    layers: list[int]
    position: Annotated[int | None, Field(description="Null for all positions together.")]
    values: Annotated[
        list[list[float]],
        Field(
            description="[layer of `layers`][head]: the metric; of those heads that are patched, "
            "and one for a whole layer."
        ),
    ]
    done: Annotated[float, Field(description="Share of the work, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patching(Result):
    """One number for each patch: [layer][head], [layer][head][position], or without [head]; of
    chosen heads [head], [head][position].
    """

    prompt_tokens: Annotated[list[Token], Field(description="Of the clean prompt.")]
    corrupt_tokens: list[Token]
    differing: Annotated[list[int], Field(description="Positions with different tokens.")]
    component: Component
    heads: Annotated[
        list[Head] | None, Field(description="Those that were chosen, of the rows of `values`.")
    ]
    each_position: bool
    direction: Direction
    metric: str
    unit: str
    clean: Annotated[float, Field(description="The metric of the clean run.")]
    corrupt: Annotated[float, Field(description="The metric of the corrupt run.")]
    values: Annotated[PatchScores, Field(description="The metric of each patched run.")]
    scores: Annotated[
        PatchScores | None,
        Field(
            description="(value − corrupt) / (clean − corrupt): 0 as corrupt, 1 as clean; null "
            f"where clean and corrupt are closer than {LEAST_CONTRAST}."
        ),
    ]
    unchanged: Annotated[
        float,
        Field(description="The score of a patch that changes nothing: 0, or 1 for `noise`."),
    ]
    estimate: Estimate | None
    passes: Passes

    def table(self) -> Table:
        """A row a patch: layer, head, position, value, score, and what was estimated."""
        axes: dict[str, Sequence[Any]] = {
            name: range(size) for name, size in zip(self.axes, self.values.shape, strict=True)
        }
        columns = {"value": self.values, "score": self.scores}
        if self.estimate is not None:
            columns["estimate"] = self.estimate.values
        table = tidy(axes, **{n: column for n, column in columns.items() if column is not None})
        if self.heads is None:
            return table
        rows = table.pop("head")
        layers, heads = np.array([(each.layer, each.head) for each in self.heads])[rows].T
        return {"layer": layers, "head": heads, **table}

    def figures(self) -> list[Figure]:
        """As a share of the difference where there is one, else the metric itself."""
        values = self.values if self.scores is None else self.scores
        unit = self.unit if self.scores is None else "0 as corrupt, 1 as clean"
        title = f"Patching {self.component}, {self.direction}"
        layers = [f"L{layer}" for layer in range(values.shape[0])]
        tokens = [f"{i} {token.text}" for i, token in enumerate(self.prompt_tokens)]
        if self.heads is not None:
            names = [head_name(each.layer, each.head) for each in self.heads]
            if not self.each_position:
                return [Bars(title, unit, names, {"": values.tolist()})]
            return [Map(title, unit, values, names, tokens, "head", "position")]
        if not is_of_heads(self.component):
            if not self.each_position:
                return [Bars(title, unit, layers, {"": values.tolist()})]
            return [Map(title, unit, values, layers, tokens, "layer", "position")]
        if not self.each_position:
            return [head_map(title, unit, values)]
        most = np.abs(values - self.unchanged if self.scores is not None else values).max(-1)
        order = np.argsort(-most, axis=None, kind="stable")[:MOST_BARS]
        heads = [np.unravel_index(place, most.shape) for place in order]
        names = [f"L{layer}H{head}" for layer, head in heads]
        rows = np.stack([values[place] for place in heads])
        return [Map(f"{title}: the {len(names)} heads that do most", unit, rows, names, tokens)]

    @property
    def axes(self) -> list[str]:
        """What `values` goes over."""
        of_heads = ["head"] * is_of_heads(self.component)
        return [*["layer"] * (self.heads is None), *of_heads, *["position"] * self.each_position]
