"""Downloading, with the hub's own client against a hub of one model on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from attention_surgery.engine.hub_models import HUB_MODELS
from attention_surgery.engine.model import BUNDLED_NAME

NOBODY = "http://127.0.0.1:9"  # nobody listens at that port
COMMIT = HUB_MODELS["gpt2"].commit
# Loads GPT-2 at each line it reads: an import takes longer than all that is asked of one process.
PROGRAM = """
import sys

from attention_surgery.engine.model import load_model
from attention_surgery.errors import ModelLoadError

for _ in sys.stdin:
    seen = []
    try:
        model = load_model("gpt2", device="cpu", on_progress=lambda *report: seen.append(report))
        told = [model.name, model.n_layers, model.source, model.revision, len(seen), *seen[-1:]]
        print(*told, flush=True)
    except ModelLoadError as error:
        print(error, flush=True)
"""


# Loaded by each program at its start: the hub's client tries again as often as ever, but at once.
IMPATIENT = """
import time

wait = time.sleep
time.sleep = lambda seconds: wait(min(seconds, 0.02))
"""


class Hub:
    """Serves the tiny model as openai-community/gpt2, at the pinned commit only.

    Attributes:
        cut: whether to break off each download of the weights in its middle.
        gone: whether to hang up on everybody.
    """

    def __init__(self, directory: Path) -> None:
        self.cut = self.gone = False
        self._files = {path.name: path.read_bytes() for path in directory.iterdir()}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub._answer(self)

            def do_GET(self) -> None:
                hub._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if self.gone:
            request.close_connection = True
            return
        path = request.path.split("?")[0]
        name = path.split("/")[-1]
        if path == f"/api/models/openai-community/gpt2/tree/{COMMIT}":
            body = self._tree()
        elif path == f"/openai-community/gpt2/resolve/{COMMIT}/{name}" and name in self._files:
            body = self._files[name]
        else:
            request.send_error(404)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", f'"{digest(body)}"')
        request.send_header("X-Repo-Commit", COMMIT)
        request.end_headers()
        if request.command == "GET":
            cut = self.cut and name == "model.safetensors"
            request.wfile.write(body[: len(body) // 2] if cut else body)
            request.close_connection = cut or request.close_connection

    def _tree(self) -> bytes:
        entries = [
            {"type": "file", "path": name, "size": len(content), "oid": digest(content)}
            for name, content in self._files.items()
        ]
        return json.dumps(entries).encode()


@pytest.fixture
def hub(directories: dict[str, Path]) -> Iterator[Hub]:
    served = Hub(directories["tiny"])
    yield served
    served.close()


def digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def surroundings(endpoint: str, home: Path) -> dict[str, str]:
    """The environment of a process that has this hub and nothing in its cache."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    home.mkdir(exist_ok=True)
    (home / "sitecustomize.py").write_text(IMPATIENT)
    return environment | {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "PYTHONPATH": str(home)}


def run(endpoint: str, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env=surroundings(endpoint, home),
        capture_output=True,
        text=True,
        check=True,
    )


@contextmanager
def loading(endpoint: str, home: Path) -> Iterator[Callable[[], str]]:
    """Load GPT-2 again and again, in one process: what it is told each time."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=surroundings(endpoint, home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def load() -> str:
        assert process.stdin
        assert process.stdout
        print(file=process.stdin, flush=True)
        return process.stdout.readline().strip()

    with process:
        yield load


def test_a_download_that_breaks_off_is_a_sentence_and_a_whole_one_tells_its_progress_and_stays(
    hub: Hub, directories: dict[str, Path], tmp_path: Path
) -> None:
    wanted = ("config.json", "tokenizer.json", "model.safetensors")
    size = sum((directories["tiny"] / name).stat().st_size for name in wanted)
    with loading(hub.url, tmp_path) as load:
        hub.cut = True
        assert "gpt2 is not in the local cache and cannot be fetched" in load()
        hub.gone = True
        assert "cannot be fetched" in load()
        hub.cut = hub.gone = False
        assert load().startswith(f"gpt2 3 hub {COMMIT}")  # taken up
        shutil.rmtree(tmp_path / "hub")
        *model, reports, last = load().split(maxsplit=5)
        assert model == ["gpt2", "3", "hub", COMMIT]
        assert int(reports) > 0
        assert last == f"({size}, {size})"
        hub.gone = True
        assert load() == f"gpt2 3 hub {COMMIT} 0"


@pytest.mark.long
def test_an_unreachable_hub_is_said_so_and_another_commit_in_the_cache_used_and_named(
    directories: dict[str, Path], tmp_path: Path
) -> None:
    older = "0123456789abcdef0123456789abcdef01234567"
    with loading(NOBODY, tmp_path) as load:
        sentence = load()
        assert "cannot be fetched from the Hugging Face hub" in sentence
        assert "connect to the network and retry" in sentence
        for repository in ("openai-community--gpt2", "gpt2"):
            stored = tmp_path / "hub" / f"models--{repository}"
            shutil.copytree(directories["tiny"], stored / "snapshots" / older)
            (stored / "refs").mkdir(exist_ok=True)
            (stored / "refs" / "main").write_text(older)
            assert load() == f"gpt2 3 hub {older} 0"
            shutil.rmtree(stored)


@pytest.mark.long
def test_the_command_line_uses_the_bundled_model_where_a_download_breaks_off(
    hub: Hub, tmp_path: Path
) -> None:
    hub.cut = True
    prompt = "The Eiffel Tower is located in"
    told = run(hub.url, tmp_path, "-m", "attention_surgery", "infer", prompt, "-n", "1")
    assert "Paris" in told.stdout
    assert "cannot be fetched from the Hugging Face hub" in told.stderr
    assert f"Using {BUNDLED_NAME} instead" in told.stderr


@pytest.mark.long
def test_a_server_offers_the_bundled_model_where_a_download_breaks_off(
    hub: Hub, tmp_path: Path
) -> None:
    hub.cut = True
    program = """
import time
from attention_surgery.service.service import SurgeryService
from attention_surgery.settings import Settings

service = SurgeryService(Settings())
service.start()
while service.default is None or service.preferred.state in ("loading", "downloading"):
    time.sleep(0.01)
print(service.default.name, service.preferred.state, service.preferred.reason, sep="|")
for slot in service.slots.values():
    slot.stop(10)
"""
    told = run(hub.url, tmp_path, "-c", program).stdout.splitlines()
    default, state, reason = next(line.split("|") for line in told if line.count("|") == 2)
    assert (default, state) == (BUNDLED_NAME, "unavailable")
    assert "gpt2 is not in the local cache and cannot be fetched" in reason
