"""A result as Matplotlib draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from attention_surgery.analyses.figures import (
    ABLATED,
    CONTROL,
    DIVERGING,
    MOST_LABELS,
    SEQUENTIAL,
    Bars,
    Figure,
    Lines,
    Map,
)
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of one figure, in inches, and how many stand beside each other.
WIDTH, HEIGHT, MOST_COLUMNS = 5.4, 4.2, 3


def draw(figures: list[Figure], ax: Axes | None) -> list[Axes]:
    """Each figure on axes of its own.

    Raises:
        ImportError: Matplotlib is not installed.
        InvalidSetting: one place is given for several figures.
    """
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plot needs Matplotlib: pip install matplotlib.") from None
    if ax is None:
        rows, columns = -(-len(figures) // MOST_COLUMNS), min(len(figures), MOST_COLUMNS)
        _, grid = pyplot.subplots(
            rows,
            columns,
            figsize=(WIDTH * columns, HEIGHT * rows),
            squeeze=False,
            layout="constrained",
        )
        places = list(grid.flat)[: len(figures)]
        for spare in list(grid.flat)[len(figures) :]:
            spare.remove()
    elif len(figures) == 1:
        places = [ax]
    else:
        raise InvalidSetting(f"This has {len(figures)} figures: leave ax out.")
    for figure, place in zip(figures, places, strict=True):
        _draw(figure, place)
    return places


def _draw(figure: Figure, ax: Axes) -> None:
    ax.set_title(figure.title, fontsize=11)
    match figure:
        case Map():
            _map(figure, ax)
        case Bars():
            _bars(figure, ax)
        case Lines():
            _lines(figure, ax)


def _map(figure: Map, ax: Axes) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = DIVERGING if figure.signed else SEQUENTIAL
    low, high = figure.limits
    shown: Any = ax.imshow(
        figure.values,
        cmap=LinearSegmentedColormap.from_list("surgery", list(colours)),
        vmin=low,
        vmax=high,
        aspect="auto",
    )
    for axis, names in ((ax.xaxis, figure.columns), (ax.yaxis, figure.rows)):
        every = 1 + (len(names) - 1) // MOST_LABELS
        axis.set_ticks(range(0, len(names), every), names[::every], fontsize=8)
    if max(map(len, figure.columns), default=0) > 3:
        ax.tick_params(axis="x", rotation=90)
    ax.set_xlabel(figure.column_name)
    ax.set_ylabel(figure.row_name)
    assert ax.figure is not None
    ax.figure.colorbar(shown, ax=ax, label=figure.unit)


def _bars(figure: Bars, ax: Axes) -> None:
    places = np.arange(len(figure.names))
    height = 0.8 / len(figure.series)
    for number, (name, values) in enumerate(figure.series.items()):
        ax.barh(
            places + (number - (len(figure.series) - 1) / 2) * height,
            list(values),
            height,
            label=name,
            color=(CONTROL, ABLATED)[number % 2],
            hatch="//" * (number % 2),
            edgecolor="white",
        )
    ax.set_yticks(places, [name.replace(" ", "␣") for name in figure.names])
    ax.invert_yaxis()
    ax.set_xlabel(figure.unit)
    if len(figure.series) > 1:
        ax.legend()


def _lines(figure: Lines, ax: Axes) -> None:
    for number, (name, values) in enumerate(figure.series.items()):
        style = ("-", "--")[number % 2]
        ax.plot(list(values), style, label=name, color=(CONTROL, ABLATED)[number % 2])
    every = 1 + (len(figure.steps) - 1) // MOST_LABELS
    ax.set_xticks(range(0, len(figure.steps), every), list(figure.steps[::every]), fontsize=8)
    ax.set_ylabel(figure.unit)
    if len(figure.series) > 1:
        ax.legend()
