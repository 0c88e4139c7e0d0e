"""Which heads matter: one number per head and prompt, by four definitions."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from attention_surgery.analyses.arrays import LayerHead, Table, tidy
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import InvalidPrompt
from attention_surgery.interventions import ablation
from attention_surgery.scripts.importance import (
    scores_from_ablations,
    scores_from_gradients,
    scores_from_norms,
)
from attention_surgery.scripts.script import Script

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

ImportanceMethod = Literal["gradient", "attribution", "l2", "ablation"]
Positions = Literal["all", "last"]
# Ablation methods that need nothing but the prompt.
SWEPT = ("zero", "mean", "previous")
UNITS: dict[ImportanceMethod, str] = {
    "gradient": "nats per unit of attention",
    "attribution": "nats",
    "l2": "residual-stream units",
    "ablation": "nats",
}


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
    scores: LayerHead
    ranking: Annotated[
        list[HeadScore], Field(description="All heads, most important first (by |score|).")
    ]
    unit: str

    def table(self) -> Table:
        """A row a head: layer, head, score."""
        layers, heads = map(range, self.scores.shape)
        return tidy({"layer": layers, "head": heads}, score=self.scores)


@register
class ImportanceRequest(Analysis[HeadScores]):
    """How much each head matters for a prompt.

    `gradient`: Frobenius norm of ∂loss/∂A[l,h] over j ≤ i, A the attention pattern and loss the
        mean next-token cross-entropy on the prompt; ≥ 0.
    `attribution`: −Σ A ⊙ ∂loss/∂A, the first-order estimate of how the loss changes if the
        pattern is zeroed; positive where the head helps. Source: attribution patching, Nanda
        2023; Syed et al. 2023, arXiv:2310.10348.
    `l2`: mean over positions of the L2 norm of the vector the head writes to the residual
        stream, without `b_O`. Source: Kobayashi et al. 2020, arXiv:2004.10102.
    `ablation`: mean over positions of KL(control‖ablated), nats, when only this head is ablated;
        exact, every head measured. `kl` is an older name of it.
    """

    name: ClassVar[str] = "importance"
    summary: ClassVar[str] = "Score every head by how much it matters for a prompt"
    result: ClassVar[type[Result]] = HeadScores
    progress: ClassVar[tuple[type[Progress], ...]] = (SweepProgress,)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "The Eiffel Tower is located in",
        "method": "ablation",
        "positions": "last",
    }

    method: ImportanceMethod = "gradient"
    ablation_method: Annotated[
        str | None, Field(description="Only for `ablation`, where the default is zero.")
    ] = None
    positions: Annotated[Positions, Field(description="`last` only for `ablation`.")] = "all"

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and fields.get("method") == "kl":
            return fields | {"method": "ablation"}
        return fields

    @model_validator(mode="after")
    def _fits_together(self) -> ImportanceRequest:
        if self.method != "ablation" and (
            self.ablation_method is not None or self.positions != "all"
        ):
            raise ValueError(
                f"{self.method} ablates nothing and reads all positions: leave ablation_method and "
                "positions out, or use the method ablation"
            )
        if self.ablation_method is not None and self.ablation_method not in SWEPT:
            raise ValueError(
                f"{self.ablation_method!r} is no ablation method: use {', '.join(SWEPT)}"
            )
        return self

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        heads = shape.n_layers * shape.n_heads
        read = 1 if self.positions == "last" else n_tokens
        rows = 1 + (heads // 2 if self.method == "ablation" else 2)
        passes = rows * n_tokens
        if self.method == "ablation":
            passes += int(heads * read * shape.unembedding)
        held = shape.activations(min(rows, 1 + 16384 // n_tokens), n_tokens)
        stored = (shape.n_layers + 1) * n_tokens * shape.d_model
        return Cost(passes, held + stored + 4 * shape.patterns(1, n_tokens), 3 * heads)

    def script(self) -> Script:
        unit = UNITS[self.method]
        match self.method:
            case "gradient" | "attribution":
                attribution = self.method == "attribution"
                return Script(scores_from_gradients(attribution=attribution, unit=unit))
            case "l2":
                return Script(scores_from_norms(unit=unit))
            case "ablation":
                swept = ablation(0, 0, self._ablation_method or "zero")
                last = self.positions == "last"
                return Script(scores_from_ablations(swept, last=last, unit=unit))
            case _:
                assert_never(self.method)

    def steps(self, model: Model) -> Generator[object, None, HeadScores]:
        from attention_surgery.engine.prompt import read_prompt

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        if self.method in ("gradient", "attribution") and len(ids) < 2:
            raise InvalidPrompt(
                f"{self.method} needs a next token to predict, and the prompt has one token: "
                "write more."
            )
        return self._steps(model, ids)

    def _steps(self, model: Model, ids: list[int]) -> Generator[object, None, HeadScores]:
        progress = SweepProgress([], model.n_layers, [None] * model.n_layers)
        for layer, layer_scores in self._by_layer(model, ids):
            if layer_scores is not None:
                known = list(progress.scores)
                known[layer] = layer_scores
                done = [*progress.layers_done, layer]
                progress = SweepProgress(done, model.n_layers, known)
            yield progress
        scores = np.array(progress.scores, dtype=np.float32)
        return HeadScores(
            model=model.name,
            provenance=self.provenance(model),
            warnings=self._warnings(),
            prompt_tokens=model.tokens(ids),
            method=self.method,
            ablation_method=self._ablation_method,
            positions=self.positions,
            scores=scores,
            ranking=ranking(scores),
            unit=UNITS[self.method],
        )

    def _warnings(self) -> list[str]:
        if self._ablation_method != "previous":
            return []
        return [
            "Layer 0's heads are unchanged: layer 0 has no previous layer whose pattern it could "
            "take."
        ]

    @property
    def _ablation_method(self) -> str | None:
        return self.ablation_method or ("zero" if self.method == "ablation" else None)

    def _by_layer(self, model: Model, ids: list[int]) -> Iterator[tuple[int, list[float] | None]]:
        """Layer and its heads' scores, in whatever order; None at a mere pause."""
        from attention_surgery.engine import gradients, norms, sweep

        match self.method:
            case "gradient":
                return gradients.pattern_scores(model, ids, gradients.gradient_norm)
            case "attribution":
                return gradients.pattern_scores(model, ids, gradients.attribution)
            case "l2":
                return norms.head_output_norms(model, ids)
            case "ablation":
                return sweep.kl_of_each_head(
                    model, ids, self._ablation_method or "zero", self.positions
                )
            case _:
                assert_never(self.method)


def importance(model: Model, prompt: str, method: str = "gradient", **settings: Any) -> HeadScores:
    """How much each head matters for a prompt; see `ImportanceRequest` for the definitions.

    Args:
        settings: the other fields of `ImportanceRequest`: ablation_method, positions, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting
    """
    return ImportanceRequest.ask(prompt=prompt, method=method, **settings).run(model)


def ranking(scores: NDArray[np.float32]) -> list[HeadScore]:
    """All heads by |score|, largest first."""
    order = np.argsort(-np.abs(scores), axis=None, kind="stable")
    places = zip(*np.unravel_index(order, scores.shape), strict=True)
    return [HeadScore(int(layer), int(head), float(scores[layer, head])) for layer, head in places]
