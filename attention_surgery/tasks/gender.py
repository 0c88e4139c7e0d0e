"""Gender: "Mary was so tired that" she. The first name alone tells the pronoun."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words, filled, places_of

TEMPLATES = (
    "So {name} is a really great friend, isn't",
    "{name} was so {state} that",
    "{name} was {state} because",
    "{name} went home when",
    "{name} left the {place} because",
    "{name} said that",
    "When {name} came to the {place},",
    "Because {name} was {state},",
    "After {name} went to the {place},",
    "{name} was at the {place}, and then",
)
STATES = ("tired", "hungry", "happy", "cold", "sad", "late", "ill", "alone")
PLACES = ("store", "garden", "school", "hospital", "house", "station", "church", "park")
_FEMALE = """
    Mary Anna Sarah Emma Lucy Alice Jane Kate Rose Helen Ellen Clara Ruth Grace Laura Julia Maria
    Lily Margaret Martha Susan Amy Emily Rachel Jessica Jennifer Elizabeth Lisa Michelle Nicole
"""
_MALE = """
    John Tom James David Peter Jack Henry Paul Mark George Charles William Robert Arthur Harry
    Frank Richard Edward Joseph Sam Philip Simon Adam Andrew Daniel Michael Thomas Kevin Brian Eric
"""
FEMALE, MALE = tuple(_FEMALE.split()), tuple(_MALE.split())
LEAST_NAMES = 8


@register
class Gender(TaskKind):
    """He or she? The answer is the pronoun that the first name tells, the foil the other one.

    Corrupt: a name of the other gender.

    Source: Mathwin et al. 2023, "Identifying a preliminary circuit for predicting gendered
    pronouns in GPT-2 Small".
    """

    name: ClassVar[str] = "gender"
    title: ClassVar[str] = "Gender of a name"

    def prepare(self, words: Words) -> None:
        for names, what in ((FEMALE, "female names"), (MALE, "male names")):
            words.single(names, what, LEAST_NAMES)
        words.require_single(("he", "she"), "pronouns")

    def draw(self, rng: Random, words: Words) -> Item | None:
        female = rng.random() < 0.5
        names = [rng.choice(words.single(each, "names", LEAST_NAMES)) for each in (FEMALE, MALE)]
        if not female:
            names.reverse()
        template = rng.choice(TEMPLATES)
        bank = {"state": rng.choice(STATES), "place": rng.choice(PLACES)}
        prompt, ends = filled(template, name=names[0], **bank)
        corrupt, _ = filled(template, name=names[1], **bank)
        if words.count(prompt) != words.count(corrupt):
            return None
        answer, foil = (" she", " he") if female else (" he", " she")
        return Item(prompt, answer, foil, corrupt, places_of(words, prompt, ends, {"name": "NAME"}))
