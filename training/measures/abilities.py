"""How well a model answers the exams of the teaching text, with heads cut if asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.model import Model
from training.measures.forward import Cut, next_token_logits
from training.teaching import Question

MARY_AND_JOHN = "When Mary and John went to the store, John gave a drink to"

# Abilities that are a choice between two words; in all others any word can be wrong.
CHOICES = frozenset({"indirect objects", "gender"})


@dataclass(frozen=True, slots=True)
class Score:
    """The marks of an exam.

    Args:
        top1: share of questions whose likeliest next token begins an accepted answer.
        preferred: share whose answer has a larger logit than the foil; None without foils.
        logit_difference: mean logit of the answer − logit of the foil; None without foils.
    """

    top1: float
    preferred: float | None
    logit_difference: float | None

    def accuracy(self, ability: str) -> float:
        """`preferred` where the ability is a choice between two words, else `top1`."""
        if ability in CHOICES:
            assert self.preferred is not None
            return self.preferred
        return self.top1


def score(model: Model, questions: Sequence[Question], cut: Cut = ()) -> Score:
    """The marks for all questions, by the first token of each answer and foil."""
    logits = answers(model, questions, cut)
    top1 = fmean(correct(model, questions, logits))
    if any(question.foil is None for question in questions):
        return Score(top1, None, None)
    differences = logit_differences(model, questions, logits)
    return Score(top1, fmean([d > 0 for d in differences]), fmean(differences))


def answers(
    model: Model, questions: Sequence[Question], cut: Cut = ()
) -> Float[Tensor, "question d_vocab"]:
    """Logits after each question's prompt."""
    return next_token_logits(model, [model.tokenize(q.prompt) for q in questions], cut)


def correct(
    model: Model, questions: Sequence[Question], logits: Float[Tensor, "question d_vocab"]
) -> list[bool]:
    """Whether the likeliest token of each question begins an accepted answer."""
    return [
        best in {first_token(model, text) for text in question.accepted}
        for question, best in zip(questions, logits.argmax(-1).tolist(), strict=True)
    ]


def logit_differences(
    model: Model, questions: Sequence[Question], logits: Float[Tensor, "question d_vocab"]
) -> list[float]:
    """Logit of the answer − logit of the foil, of questions that all have a foil."""
    pairs = torch.tensor([answer_and_foil(model, question) for question in questions])
    chosen = logits.gather(-1, pairs)
    differences: list[float] = (chosen[:, 0] - chosen[:, 1]).tolist()
    return differences


def answer_and_foil(model: Model, question: Question) -> tuple[int, int]:
    """First tokens of a question's answer and of its foil."""
    if question.foil is None:
        raise ValueError(f"{question.prompt!r} has no foil to compare its answer with")
    return first_token(model, question.answer), first_token(model, question.foil)


def first_token(model: Model, text: str) -> int:
    """The token id a text begins with."""
    return model.tokenize(text, prepend_bos=False)[0]


def probability(model: Model, prompt: str, answer: str) -> float:
    """Probability of an answer's first token right after a prompt."""
    logits = next_token_logits(model, [model.tokenize(prompt)])[0]
    return logits.softmax(-1)[first_token(model, answer)].item()
