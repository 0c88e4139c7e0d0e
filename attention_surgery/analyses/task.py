"""The items of a task, and how well a model does on them before anything is cut."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, field_validator

from attention_surgery.analyses.arrays import Table
from attention_surgery.analyses.base import Analysis
from attention_surgery.analyses.cost import Cost, Shape
from attention_surgery.analyses.result import Progress, Result
from attention_surgery.errors import AttentionSurgeryError, InvalidSetting
from attention_surgery.metrics import metric_named
from attention_surgery.tasks import Item, Read, Task, read_task, task_named
from attention_surgery.tasks.base import MOST_ITEMS
from attention_surgery.tasks.files import Format

if TYPE_CHECKING:
    from attention_surgery.engine.answering import Answered, Asked
    from attention_surgery.engine.model import Model

# Of a file, in characters; a server's limit of a request's body is less by default.
MOST_TEXT = 16_000_000
# What one item costs at most, as far as can be said before it is drawn.
ITEM_TOKENS = 40


@dataclass(frozen=True, slots=True)
class TaskItem:
    """An item and the model's answer."""

    prompt: str
    answer: str
    foil: str | None
    corrupt: str | None
    positions: Annotated[
        Mapping[str, int],
        Field(description="Of named tokens, the beginning-of-text token being 0."),
    ]
    n_tokens: int
    value: Annotated[float, Field(description="The metric after the prompt.")]
    corrupt_value: Annotated[
        float | None, Field(description="The same after the corrupt prompt; null without one.")
    ]
    likeliest: Annotated[str, Field(description="The token that the model would say.")]
    right: Annotated[
        bool,
        Field(
            description="With a foil: the answer is likelier than it. Of years: later ones are "
            "likelier together. Else: the answer is the likeliest token."
        ),
    ]


@dataclass(frozen=True, slots=True)
class TaskProblem:
    """Why a line of a file cannot be used; lines count from 1."""

    line: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaskItems(Result):
    """The items of a task with the model's answers."""

    task: str
    metric: str
    unit: str
    items: list[TaskItem]
    accuracy: Annotated[float, Field(description="Share of items that are answered right.")]
    mean: Annotated[float, Field(description="The metric's mean over the items.")]
    corrupt_mean: Annotated[
        float | None,
        Field(description="The same after the corrupt prompts; null unless all have one."),
    ]
    problems: Annotated[list[TaskProblem], Field(description="Of a file, line by line.")]

    def table(self) -> Table:
        """A row an item."""
        names = ("prompt", "answer", "foil", "corrupt", "value", "corrupt_value", "right")
        return {name: [getattr(item, name) for item in self.items] for name in names}


class TaskAnalysis(Analysis[TaskItems]):
    """The items of a task, and how well the model does on them."""

    result: ClassVar[type[Result]] = TaskItems
    progress: ClassVar[tuple[type[Progress], ...]] = ()

    prompt: Annotated[str, Field(max_length=0)] = ""

    @abstractmethod
    def read(self, model: Model) -> Read:
        """The task with its items.

        Raises:
            InvalidSetting: it cannot be had for this model.
        """

    def cost(self, shape: Shape, n_tokens: int) -> Cost:
        n_items = self.most_items
        together = min(n_items, 64)
        return Cost(
            passes=2 * n_items * (ITEM_TOKENS + shape.unembedding),
            numbers_held=shape.activations(together, max(n_tokens, ITEM_TOKENS)) + together * 4096,
            numbers_told=5 * n_items,
        )

    @property
    @abstractmethod
    def most_items(self) -> int:
        """How many items there can be."""

    def steps(self, model: Model) -> Generator[object, None, TaskItems]:
        read = self.read(model)
        metric = metric_named(read.task.metric)
        return self._steps(model, read, metric.unit, _questions(model, read.task))

    def _steps(
        self, model: Model, read: Read, unit: str, questions: list[Asked]
    ) -> Generator[object, None, TaskItems]:
        from attention_surgery.engine.answering import answered

        answers = iter((yield from answered(model, questions)))
        asked = iter(questions)
        items = []
        for item in read.task.items:
            question, clean = next(asked), next(answers)
            corrupt = None
            if item.corrupt is not None:
                next(asked)
                corrupt = next(answers).value
            items.append(_told(model, item, question, clean, corrupt, read.task.metric))
        corrupts = [item.corrupt_value for item in items if item.corrupt_value is not None]
        return TaskItems(
            model=model.name,
            provenance=self.provenance(model),
            warnings=list(read.task.warnings),
            task=read.task.name,
            metric=read.task.metric,
            unit=unit,
            items=items,
            accuracy=fmean(item.right for item in items),
            mean=fmean(item.value for item in items),
            corrupt_mean=fmean(corrupts) if len(corrupts) == len(items) else None,
            problems=[TaskProblem(each.line, each.detail) for each in read.problems],
        )


