"""Words of the code as Markdown: docstrings as prose, rows as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
# scores[layer][head]: to Markdown that is a link.
SUBSCRIPTS = re.compile(r"(?<![`\w])\w*(?:\[[\w ,:`]*\]){2,}")
TERM = re.compile(r"`[^`]+`: ")


def prose(docstring: str) -> str:
    """A docstring as it is meant: terms with their meanings as a list, papers as links."""
    lines: list[str] = []
    for line in docstring.splitlines():
        if TERM.match(line):
            if lines and lines[-1] and not lines[-1].startswith(("- ", "    ")):
                lines.append("")
            line = f"- {line}"
        elif lines and line and not line.startswith(" ") and _in_a_list(lines[-1]):
            lines.append("")
        lines.append(line)
    return linked("\n".join(lines))


def _in_a_list(line: str) -> bool:
    return line.startswith(("- ", "    "))


def linked(text: str) -> str:
    """Papers as links, subscripts as code."""
    text = SUBSCRIPTS.sub(lambda found: f"`{found[0].replace('`', '')}`", text)
    return ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return linked(" ".join(text.split())).replace("|", "\\|")


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the texts of its cells are Markdown already."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def page(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
