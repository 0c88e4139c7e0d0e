"""Tables of circuits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

from rich.table import Table
from rich.text import Text

from attention_surgery.analyses import CircuitTest, FoundCircuit
from attention_surgery.analyses.circuit_parts import Band
from attention_surgery.tables.grids import worth
from attention_surgery.terminal import Output, plain, write_json, write_text


def show_circuit(
    result: CircuitTest,
    *,
    graphml: Annotated[bool, "Write the heads and edges as GraphML instead."] = False,
    mib: Annotated[bool, "Write the circuit as JSON of the MIB benchmark instead."] = False,
    svg: Annotated[
        bool, "Write a figure as SVG instead; with --measures edges, who writes into whom."
    ] = False,
    png: Annotated[bool, "Write the figure as PNG instead; needs matplotlib."] = False,
    top: Annotated[int, "Heads, removals and edges to list."] = 10,
) -> None:
    """The measures beside random circuits; then heads, removals, curve and edges."""
    if graphml:
        write_text(result.graphml())
        return
    if mib:
        write_json(result.mib())
        return
    if svg:
        write_text(result.svg())
        return
    if png:
        sys.stdout.buffer.write(result.png())
        return
    console = Output()
    console.print(plain(f"{len(result.heads)} heads: {' '.join(map(str, result.heads))}"))
    console.print(
        f"{result.task}, {len(result.items)} items, {result.metric}; the other heads by "
        f"{result.ablation_method}"
    )
    table = Table("measure", "circuit", "random circuits")
    faith = result.faithfulness
    ratio = "" if faith.ratio is None else f" ({faith.ratio:.1%})"
    table.add_row("whole model, F(M)", f"{faith.whole.mean:+.4f}", "")
    table.add_row("no head, F(∅)", f"{faith.empty.mean:+.4f}", "")
    table.add_row("faithfulness, F(C)", f"{faith.circuit.mean:+.4f}{ratio}", _band(faith.random))
    if (complete := result.completeness) is not None:
        table.add_row("completeness, largest gap", f"{complete.worst:.4f}", _band(complete.random))
    if (curve := result.curve) is not None:
        table.add_row("CPR, ∫f", f"{curve.cpr:.4f}", _band(curve.random_cpr))
        table.add_row("CMD, ∫|1 − f|", f"{curve.cmd:.4f}", _band(curve.random_cmd))
    console.print(table)
    for part in _circuit_tables(result, top):
        console.print(part)
    console.print(worth(result.passes))


def _circuit_tables(result: CircuitTest, top: int) -> Iterator[Table | Text]:
    if result.minimality is not None and top:
        table = Table("head", "effect", "largest", "without")
        for each in result.minimality.heads[:top]:
            without = " ".join(map(str, each.without))
            table.add_row(str(each.head), f"{each.effect:+.4f}", f"{each.value:.4f}", without)
        yield table
        if few := result.minimality.superfluous:
            yield plain(f"Superfluous, below 1 % of F(M): {' '.join(map(str, few))}")
    if result.completeness is not None and top:
        table = Table("removed", "heads", "from the circuit", "from the model", "gap")
        for lost in result.completeness.removed[:top]:
            values = (f"{value:.4f}" for value in (lost.circuit, lost.whole, lost.gap))
            table.add_row(lost.name, str(len(lost.heads)), *values)
        yield table
    if result.curve is not None:
        table = Table("share", "heads", "f", "random circuits")
        for point in result.curve.points:
            share, f = f"{point.share:.1%}", f"{point.f:.4f}"
            table.add_row(share, str(point.size), f, _band(point.random))
        yield table
    if result.edges is not None and top:
        table = Table("from", "to", result.unit, "share")
        for edge in result.edges.edges[:top]:
            to = "logits" if edge.receiver is None else f"{edge.receiver}{edge.input}"
            share = "" if edge.share is None else f"{edge.share:.1%}"
            table.add_row(str(edge.sender), to, f"{edge.effect:+.4f}", share)
        yield table


def _band(band: Band | None) -> str:
    return "" if band is None else f"{band.mean:.4f} ({band.low:.4f} … {band.high:.4f})"


def show_found_circuit(
    result: FoundCircuit, *, top: Annotated[int, "Steps to list, the last ones."] = 10
) -> None:
    console = Output()
    console.print(
        f"F {result.value:+.4f} of {result.whole:+.4f} {result.unit} ({result.ratio:.1%}), "
        f"{result.empty:+.4f} without any head; {result.task}, by {result.ablation_method}"
    )
    console.print(plain(f"{len(result.heads)} heads: {' '.join(map(str, result.heads))}"))
    table = Table("step", "heads", "F", "effect", "estimated")
    for step in result.steps[-top:] if top else ():
        sign = "+" if step.added else "−"
        numbers = (f"{value:+.4f}" for value in (step.value, step.effect, step.estimated))
        table.add_row(f"{sign}{step.head}", str(step.size), *numbers)
    if top:
        console.print(table)
    console.print(worth(result.passes))
