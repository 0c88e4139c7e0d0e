"""Reports of sections, each rewritten by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Side by side

Written by `make bench`; `python -m benchmarks NAME` measures one section anew, so each says when
and where it was. GPT-2 Small's shape, random weights, float32, unless it says otherwise.

Each row: median of alternating runs of both sides in one process, both warmed up. The floor is what
this machine needs at the least: bytes of weights ÷ bandwidth for decoding, FLOPs ÷ product rate for
the rest. Memory is what a run adds to the resident memory of the loaded models.
"""


def read(text: str) -> dict[str, str]:
    """The sections of a report by title."""
    _, *parts = text.split("\n## ")
    titled = (part.partition("\n") for part in parts)
    return {title.strip(): body.strip() for title, _, body in titled}


def write(sections: Mapping[str, str], order: Sequence[str], head: str = HEAD) -> str:
    """A report of those sections whose titles are in `order`."""
    parts = [f"## {title}\n\n{sections[title]}\n" for title in order if title in sections]
    return "\n".join([head, *parts])
