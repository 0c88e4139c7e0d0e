"""Every analysis keeps to the shapes that the engine's annotations promise.

Looking at each tensor of each call doubles the time of the engine's tests, so that it is left to
`make test-long`, this one of all analyses among them, and to `make test ENFORCE=1`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .test_nothing_is_left import ANALYSES

# Annotations are enforced from a module's import on: in a process of its own.
PROGRAM = """
import sys
from pathlib import Path
from jaxtyping import TypeCheckError, install_import_hook

with install_import_hook("attention_surgery.engine", "beartype.beartype"):
    import torch
    from attention_surgery.engine.kernels import linear
    from attention_surgery.engine.model import load_model
    from attention_surgery.engine.steps import drain
    from tests.engine.test_nothing_is_left import ANALYSES

try:
    linear(torch.zeros(2, 3), torch.zeros(4, 5))
except TypeCheckError:
    print("enforced")
model = load_model(Path(sys.argv[1]), device="cpu")
for name, steps in ANALYSES.items():
    drain(steps(model))
    print(name)
"""


@pytest.mark.long
def test_every_analysis_keeps_to_the_shapes_of_the_engine(directories: dict[str, Path]) -> None:
    command = [sys.executable, "-c", PROGRAM, str(directories["tiny"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["enforced", *ANALYSES]
