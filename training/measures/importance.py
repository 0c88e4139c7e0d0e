"""Which heads matter for an ability by exact KL, and what cutting them costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.analyses import HeadScore, importance
from attention_surgery.engine.model import Model
from attention_surgery.interventions import Intervention, Zero
from training.measures.abilities import score
from training.measures.head_patterns import cut_of, ranked
from training.teaching import Question, exam

# How many heads are cut together, and the seed of the questions they are chosen by.
TOP = 5
CHOOSING_SEED = 1


@dataclass(frozen=True, slots=True)
class Specificity:
    """Accuracy lost by cutting the heads that matter most, and as many heads drawn at random.

    `lost_at_random` is the mean over the draws.
    """

    heads: list[HeadScore]
    lost: float
    lost_at_random: float


def specificity(
    model: Model, ability: str, *, n_questions: int = 200, n_draws: int = 20
) -> Specificity:
    """Whether cutting the 5 heads that matter most for an ability hurts more than any 5.

    The heads are chosen by other questions than those asked afterwards.
    """
    questions = exam(ability, n_questions)
    heads = ranked(mean_importance(model, exam(ability, 20, CHOOSING_SEED)))[:TOP]
    whole = score(model, questions).accuracy(ability)

    def lost(cut: Sequence[Intervention]) -> float:
        return whole - score(model, questions, cut).accuracy(ability)

    return Specificity(
        heads=heads,
        lost=lost(cut_of(heads)),
        lost_at_random=fmean([lost(draw) for draw in random_cuts(model, n_draws)]),
    )


def mean_importance(model: Model, questions: Sequence[Question]) -> Float[Tensor, "layer head"]:
    """KL(control‖ablated) in nats after the prompt when one head is zeroed, mean over questions."""
    sweeps = [importance(model, q.prompt, "ablation", positions="last").scores for q in questions]
    return torch.from_numpy(np.stack(sweeps)).mean(0)


def random_cuts(model: Model, n_draws: int, n_heads: int = TOP) -> list[list[Intervention]]:
    """Zero ablations of a few distinct heads drawn from all; always the same draws."""
    rng = Random(0)
    heads = [(layer, head) for layer in range(model.n_layers) for head in range(model.n_heads)]
    draws = [rng.sample(heads, n_heads) for _ in range(n_draws)]
    return [[Zero(layer=layer, head=head) for layer, head in draw] for draw in draws]
