"""Whether some heads are enough for a task, and needed."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import FailFast, Field, model_validator

from attention_surgery.analyses import circuit_measures as measures
from attention_surgery.analyses.circuit_edges import ItemDone, edges, usable
from attention_surgery.analyses.circuit_measures import Tested
from attention_surgery.analyses.circuit_parts import Edges, Removal
from attention_surgery.analyses.circuit_result import CircuitProgress, CircuitTest
from attention_surgery.analyses.cost import Cost, Passes, Shape
from attention_surgery.analyses.named_circuits import circuit_named, classes_of
from attention_surgery.analyses.over_items import Asked, ItemsAnalysis
from attention_surgery.analyses.paths import AnySender
from attention_surgery.analyses.registry import register
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.engine.sites import Sender
from attention_surgery.errors import InvalidSetting
from attention_surgery.metrics import metric_named

if TYPE_CHECKING:
    from attention_surgery.engine.circuits import Circuit, CircuitRuns
    from attention_surgery.engine.model import Model

Measure = Literal["faithfulness", "minimality", "completeness", "curve", "edges"]
MEASURES: tuple[Measure, ...] = ("faithfulness", "minimality", "completeness", "curve")


@register
class CircuitRequest(ItemsAnalysis[CircuitTest]):
    """Whether a circuit is enough for a task, has all that matters, and needs each of its heads.

    In C every head outside is replaced, MLPs stay; M is the whole model, F the mean metric over the
    task's items. Faithfulness: F(C) / F(M), and |F(M) − F(C)|. Completeness: the largest
    |F(C∖K) − F(M∖K)| of sets K of its heads, drawn, by class, and greedy. Minimality of a head v:
    |F(C∖(K∪v)) − F(C∖K)|. The curve is MIB's f_k of the first k % of the heads, with CPR = ∫f and
    CMD = ∫|1 − f|. Each beside random circuits of the same size. Edges: path patching between the
    circuit's heads, on as many items as there are.

    Exact: each number is that of hooked passes over the items; what was measured stays for a next
    request about the same items. Source: Wang et al. 2022,
    arXiv:2211.00593; for the curve Mueller et al. 2025 (MIB), arXiv:2504.13151.
    """

    name: ClassVar[str] = "circuit"
    summary: ClassVar[str] = "Are these heads enough for a task, and needed?"
    result: ClassVar[type[Result]] = CircuitTest
    progress: ClassVar[tuple[type[Progress], ...]] = (CircuitProgress,)
    example: ClassVar[dict[str, Any]] = {
        "items": [
            {
                "prompt": "When Mary and John went to the store, John gave a drink to",
                "answer": " Mary",
                "foil": " John",
                "corrupt": "When John and Mary went to the store, Mary gave a drink to",
            }
        ],
        "heads": ["L0H0", "L1H0"],
        "random": 2,
        "measures": ["faithfulness"],
    }

    heads: Annotated[
        tuple[AnySender, ...] | None,
        FailFast(),
        Field(strict=False, max_length=2000, description="The circuit, as `L9H9`."),
    ] = None
    circuit: Annotated[
        str | None,
        Field(max_length=100, description="A published circuit of this model, instead of heads."),
    ] = None
    measures: Annotated[
        tuple[Measure, ...],
        FailFast(),
        Field(
            strict=False,
            max_length=5,
            description="What is measured besides faithfulness; the curve brings minimality.",
        ),
    ] = MEASURES
    removals: Annotated[
        tuple[Removal, ...],
        FailFast(),
        Field(strict=False, max_length=3, description="The K that completeness tries."),
    ] = ("class", "random", "greedy")
    random: Annotated[
        int, Field(ge=0, le=100, description="How many random circuits of the same size.")
    ] = 20

    @model_validator(mode="after")
    def _names_a_circuit(self) -> CircuitRequest:
        if (self.heads is None) == (self.circuit is None):
            raise ValueError("name the heads of a circuit, or a published circuit, one of both")
        return self

    @property
    def _asked(self) -> set[Measure]:
        asked: set[Measure] = {"faithfulness", *self.measures}
        if "curve" in asked:
            asked.add("minimality")
        return asked

    def cost(self, shape: Shape, n_tokens: int) -> Cost:  # noqa: ARG002
        size = min(len(self.heads or ()) or 40, shape.n_layers * shape.n_heads)
        asked, circuits = self._asked, 3.0 + self.random
        if "minimality" in asked:
            circuits += 2 * size + 2 * self.random
        if "completeness" in asked:
            greedy = measures.GREEDY_STEPS * (4 + 2 * measures.GREEDY_TRIED)
            circuits += 2 * (measures.RANDOM_REMOVALS + 10 + self.random) + greedy
        if "curve" in asked:
            circuits += 2 + len(measures.SHARES) * (1 + self.random)
        if "edges" in asked:
            circuits += 3 * size**2 / 2 + size
        kept = circuits * self.n_items()
        return Cost(
            passes=circuits * self.item_tokens(),
            numbers_held=self.held(shape) + int(kept) + 6 * size**2 * self.n_items(),
            numbers_told=int(7 * size + 12 * self.random + 20 * len(measures.SHARES))
            + 3 * self.n_items()
            + (15 * size**2 if "edges" in asked else 0),
        )

    def steps(self, model: Model) -> Generator[object, None, CircuitTest]:
        from attention_surgery.engine.preparation import check_head

        named = self.heads if self.circuit is None else circuit_named(model, self.circuit).heads
        heads = sorted(set(named or ()), key=lambda head: (head.layer, head.head))
        for head in heads:
            check_head(model, head.layer, head.head)
        asked = self.ask_items(model)
        if "edges" in self._asked and not usable(asked.questions):
            raise InvalidSetting(
                "Edges are found by patching from corrupt prompts, and no item has one of as many "
                "tokens: leave edges out of measures."
            )
        return self._steps(model, heads, asked, self.start_runs(model, asked))

    def _steps(
        self,
        model: Model,
        heads: list[Sender],
        asked: Asked,
        starting: Generator[object, None, CircuitRuns],
    ) -> Generator[object, None, CircuitTest]:
        runs = yield from starting
        try:
            return (yield from self._measures(model, heads, asked, runs))
        finally:
            runs.leave()

    def _measures(
        self, model: Model, heads: list[Sender], asked: Asked, runs: CircuitRuns
    ) -> Generator[object, None, CircuitTest]:
        wanted = self._asked
        circuit: Circuit = frozenset((head.layer, head.head) for head in heads)
        classes = classes_of(model, circuit)
        parts: dict[str, Any] = {}
        read, share = 0, len(wanted - {"edges"}) / len(wanted)
        for some in runs.growing():
            test = measures.tested(some, circuit, classes, self.random, self.seed)
            begin, end = (share * n / runs.n_items for n in (read, some.n_items))
            for step in self._of_items(test, parts):
                if isinstance(step, _Known):
                    parts |= step.parts
                    yield CircuitProgress(done=begin + step.share * (end - begin), **parts)
                else:
                    yield step
            read = some.n_items
        found: Edges | None = None
        if "edges" in wanted:
            found = yield from self._edges(model, heads, asked, parts, share)
        return CircuitTest(
            model=model.name,
            provenance=self.provenance(model),
            warnings=self._warnings(asked),
            task=asked.task.name,
            items=list(asked.task.items),
            metric=asked.metric,
            unit=metric_named(asked.metric).unit,
            ablation_method=self.ablation_method,
            heads=heads,
            faithfulness=parts["faithfulness"],
            minimality=parts.get("minimality"),
            completeness=parts.get("completeness"),
            curve=parts.get("curve"),
            edges=found,
            n_layers=model.n_layers,
            n_heads=model.n_heads,
            d_model=model.d_model,
            passes=Passes(runs.passes, runs.measured),
        )

    def _edges(
        self,
        model: Model,
        heads: list[Sender],
        asked: Asked,
        known: Mapping[str, Any],
        done: float,
    ) -> Generator[object, None, Edges]:
        """Measure the paths, beside what is known, once so much of the work is done."""
        work = edges(model, heads, usable(asked.questions))
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                found: Edges = end.value
                return found
            if isinstance(step, ItemDone):
                share = done + (1 - done) * step.done / step.of
                yield CircuitProgress(done=share, **known)
            else:
                yield step

    def _warnings(self, asked: Asked) -> list[str]:
        told, n = list(asked.task.warnings), len(usable(asked.questions))
        if "edges" in self._asked and n < len(asked.questions):
            told.append(
                f"Edges are of {n} of {len(asked.questions)} items: the others have no corrupt "
                "prompt of as many tokens."
            )
        return told

    def _of_items(self, test: Tested, before: Mapping[str, Any]) -> Generator[object, None, None]:
        """Measure what is asked of the items that a test is of; yields `_Known`.

        First of the circuit alone, then beside random ones; until those are measured, what is
        known of fewer items stands.

        Args:
            before: the parts known of fewer items.
        """
        wanted = self._asked
        faith = yield from measures.faithfulness(test)
        beside = {name: getattr(part, "random", None) for name, part in before.items()}
        yield _Known(0.05, faithfulness=replace(faith, random=beside.get("faithfulness")))
        if "minimality" in wanted:
            needed = yield from measures.minimality(test)
            yield _Known(0.1, minimality=replace(needed, random=beside.get("minimality")))
        faith = replace(faith, random=(yield from measures.beside_rivals(test)))
        yield _Known(0.2, faithfulness=faith)
        if "minimality" in wanted:
            needed = replace(needed, random=(yield from measures.needed_by_rivals(test)))
            yield _Known(0.3, minimality=needed)
        if "completeness" in wanted:
            complete = yield from measures.completeness(test, self.removals)
            yield _Known(0.6, completeness=complete)
        if "curve" in wanted:
            yield _Known(1.0, curve=(yield from measures.curve(test, needed)))


class _Known:
    """Parts known of some items, and the share of the work on these that is done."""

    def __init__(self, share: float, **parts: Any) -> None:
        self.share, self.parts = share, parts


def circuit(model: Model, heads: Any = None, **settings: Any) -> CircuitTest:
    """Whether heads are enough for a task, and needed; see `CircuitRequest`.

    Args:
        heads: as `"L9H9"`, `(9, 9)`, or `circuit="ioi"` for a published one.
        settings: the other fields of `CircuitRequest`: task, n, seed, task_parameters, items,
            metric, ablation_method, circuit, measures, removals, random, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, InvalidSetting
    """
    chosen = None if heads is None else tuple(heads)
    return CircuitRequest.ask(heads=chosen, **settings).run(model)
