"""Which heads work together, and which back each other up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import FailFast, Field, model_validator

from attention_surgery.analyses.arrays import Axes, Table
from attention_surgery.analyses.asking import (
    AblationMethod,
    AnswerText,
    FoilText,
    MetricName,
    check_metric,
    until,
)
from attention_surgery.analyses.contrast import Position
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.each_head import (
    AblationParameters,
    AblationStrength,
    EachHeadAnalysis,
)
from attention_surgery.analyses.figures import Figure, Map
from attention_surgery.analyses.heads import Head, HeadName, place_of
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.tokens import Token
from attention_surgery.errors import DuplicateHead
from attention_surgery.interventions import Intervention, head_name
from attention_surgery.metrics import Metric, metric_named
from attention_surgery.scripts.importance import Asked
from attention_surgery.scripts.interactions import interactions_script
from attention_surgery.scripts.script import Script, constants

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.preparation import Plan
    from attention_surgery.engine.reading import Reading

PerHead = Annotated[NDArray[np.float32], Axes(("head",))]
HeadByHead = Annotated[NDArray[np.float32], Axes(("head", "head"))]


@dataclass(frozen=True, slots=True, eq=False)
class SinglesKnown(Progress):
    """Event `singles`: the effect of each head alone; the pairs follow."""

    event: ClassVar[str] = "singles"

    heads: list[Head]
    base: Annotated[float, Field(description="The metric of the model as it is now cut.")]
    singles: PerHead


@dataclass(frozen=True, slots=True)
class PairsKnown(Progress):
    """Event `pairs`: some more of the pairs, as indices into `heads`."""

    event: ClassVar[str] = "pairs"

    pairs: list[tuple[int, int]]
    interactions: list[float]
    done: Annotated[float, Field(description="Share of the pairs, 0 to 1.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Interactions(Result):
    """One number for every two heads."""

    prompt_tokens: list[Token]
    heads: list[Head]
    ablation_method: str
    metric: str
    unit: str
    base: Annotated[float, Field(description="The metric of the model as it is now cut.")]
    singles: Annotated[PerHead, Field(description="Δ of each head alone, in order of `heads`.")]
    interactions: Annotated[
        HeadByHead,
        Field(
            description="Δ of both − Δ of each alone; symmetric, and 0 on the diagonal, where "
            "there is nothing to ask."
        ),
    ]
    passes: Passes

    def table(self) -> Table:
        """A row a pair: both heads, what each does alone, their interaction."""
        first, second = np.triu_indices(len(self.heads), k=1)
        names = np.array([head_name(each.layer, each.head) for each in self.heads], dtype=object)
        return {
            "first": names[first],
            "second": names[second],
            "single_first": self.singles[first],
            "single_second": self.singles[second],
            "interaction": self.interactions[first, second],
        }

    def figures(self) -> list[Figure]:
        names = [head_name(each.layer, each.head) for each in self.heads]
        title = f"Interaction of every two heads, {self.metric}"
        return [Map(title, self.unit, self.interactions, names, names)]


@register
class InteractionsRequest(EachHeadAnalysis[Interactions]):
    """How the effect of cutting two heads differs from the sum of both effects, for all pairs.

    Δ₁₂ − Δ₁ − Δ₂ of the metric, Δ = m(ablated) − m(base), beside the present cuts; exact, every
    pair measured. Where it has the sign of the Δs, each matters more once the other is gone: they
    back each other up. Where it has the other sign they do the same work together, and the second
    cut finds less to take away.
    """

    name: ClassVar[str] = "interactions"
    summary: ClassVar[str] = "Cut every two heads at once: who works with whom, who backs whom up"
    result: ClassVar[type[Result]] = Interactions
    progress: ClassVar[tuple[type[Progress], ...]] = (SinglesKnown, PairsKnown)
    example: ClassVar[dict[str, Any]] = {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "answer": " Mary",
        "foil": " John",
        "heads": ["L6H5", "L6H6", "L7H1"],
    }

    heads: Annotated[
        tuple[HeadName, ...] | None,
        FailFast(),
        Field(
            strict=False,
            min_length=2,
            max_length=2000,
            description="Among which heads; all that are not cut when absent.",
        ),
    ] = None
    metric: MetricName = "logit_difference"
    answer: AnswerText = None
    foil: FoilText = None
    position: Position = -1
    positions: Annotated[
        Literal["all", "last"],
        Field(description="Where KL is taken: its mean over all positions, or the last."),
    ] = "all"
    ablation_method: Annotated[AblationMethod, Field(description="How heads are cut.")] = "zero"
    ablation_strength: AblationStrength = 1.0
    ablation_parameters: AblationParameters

    @model_validator(mode="after")
    def _fits_together(self) -> InteractionsRequest:
        metric = self.of
        check_metric(metric, self.answer, self.foil, self.position)
        if self.positions != "all" and not metric.needs_base:
            raise ValueError(f"the field positions belongs to the metric kl, not to {metric.name}")
        return self

    @property
    def of(self) -> Metric:
        """The metric that is asked."""
        return metric_named(self.metric)

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        n_heads = shape.n_layers * shape.n_heads if self.heads is None else len(self.heads)
        pairs = n_heads * (n_heads - 1) // 2
        read = n_tokens if self.of.everywhere and self.positions == "all" else 1
        unembedded = (pairs + n_heads) * read * shape.unembedding if self.of.whole else 0
        # Runs with a first head cut, before a layer and after it, are what others branch off.
        firsts = min(n_heads, shape.rows_at_once(n_tokens))
        looks = self.cuts_patterns or self.turn.needs_below
        seen = firsts if looks else max(1, firsts // self._least_in_a_layer(shape))
        held = shape.recorded(n_tokens, vectors=0) + 4 * firsts * n_tokens * shape.d_model
        held += shape.activations(firsts, n_tokens) + shape.patterns(seen, n_tokens)
        held += shape.gathered(pairs, read)
        held += shape.readout(read) if self.of.whole else 0
        return Cost(
            passes=(pairs / 3 + n_heads + 2) * n_tokens + unembedded,
            numbers_held=held + 2 * n_heads**2,
            numbers_told=n_heads**2 + n_heads,
        )

    def _least_in_a_layer(self, shape: Shape) -> int:
        """Seconds that branch off one run at least, whose patterns are theirs together."""
        if self.heads is None:
            return shape.n_heads
        return min(Counter(layer for layer, _ in map(place_of, self.heads)).values())

    def script(self) -> Script:
        at = None if self.of.everywhere else self.position
        settings = constants(ANSWER=self.answer, FOIL=self.foil, POSITION=at)
        cut = [(cut.layer, cut.head) for cut in self.ablations if cut.head is not None]
        sections = interactions_script(
            Asked(self.ablations, self.of, self.of.unit),
            self.turn,
            None if self.heads is None else [place_of(name) for name in self.heads],
            cut,
            last=self.positions == "last",
        )
        return Script(sections, settings)

    def steps(self, model: Model) -> Generator[object, None, Interactions]:
        from attention_surgery.engine.preparation import plan
        from attention_surgery.engine.prompt import read_prompt
        from attention_surgery.engine.reading import reading_of

        ids = read_prompt(model, self.prompt, self.prepend_bos)
        cuts = plan(model, self.ablations, len(ids), self.prepend_bos)
        singles = plan(model, list(self._of_heads(model)), len(ids), self.prepend_bos)
        read = until(ids, self.of, self.position)
        last = self.positions == "last"
        reading = reading_of(model, self.of, read, self.answer, self.foil, last_only=last)
        return self._steps(model, ids, read, cuts, singles, reading)

    def _of_heads(self, model: Model) -> Iterator[Intervention]:
        """What is done to each of the heads.

        Raises:
            DuplicateHead: one is listed twice, or cut already.
            UnknownHead
        """
        from attention_surgery.engine.preparation import check_head

        if self.heads is None:
            yield from self.turns(model)
            return
        first = self.turn
        cut = {(cut.layer, cut.head) for cut in self.ablations}
        before = None
        for place in sorted(map(place_of, self.heads)):
            check_head(model, *place)
            if place in cut:
                raise DuplicateHead(f"{head_name(*place)} is cut already: leave it out of heads.")
            if place == before:
                raise DuplicateHead(
                    f"{head_name(*place)} is listed twice: a head has no interaction with itself."
                )
            before = place
            layer, head = place
            yield first.model_copy(update={"layer": layer, "head": head})

    def _steps(
        self,
        model: Model,
        ids: list[int],
        read: list[int],
        plan: Plan,
        singles: Plan,
        reading: Reading,
    ) -> Generator[object, None, Interactions]:
        from attention_surgery.engine.ablated_heads import by_layer
        from attention_surgery.engine.interactions import PairEffects, effects_of_pairs
        from attention_surgery.engine.steps import LayerScores
        from attention_surgery.engine.sweep import effects_of_each_head

        cuts = yield from plan.prepare(model)
        ready = yield from singles.prepare(model)
        places = [(each.layer, each.head) for each in singles.cuts]
        index = {place: number for number, place in enumerate(places)}
        heads = [Head(layer, head) for layer, head in places if head is not None]
        alone = np.zeros(len(heads))
        for step in effects_of_each_head(model, read, ready, reading, cuts):
            if isinstance(step, LayerScores):
                for head, score in enumerate(step.scores):
                    if (step.layer, head) in index:
                        alone[index[step.layer, head]] = score
            yield step if not isinstance(step, LayerScores) else step.layer
        yield SinglesKnown(heads, reading.base, alone.astype(np.float32))

        both = np.zeros((len(heads), len(heads)))
        known, passes = 0, 1 + sum(1 - head.layer / model.n_layers for head in heads)
        n_pairs = len(heads) * (len(heads) - 1) // 2
        for step in effects_of_pairs(model, read, by_layer(ready), reading, cuts):
            if not isinstance(step, PairEffects):
                yield step
                continue
            pairs = [(index[first], index[second]) for first, second in step.pairs]
            i, j = np.array(pairs).T
            found = np.array(step.effects) - alone[i] - alone[j]
            both[i, j] = both[j, i] = found
            known, passes = known + len(pairs), passes + step.passes
            yield PairsKnown(pairs, found.tolist(), known / n_pairs)
        return Interactions(
            model=model.name,
            provenance=self.provenance(model),
            warnings=[*plan.warnings, *dict.fromkeys(singles.warnings)],
            prompt_tokens=model.tokens(ids),
            heads=heads,
            ablation_method=self.ablation_method,
            metric=self.metric,
            unit=self.of.unit,
            base=reading.base,
            singles=alone.astype(np.float32),
            interactions=both.astype(np.float32),
            passes=Passes(passes, 1 + len(heads) + n_pairs),
        )


def interactions(model: Model, prompt: str, **settings: Any) -> Interactions:
    """How cutting two heads differs from the sum of both cuts; see `InteractionsRequest`.

    Args:
        settings: the other fields of `InteractionsRequest`: answer, foil, heads, metric, position,
            positions, ablations, ablation_method, ablation_strength, ablation_parameters,
            prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, DuplicateHead, InvalidSetting
    """
    return InteractionsRequest.ask(prompt=prompt, **settings).run(model)
