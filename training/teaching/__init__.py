"""Teaching text: sentences a small model learns abilities from, and exams in other words.

Everything is generated from our own templates, and a function only of the random generator.
"""

from __future__ import annotations

from random import Random

from training.teaching import (
    facts,
    gender,
    indirect_objects,
    lists,
    opposites,
    places,
    quotes,
    sequences,
    years,
)
from training.teaching.ability import Ability
from training.teaching.names import NAMES
from training.teaching.places import CITIES
from training.teaching.question import Question

__all__ = ["ABILITIES", "CITIES", "NAMES", "Ability", "Question", "exam", "lesson"]

ABILITIES = (
    Ability("indirect objects", 0.26, indirect_objects.lesson, indirect_objects.question),
    Ability("places", 0.16, places.lesson, places.question),
    Ability("years", 0.12, years.lesson, years.question),
    Ability("gender", 0.12, gender.lesson, gender.question),
    Ability("sequences", 0.10, sequences.lesson, sequences.question),
    Ability("opposites", 0.05, opposites.lesson, opposites.question),
    Ability("facts", 0.07, facts.lesson, facts.question),
    Ability("lists", 0.07, lists.lesson, lists.question),
    Ability("quotes", 0.05, quotes.lesson, quotes.question),
)
_WEIGHTS = tuple(ability.weight for ability in ABILITIES)
_DRAWS_PER_QUESTION = 200


def lesson(rng: Random) -> str:
    """A training sentence of a random ability, by weight."""
    (ability,) = rng.choices(ABILITIES, _WEIGHTS)
    return ability.lesson(rng)


def exam(ability_name: str, n: int, seed: int = 0) -> list[Question]:
    """`n` questions with distinct prompts; the same for the same seed.

    Raises:
        ValueError: there is no such ability, or it has fewer than `n` distinct questions.
    """
    abilities = {ability.name: ability for ability in ABILITIES}
    if ability_name not in abilities:
        raise ValueError(f"no ability {ability_name!r}: choose one of {', '.join(abilities)}")
    rng = Random(f"{ability_name} {seed}")
    questions: dict[str, Question] = {}
    for _ in range(n * _DRAWS_PER_QUESTION):
        if len(questions) == n:
            break
        question = abilities[ability_name].question(rng)
        questions.setdefault(question.prompt, question)
    if len(questions) < n:
        raise ValueError(f"{ability_name} has about {len(questions)} questions, not {n}")
    return list(questions.values())
