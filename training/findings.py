"""What an evaluation found, line by line, and the bars it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADER = ("ability", "measure", "value", "bar", "met?")


@dataclass(frozen=True, slots=True)
class Bar:
    """The least or the most a value may be."""

    limit: float
    is_upper: bool = False

    def __str__(self) -> str:
        return f"{'≤' if self.is_upper else '≥'} {self.limit:g}"

    def met(self, value: float) -> bool:
        """Whether the value, unrounded, keeps within the bar."""
        return value <= self.limit if self.is_upper else value >= self.limit


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; a value of None was not measured."""

    ability: str
    measure: str
    value: float | None
    bar: Bar | None = None
    decimals: int = 3
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Ability, measure, value, bar, and whether it is met."""
        value = "not measured" if self.value is None else f"{self.value:.{self.decimals}f}"
        met = ""
        if self.bar and self.value is not None:
            met = "yes" if self.bar.met(self.value) else "no"
        value = f"{value} {self.note}".rstrip()
        return self.ability, self.measure, value, str(self.bar or "–"), met


def findings_table(findings: Sequence[Finding], *, markdown: bool) -> str:
    """All findings in aligned columns, as plain text or as Markdown."""
    rows = [HEADER, *(finding.cells() for finding in findings)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    header, *body = [
        [cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows
    ]
    rule = ["-" * width for width in widths]
    if markdown:
        return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *body))
    return "\n".join("  ".join(line).rstrip() for line in (header, rule, *body))
