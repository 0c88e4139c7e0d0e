"""The request of a run: a task, and an analysis to make of each of its items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from attention_surgery.analyses.over_items import ItemsAnalysis
from attention_surgery.errors import InvalidSetting
from attention_surgery.runs.measure import Measure, asked, measure_named, measures
from attention_surgery.runs.together import TOGETHER, Together
from attention_surgery.tasks import Item, Task, task_named

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_ITEMS = 10_000


class GivenItem(BaseModel):
    """An item of one's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: Annotated[str, Field(min_length=1)]
    answer: Annotated[str, Field(description="The token that should follow, with its space.")]
    foil: Annotated[str | None, Field(description="The token that should not.")] = None
    corrupt: Annotated[
        str | None, Field(description="The prompt without what tells answer from foil.")
    ] = None
    positions: dict[str, int] = {}

    @property
    def as_item(self) -> Item:
        return Item(self.prompt, self.answer, self.foil, self.corrupt, self.positions)


class RunRequest(BaseModel):
    """One analysis of every item of a task, or of all items together."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    example: ClassVar[dict[str, Any]] = {
        "task": "ioi",
        "n": 10,
        "analysis": {"name": "importance", "method": "attribution"},
    }

    task: Annotated[
        str, Field(description="A name from `GET /tasks`; of your own items, what to call them.")
    ]
    n: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="How many items to draw.")] = 100
    seed: Annotated[int, Field(ge=0, le=2**53, description="Of the draw.")] = 0
    parameters: Annotated[
        dict[str, Any], Field(max_length=20, description="Of the task, e.g. `{corruption: abc}`.")
    ] = {}
    items: Annotated[
        tuple[GivenItem, ...] | None,
        Field(
            strict=False,
            min_length=1,
            max_length=MOST_ITEMS,
            description="Your own, instead of drawn ones.",
        ),
    ] = None
    model: Annotated[
        str | None,
        Field(description="A name from `GET /models`; the default model when absent."),
    ] = None
    analysis: Annotated[
        dict[str, Any],
        Field(
            max_length=40,
            description="Its name and its fields without the prompt, e.g. `{name: importance, "
            "method: ablation}`; metric, answer, foil and corrupt come from the task.",
        ),
    ]
    title: Annotated[str, Field(max_length=120, description="To tell it from others.")] = ""

    @field_validator("title", "task")
    @classmethod
    def _is_one_line(cls, name: str) -> str:
        if not name.isprintable():
            raise ValueError("a name is one line of text: leave control characters out")
        return name

    @field_validator("analysis")
    @classmethod
    def _is_an_analysis(cls, analysis: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(analysis.get("name"), str):
            names = ", ".join((*(each.analysis.name for each in measures()), *TOGETHER))
            raise ValueError(f"name the analysis: `name` is one of {names}")
        try:
            kind = TOGETHER.get(analysis["name"]) or measure_named(analysis["name"])
            kind.check(_parameters(analysis))
        except InvalidSetting as error:
            raise ValueError(str(error).rstrip(".")) from None
        return analysis

    @model_validator(mode="after")
    def _has_a_task(self) -> Self:
        if self.items is not None:
            if {"n", "seed", "parameters"} & self.model_fields_set:
                raise ValueError("items of your own are not drawn: leave n, seed, parameters out")
            return self
        try:
            kind = task_named(self.task)
        except InvalidSetting as error:
            raise ValueError(str(error).rstrip(".")) from None
        try:
            asked(kind, self.parameters)
        except InvalidSetting as error:
            raise ValueError(f"parameters of {self.task}: {str(error).rstrip('.')}") from None
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.together is not None:
            try:
                self.of_items()
            except InvalidSetting as error:
                raise ValueError(str(error).rstrip(".")) from None
        return self

    @property
    def size(self) -> int:
        """How many items it has."""
        return self.n if self.items is None else len(self.items)

    @property
    def measure(self) -> Measure:
        return measure_named(self.analysis["name"])

    @property
    def together(self) -> Together | None:
        """What reads all items together; None where each is measured by itself."""
        return TOGETHER.get(self.analysis["name"])

    def of_items(self) -> ItemsAnalysis[Any]:
        """The analysis that reads all items together.

        Raises:
            InvalidSetting: it cannot be asked so.
        """
        assert self.together is not None
        drawn = {
            "task": self.task,
            "n": self.n,
            "seed": self.seed,
            "task_parameters": self.parameters,
        }
        given = {"items": tuple(each.as_item for each in self.items or ())}
        own = drawn if self.items is None else given
        return self.together.analysis.ask(**self.analysis_fields, **own, model=self.model)

    @property
    def analysis_fields(self) -> Mapping[str, Any]:
        """The analysis' own fields."""
        return _parameters(self.analysis)

    def drawn(self, tokenizer: Tokenizer) -> Task:
        """The task with its items.

        Raises:
            InvalidSetting: it cannot be drawn for this tokenizer.
        """
        if self.items is not None:
            items = tuple(each.as_item for each in self.items)
            foils = all(item.foil is not None for item in items)
            return Task(self.task, "logit_difference" if foils else "log_probability", items)
        return asked(task_named(self.task), self.parameters).generate(tokenizer, self.n, self.seed)


def _parameters(analysis: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in analysis.items() if name != "name"}
