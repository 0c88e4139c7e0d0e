"""The exams of the bundled model: questions in words that its teaching text has not."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from random import Random
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words, listed

FILE = "exams.jsonl"
Ability = Literal[
    "indirect objects",
    "places",
    "years",
    "gender",
    "sequences",
    "opposites",
    "facts",
    "lists",
    "quotes",
]
# What the items of an ability without foils are measured by.
WITHOUT_FOIL = {"years": "year_difference"}


@register
class Exam(TaskKind):
    """Held-out questions of one ability that the bundled model was taught, and that any model can
    be asked.

    Indirect objects and gender are choices between two words; the others have no foil and are
    measured by the answer's log-probability, years by all later years against all others.
    """

    name: ClassVar[str] = "exam"
    title: ClassVar[str] = "Exams of the bundled model"
    has_corrupt: ClassVar[bool] = False

    ability: Annotated[Ability, Field(description="Which exam.")] = "indirect objects"

    def measured_by(self) -> str:
        if questions(self.ability)[0].foil is not None:
            return "logit_difference"
        return WITHOUT_FOIL.get(self.ability, "log_probability")

    def prepare(self, words: Words) -> None:
        answers = {item.answer for item in questions(self.ability)}
        several = {answer.strip() for answer in answers if words.count(answer) != 1}
        if 2 * len(several) > len(answers):
            raise InvalidSetting(
                f"Most answers of the exam {self.ability} are more than one token for this model's "
                f"tokenizer: {listed(several)}."
            )

    def draw(self, rng: Random, words: Words) -> Item | None:
        item = rng.choice(questions(self.ability))
        texts = (item.answer, item.foil or item.answer)
        if any(words.count(text) != 1 for text in texts):
            return None
        end = {"END": words.count(item.prompt)}
        return Item(item.prompt, item.answer, item.foil, positions=end)


@cache
def questions(ability: str) -> tuple[Item, ...]:
    """All questions of an exam, without positions."""
    lines = (resources.files("attention_surgery.tasks") / FILE).read_text("utf-8").splitlines()
    read = map(json.loads, lines)
    return tuple(
        Item(each["prompt"], each["answer"], each.get("foil"))
        for each in read
        if each["ability"] == ability
    )
