"""The batch of each training step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from numpy.random import Generator
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from training.recipe import Phase, Recipe
from training.rows import Row, book_row, lesson_row, random_tokens, repeated_row


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rows come from: the tokens of the books, and the tokenizer for teaching text."""

    stream: NDArray[np.uint16]
    tokenizer: Tokenizer


def batch(recipe: Recipe, step: int, sources: Sources) -> Int[Tensor, "row pos"]:
    """The rows of a step: books, then lessons, then repeats. The same step gives the same rows."""
    phase = recipe.phase(step)
    rng = np.random.default_rng((recipe.seed, step))
    rows = [
        *(book_row(sources.stream, phase.length, rng) for _ in range(phase.books)),
        *(lesson_row(sources.tokenizer, phase.length, rng) for _ in range(phase.lessons)),
        *(_repeat(phase, sources, rng) for _ in range(phase.repeats)),
    ]
    return torch.from_numpy(np.stack(rows))


def _repeat(phase: Phase, sources: Sources, rng: Generator) -> Row:
    period = int(rng.integers(phase.periods[0], phase.periods[1] + 1))
    if rng.random() < phase.repeated_books:
        sequence = book_row(sources.stream, period + 1, rng)[1:]
    else:
        sequence = random_tokens(period, int(rng.choice(phase.alphabets)), rng)
    return repeated_row(sequence, phase.length)
