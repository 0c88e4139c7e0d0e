"""Pages of the repository outside `docs/`, taken into the manual as they stand."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# File of the repository → page of the manual.
TAKEN_IN = {
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/RESULTS.md": "project/benchmarks.md",
    "attention_surgery/bundled/README.md": "project/model-card.md",
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def relinked(text: str, file: str, page: str) -> str:
    """A file's text with links that hold in the manual.

    Args:
        file: where the text stands in the repository, e.g. `CONTRIBUTING.md`.
        page: where it will stand in the manual, e.g. `project/contributing.md`.

    A link to a file that is no page of the manual becomes that file's path.
    """
    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(lambda found: _link(found, file, page), part) for part in parts[::2]]
    return "".join(parts)


def _link(found: re.Match[str], file: str, page: str) -> str:
    mark, words, target = found.groups()
    path, _, heading = target.partition("#")
    if "://" in target or not path or target.startswith("mailto:"):
        return found[0]
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    there = page_of(inside, TAKEN_IN)
    if there is None:
        return f"{words} (`{inside}`)" if (ROOT / inside).exists() else found[0]
    address = posixpath.relpath(there, posixpath.dirname(page) or ".")
    return f"{mark}[{words}]({address}{'#' + heading if heading else ''})"


def page_of(file: str, taken_in: Mapping[str, str]) -> str | None:
    """The manual's page, or picture, that a file of the repository is."""
    if file in taken_in:
        return taken_in[file]
    if file == "README.md":
        return "index.md"
    if not file.startswith("docs/"):
        return None
    inside = file.removeprefix("docs/")
    return re.sub(r"\.ipynb$", ".md", inside)
