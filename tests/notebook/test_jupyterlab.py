"""A head is cut by a click in a real JupyterLab, in a real browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"
CELLS = (
    """\
import attention_surgery as surgeon
from attention_surgery.notebook import HeadGrid

model = surgeon.load_model("gpt2-mini-12x12", device="cpu")
grid = HeadGrid(model, "When Mary and John went to the store, John gave a drink to")
grid""",
    "print([str(cut.site) for cut in grid.ablations], grid.result.next_token.kl > 0)",
    'grid.ablations = ["L5H9m"]',
)


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab that knows nothing of this user's own."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS], metadata={"kernelspec": kernel}
    )
    folder = tmp_path / "notebooks"
    folder.mkdir()
    nbformat.write(notebook, folder / "story.ipynb")
    news = tmp_path / "SETTINGS" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(tmp_path / "SETTINGS")
    options = [f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root"]
    options += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    with subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/api/status", server)
            yield f"http://127.0.0.1:{port}/lab/tree/story.ipynb"
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"JupyterLab ended with {server.returncode}")


@pytest.mark.long
def test_a_click_in_jupyterlab_cuts_a_head_and_the_kernel_moves_the_picture(
    jupyterlab: str,
) -> None:
    told = subprocess.run(
        ["node", "scripts/jupyterlab.mjs", jupyterlab, *filter(None, [os.environ.get("PICTURES")])],
        cwd=FRONTEND,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    (clicked,) = seen["clicked"]
    assert clicked.startswith("Layer 6 head 6,")
    assert clicked.endswith("ablated by zero")
    assert seen["told"].strip() == "['L6H6'] True"
    (after,) = seen["set"]
    assert after.startswith("Layer 5 head 9,")
    assert seen["complaints"] == []
