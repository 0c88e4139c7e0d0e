"""Self-repair: who stands in for a head once it is cut."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from attention_surgery.analyses.arrays import Axes, LayerHead, Table, tidy
from attention_surgery.analyses.asking import AblationMethod
from attention_surgery.analyses.contrast import Answer, Foil, Position, read_contrast
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.each_head import (
    PARAMETERS,
    AblationStrength,
    EachHeadAnalysis,
    Fitting,
)
from attention_surgery.analyses.figures import Figure, head_map
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token
from attention_surgery.metrics import metric_named
from attention_surgery.scripts.importance import Asked
from attention_surgery.scripts.script import Script, constants
from attention_surgery.scripts.self_repair import self_repair as written_out

if TYPE_CHECKING:
    from attention_surgery.analyses.contrast import Contrast
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.repair import Repairs

ByHead = Annotated[
    NDArray[np.float32], Axes(("cut layer", "cut head", "later layer", "later head"))
]
ByMlp = Annotated[NDArray[np.float32], Axes(("cut layer", "cut head", "later layer"))]


@dataclass(frozen=True, slots=True)
class RepairProgress(Progress):
    """Event `progress`: the heads of one layer, each cut."""

    event: ClassVar[str] = "progress"

    layer: int
    total: Annotated[list[float], Field(description="[head]")]
    direct: Annotated[list[float], Field(description="[head]")]
    done: Annotated[float, Field(description="Share of the work, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelfRepair(Result):
    """What each head's ablation changes of logit(answer) − logit(foil), and who changes it.

    total = direct + the sum of `heads` + the sum of `mlps` + layer_norm, all in logits.
    """

    prompt_tokens: list[Token]
    position: Annotated[int, Field(description="Where answer and foil are predicted.")]
    answer: Token
    foil: Token
    method: str
    base: Annotated[float, Field(description="The logit difference with nothing more cut.")]
    total: Annotated[LayerHead, Field(description="Change of the logit difference.")]
    direct: Annotated[
        LayerHead, Field(description="Of it, by what the head itself no longer writes.")
    ]
    repaired: Annotated[
        LayerHead,
        Field(description="total − direct: against the sign of `direct`, others stand in."),
    ]
    heads: Annotated[ByHead, Field(description="By what each later head writes otherwise.")]
    mlps: Annotated[ByMlp, Field(description="By each MLP of the head's layer and later ones.")]
    layer_norm: Annotated[
        LayerHead, Field(description="By the final LayerNorm's scale, which can exceed all heads.")
    ]
    unit: str = "logits"
    passes: Passes

    def table(self) -> Table:
        """A row a head that is cut: the change and its parts, later heads and MLPs summed."""
        layers, heads = map(range, self.total.shape)
        return tidy(
            {"layer": layers, "head": heads},
            total=self.total,
            direct=self.direct,
            repaired=self.repaired,
            heads=self.heads.sum((2, 3)),
            mlps=self.mlps.sum(2),
            layer_norm=self.layer_norm,
        )

    def figures(self) -> list[Figure]:
        return [
            head_map("What cutting each head changes", self.unit, self.total),
            head_map("Of it, by what others then do", self.unit, self.repaired),
        ]


@register
class SelfRepairRequest(EachHeadAnalysis[SelfRepair]):
    """Who stands in when a head is cut: each head in turn, exactly, given the present cuts.

    The change of logit(answer) − logit(foil) is the loss of what the head itself wrote (`direct`,
    with the final LayerNorm's scale of the base run) plus what each later head and MLP writes
    otherwise, plus what the LayerNorm's scale does. Source: McGrath et al. 2023, arXiv:2307.15771;
    Rushing and Nanda 2024, arXiv:2402.15390.
    """

    name: ClassVar[str] = "self_repair"
    summary: ClassVar[str] = "Which heads, MLPs and LayerNorm make up for each head that is cut"
    result: ClassVar[type[Result]] = SelfRepair
    progress: ClassVar[tuple[type[Progress], ...]] = (RepairProgress,)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "answer": " Mary",
        "foil": " John",
    }

    turn_fields: ClassVar[tuple[str, str, str]] = ("method", "strength", "parameters")

    answer: Answer
    foil: Foil
    position: Position = -1
    method: Annotated[AblationMethod, Field(description="What is done to each head in turn.")] = (
        "zero"
    )
    strength: AblationStrength = 1.0
    parameters: Annotated[dict[str, Any], PARAMETERS, AfterValidator(Fitting("method"))]

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        heads = shape.n_layers * shape.n_heads
        told = heads * (heads + shape.n_layers + 4)
        return Cost(
            passes=(1 + heads / 2) * n_tokens,
            # The base with z, attn_out and mlp_out of every layer, and rows that branch off it.
            numbers_held=shape.recorded(n_tokens, vectors=3)
            + shape.branches(heads, n_tokens, patterns=self.cuts_patterns)
            + 2 * told,
            numbers_told=told,
        )

    def script(self) -> Script:
        settings = constants(ANSWER=self.answer, FOIL=self.foil, POSITION=self.position)
        metric = metric_named("logit_difference")
        asked = Asked(self.ablations, metric, metric.unit)
        return Script(written_out(asked, self.turn), settings)

    def steps(self, model: Model) -> Generator[object, None, SelfRepair]:
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import read_prompt

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        contrast = read_contrast(model, ids, self.answer, self.foil, self.position)
        cuts = plan(model, self.ablations, len(ids), self.prepend_bos)
        singles = plan(model, self.turns(model), len(ids), self.prepend_bos)
        return self._steps(model, ids, contrast, cuts, singles)

    def _steps(
        self, model: Model, ids: list[int], contrast: Contrast, cuts: Plan, singles: Plan
    ) -> Generator[object, None, SelfRepair]:
        from attention_surgery.engine.attribution import LogitDirection
        from attention_surgery.engine.repair import Repairs, record_writers, self_repair

        ready = yield from cuts.prepare(model)
        swept = yield from singles.prepare(model)
        direction = LogitDirection.of(model, contrast.answer.id, contrast.foil.id)
        read = ids[: contrast.position + 1]
        writers = yield from record_writers(model, read, direction, ready)
        table = _Table.empty(model.n_layers, model.n_heads)
        done = 0.0
        for step in self_repair(writers, swept):
            if isinstance(step, Repairs):
                table.place(step)
                done += len(step.heads_cut) * (model.n_layers - step.layer)
                yield table.progress(step.layer, done)
            else:
                yield step
        return SelfRepair(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[*cuts.warnings, *self.warnings_of_turns],
            prompt_tokens=model.tokens(ids),
            position=contrast.position,
            answer=contrast.answer,
            foil=contrast.foil,
            method=self.turn.method,
            base=writers.difference,
            total=table.total,
            direct=table.direct,
            repaired=table.total - table.direct,
            heads=table.heads,
            mlps=table.mlps,
            layer_norm=table.layer_norm,
            passes=Passes(1 + done / model.n_layers, 1 + len(swept)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The numbers of all heads, filled layer by layer."""

    total: NDArray[np.float32]
    direct: NDArray[np.float32]
    heads: NDArray[np.float32]
    mlps: NDArray[np.float32]
    layer_norm: NDArray[np.float32]

    @classmethod
    def empty(cls, n_layers: int, n_heads: int) -> _Table:
        shape = n_layers, n_heads
        shapes = (shape, shape, (*shape, *shape), (*shape, n_layers), shape)
        return cls(*(np.zeros(each, np.float32) for each in shapes))

    def place(self, found: Repairs) -> None:
        at = found.layer, found.heads_cut
        for field in fields(self):
            getattr(self, field.name)[at] = getattr(found, field.name).float().cpu().numpy()

    def progress(self, layer: int, done: float) -> RepairProgress:
        n_layers, n_heads = self.total.shape
        share = done / (n_heads * n_layers * (n_layers + 1) / 2)
        return RepairProgress(
            layer, self.total[layer].tolist(), self.direct[layer].tolist(), min(share, 1.0)
        )


def self_repair(
    model: Model, prompt: str, answer: str, foil: str, method: str = "zero", **settings: Any
) -> SelfRepair:
    """Who stands in for each head once it is cut; see `SelfRepairRequest`.

    Args:
        settings: the other fields of `SelfRepairRequest`: position, strength, parameters,
            ablations, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, DuplicateHead, InvalidSetting
    """
    return SelfRepairRequest.ask(
        prompt=prompt, answer=answer, foil=foil, method=method, **settings
    ).run(model)