class DrawnTaskRequest(TaskAnalysis):
    """Items drawn by a task's generator, and how well the model does on them."""

    name: ClassVar[str] = "task"
    summary: ClassVar[str] = "Draw the items of a task, and see how well the model does on them"
    example: ClassVar[dict[str, Any]] = {"task": "ioi", "n": 10}

    task: Annotated[str, Field(description="A name from `GET /tasks`.")]
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many items.")] = 100
    seed: Annotated[int, Field(ge=0, le=2**53 - 1, description="Of the draw.")] = 0
    parameters: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            max_length=20,
            description="Of the task, e.g. `{corruption: abc}`.",
        ),
    ]

    @field_validator("task")
    @classmethod
    def _is_a_task(cls, name: str) -> str:
        try:
            return task_named(name).name
        except InvalidSetting as error:
            raise ValueError(str(error).rstrip(".")) from None

    @property
    def most_items(self) -> int:
        return self.n

    def read(self, model: Model) -> Read:
        kind = task_named(self.task).ask(**self.parameters)
        return Read(kind.generate(model.tokenizer, self.n, self.seed), ())


class WrittenTaskRequest(TaskAnalysis):
    """Items from a file of your own, what is wrong with its lines, and how well the model does on
    those that can be used.

    JSONL has an object a line: prompt, answer and, if there are, foil, corrupt, positions. CSV has
    a header line with these names, but no positions. Answer and foil are one token each, with
    their space; a corrupt prompt has as many tokens as the prompt.
    """

    name: ClassVar[str] = "written_task"
    summary: ClassVar[str] = "Read a task from a file, and see how well the model does on it"
    example: ClassVar[dict[str, Any]] = {
        "format": "csv",
        "text": "prompt,answer,foil\n"
        '"When Mary and John went to the store, John gave a drink to", Mary, John\n',
    }

    text: Annotated[str, Field(max_length=MOST_TEXT, description="The file's content.")]
    format: Annotated[Format, Field(description="How it is written.")] = "jsonl"
    title: Annotated[str, Field(max_length=120, description="What to call it.")] = "file"

    @property
    def most_items(self) -> int:
        return min(MOST_ITEMS, self.text.count("\n") + 1)

    def read(self, model: Model) -> Read:
        return read_task(
            self.text, self.format, model.tokenizer, name=self.title, most_tokens=model.n_ctx
        )


def _questions(model: Model, task: Task) -> list[Asked]:
    """What is asked after each prompt and, where there is one, its corrupt prompt."""
    from attention_surgery.engine.answering import Asked, tokens_asked
    from attention_surgery.engine.prompt import read_prompt

    metric, known = metric_named(task.metric), {}
    questions = []
    for number, item in enumerate(task.items):
        try:
            if (item.answer, item.foil) not in known:
                known[item.answer, item.foil] = tokens_asked(model, metric, item.answer, item.foil)
            for text in (item.prompt, item.corrupt):
                if text is not None:
                    ids = read_prompt(model, text, prepend_bos=True)
                    questions.append(Asked(ids, *known[item.answer, item.foil]))
        except AttentionSurgeryError as error:
            raise InvalidSetting(f"Item {number}: {error}") from None
    return questions


def _told(
    model: Model,
    item: Item,
    question: Asked,
    clean: Answered,
    corrupt: float | None,
    metric: str,
) -> TaskItem:
    compares = metric != "log_probability"
    return TaskItem(
        prompt=item.prompt,
        answer=item.answer,
        foil=item.foil,
        corrupt=item.corrupt,
        positions=dict(item.positions),
        n_tokens=len(question.ids),
        value=clean.value,
        corrupt_value=corrupt,
        likeliest=model.token_text(clean.likeliest),
        right=clean.value > 0 if compares else clean.likeliest == question.tokens[0],
    )


def task_items(
    model: Model, task: str, n: int = 100, seed: int = 0, **parameters: Any
) -> TaskItems:
    """The items of a task, and how well a model does on them.

    Args:
        task: its name, such as ioi.
        parameters: of the task, such as `corruption="abc"`.

    Raises:
        InvalidSetting: it cannot be drawn so for this model.
    """
    return DrawnTaskRequest.ask(task=task, n=n, seed=seed, parameters=parameters).run(model)
