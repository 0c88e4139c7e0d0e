"""What cutting a group of heads does to every ability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from attention_surgery.analyses import HeadScore, Inference, infer
from attention_surgery.engine.model import Model
from training.measures.abilities import answers, correct, score
from training.measures.forward import Cut
from training.measures.head_patterns import cut_of
from training.measures.importance import TOP, random_cuts
from training.measures.repeats import copying, repeated_rows
from training.teaching import ABILITIES, Question, exam

N_QUESTIONS = 100
N_DRAWS = 5
COPYING = "random repeats"

Accuracies = dict[str, float]


@dataclass(frozen=True, slots=True)
class Group:
    """Heads that are cut together; `ability` is one that should suffer from it."""

    title: str
    ability: str
    heads: list[HeadScore]


@dataclass(frozen=True, slots=True)
class Effect:
    """Accuracies, ability by ability, with a group of heads cut."""

    title: str
    n_heads: int
    accuracies: Accuracies


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One question, asked with and without a group of heads."""

    group: Group
    question: Question
    result: Inference


def effects(model: Model, groups: Sequence[Group]) -> list[Effect]:
    """With nothing cut, with each group cut, and with random heads cut, mean of 5 draws."""
    cut = [
        Effect(group.title, len(group.heads), accuracies(model, cut_of(group.heads)))
        for group in groups
    ]
    draws = [accuracies(model, draw) for draw in random_cuts(model, N_DRAWS)]
    at_random = {ability: fmean([draw[ability] for draw in draws]) for ability in draws[0]}
    return [
        Effect("nothing", 0, accuracies(model)),
        *cut,
        Effect("random heads", TOP, at_random),
    ]


def accuracies(model: Model, cut: Cut = ()) -> Accuracies:
    """The accuracy of every exam, and of copying random tokens that repeat."""
    found = {
        ability.name: score(model, exam(ability.name, N_QUESTIONS), cut).accuracy(ability.name)
        for ability in ABILITIES
    }
    return found | {COPYING: copying(model, repeated_rows(model), cut).accuracy}


def demonstrate(model: Model, group: Group) -> Demonstration:
    """The first question that is answered right and no longer so with the heads cut.

    Where no cut changes an answer it is the first that is answered right, or the first of all.
    """
    questions, cut = exam(group.ability, N_QUESTIONS), cut_of(group.heads)
    before = correct(model, questions, answers(model, questions))
    after = correct(model, questions, answers(model, questions, cut))
    order = sorted(range(len(questions)), key=lambda i: (not before[i], after[i]))
    question = questions[order[0]]
    return Demonstration(group, question, infer(model, question.prompt, cut, max_new_tokens=1))
