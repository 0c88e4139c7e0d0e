"""docs/performance.md: how the cost grows, in sections that are measured apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks import report

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "performance.md"
WITH_PROMPT, WITH_MODEL = "With the prompt", "With the model"
CAUSAL, WITH_PAIRS = "The causal analyses", "With pairs of heads"
WITH_ITEMS, WITH_USERS = "With the items of a task", "With the users"
ON_PAGE, ON_PATCH_PAGE = "On the page", "On the Patch page"
TITLES = (WITH_PROMPT, CAUSAL, WITH_PAIRS, WITH_MODEL, WITH_ITEMS, WITH_USERS)
TITLES += (ON_PAGE, ON_PATCH_PAGE)
HEAD = """# How the cost grows

Written by `make bench`: the causal analyses by `python -m benchmarks causes`, the page by
`python -m benchmarks page patch_page`, the rest and the picture by `python -m benchmarks growth`.
The comparison with other tools is in [benchmarks/RESULTS.md](../benchmarks/RESULTS.md).

![Cost against prompt length, model size, pairs of heads, items and users](performance.svg)
"""


def put(sections: Mapping[str, str]) -> None:
    """Put sections in their place on the page; the others stay as they are."""
    known = report.read(PAGE.read_text())
    PAGE.write_text(report.write(known | dict(sections), TITLES, HEAD))
