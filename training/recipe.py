"""What the bundled model is trained on, in which order, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Phase:
    """A number of equal steps.

    Args:
        steps: optimiser steps.
        length: tokens in a row.
        books: rows of book text in a batch.
        lessons: rows of teaching text.
        repeats: rows of a repeated sequence.
        alphabets: vocabularies that repeated sequences are drawn from; each row takes one.
        repeated_books: share of the repeated sequences that are book text instead.
        periods: shortest and longest repeated sequence, in tokens.
    """

    steps: int
    length: int
    books: int
    lessons: int
    repeats: int
    alphabets: tuple[int, ...] = (256, 1024, 4096)
    repeated_books: float = 0.2
    periods: tuple[int, int] = (6, 30)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Phases and learning rates.

    Args:
        phases: in order.
        knots: (step, share of the full learning rates), joined by straight lines.
        matrix_rate: full learning rate of the weight matrices (Muon).
        vector_rate: of embeddings, LayerNorms and biases (Adam).
        seed: of the initial weights and of every row.
    """

    phases: tuple[Phase, ...]
    knots: tuple[tuple[int, float], ...] = ((0, 1.0),)
    matrix_rate: float = 0.02
    vector_rate: float = 3e-3
    seed: int = 0

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def phase(self, step: int) -> Phase:
        """The phase that a step, counted from 0, belongs to."""
        for phase in self.phases:
            if step < phase.steps:
                return phase
            step -= phase.steps
        raise IndexError(f"the recipe has {self.steps} steps")

    def rate(self, step: int) -> float:
        """The share of the learning rates at a step, between 0 and 1."""
        steps, shares = zip(*self.knots, strict=True)
        return float(np.interp(step, steps, shares))


# Short rows first, half of them repeats of few different tokens: so induction forms early. Then
# half of them lessons: so names, which are told apart late, come to be copied. Then books above
# all. The last rows are long, for far positions are soon lost in training without them.
BUNDLED = Recipe(
    phases=(
        Phase(300, 64, books=32, lessons=16, repeats=48, alphabets=(256,), repeated_books=0.0),
        Phase(300, 64, books=64, lessons=20, repeats=12),
        Phase(200, 64, books=40, lessons=48, repeats=8),
        Phase(200, 128, books=32, lessons=12, repeats=4, periods=(6, 60)),
        Phase(300, 256, books=17, lessons=5, repeats=2, periods=(6, 120)),
        Phase(1500, 128, books=40, lessons=6, repeats=2, periods=(6, 60)),
        Phase(700, 256, books=18, lessons=5, repeats=1, periods=(6, 120)),
    ),
    knots=(
        *((0, 0.025), (39, 1.0), (990, 1.0), (1300, 0.53)),
        *((1330, 0.85), (2800, 0.27), (2830, 0.4), (3500, 0.0)),
    ),
)
