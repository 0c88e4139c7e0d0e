"""What an analysis takes, in time and memory, and how urgent it is by that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from pydantic import Field

from attention_surgery.engine.shape import Shape

__all__ = ["Cost", "Passes", "Shape", "Urgency"]

# Passes of one token through all blocks that someone may wait for with the cursor on the page.
VIEW_PASSES = 640
GENERATION_PASSES = 20_000


class Urgency(IntEnum):
    """What someone waits for: an answer under the cursor, a text, a sweep of all heads; a run over
    a task, which nobody waits for in front of the page.
    """

    VIEW = 0
    GENERATION = 1
    SWEEP = 2
    RUN = 3


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
class Passes:
    """What exactness took, and what the obvious loop would have taken."""

    computed: Annotated[float, Field(description="In forward passes of the whole prompt.")]
    naive: Annotated[int, Field(description="One hooked pass for each number, and both runs.")]
