"""One number per head, as results and events carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery.analyses.arrays import LayerHead, Table, tidy
from attention_surgery.analyses.figures import Figure, head_map
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token

ImportanceMethod = Literal["gradient", "attribution", "l2", "ablation"]
Positions = Literal["all", "last"]


@dataclass(frozen=True, slots=True)
class HeadScore:
    """The score of one head."""

    layer: int
    head: int
    score: float


@dataclass(frozen=True, slots=True)
class SweepProgress(Progress):
    """Event `progress`: the layers finished so far and their scores."""

    event: ClassVar[str] = "progress"
    latest: ClassVar[bool] = True

    layers_done: list[int]
    n_layers: int
    scores: Annotated[
        list[list[float] | None], Field(description="[layer][head]; null where not yet known")
    ]

    @property
    def share(self) -> float:
        return len(self.layers_done) / self.n_layers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadScores(Result):
    """One number per head."""

    prompt_tokens: list[Token]
    method: ImportanceMethod
    ablation_method: str | None
    positions: Positions
    metric: Annotated[str | None, Field(description="What the scores are of; null for `l2`.")]
    base: Annotated[
        float | None, Field(description="The metric of the model as it is now cut; null for `l2`.")
    ]
    scores: LayerHead
    ranking: Annotated[
        list[HeadScore], Field(description="All heads, most important first (by |score|).")
    ]
    unit: str

    def table(self) -> Table:
        """A row a head: layer, head, score."""
        layers, heads = map(range, self.scores.shape)
        return tidy({"layer": layers, "head": heads}, score=self.scores)

    def figures(self) -> list[Figure]:
        of = "" if self.metric is None else f" of {self.metric}"
        return [head_map(f"Importance by {self.method}{of}", self.unit, self.scores)]


def ranking(scores: NDArray[np.float32]) -> list[HeadScore]:
    """All heads by |score|, largest first."""
    order = np.argsort(-np.abs(scores), axis=None, kind="stable")
    places = zip(*np.unravel_index(order, scores.shape), strict=True)
    return [HeadScore(int(layer), int(head), float(scores[layer, head])) for layer, head in places]
