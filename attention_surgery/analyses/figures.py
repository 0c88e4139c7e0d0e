"""Pictures of a result, described without a library that draws: HTML and Matplotlib read these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The page's palette: control is blue, what was cut is red; zero is the middle of what has a sign.
CONTROL, ABLATED = "#1b5fae", "#cf2a42"
SEQUENTIAL = ("#ecefee", "#16335e")
DIVERGING = ("#0f5f8c", "#f0f0ec", "#9a5a00")
# Of bars as many as can be read, of places that matter as many as are looked at.
MOST_BARS = 12
# Names along a side that leave each other room.
MOST_LABELS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Numbers over rows and columns, as colours; zero is neutral where there are both signs."""

    title: str
    unit: str
    values: NDArray[Any]
    rows: Sequence[str]
    columns: Sequence[str]
    row_name: str = ""
    column_name: str = ""

    @property
    def limits(self) -> tuple[float, float]:
        """The numbers of the first and the last colour."""
        known = self.values[np.isfinite(self.values)]
        most = float(np.abs(known).max(initial=0)) or 1.0
        return (-most, most) if self.signed else (0.0, most)

    @property
    def signed(self) -> bool:
        return bool((self.values < 0).any())


@dataclass(frozen=True, slots=True)
class Bars:
    """A number for each name, of one run or of several side by side."""

    title: str
    unit: str
    names: Sequence[str]
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Lines:
    """Numbers over a sequence of steps."""

    title: str
    unit: str
    steps: Sequence[str]
    series: Mapping[str, Sequence[float]]


Figure = Map | Bars | Lines


def head_map(title: str, unit: str, values: NDArray[Any]) -> Map:
    """A number for every head, a row a layer."""
    layers, heads = values.shape
    rows, columns = [f"L{layer}" for layer in range(layers)], [f"H{head}" for head in range(heads)]
    return Map(title, unit, values, rows, columns, "layer", "head")


def largest(title: str, unit: str, names: Sequence[str], values: NDArray[Any]) -> Bars:
    """Those of the largest size, with their sign."""
    order = np.argsort(-np.abs(values), kind="stable")[:MOST_BARS]
    return Bars(title, unit, [names[i] for i in order], {"": [float(values[i]) for i in order]})
