"""Tables of what each head does by itself."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from rich.table import Table

from attention_surgery.analyses import DirectAttribution, HeadScores, HeadTypes, SelfRepair
from attention_surgery.tables.grids import grid_of, shaded, worth
from attention_surgery.terminal import Output, plain


def show_scores(
    result: HeadScores, *, top: Annotated[int, "Heads to list below the grid."] = 10
) -> None:
    console = Output()
    largest = max((abs(head.score) for head in result.ranking), default=0.0)
    how = f" by {result.ablation_method}" if result.ablation_method else ""
    console.print(f"{result.method}{how}, {result.unit}; 100 is {largest:.4g}")
    console.print(grid_of(result.scores, largest))
    ranking = Table("head", "score")
    for best in result.ranking[:top]:
        ranking.add_row(f"L{best.layer}H{best.head}", f"{best.score:.4g}")
    if top:
        console.print(ranking)


def show_attribution(result: DirectAttribution) -> None:
    """The sum by layer, and the grid of heads."""
    console = Output()
    answer, foil = result.answer.text, result.foil.text
    largest = float(np.abs(result.heads).max())
    console.print(
        plain(f"logit({answer!r}) − logit({foil!r}) = {result.total:+.4f}; 100 is {largest:.4g}")
    )
    console.print(grid_of(result.heads, largest))
    table = Table("after", "heads", "b_O", "MLP", "sum")
    embedding = result.embedding.token + result.embedding.position
    table.add_row("embedding", "", "", "", f"{embedding:+.4f}")
    total = embedding
    for layer, heads in enumerate(result.heads):
        adds = [float(heads.sum()), float(result.bias.attention[layer]), float(result.mlps[layer])]
        total += sum(adds)
        table.add_row(f"layer {layer}", *(f"{value:+.4f}" for value in [*adds, total]))
    table.add_row("final bias", "", "", "", f"{total + result.bias.final_norm:+.4f}")
    console.print(table)
    console.print(worth(result.passes))


def show_head_types(
    result: HeadTypes, *, top: Annotated[int, "Heads to list of each kind."] = 5
) -> None:
    """A letter for the kind that each head is most of, and the strongest of each kind."""
    console = Output()
    over = np.stack([kind.scores / kind.threshold for kind in result.kinds])
    letters = np.array(list("PDICN"[: len(result.kinds)]))
    grid = Table(box=None, padding=(0, 0))
    grid.add_column("")
    for head in range(over.shape[2]):
        grid.add_column(f"H{head}", justify="right", min_width=4)
    best, strength = letters[over.argmax(axis=0)], over.max(axis=0)
    for layer, row in enumerate(zip(best, strength, strict=True)):
        cells = (
            shaded(str(k) if s >= 1 else "·", min(s, 1) if s >= 1 else 0)
            for k, s in zip(*row, strict=True)
        )
        grid.add_row(f"L{layer} ", *cells)
    console.print(grid)
    table = Table("", "heads that", "from", f"strongest {top}")
    for letter, kind in zip(letters, result.kinds, strict=True):
        heads = " ".join(f"L{h.layer}H{h.head} {h.score:.2f}" for h in kind.heads[:top])
        more = f" and {len(kind.heads) - top} more" if len(kind.heads) > top else ""
        table.add_row(str(letter), kind.meaning, f"{kind.threshold:g}", (heads + more) or "none")
    console.print(table)
    for known in result.published:
        heads = " ".join(map(str, [*known.heads, *known.weak]))
        console.print(plain(f"{known.title}: {heads} ({known.source})"))
    console.print(worth(result.passes))


def show_self_repair(
    result: SelfRepair, *, top: Annotated[int, "Heads to list below the grid."] = 10
) -> None:
    """What is repaired of each head's loss, and of the most repaired by whom."""
    console = Output()
    largest = float(np.abs(result.repaired).max())
    answer, foil = result.answer.text, result.foil.text
    console.print(
        plain(
            f"logit({answer!r}) − logit({foil!r}) = {result.base:+.4f}; what others change when a "
            f"head is cut by {result.method}, 100 is {largest:.4g} logits"
        )
    )
    console.print(grid_of(result.repaired, largest))
    table = Table("cut", "in all", "directly", "heads", "MLPs", "LayerNorm", "most by")
    strongest = np.argsort(-np.abs(result.repaired), axis=None, kind="stable")[:top]
    for layer, head in zip(*np.unravel_index(strongest, result.repaired.shape), strict=True):
        heads = result.heads[layer, head]
        most = np.unravel_index(np.abs(heads).argmax(), heads.shape)
        parts = [result.total[layer, head], result.direct[layer, head], heads.sum()]
        parts += [result.mlps[layer, head].sum(), result.layer_norm[layer, head]]
        who = f"L{most[0]}H{most[1]} {heads[most]:+.3f}" if heads[most] else ""
        table.add_row(f"L{layer}H{head}", *(f"{value:+.3f}" for value in parts), who)
    if top:
        console.print(table)
    console.print(worth(result.passes))
