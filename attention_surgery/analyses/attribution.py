"""Direct logit attribution: what each part adds by itself to a logit difference."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attention_surgery.analyses.arrays import Axes, LayerHead, Table
from attention_surgery.analyses.base import AblatedAnalysis
from attention_surgery.analyses.contrast import Answer, Foil, Position, read_contrast
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.figures import Bars, Figure, head_map
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Result
from attention_surgery.engine.tokens import Token
from attention_surgery.scripts.attribution import direct_attribution
from attention_surgery.scripts.script import Script, constants
from attention_surgery.scripts.surgery import surgery

if TYPE_CHECKING:
    from attention_surgery.analyses.contrast import Contrast
    from attention_surgery.engine.attribution import LogitDirection
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.rows import Row

PerLayer = Annotated[NDArray[np.float32], Axes(("layer",))]


@dataclass(frozen=True, slots=True)
class EmbeddingParts:
    """What the embedding at the position adds."""

    token: float
    position: float


@dataclass(frozen=True, slots=True, eq=False)
class BiasParts:
    """What constants add, the same whatever the text (but for the LayerNorm's scale)."""

    attention: Annotated[PerLayer, Field(description="b_O, which no head owns.")]
    final_norm: Annotated[float, Field(description="The last LayerNorm's bias.")]
    unembedding: Annotated[float, Field(description="0: GPT-2's unembedding has no bias.")]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectAttribution(Result):
    """logit(answer) − logit(foil) as a sum of what each part of the model adds, in logits."""

    prompt_tokens: list[Token]
    position: Annotated[int, Field(description="Where answer and foil are predicted.")]
    answer: Token
    foil: Token
    heads: LayerHead
    mlps: Annotated[PerLayer, Field(description="Of each layer's MLP, its bias b_out included.")]
    embedding: EmbeddingParts
    bias: BiasParts
    total: Annotated[float, Field(description="logit(answer) − logit(foil): the sum of all parts.")]
    unit: str = "logits"
    passes: Annotated[
        Passes,
        Field(description="Naive: a pass for each part, taken out of its last residual stream."),
    ]

    def table(self) -> Table:
        """A row a part, in the order of the pass: name, layer, what it adds."""
        rows: list[tuple[str, int | None, float]] = [
            ("token embedding", None, self.embedding.token),
            ("position embedding", None, self.embedding.position),
        ]
        for layer, heads in enumerate(self.heads):
            rows += [(f"L{layer}H{head}", layer, float(adds)) for head, adds in enumerate(heads)]
            rows.append((f"b_O of layer {layer}", layer, float(self.bias.attention[layer])))
            rows.append((f"M{layer}", layer, float(self.mlps[layer])))
        rows.append(("final LayerNorm's bias", None, self.bias.final_norm))
        parts, layers, adds = zip(*rows, strict=True)
        return {"part": list(parts), "layer": list(layers), "adds": list(adds)}

    def figures(self) -> list[Figure]:
        asked = f"{self.answer.text!r} − {self.foil.text!r}"
        mlps = [f"M{layer}" for layer in range(len(self.mlps))]
        return [
            head_map(f"Direct attribution, heads: {asked}", self.unit, self.heads),
            Bars(f"MLPs: {asked}", self.unit, mlps, {"": self.mlps.tolist()}),
        ]


@register
class AttributionRequest(AblatedAnalysis[DirectAttribution]):
    """What every head, MLP, embedding and bias adds by itself to logit(answer) − logit(foil).

    Of a part that writes x to the residual stream: ⟨x/σ, W_U[answer] − W_U[foil]⟩ with the final
    LayerNorm's weight folded in and σ the scale it has in this run. The parts sum to the logit
    difference; what a part does by way of later layers is counted as theirs. A head's part holds
    its value bias b_V, but not b_O. Source: Elhage et al. 2021, "A Mathematical Framework for
    Transformer Circuits"; Wang et al. 2022, arXiv:2211.00593.
    """

    name: ClassVar[str] = "attribution"
    summary: ClassVar[str] = "What each head, MLP and embedding adds to a logit difference"
    result: ClassVar[type[Result]] = DirectAttribution
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "answer": " Mary",
        "foil": " John",
    }

    answer: Answer
    foil: Foil
    position: Position = -1

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        return Cost(
            passes=n_tokens,
            numbers_held=shape.activations(1, n_tokens)
            + (shape.patterns(1, n_tokens) if self.cuts_patterns else 0)
            + 6 * shape.d_model**2,
            numbers_told=shape.n_layers * (shape.n_heads + 2) + 3 * n_tokens,
        )

    def script(self) -> Script:
        settings = constants(ANSWER=self.answer, FOIL=self.foil, POSITION=self.position)
        return Script([*surgery(self.ablations), *direct_attribution()], settings)

    def steps(self, model: Model) -> Generator[object, None, DirectAttribution]:
        return self._steps(model, *self._read(model))

    @staticmethod
    def together(
        model: Model, requests: Sequence[AttributionRequest]
    ) -> Generator[object, None, NDArray[np.float32]]:
        """The heads' parts of several requests from one pass: [request, layer, head]."""
        from attention_surgery.engine.attribution import attributions

        rows, directions = [], []
        for request in requests:
            row, direction = yield from request._row(model, *request._read(model))
            rows.append(row)
            directions.append(direction)
        found = yield from attributions(model, rows, directions)
        return np.stack([each.heads.float().cpu().numpy() for each in found])

    def _read(self, model: Model) -> tuple[list[int], Contrast, Plan]:
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import read_prompt

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        contrast = read_contrast(model, ids, self.answer, self.foil, self.position)
        return ids, contrast, plan(model, self.ablations, len(ids), self.prepend_bos)

    def _row(
        self, model: Model, ids: list[int], contrast: Contrast, cuts: Plan
    ) -> Generator[object, None, tuple[Row, LogitDirection]]:
        from attention_surgery.engine.attribution import LogitDirection
        from attention_surgery.engine.rows import Row

        ready = yield from cuts.prepare(model)
        direction = LogitDirection.of(model, contrast.answer.id, contrast.foil.id)
        # What comes after the position changes nothing there.
        return Row(ids[: contrast.position + 1], ready), direction

    def _steps(
        self, model: Model, ids: list[int], contrast: Contrast, cuts: Plan
    ) -> Generator[object, None, DirectAttribution]:
        from attention_surgery.engine.attribution import attributions

        row, direction = yield from self._row(model, ids, contrast, cuts)
        (found,) = yield from attributions(model, [row], [direction])
        return DirectAttribution(
            model=model.name,
            provenance=self.provenance(model),
            warnings=cuts.warnings,
            prompt_tokens=model.tokens(ids),
            position=contrast.position,
            answer=contrast.answer,
            foil=contrast.foil,
            heads=found.heads.float().cpu().numpy(),
            mlps=found.mlps.float().cpu().numpy(),
            embedding=EmbeddingParts(found.token, found.position),
            bias=BiasParts(
                found.attention_biases.float().cpu().numpy(), found.final_norm_bias, 0.0
            ),
            total=found.total,
            passes=Passes(
                (contrast.position + 1) / len(ids),
                # The run itself, and both embeddings, all heads, their b_O and the MLPs.
                1 + 2 + found.heads.numel() + 2 * model.n_layers,
            ),
        )


def attribution(
    model: Model,
    prompt: str,
    answer: str,
    foil: str,
    ablations: Iterable[object] = (),
    **settings: Any,
) -> DirectAttribution:
    """What every part adds by itself to logit(answer) − logit(foil); see `AttributionRequest`.

    Args:
        ablations: interventions, or what stands for them: `"L9H6"`, `"L9H6m*0.5"`, `(9, 6)`.
        settings: the other fields of `AttributionRequest`: position, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, DuplicateHead, InvalidSetting
    """
    request = AttributionRequest.ask(
        prompt=prompt, answer=answer, foil=foil, ablations=tuple(ablations), **settings
    )
    return request.run(model)
