"""A smaller circuit that is still faithful, found one exact step at a time."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import FailFast, Field

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.cost import Cost, Passes, Shape
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

Direction = Literal["removal", "growth"]


@dataclass(frozen=True, slots=True)
class Step:
    """One head taken out, or put in."""

    head: Sender
    added: bool
    size: Annotated[int, Field(description="Heads in the circuit after it.")]
    value: Annotated[float, Field(description="F of the circuit after it.")]
    ratio: Annotated[float, Field(description="F / F(M).")]
    estimated: Annotated[float, Field(description="What the step was estimated to do to F.")]
    effect: Annotated[float, Field(description="What it did.")]
    tried: Annotated[int, Field(description="How many heads were tried exactly.")]


@dataclass(frozen=True, slots=True)
class CircuitSearchProgress(Progress):
    """Event `progress`: one more step, and the smallest faithful circuit so far."""

    event: ClassVar[str] = "progress"

    step: Step
    best: Annotated[list[Sender] | None, Field(description="Null while none is faithful.")]
    done: Annotated[float, Field(description="Share of the work, 0 to 1, at a guess.")]

    @property
    def share(self) -> float:
        return self.done


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCircuit(Result):
    """The circuit that a search ended with; no single head of it can be spared."""

    task: str
    metric: str
    unit: str
    ablation_method: str
    heads: list[Sender]
    whole: Annotated[float, Field(description="F(M), of the whole model.")]
    empty: Annotated[float, Field(description="F(∅).")]
    value: Annotated[float, Field(description="F of the circuit.")]
    ratio: Annotated[float, Field(description="F / F(M).")]
    steps: list[Step]
    passes: Annotated[
        Passes,
        Field(description="In forward passes of all items; naive: one for each circuit measured."),
    ]

    def table(self) -> Table:
        """A row a step."""
        return {
            "layer": np.array([step.head.layer for step in self.steps]),
            "head": np.array([step.head.head for step in self.steps]),
            "added": np.array([step.added for step in self.steps]),
            "size": np.array([step.size for step in self.steps]),
            "value": np.array([step.value for step in self.steps]),
            "estimated": np.array([step.estimated for step in self.steps]),
            "effect": np.array([step.effect for step in self.steps]),
        }


@register
class CircuitSearchRequest(ItemsAnalysis[FoundCircuit]):
    """Look for a small circuit with |1 − F(C)/F(M)| ≤ 1 − target.

    `removal` begins with all heads and takes out one after the other; `growth` begins with none,
    puts in one after the other, and takes out what became superfluous; or with the heads named. The
    estimate by attribution patching orders the candidates; the best of the first `tried`, measured
    exactly, is taken. In the circuit found no single head can be spared: each was tried.
    """

    name: ClassVar[str] = "circuit_search"
    summary: ClassVar[str] = "Find a small circuit that does a task as the whole model does"
    result: ClassVar[type[Result]] = FoundCircuit
    progress: ClassVar[tuple[type[Progress], ...]] = (CircuitSearchProgress,)
    example: ClassVar[dict[str, Any]] = {
        "items": [
            {
                "prompt": "When Mary and John went to the store, John gave a drink to",
                "answer": " Mary",
                "foil": " John",
                "corrupt": "When John and Mary went to the store, Mary gave a drink to",
            }
        ],
        "direction": "growth",
        "target": 0.0,
    }

    heads: Annotated[
        tuple[AnySender, ...] | None,
        FailFast(),
        Field(
            strict=False,
            max_length=2000,
            description="What it begins with; when absent, removal all heads and growth none.",
        ),
    ] = None
    direction: Annotated[
        Direction, Field(description="Take heads out of all, or put them into none.")
    ] = "removal"
    target: Annotated[float, Field(ge=0, le=1, description="Least F(C)/F(M).")] = 0.9
    tried: Annotated[
        int, Field(ge=1, le=50, description="How many heads are tried exactly at each step.")
    ] = 4

    @classmethod
    def path(cls) -> str:
        return "/circuit/search"

    def cost(self, shape: Shape, n_tokens: int) -> Cost:  # noqa: ARG002
        heads = len(self.heads or ()) or shape.n_layers * shape.n_heads
        passes = heads * (3 + self.tried / 2) + heads
        return Cost(
            passes=passes * self.item_tokens(),
            numbers_held=self.held(shape) + int(passes * 2) * self.n_items(),
            numbers_told=20 * heads,
        )

    def steps(self, model: Model) -> Generator[object, None, FoundCircuit]:
        from attention_surgery.engine.preparation import check_head

        for head in self.heads or ():
            check_head(model, head.layer, head.head)
        asked = self.ask_items(model)
        return self._steps(model, asked, self.start_runs(model, asked))

    def _steps(
        self, model: Model, asked: Asked, starting: Generator[object, None, CircuitRuns]
    ) -> Generator[object, None, FoundCircuit]:
        runs = yield from starting
        try:
            return (yield from self._searched(model, asked, runs))
        finally:
            runs.leave()

    def _searched(
        self, model: Model, asked: Asked, runs: CircuitRuns
    ) -> Generator[object, None, FoundCircuit]:
        from attention_surgery.engine.circuit_search import SearchStep, growth, removal
        from attention_surgery.engine.circuits import all_heads

        every = all_heads(model)
        removing = self.direction == "removal"
        start: Circuit = every if removing else frozenset()
        if self.heads is not None:
            start = frozenset((head.layer, head.head) for head in self.heads)
        whole, empty = (yield from runs.mean(every)), (yield from runs.mean(frozenset()))
        if whole == 0:
            raise InvalidSetting("The whole model's metric is 0: there is nothing to keep.")
        if removing:
            self._check(whole, (yield from runs.mean(start)))
        work = (removal if removing else growth)(runs, start, self.target, self.tried)
        told: list[Step] = []
        best: Circuit | None = None
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                found: Circuit = end.value
                break
            if not isinstance(step, SearchStep):
                yield step
                continue
            told.append(_told(step, whole))
            if self._enough(step.mean, whole) and (best is None or len(step.circuit) < len(best)):
                best = step.circuit
            done = min(1.0, len(told) / max(1, len(start if removing else every)))
            yield CircuitSearchProgress(told[-1], None if best is None else _heads(best), done)
        value = yield from runs.mean(found)
        return FoundCircuit(
            model=model.name,
            provenance=self.provenance(model),
            warnings=list(asked.task.warnings),
            task=asked.task.name,
            metric=asked.metric,
            unit=metric_named(asked.metric).unit,
            ablation_method=self.ablation_method,
            heads=_heads(found),
            whole=whole,
            empty=empty,
            value=value,
            ratio=value / whole,
            steps=told,
            passes=Passes(runs.passes, runs.measured),
        )

    def after(self, steps: Sequence[Step], n_layers: int, n_heads: int) -> CircuitSearchRequest:
        """What is left to do once these steps are done."""
        if not steps:
            return self
        circuit = set(self.heads or ())
        if self.heads is None and self.direction == "removal":
            circuit = {Sender(lay, head) for lay in range(n_layers) for head in range(n_heads)}
        for step in steps:
            circuit ^= {step.head}
        heads = tuple(sorted(circuit, key=lambda head: (head.layer, head.head)))
        direction = self.direction if steps[-1].added else "removal"
        return self.model_copy(update={"heads": heads, "direction": direction})

    def _enough(self, value: float, whole: float) -> bool:
        return abs(whole - value) <= (1 - self.target) * abs(whole)

    def _check(self, whole: float, start: float) -> None:
        """Refuse a removal that cannot begin.

        Raises:
            InvalidSetting
        """
        if not self._enough(start, whole):
            raise InvalidSetting(
                f"F of these heads is {start:.4g} and of the whole model {whole:.4g}: that is "
                f"less faithful than the target {self.target}; begin with more heads."
            )


def _told(step: Any, whole: float) -> Step:
    return Step(
        head=Sender(*step.head),
        added=step.added,
        size=len(step.circuit),
        value=step.mean,
        ratio=step.mean / whole,
        estimated=step.estimated,
        effect=step.effect,
        tried=step.tried,
    )


def _heads(circuit: Circuit) -> list[Sender]:
    return [Sender(*head) for head in sorted(circuit)]


def circuit_search(model: Model, **settings: Any) -> FoundCircuit:
    """A small circuit that does a task as the whole model does; see `CircuitSearchRequest`.

    Args:
        settings: its fields: task, n, seed, task_parameters, items, metric, ablation_method,
            heads, direction, target, tried, prepend_bos.

    Raises:
        InvalidPrompt, PromptTooLong, UnknownHead, InvalidSetting
    """
    return CircuitSearchRequest.ask(**settings).run(model)
