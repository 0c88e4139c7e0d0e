"""A task of one's own: sentences with slots, and lists of words to fill them."""

from __future__ import annotations

import re
from random import Random
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words

# {list}, or {list.key}: other keys stand for other words of the list.
SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
WordList = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
    Field(strict=False, min_length=1, max_length=1000),
]

# Of the example that a template is as long as nobody writes another.
ANIMALS = ("dog", "cat", "horse", "cow", "bird", "fish", "lion", "bear", "sheep")


@register
class FromTemplate(TaskKind):
    """Sentences of your own, with slots that are filled with words of your own lists.

    A slot is `{list}`, or `{list.key}` where a list has several: the same slot has the same word
    everywhere in an item, other keys of a list have other words. Answer and foil are one token
    each, with their space: " {animal.a}". Corrupt prompts are used where they have as many tokens.
    """

    name: ClassVar[str] = "template"
    title: ClassVar[str] = "A template of your own"

    prompt: Text = "The {animal.a} and the {animal.b} ran. The {animal.b} was slow. Faster was the"
    answer: Text = " {animal.a}"
    foil: Annotated[str | None, Field(max_length=200)] = " {animal.b}"
    corrupt: Annotated[str | None, Field(max_length=10_000)] = (
        "The {animal.b} and the {animal.a} ran. The {animal.a} was slow. Faster was the"
    )
    words: Annotated[
        dict[str, WordList],
        Field(
            default_factory=lambda: {"animal": ANIMALS},
            max_length=50,
            description="The words of each list.",
        ),
    ]

    @model_validator(mode="after")
    def _has_its_words(self) -> Self:
        slots = {match.groups() for text in self._texts for match in SLOT.finditer(text)}
        for name, _ in slots:
            if name not in self.words:
                raise ValueError(
                    f"the slot {{{name}}} has no list of words: add one named {name} to words"
                )
        for name, listed in self.words.items():
            needed = sum(slot == name for slot, _ in slots)
            if needed > len(set(listed)):
                raise ValueError(
                    f"the list {name} has {len(set(listed))} different words, and {needed} are "
                    "needed in one item"
                )
        return self

    @property
    def _texts(self) -> list[str]:
        return [text for text in (self.prompt, self.answer, self.foil, self.corrupt) if text]

    def measured_by(self) -> str:
        return "log_probability" if self.foil is None else "logit_difference"

    def prepare(self, words: Words) -> None:
        asked = " ".join(filter(None, (self.answer, self.foil)))
        for name in {match[1] for match in SLOT.finditer(asked)}:
            words.require_single(self.words[name], f"words of {name}")

    def draw(self, rng: Random, words: Words) -> Item | None:
        chosen: dict[tuple[str, str | None], str] = {}
        left = {name: rng.sample(sorted(set(own)), len(set(own))) for name, own in words_of(self)}

        def fill(text: str) -> str:
            def word(match: re.Match[str]) -> str:
                slot = match[1], match[2]
                if slot not in chosen:
                    chosen[slot] = left[match[1]].pop()
                return chosen[slot]

            return SLOT.sub(word, text)

        prompt, answer = fill(self.prompt), fill(self.answer)
        foil = None if self.foil is None else fill(self.foil)
        corrupt = None if self.corrupt is None else fill(self.corrupt)
        n_tokens = words.count(prompt)
        if corrupt is not None and words.count(corrupt) != n_tokens:
            return None
        if any(words.count(text) != 1 for text in (answer, foil) if text is not None):
            return None
        return Item(prompt, answer, foil, corrupt, {"END": n_tokens})


def words_of(task: FromTemplate) -> list[tuple[str, tuple[str, ...]]]:
    """Its lists, in an order that does not depend on how they were given."""
    return sorted(task.words.items())
