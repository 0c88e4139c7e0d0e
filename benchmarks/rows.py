"""The rows that most sections have: our way, the peer's way, the floor, the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measure import Comparison, duration, table

HEADER = [
    "what",
    "ours",
    "peer",
    "",
    "ratio",
    "target",
    "floor",
    "ours ÷ floor",
    "memory ours / peer",
]


@dataclass(frozen=True)
class Row:
    """One line of the table; `floor` is the least seconds this machine could need."""

    name: str
    peer: str
    target: str
    result: Comparison
    floor: float | None = None


def comparison(rows: Iterable[Row]) -> str:
    """A table of the rows; each is printed as soon as it is known."""
    lines = []
    for row in rows:
        lines.append(cells(row))
        print(" | ".join(lines[-1]), flush=True)
    return table(HEADER, lines)


def cells(row: Row) -> list[str]:
    result = row.result
    show = (lambda v: f"{v:.0f} MB") if "MB" in row.name else duration
    return [
        row.name,
        show(result.ours),
        show(result.peer),
        row.peer,
        f"{result.ratio:.1f}",
        row.target,
        duration(row.floor) if row.floor else "",
        f"{result.ours / row.floor:.1f}" if row.floor else "",
        f"{result.ours_megabytes:.0f} / {result.peer_megabytes:.0f} MB",
    ]
