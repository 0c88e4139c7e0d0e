"""Values as Python writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence

# Formatters break longer lines.
LINE = 100


def literal(value: object) -> str:
    """A value in Python source: texts in double quotes, sequences as lists.

    What does not show (line separators, marks that turn the reading direction, lone surrogates)
    is escaped, so that a prompt of any characters stays one string on one line.
    """
    if isinstance(value, str):
        return "".join(map(_shown, json.dumps(value, ensure_ascii=False)))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def text_list(name: str, texts: Sequence[str]) -> str:
    """`name = [...]`, with a text a line where one line is too short."""
    line = f"{name} = {literal(texts)}"
    if len(line) <= LINE:
        return line
    return "\n".join([f"{name} = [", *(f"    {literal(text)}," for text in texts), "]"])


def position_list(positions: Sequence[int], end: str) -> str:
    """Positions as a list, runs of three or more as ranges; negative ones count from `end`."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == runs[-1][-1] + 1 and position > 0:
            runs[-1].append(position)
        else:
            runs.append([position])
    parts = [part for run in runs for part in _run(run, end)]
    if len(parts) == 1 and parts[0].startswith("*"):
        return parts[0][1:]
    return f"[{', '.join(parts)}]"


def _run(run: Sequence[int], end: str) -> list[str]:
    if len(run) > 2 and run[0] >= 0:
        return [f"*range({run[0]}, {run[-1] + 1})"]
    return [str(p) if p >= 0 else f"{end} - {-p}" for p in run]
