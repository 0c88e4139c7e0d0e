"""Grids of layers by heads, coloured where the output is a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from attention_surgery.analyses.cost import Passes
from attention_surgery.terminal import plain

# Ends of the scales: nothing is grey, more of it is orange, less than nothing is blue.
NEUTRAL, POSITIVE, NEGATIVE = (40, 40, 44), (224, 122, 24), (38, 120, 224)


def grid_of(
    values: NDArray[np.float32], largest: float, columns: Sequence[str] | None = None
) -> Table:
    """Layers by heads, or by other columns, each in per cent of the largest."""
    grid = Table(box=None, padding=(0, 0))
    grid.add_column("")
    for name in columns or [f"H{head}" for head in range(values.shape[1])]:
        grid.add_column(plain(name), justify="right", min_width=5)
    for layer, row in enumerate(values):
        grid.add_row(f"L{layer} ", *(_cell(value, largest) for value in row))
    return grid


def _cell(score: float, largest: float) -> Text:
    share = score / largest if largest else 0.0
    return shaded(f"{round(100 * share):>4} ", share)


def shaded(text: str, share: float) -> Text:
    """Text on a colour: 1 is the strongest, −1 the strongest against."""
    end = POSITIVE if share >= 0 else NEGATIVE
    shade = math.sqrt(min(abs(share), 1.0))  # a single strong head shall not blacken all others
    colour = [round(a + (b - a) * shade) for a, b in zip(NEUTRAL, end, strict=True)]
    return Text(text, style="white on rgb({},{},{})".format(*colour))


def worth(passes: Passes) -> str:
    computed = f"{passes.computed:.{0 if passes.computed >= 1 else 2}f}"
    many = "" if computed == "1" else "es"
    return f"Worth {computed} forward pass{many}; a loop takes {passes.naive}."
