"""Maps of heads, layers down and heads across, for docs/bundled-model/."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from attention_surgery.interventions import head_name
from training.circuits.survey import CircuitMap
from training.measures.head_patterns import ranked
from training.measures.importance import TOP

# The same figure gives the same file, byte for byte.
mpl.rcParams["svg.hashsalt"] = "attention-surgery"


def draw(circuits: CircuitMap, directory: Path) -> None:
    """Write heads.svg, name-movers.svg and importance.svg."""
    directory.mkdir(parents=True, exist_ok=True)
    _save(where_heads_look(circuits), directory / "heads.svg")
    _save(who_writes_the_name(circuits), directory / "name-movers.svg")
    _save(what_matters(circuits), directory / "importance.svg")


def where_heads_look(circuits: CircuitMap) -> Figure:
    """Previous-token, induction and duplicate-token attention on one scale from 0 to 1."""
    looking = [kind for kind in circuits.kinds if kind.name != "name-mover"]
    figure, panels = plt.subplots(1, len(looking), figsize=(12, 4), layout="constrained")
    for axes, kind in zip(panels, looking, strict=True):
        _map(axes, kind.scores, kind.name, "cividis", (0, 1))
    figure.colorbar(panels[-1].collections[0], ax=panels, label="mean attention")
    return figure


def who_writes_the_name(circuits: CircuitMap) -> Figure:
    """What each head adds to the right name, and where the strongest look."""
    movers = circuits.movers
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    most = max(movers.writes.abs().max().item(), 1e-6)
    _map(left, movers.writes, "writes", "PuOr", (-most, most))
    figure.colorbar(left.collections[0], ax=left, label="logit(answer) − logit(foil)")
    heads = ranked(movers.writes)[:TOP]
    targets = {
        "the answer": movers.to_answer,
        "the other name": movers.to_foil,
        "beginning of text": movers.to_start,
    }
    for i, (name, looks) in enumerate(targets.items()):
        places = [place + 0.27 * (i - 1) for place in range(len(heads))]
        values = [looks[head.layer, head.head].item() for head in heads]
        right.bar(places, values, 0.25, label=name, color=mpl.colormaps["cividis"](i / 2))
    right.set_xticks(range(len(heads)), [head_name(head.layer, head.head) for head in heads])
    right.set(title="where the strongest look", ylabel="attention, last position", ylim=(0, 1))
    right.legend(fontsize=8)
    return figure


def what_matters(circuits: CircuitMap) -> Figure:
    """Exact KL of each head, one map for each ability, each on its own scale."""
    figure, panels = plt.subplots(3, 3, figsize=(12, 10), layout="constrained")
    for axes, (ability, scores) in zip(panels.flat, circuits.importance.items(), strict=True):
        _map(axes, scores, ability, "viridis", (0, scores.max().item()))
        figure.colorbar(axes.collections[0], ax=axes, label="nats")
    return figure


def _map(
    axes: Axes,
    scores: Float[Tensor, "layer head"],
    title: str,
    colours: str,
    scale: tuple[float, float],
) -> None:
    n_layers, n_heads = scores.shape
    axes.pcolormesh(scores.numpy(), cmap=colours, vmin=scale[0], vmax=scale[1], rasterized=True)
    axes.set(title=title, xlabel="head", ylabel="layer", aspect="equal")
    for ticks, count in ((axes.set_xticks, n_heads), (axes.set_yticks, n_layers)):
        ticks([i + 0.5 for i in range(0, count, 2)], [str(i) for i in range(0, count, 2)])
    axes.tick_params(length=0, labelsize=7)
    axes.invert_yaxis()


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
