"""Which heads matter: one number per head and prompt, by four definitions."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, assert_never, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from attention_surgery.analyses.asking import (
    AblationMethod,
    AnswerText,
    FoilText,
    MetricName,
    check_metric,
    until,
)
from attention_surgery.analyses.contrast import Position
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.each_head import (
    PARAMETERS,
    AblationStrength,
    EachHeadAnalysis,
    Fitting,
)
from attention_surgery.analyses.head_scores import (
    HeadScores,
    ImportanceMethod,
    Positions,
    SweepProgress,
    ranking,
)
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.interventions import Intervention
from attention_surgery.metrics import Metric, metric_named
from attention_surgery.scripts.importance import (
    Asked,
    scores_from_ablations,
    scores_from_gradients,
    scores_from_norms,
)
from attention_surgery.scripts.script import Script, constants

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.reading import Reading
    from attention_surgery.engine.ready import Ready
    from attention_surgery.engine.rows import Row

# What each method is asked of when no metric is named; `l2` is asked of none.
DEFAULT_METRICS = {"gradient": "loss", "attribution": "loss", "ablation": "kl"}


@register
class ImportanceRequest(EachHeadAnalysis[HeadScores]):
    """How much each head matters for a prompt, given the present cuts.

    `gradient`: Frobenius norm of ∂m/∂A[l,h] over j ≤ i, A the attention pattern and m the metric;
        ≥ 0.
    `attribution`: −Σ A ⊙ ∂m/∂A, the first-order estimate of how the metric changes if the pattern
        is zeroed; of the loss, positive where the head helps. Source: attribution patching, Nanda
        2023; Syed et al. 2023, arXiv:2310.10348.
    `l2`: mean over positions of the L2 norm of the vector the head writes to the residual
        stream, without `b_O`. Source: Kobayashi et al. 2020, arXiv:2004.10102.
    `ablation`: m(ablated) − m(base) when this head alone is ablated beside the present cuts; exact,
        every head measured, 0 for a head already cut. `kl` is an older name of it.
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

    method: Annotated[
        ImportanceMethod,
        WithJsonSchema(
            {
                "type": "string",
                "enum": [*get_args(ImportanceMethod), "kl"],
                "description": "`kl` is an older name of `ablation`.",
            }
        ),
    ] = "gradient"
    metric: Annotated[
        MetricName | None,
        Field(description="kl when absent for `ablation`, loss for the gradients; `l2` has none."),
    ] = None
    answer: AnswerText = None
    foil: FoilText = None
    position: Position = -1
    positions: Annotated[
        Positions, Field(description="Where KL is taken: its mean over all positions, or the last.")
    ] = "all"
    ablation_method: Annotated[
        AblationMethod | None,
        Field(description="Only for `ablation`, where the default is zero."),
    ] = None
    ablation_strength: Annotated[AblationStrength, Field(description="Only for `ablation`.")] = 1.0
    ablation_parameters: Annotated[
        dict[str, Any],
        PARAMETERS,
        AfterValidator(Fitting("ablation_method", only=("method", "ablation"))),
    ]

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and fields.get("method") == "kl":
            return fields | {"method": "ablation"}
        return fields

    @model_validator(mode="after")
    def _fits_together(self) -> ImportanceRequest:
        if self.method != "ablation" and not self._ablates_by_default:
            raise ValueError(
                f"the method {self.method} ablates nothing: leave ablation_method, "
                "ablation_strength and ablation_parameters out, or use the method ablation"
            )
        metric = self.of
        if metric is None:
            if self.metric or self.answer or self.foil or self.positions != "all":
                raise ValueError(
                    "the method l2 is asked of no metric: leave metric, answer, foil and "
                    "positions out"
                )
            return self
        if metric.needs_base and self.method != "ablation":
            raise ValueError(
                f"the gradient of {metric.name} is zero at the base itself: use the method "
                "ablation, or another metric"
            )
        if self.positions != "all" and not metric.needs_base:
            raise ValueError(
                f"the field positions belongs to the metric kl: leave it out for {metric.name}, "
                "or use ablation with kl"
            )
        check_metric(metric, self.answer, self.foil, self.position)
        return self

    @property
    def of(self) -> Metric | None:
        """The metric that is asked; `l2` is asked of none."""
        default = DEFAULT_METRICS.get(self.method)
        return None if default is None else metric_named(self.metric or default)

    @property
    def _ablates_by_default(self) -> bool:
        return (
            self.ablation_method is None
            and self.ablation_strength == 1
            and not self.ablation_parameters
        )

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        heads = shape.n_layers * shape.n_heads
        metric = self.of
        ablates = self.method == "ablation"
        read = n_tokens if metric and metric.everywhere and self.positions == "all" else 1
        rows = 1 + (heads // 2 if ablates else 2)
        passes = float(rows * n_tokens)
        if ablates and metric and metric.whole:
            passes += heads * read * shape.unembedding
        held = shape.recorded(n_tokens, vectors=0)
        if ablates:
            held += shape.branches(heads, n_tokens, patterns=self.cuts_patterns)
            held += shape.gathered(heads, read)
        else:
            held += shape.differentiated(n_tokens, patterns=True)
        held += shape.readout(read) if metric is None or metric.whole else 0
        return Cost(passes, held, 3 * heads)

    def script(self) -> Script:
        metric = self.of
        asked = Asked(self.ablations, metric, self._unit(metric))
        at = None if metric is None or metric.everywhere else self.position
        settings = constants(ANSWER=self.answer, FOIL=self.foil, POSITION=at)
        match self.method:
            case "gradient" | "attribution":
                attribution = self.method == "attribution"
                return Script(scores_from_gradients(asked, attribution=attribution), settings)
            case "l2":
                return Script(scores_from_norms(asked))
            case "ablation":
                last = self.positions == "last"
                return Script(scores_from_ablations(asked, self.turn, last=last), settings)
            case _:
                assert_never(self.method)

    def steps(self, model: Model) -> Generator[object, None, HeadScores]:
        from attention_surgery.engine.preparation import plan

        ids, read, cuts, reading = self._read(model)
        singles = plan(model, self._singles(model), len(ids), self.prepend_bos)
        return self._steps(model, ids, read, cuts, singles, reading)

    def _read(self, model: Model) -> tuple[list[int], list[int], Plan, Reading | None]:
        """The prompt's tokens, those that the metric sees, the cuts, and the metric."""
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import read_prompt
        from attention_surgery.engine.reading import reading_of

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        cuts = plan(model, self.ablations, len(ids), self.prepend_bos)
        metric = self.of
        if metric is None:
            return ids, ids, cuts, None
        read, last = until(ids, metric, self.position), self.positions == "last"
        reading = reading_of(model, metric, read, self.answer, self.foil, last_only=last)
        return ids, read, cuts, reading

    @staticmethod
    def together(
        model: Model, requests: Sequence[ImportanceRequest]
    ) -> Generator[object, None, NDArray[np.float32]]:
        """The scores of several requests of one method from one pass: [request, layer, head].

        Not of `ablation`, whose rows fill the machine by themselves.
        """
        from attention_surgery.engine.rows import Row
        from attention_surgery.engine.steps import RowScores

        rows, readings = [], []
        for request in requests:
            _, read, cuts, reading = request._read(model)
            rows.append(Row(read, (yield from cuts.prepare(model))))
            readings.append(reading)
        scores = np.zeros((len(rows), model.n_layers, model.n_heads), np.float32)
        method = requests[0].method
        assert method != "ablation"
        for step in _of_rows(method, model, rows, readings):
            if isinstance(step, RowScores):
                scores[:, step.layer] = step.scores
            yield step
        return scores

    def _singles(self, model: Model) -> Iterator[Intervention]:
        """What each head's turn is; none for heads already cut, and where it changes nothing."""
        if self.method == "ablation" and self.turn.strength != 0:
            yield from self.turns(model)

    def _steps(
        self,
        model: Model,
        ids: list[int],
        read: list[int],
        cuts: Plan,
        singles: Plan,
        reading: Reading | None,
    ) -> Generator[object, None, HeadScores]:
        from attention_surgery.engine.steps import LayerScores

        ready = yield from cuts.prepare(model)
        turns = yield from singles.prepare(model)
        progress = SweepProgress([], model.n_layers, [None] * model.n_layers)
        for step in self._by_layer(model, read, ready, turns, reading):
            if isinstance(step, LayerScores):
                known = list(progress.scores)
                known[step.layer] = step.scores
                done = [*progress.layers_done, step.layer]
                progress = SweepProgress(done, model.n_layers, known)
            yield progress
        scores = np.array(progress.scores, dtype=np.float32)
        metric, ablates = self.of, self.method == "ablation"
        return HeadScores(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[*cuts.warnings, *(self.warnings_of_turns if ablates else [])],
            prompt_tokens=model.tokens(ids),
            method=self.method,
            ablation_method=self.turn.method if ablates else None,
            positions=self.positions,
            metric=None if metric is None else metric.name,
            base=None if reading is None else reading.base,
            scores=scores,
            ranking=ranking(scores),
            unit=self._unit(metric),
        )

    def _unit(self, metric: Metric | None) -> str:
        if metric is None:
            return "residual-stream units"
        return f"{metric.unit} per unit of attention" if self.method == "gradient" else metric.unit

    def _by_layer(
        self,
        model: Model,
        ids: list[int],
        cuts: tuple[Ready, ...],
        turns: tuple[Ready, ...],
        reading: Reading | None,
    ) -> Iterator[object]:
        """Layer by layer the heads' scores, in whatever order; anything else at a mere pause."""
        from attention_surgery.engine import sweep
        from attention_surgery.engine.rows import Row
        from attention_surgery.engine.steps import of_one_row

        if self.method != "ablation":
            return of_one_row(_of_rows(self.method, model, [Row(ids, cuts)], [reading]))
        assert reading is not None  # by validation
        return sweep.effects_of_each_head(model, ids, turns, reading, cuts)


def _of_rows(
    method: Literal["gradient", "attribution", "l2"],
    model: Model,
    rows: Sequence[Row],
    readings: Sequence[Reading | None],
) -> Iterator[object]:
    """`RowScores` of what one pass tells."""
    from attention_surgery.engine import gradients, norms
    from attention_surgery.engine.reading import TokenReading

    if method == "l2":
        return norms.head_output_norms(model, rows)
    score = gradients.gradient_norm if method == "gradient" else gradients.attribution
    of_tokens = [each for each in readings if isinstance(each, TokenReading)]  # all, by validation
    return gradients.pattern_scores(model, rows, score, of_tokens)


def importance(model: Model, prompt: str, method: str = "gradient", **settings: Any) -> HeadScores:
    """How much each head matters for a prompt; see `ImportanceRequest` for the definitions.

    Args:
        settings: the other fields of `ImportanceRequest`: metric, answer, foil, position,
            positions, ablations, ablation_method, ablation_strength, ablation_parameters,
            prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, InvalidSetting
    """
    return ImportanceRequest.ask(prompt=prompt, method=method, **settings).run(model)
