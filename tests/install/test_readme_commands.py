"""The README's commands, from its own text, by the installed wheel and in an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

README = (Path(__file__).parents[2] / "README.md").read_text()
# `serve` does not end and has its own test; a circuit takes long, the cluster is an extra, and some
# name what a reader has.
LEFT_OUT = ("serve", "--cluster", "circuit", "my.jsonl", " ID")
JQ = """\
#!{python}
import json, sys
for line in sys.stdin:
    value = json.loads(line)
    for name in sys.argv[1].strip(".").split("."):
        value = value[name]
    print(value)
"""

pytestmark = pytest.mark.install


def block(heading: str, language: str) -> str:
    """The first code of that language under a heading."""
    text = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found, heading
    return found[1]


def commands(text: str) -> list[str]:
    joined = text.replace("\\\n", " ")
    lines = [re.sub(r"\s+# .*", "", line) for line in joined.splitlines()]
    return [line for line in lines if line and not any(word in line for word in LEFT_OUT)]


@pytest.fixture
def folder(programs: Path, tmp_path: Path) -> Path:
    """With what the commands read, and the programs that they are piped into."""
    (tmp_path / "prompts.txt").write_text("Monday Tuesday\nThe Eiffel Tower is located in\n")
    (tmp_path / "ioi.yaml").write_text(block("Over many prompts", "yaml").replace("100", "8"))
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "jq").write_text(JQ.replace("{python}", str(programs / "python")))
    (tools / "jq").chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    "command", commands(block("From a shell", "sh")) + commands(block("Over many prompts", "sh"))
)
def test_the_readmes_command_works(command: str, folder: Path, programs: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    kept = {k: v for k, v in os.environ.items() if k.startswith(("OPENBLAS", "OMP", "MKL"))}
    done = subprocess.run(
        [bash, "-o", "pipefail", "-c", command],
        cwd=folder,
        env=kept
        | {
            "PATH": f"{programs}:{folder / 'tools'}",
            "HOME": str(folder),
            "HF_HUB_OFFLINE": "1",
            "ATTENTION_SURGERY_MODELS": "gpt2-mini-12x12",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    written = re.search(r"> (\S+)$", command)
    assert done.stdout or (written and (folder / written[1]).read_text())


def test_the_readmes_request_is_answered(served: str) -> None:
    command = block("Over REST", "sh")
    body = re.search(r"-d '(.*?)'", command, re.DOTALL)
    path = re.search(r"localhost:8000(/\S+)", command)
    assert body
    assert path
    answer = httpx.post(served + path[1], json=json.loads(body[1]), timeout=120)
    while answer.status_code == 503:
        answer = httpx.post(served + path[1], json=json.loads(body[1]), timeout=120)
    assert answer.status_code == 200, answer.text
    assert answer.json()["control"]["text"].startswith(" Paris")
