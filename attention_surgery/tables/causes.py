"""Tables of patches, paths and pairs of heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from attention_surgery.analyses import Interactions, Patching, Paths
from attention_surgery.tables.grids import grid_of, worth
from attention_surgery.terminal import Output, plain

GRIDS_SHOWN = 3  # of the receivers of paths, those that matter most


def show_patching(
    result: Patching, *, top: Annotated[int, "Patches to list below the grid."] = 10
) -> None:
    """The grid of heads, or of layers; of single positions, each head's strongest one."""
    console = Output()
    console.print(
        f"{result.metric}: clean {result.clean:.4g}, corrupt {result.corrupt:.4g} {result.unit}"
    )
    base = result.corrupt if result.direction == "denoise" else result.clean
    effects = result.values - base
    shares = result.scores is not None
    shown = effects if result.scores is None else result.scores - result.unchanged
    grid, columns = shown, None
    if result.component in ("attn_out", "mlp_out", "resid_pre"):
        texts = [token.text for token in result.prompt_tokens]
        columns = texts if result.each_position else [result.component]
        grid = shown.reshape(len(shown), -1)
    elif result.each_position:
        strongest = np.abs(shown).argmax(-1)[..., None]
        grid = np.take_along_axis(shown, strongest, -1)[..., 0]
    if result.heads is not None:
        grid = _on_grid(result.heads, grid)
    largest = 1.0 if shares else float(np.abs(grid).max())
    what = f"share of the {result.metric} restored by" if shares else "change by"
    if shares and result.direction == "noise":
        what = f"share of the {result.metric} gained by"
    console.print(f"{what} patching {result.component}, 100 is {largest:.4g}")
    console.print(grid_of(grid, largest, columns))
    axes = [axis for axis in result.axes if axis != "layer" or "head" not in result.axes]
    ranking = Table(*axes, "change", result.metric)
    for place in np.argsort(-np.abs(shown), axis=None, kind="stable")[:top]:
        site = np.unravel_index(place, shown.shape)
        ranking.add_row(*_place(result, site), f"{shown[site]:+.4f}", f"{result.values[site]:.4g}")
    if top:
        console.print(ranking)
    if result.estimate is not None:
        console.print(_estimate_sentence(result))
    console.print(worth(result.passes))


def _on_grid(heads: Sequence[Any], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """A number of each of some heads where they stand in the model, 0 of the others.

    Args:
        heads: what has a layer and a head.
    """
    layers, places = zip(*((each.layer, each.head) for each in heads), strict=True)
    grid = np.zeros((1 + max(layers), 1 + max(places)), np.float32)
    grid[layers, places] = values
    return grid


def _place(result: Patching, site: Sequence[Any]) -> list[Text]:
    first, *rest = map(int, site)
    if result.heads is not None:
        head = result.heads[first]
        names = [f"L{head.layer}H{head.head}"]
    else:
        names = [f"L{first}H{rest.pop(0)}" if "head" in result.axes else f"L{first}"]
    names += [f"{position} {result.prompt_tokens[position].text!r}" for position in rest]
    return [plain(name) for name in names]


def _estimate_sentence(result: Patching) -> str:
    estimate = result.estimate
    assert estimate is not None
    worst = estimate.worst
    where = f"L{worst.layer}" if worst.head is None else f"L{worst.layer}H{worst.head}"
    at = "" if worst.position is None else f" at position {worst.position}"
    ranks = estimate.rank_correlation
    agreement = "" if ranks is None else f"rank correlation {ranks:.3f}, "
    return (
        f"Attribution patching against these: {agreement}furthest off at {where}{at}, by "
        f"{estimate.worst_error:+.4g} {result.unit}."
    )


def show_paths(result: Paths, *, top: Annotated[int, "Paths to list below the grid."] = 10) -> None:
    """A grid of senders for each receiver, the strongest first; of many the list alone."""
    console = Output()
    effects = result.effects
    largest = float(np.abs(effects).max())
    console.print(
        f"{result.metric} {result.clean:+.4f} clean, {result.corrupt:+.4f} corrupt; change when a "
        f"path is patched, 100 is {largest:.4g} {result.unit}"
    )
    names = [str(receiver) for receiver in result.receivers]
    names = [" and ".join(names)] if result.together else names
    order = np.argsort(-np.abs(effects).max(axis=1), kind="stable")
    for row in order[:GRIDS_SHOWN]:
        console.print(plain(f"to {names[row]}"))
        console.print(grid_of(_on_grid(result.senders, effects[row]), largest))
    table = Table("from", "to", result.unit, "share")
    for place in np.argsort(-np.abs(effects), axis=None, kind="stable")[:top]:
        row, column = np.unravel_index(place, effects.shape)
        share = "" if result.shares is None else f"{result.shares[row, column]:.1%}"
        effect = f"{effects[row, column]:+.4g}"
        table.add_row(str(result.senders[int(column)]), names[int(row)], effect, share)
    if top:
        console.print(table)
    console.print(worth(result.passes))


def show_interactions(
    result: Interactions, *, top: Annotated[int, "Pairs to list below the grid."] = 10
) -> None:
    """The grid: each head's strongest interaction with any other. Below: the strongest pairs."""
    console = Output()
    strongest = np.abs(result.interactions).argmax(0)
    grid = _on_grid(result.heads, result.interactions[strongest, range(len(result.heads))])
    largest = float(np.abs(grid).max())
    console.print(
        f"{result.metric} {result.base:.4g} {result.unit}; each head's strongest interaction by "
        f"{result.ablation_method}, 100 is {largest:.4g}"
    )
    console.print(grid_of(grid, largest))
    columns = result.table()
    table = Table("heads", "first alone", "second alone", "both", "interaction")
    order = np.argsort(-np.abs(columns["interaction"]), kind="stable")[:top]
    for first, second, one, other, more in zip(
        *(column[order] for column in columns.values()), strict=True
    ):
        values = (f"{value:+.4f}" for value in (one, other, one + other + more, more))
        table.add_row(f"{first} {second}", *values)
    if top:
        console.print(table)
    console.print(worth(result.passes))
