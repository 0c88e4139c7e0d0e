"""The wheel, from an empty folder: what is in it, what it asks for, and that it serves the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
IOI = "When Mary and John went to the store, John gave a drink to"

pytestmark = pytest.mark.install


def test_the_wheel_holds_every_file_of_the_package_and_the_page(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "attention_surgery"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    tracked = listed or [
        str(path.relative_to(ROOT)) for path in (ROOT / "attention_surgery").rglob("*.py")
    ]
    built = ROOT / "frontend" / "dist"
    files = (path for path in built.rglob("*") if path.is_file())
    page = {f"attention_surgery/page/{path.relative_to(built)}" for path in files}
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert "attention_surgery/page/index.html" in held
    assert page | set(tracked) <= held


def test_without_the_page_it_cannot_be_built_and_one_sentence_says_why(
    unpacked: Path, tmp_path: Path
) -> None:
    (tmp_path / "pageless").mkdir()
    for path in unpacked.iterdir():
        if path.name != "frontend":
            (tmp_path / "pageless" / path.name).symlink_to(path)
    for target in ("wheel", "sdist"):
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", target],
            cwd=tmp_path / "pageless",
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert done.stderr.startswith("There is no built page in frontend/dist: build it with")
        assert len(done.stderr.strip().splitlines()) == 1


def test_pip_finds_all_that_it_and_its_extras_ask_for(wheel: Path, tmp_path: Path) -> None:
    """The pinned versions as constraints, an empty environment, everything but the copying."""
    extras = ",".join(PROJECT["optional-dependencies"])
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command += ["--report", str(report), "-c", str(ROOT / "requirements.txt")]
    done = subprocess.run(
        [*command, f"{wheel}[{extras}]"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    plan = {each["metadata"]["name"] for each in json.loads(report.read_text())["install"]}
    assert {"attention-surgery", "torch", "ray", "psycopg"} <= plan
    assert not plan & {"pytest", "mypy", "ruff", "schemathesis"}


def test_it_serves_the_page_and_answers_without_node_and_without_a_network(served: str) -> None:
    with httpx.Client(base_url=served, timeout=120) as client:
        page = client.get("/").text
        assert "has not been built" not in page
        (script,) = re.findall(r'<script type="module"[^>]* src="([^"]+)"', page)
        assert client.get(script).headers["content-type"].startswith("text/javascript")
        asked = {"prompt": IOI, "max_new_tokens": 1, "model": "gpt2-mini-12x12"}
        while (answer := client.post("/infer", json=asked)).status_code == 503:
            time.sleep(0.1)  # still loading
        assert answer.json()["control"]["text"] == " Mary"


def test_its_command_line_works(programs: Path, tmp_path: Path) -> None:
    command = [programs / "attention-surgery", "infer", IOI, "-n", "1", "--json"]
    done = subprocess.run(
        [*command, "--model", "gpt2-mini-12x12"], capture_output=True, env={}, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["control"]["text"] == " Mary"


def test_the_image_is_smaller_than_it_may_be(programs: Path) -> None:
    """Its layers: Python's slim image, and the environment; GPT-2's weights are fetched later."""
    base, most = 130e6, 1.5e9
    files = (path for path in programs.parent.rglob("*") if not path.is_dir())
    assert base + sum(path.stat().st_size for path in files) < most
