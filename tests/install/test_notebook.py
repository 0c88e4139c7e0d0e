"""The notebook: the wheel with its extra and nothing else, by the README's own lines."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.install.conftest import PROJECT
from tests.install.linked import environment
from tests.install.test_readme_commands import block

pytestmark = pytest.mark.install

# As a front end does: it shows the part, presses a head of its picture, and is told the answer.
AND_THEN = """
shown = grid._repr_mimebundle_()[0]
assert "application/vnd.jupyter.widget-view+json" in shown, shown.keys()
assert "<img" in shown["text/html"] or "<svg" in shown["text/html"]
grid._handle_custom_msg({"ablations": [{"layer": 6, "head": 6, "method": "zero"}]}, [])
print([str(cut.site) for cut in grid.ablations])
grid.ablations = cut
print(grid.result.next_token.top1_changed)
scores.plot()[0].figure.savefig("scores.png")
print(scores.to_pandas().shape)
"""


def test_a_part_of_the_page_is_shown_and_pressed(wheel: Path, tmp_path: Path) -> None:
    asked = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["notebook"]
    programs = environment(tmp_path / "venv", wheel, list(map(Requirement, asked)))
    cells = block("From Python", "python") + block("In a notebook", "py") + AND_THEN
    threads = {k: v for k, v in os.environ.items() if k.startswith(("OPENBLAS", "OMP", "MKL"))}
    done = subprocess.run(
        [programs / "python", "-c", cells],
        cwd=tmp_path,
        env=threads | {"HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["['L6H6']", "True", "(144, 3)"]
    assert (tmp_path / "scores.png").stat().st_size > 1000
