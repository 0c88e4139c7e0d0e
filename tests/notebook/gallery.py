"""The notebooks of docs/notebooks: run, and kept with their pictures.

python -m tests.notebook.gallery    runs each anew and writes it with its outputs
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"


def notebooks() -> list[Path]:
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path) -> Any:
    """The notebook as its kernel leaves it; a cell that fails raises.

    Of parts of the page the still picture is kept: their kernel is gone when they are read.
    """
    notebook = nbformat.read(path, as_version=4)
    root = str(FOLDER.parents[1])
    env = {"PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False)
    client.execute(env=os.environ | env, cwd=str(FOLDER))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
    return notebook


def main() -> None:
    for path in notebooks():
        nbformat.write(executed(path), path)
        print(path.name)


if __name__ == "__main__":
    main()
