"""The notebooks of docs/notebooks run, and say what they said when they were written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .gallery import executed, notebooks

every_notebook = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def outputs(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", [])


def printed(notebook: Any) -> list[str]:
    return [output.text for output in outputs(notebook) if output.output_type == "stream"]


@every_notebook
def test_a_notebook_is_kept_with_its_pictures(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {kind for output in outputs(notebook) for kind in output.get("data", {})}
    assert "image/png" in kinds
    assert "error" not in {output.output_type for output in outputs(notebook)}
    assert str(Path.home()) not in json.dumps(notebook)


@pytest.mark.long
@every_notebook
def test_a_notebook_runs_and_prints_what_it_printed(path: Path) -> None:
    assert printed(executed(path)) == printed(nbformat.read(path, as_version=4))


def test_there_is_a_gallery() -> None:
    names = [path.stem for path in notebooks()]
    assert names == ["first-steps", "induction-heads", "ioi-circuit", "self-repair"]
