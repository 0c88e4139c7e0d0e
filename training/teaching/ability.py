"""An ability: what the lessons teach and the exam asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from training.teaching.question import Question


@dataclass(frozen=True, slots=True)
class Ability:
    """Something the model is to learn, with a source of lessons and a source of questions.

    `weight` is the ability's share of the teaching text's sentences. Lessons use training
    templates and training combinations; questions use held-out templates and, except for
    places and facts (which cannot be guessed), held-out combinations.
    """

    name: str
    weight: float
    lesson: Callable[[Random], str]
    question: Callable[[Random], Question]
