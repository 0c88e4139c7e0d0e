"""What an analysis takes, in time and memory, and how urgent it is by that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from pydantic import Field

# Passes of one token through all blocks that someone may wait for with the cursor on the page.
VIEW_PASSES = 640
GENERATION_PASSES = 20_000


class Urgency(IntEnum):
    """What someone waits for: an answer under the cursor, a text, or a sweep of all heads."""

    VIEW = 0
    GENERATION = 1
    SWEEP = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request takes.

    Attributes:
        passes: time, in passes of one token through all blocks.
        numbers_held: memory, in float32 numbers beside the model's weights, at its peak.
        numbers_told: numbers in the answer.
    """

    passes: float
    numbers_held: int
    numbers_told: int = 0

    @property
    def urgency(self) -> Urgency:
        if self.passes <= VIEW_PASSES:
            return Urgency.VIEW
        return Urgency.GENERATION if self.passes <= GENERATION_PASSES else Urgency.SWEEP


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model, which costs follow from."""

    n_layers: int
    n_heads: int
    d_model: int
    d_mlp: int
    d_vocab: int
    n_ctx: int

    @property
    def unembedding(self) -> float:
        """Passes that unembedding one position takes."""
        per_block = self.d_model * (4 * self.d_model + 2 * self.d_mlp)
        return self.d_vocab * self.d_model / (self.n_layers * per_block)

    def activations(self, rows: int, positions: int) -> int:
        """Numbers that a batch holds while it goes through a block."""
        return rows * positions * (8 * self.d_model + self.d_mlp)

    def patterns(self, rows: int, positions: int) -> int:
        """Numbers in the attention patterns of one layer, with scores and mask."""
        return 3 * rows * self.n_heads * positions * positions


@dataclass(frozen=True, slots=True)
class Passes:
    """What exactness took, and what the obvious loop would have taken."""

    computed: Annotated[float, Field(description="In forward passes of the whole prompt.")]
    naive: Annotated[int, Field(description="One hooked pass for each number, and both runs.")]
