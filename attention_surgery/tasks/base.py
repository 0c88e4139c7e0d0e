"""What a task is: items drawn by a seed for a tokenizer, and the list of all kinds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from tokenizers import Tokenizer

from attention_surgery.errors import InvalidSetting
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.tasks.words import Words

MOST_ITEMS = 10_000
# How often, for each item asked for, one is drawn that is there already before we give up.
DRAWS = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One prompt of a task.

    Attributes:
        answer: the token that should follow, as text: with its space.
        foil: the token that should not.
        corrupt: the prompt without what tells answer from foil; of as many tokens.
        positions: of named tokens in the prompt (and in `corrupt`), the beginning-of-text token
            being 0: IO, S1, S2, END, ….
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    prompt: str
    answer: str
    foil: str | None = None
    corrupt: str | None = None
    positions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """Items, and the metric that is asked of them.

    Attributes:
        name: of its kind, or of the file it came from.
        parameters: with which the items were made; empty for a file's.
        warnings: what of it could not be used, in sentences.
    """

    name: str
    metric: str
    items: tuple[Item, ...]
    seed: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def has_corrupt(self) -> bool:
        """Whether every item has a corrupt prompt, as patching needs."""
        return all(item.corrupt is not None for item in self.items)


class TaskKind(BaseModel):
    """How the items of a task are drawn; its fields are the task's parameters.

    A subclass is one task. Its docstring says what is asked, and where that was published.

    Attributes:
        name: on the wire.
        title: on the page.
        metric: what its items are measured by, unless its parameters say otherwise.
        has_corrupt: whether its items have corrupt prompts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: ClassVar[str]
    title: ClassVar[str]
    metric: ClassVar[str] = "logit_difference"
    has_corrupt: ClassVar[bool] = True

    @classmethod
    def ask(cls, **parameters: Any) -> Self:
        """The task with these parameters.

        Raises:
            InvalidSetting: one is unknown or out of range, in a sentence.
        """
        try:
            return cls(**parameters)
        except ValidationError as error:
            raise InvalidSetting(validation_sentence(error.errors())) from None

    @classmethod
    def meaning(cls) -> str:
        """The class's docstring."""
        return " ".join((cls.__doc__ or "").split())

    def measured_by(self) -> str:
        """The metric of its items with these parameters."""
        return self.metric

    @abstractmethod
    def prepare(self, words: Words) -> None:
        """Check that the tokenizer has the words.

        Raises:
            InvalidSetting: some must be one token and are not, naming them.
        """

    @abstractmethod
    def draw(self, rng: Random, words: Words) -> Item | None:
        """An item; None where the draw cannot be used with this tokenizer."""

    def generate(self, tokenizer: Tokenizer, n: int = 100, seed: int = 0) -> Task:
        """`n` items with different prompts.

        The same for the same seed, on every machine; more items begin with the same ones.

        Raises:
            InvalidSetting: the tokenizer lacks the words, or there are not so many items.
        """
        if not 1 <= n <= MOST_ITEMS:
            raise InvalidSetting(f"A task has 1 to {MOST_ITEMS} items, not {n}.")
        words = Words(tokenizer)
        self.prepare(words)
        rng = Random(f"{self.name} {seed}")
        items: dict[str, Item] = {}
        for _ in range(n * DRAWS):
            item = self.draw(rng, words)
            if item is not None:
                items.setdefault(item.prompt, item)
            if len(items) == n:
                break
        if len(items) < n:
            raise InvalidSetting(
                f"The task {self.name} has about {len(items)} different items for this model's "
                f"tokenizer, not {n}: ask for fewer."
            )
        return Task(
            self.name, self.measured_by(), tuple(items.values()), seed, self.model_dump(mode="json")
        )


Kind = TypeVar("Kind", bound=type[TaskKind])

_KINDS: dict[str, type[TaskKind]] = {}


def register(kind: Kind) -> Kind:
    """Add a task to the list.

    Raises:
        ValueError: another one has its name.
    """
    if kind.name in _KINDS:
        raise ValueError(f"there is a task {kind.name} already")
    _KINDS[kind.name] = kind
    return kind


def task_kinds() -> tuple[type[TaskKind], ...]:
    """All tasks, in order of registration."""
    return tuple(_KINDS.values())


def task_named(name: str) -> type[TaskKind]:
    """The task of that name.

    Raises:
        InvalidSetting: there is none.
    """
    if name not in _KINDS:
        raise InvalidSetting(f"{name[:40]!r} is no task: use {', '.join(_KINDS)}.")
    return _KINDS[name]


def generate(
    name: str, tokenizer: Tokenizer, n: int = 100, seed: int = 0, **parameters: Any
) -> Task:
    """Draw a task's items for a tokenizer.

    Args:
        n: how many, with different prompts.
        seed: the same items for the same seed; more of them begin with the same ones.
        parameters: of the task, such as `corruption="abc"` of ioi.

    Raises:
        InvalidSetting: no such task or parameter, a tokenizer without its words, too many items.
    """
    return task_named(name).ask(**parameters).generate(tokenizer, n, seed)
