"""Requests about a task: they read its items, not one prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal

from pydantic import FailFast, Field, model_validator

from attention_surgery.analyses.asking import AblationMethod, MetricName
from attention_surgery.analyses.base import Analysis, Answer
from attention_surgery.errors import InvalidSetting
from attention_surgery.metrics import metric_named
from attention_surgery.tasks import Item, Task, generate, task_named

if TYPE_CHECKING:
    from attention_surgery.engine.circuits import Question
    from attention_surgery.engine.model import Model
    from attention_surgery.engine.shape import Shape

MOST_ITEMS = 200
# What a generated item is taken to have; those of the built-in tasks have fewer on GPT-2.
ITEM_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """A task's items in tokens, ready for a model.

    Attributes:
        metric: what is asked of each.
    """

    task: Task
    metric: str
    questions: list[Question]


class ItemsAnalysis(Analysis[Answer], Generic[Answer]):
    """An analysis of the items of a task, with heads replaced in all of them."""

    reads_prompt: ClassVar[bool] = False

    prompt: Annotated[Literal[""], Field(description="None: the items are what is read.")] = ""
    task: Annotated[
        str | None,
        Field(max_length=100, description="Whose items are drawn; ioi, where none are given."),
    ] = None
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many items are drawn.")] = 30
    seed: Annotated[int, Field(ge=0, le=2**53 - 1, description="Of all that is drawn.")] = 0
    task_parameters: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            max_length=8,
            description="The task's own fields, e.g. `{order: abba}`; ioi without any has the "
            "corruption abc.",
        ),
    ]
    items: Annotated[
        tuple[Item, ...],
        FailFast(),
        Field(
            strict=False,
            max_length=MOST_ITEMS,
            description="Instead of a task: prompts with answer, foil and corrupt prompt.",
        ),
    ] = ()
    metric: Annotated[
        MetricName | None, Field(description="At the end of each prompt; the task's when absent.")
    ] = None
    ablation_method: Annotated[
        AblationMethod,
        Field(
            description="What stands in for a head outside the circuit: dataset-mean of the "
            "task's corrupt prompts, resample of the item's own, zero, or mean."
        ),
    ] = "dataset-mean"

    @model_validator(mode="after")
    def _one_source(self) -> ItemsAnalysis[Answer]:
        if self.items and (self.task is not None or self.task_parameters):
            raise ValueError("items are given and a task is named: leave one of them out")
        if not self.items:
            try:
                task_named(self.task or "ioi").ask(**self._parameters)
            except InvalidSetting as error:
                raise ValueError(str(error).rstrip(".")) from None
        return self

    @property
    def _parameters(self) -> dict[str, Any]:
        # Only where nothing tells who is meant does a mean over corrupt prompts say nothing.
        unnamed = (self.task or "ioi") == "ioi" and not self.task_parameters
        return {"corruption": "abc"} if unnamed else self.task_parameters

    def texts(self) -> Iterator[str]:
        yield from super().texts()
        for item in self.items:
            yield item.prompt
            if item.corrupt is not None:
                yield item.corrupt

    def n_items(self) -> int:
        """How many items are read."""
        return len(self.items) or self.n

    def item_tokens(self) -> int:
        """Tokens of the items together, as a cost takes them: a third of their letters, or more."""
        if not self.items:
            return self.n * ITEM_TOKENS
        return sum(2 + len(item.prompt.encode()) // 2 for item in self.items)

    def held(self, shape: Shape) -> int:
        """Numbers that runs of circuits hold: three of each layer's, and a slice at work."""
        tokens = self.item_tokens()
        return 3 * shape.n_layers * tokens * shape.d_model + 4 * shape.activations(1, 1024)

    def ask_items(self, model: Model) -> Asked:
        """Draw the items and read them.

        Raises:
            InvalidRequest: they cannot be asked of this model.
        """
        from attention_surgery.engine.circuits import Question
        from attention_surgery.engine.prompt import read_prompt
        from attention_surgery.engine.reading import single_token

        task = (
            Task("items", self.metric or "logit_difference", self.items)
            if self.items
            else generate(
                self.task or "ioi", model.tokenizer, self.n, self.seed, **self._parameters
            )
        )
        name = self.metric or task.metric
        questions = []
        for item in task.items:
            foil = item.foil if metric_named(name).needs_foil else None
            metric, named = metric_named(name).asked(item.answer, foil)
            if metric.needs_foil and item.foil is None:
                raise InvalidSetting(
                    f"The metric {name} needs a foil, and {item.prompt!r} has none."
                )
            targets = [single_token(model, what, text) for what, text in named]
            ids = read_prompt(model, item.prompt, self.prepend_bos)
            corrupt = None
            if item.corrupt is not None:
                corrupt = read_prompt(model, item.corrupt, self.prepend_bos)
            questions.append(Question(ids, metric, targets, corrupt))
        return Asked(task, name, questions)

    def start_runs(self, model: Model, asked: Asked) -> Any:
        """The generator that makes `CircuitRuns` ready; checks at the call."""
        from attention_surgery.engine.circuits import circuit_runs

        return circuit_runs(model, asked.questions, self.ablation_method)
