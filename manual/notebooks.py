"""The executed notebooks of `docs/notebooks`, as pages with their pictures."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import TagRemovePreprocessor

WIDGET = "application/vnd.jupyter.widget-view+json"


def page_of(notebook: Path) -> tuple[str, dict[str, bytes]]:
    """The notebook as Markdown, and its pictures by name."""
    read = nbformat.read(notebook, as_version=4)
    exporter = MarkdownExporter()
    exporter.register_preprocessor(TagRemovePreprocessor(), enabled=True)
    text, resources = exporter.from_notebook_node(
        read, {"unique_key": notebook.stem, "output_files_dir": f"{notebook.stem}_files"}
    )
    return text, dict(resources.get("outputs", {}))
