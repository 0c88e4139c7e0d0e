"""Downloading, with the hub's own client against a hub of one model on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROGRAM = """
import sys
from attention_surgery.engine.model import load_model
from attention_surgery.errors import ModelLoadError

seen = []
try:
    model = load_model("gpt2", device="cpu", on_progress=lambda *report: seen.append(report))
    print(model.name, model.n_layers, len(seen), *seen[-1:])
except ModelLoadError as error:
    print(error)
"""


@pytest.fixture
def hub(directories: dict[str, Path]) -> Iterator[str]:
    """Serves the tiny model as openai-community/gpt2."""
    files = {path.name: path.read_bytes() for path in directories["tiny"].iterdir()}

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            name = self.path.split("?")[0].split("/")[-1]
            if self.path.startswith("/api/"):
                siblings = [{"rfilename": file, "size": len(files[file])} for file in files]
                found = {"id": "openai-community/gpt2", "sha": COMMIT, "siblings": siblings}
                if "/tree/" in self.path:
                    body = json.dumps(
                        [
                            {"type": "file", "path": f, "size": len(c), "oid": digest(c)}
                            for f, c in files.items()
                        ]
                    ).encode()
                else:
                    body = json.dumps(found).encode()
            elif name in files:
                body = files[name]
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{digest(body)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def load_with(endpoint: str, home: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment | {"HF_ENDPOINT": endpoint, "HF_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_gpt2_is_downloaded_with_progress_and_then_found_in_the_cache(
    hub: str, directories: dict[str, Path], tmp_path: Path
) -> None:
    wanted = ("config.json", "tokenizer.json", "model.safetensors")
    size = sum((directories["tiny"] / name).stat().st_size for name in wanted)
    name, layers, reports, *last = load_with(hub, tmp_path).split(maxsplit=3)
    assert (name, layers) == ("gpt2", "3")
    assert int(reports) > 0
    assert last == [f"({size}, {size})"]
    # Nobody listens at that port: the cache alone must do.
    assert load_with("http://127.0.0.1:9", tmp_path) == "gpt2 3 0"


def test_an_unreachable_hub_is_said_so_at_once(tmp_path: Path) -> None:
    sentence = load_with("http://127.0.0.1:9", tmp_path)
    assert "cannot be fetched from the Hugging Face hub" in sentence
    assert "connect to the network and retry" in sentence
