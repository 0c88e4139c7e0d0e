"""Resident memory of the server: with a model loaded, after work, and at its peak.

    python -m benchmarks.memory

Runs a server process for the bundled model and one for random weights of GPT-2 Small's shape (the
memory does not depend on their values), gives each every analysis with the longest prompt (those
with a row for each head with at most 128 or 256 tokens: so many go through a layer together), and
prints what the operating system counted. Linux only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from attention_surgery.analyses import analyses
from attention_surgery.settings import BUNDLED_MODEL, PREFIX
from benchmarks.random_gpt2 import save_random_gpt2

MIB = 1024
PATIENCE = 600.0


@dataclass(frozen=True)
class Memory:
    """Resident mebibytes of one server process.

    `private` is the most that was resident and that the system could not have taken back; the
    rest of the peak are mapped library files, which it drops and reads again when memory is short.
    """

    model: str
    loaded: int
    after_work: int
    peak: int
    private: int


@contextmanager
def server(models: str, **settings: str) -> Iterator[tuple[httpx.Client, int]]:
    """A server process and a client for it; it is stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = {"MODELS": models, **settings}
    hosted = {"MALLOC_ARENA_MAX": "2"}  # as in render.yaml and the Dockerfile
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "attention_surgery.api:app", "--port", port],
        env=os.environ | hosted | {f"{PREFIX}{name}": value for name, value in given.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            wait_for(client, "/health/live")
            yield client, process.pid
    finally:
        process.terminate()
        process.wait()


def measure(name: str, models: str, **settings: str) -> Memory:
    with server(models, TIME_LIMIT=str(PATIENCE), **settings) as (client, pid):
        wait_for(client, "/health/ready")
        loaded = resident(pid, "VmRSS")
        with highest_private(pid) as private:
            _work(client)
        after_work, peak = resident(pid, "VmRSS"), resident(pid, "VmHWM")
        return Memory(name, loaded, after_work, peak, max(private))


@contextmanager
def highest_private(pid: int) -> Iterator[list[int]]:
    """Samples of private memory, taken every few milliseconds."""
    samples, done = [resident(pid, "RssAnon")], threading.Event()

    def sample() -> None:
        while not done.wait(0.01):
            samples.append(resident(pid, "RssAnon"))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def resident(pid: int, field: str) -> int:
    """A line of the process's status in MiB, e.g. `VmRSS`, or `VmHWM`, the most there ever was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) // MIB
    raise LookupError(field)


def wait_for(client: httpx.Client, path: str) -> None:
    """Until the server answers there with 200."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if client.get(path).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(path)


def _work(client: httpx.Client) -> None:
    """The heaviest requests: whole context, every kind of work."""
    limits = client.get("/models").json()["limits"]
    n_ctx = client.post("/tokenize", json={"text": "a"}).json()["n_ctx"]
    n_ctx = min(n_ctx, limits["max_prompt_tokens"])
    prompt, shorter = _prompt_of(client, n_ctx - 40), _prompt_of(client, min(n_ctx - 40, 256))
    cut = [{"layer": layer, "head": 0} for layer in range(12)]
    bodies = [
        ("/infer", {"prompt": prompt, "ablations": cut, "max_new_tokens": 30}),
        ("/importance", {"prompt": prompt, "method": "gradient"}),
        ("/importance", {"prompt": shorter, "method": "kl"}),
        ("/logit-lens", {"prompt": prompt, "ablations": cut, "top_k": 5}),
        ("/attention", {"prompt": prompt, "layer": 5, "head": 5, "ablations": cut}),
    ]
    asked = {path for path, _ in bodies}
    rest = [each for each in analyses() if each.path() not in asked]
    text = _prompt_of(client, min(n_ctx - 40, 128))
    bodies += [(each.path(), _longer(each.example, text)) for each in rest]
    for path, body in bodies:
        client.post(path, json=body).raise_for_status()


def _longer(body: dict[str, Any], text: str) -> dict[str, Any]:
    """The same request of prompts that begin with a text."""
    prompts = {name: f"{text} {body[name]}" for name in ("prompt", "corrupt") if body.get(name)}
    items = {"items": [_longer(item, text) for item in body["items"]]} if "items" in body else {}
    return body | prompts | items


def _prompt_of(client: httpx.Client, tokens: int) -> str:
    """A text of about so many tokens, and no more."""
    per_word = len(client.post("/tokenize", json={"text": " word" * 20}).json()["tokens"]) / 20
    return " word" * int(tokens / per_word)


def table(rows: list[Memory]) -> str:
    lines = [
        "| model | loaded, MiB | after work, MiB | peak, MiB | private at most, MiB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.model} | {row.loaded} | {row.after_work} | {row.peak} | {row.private} |"
        for row in rows
    ]
    return "\n".join(lines)


def run() -> list[Memory]:
    """Measure one server after the other."""
    with tempfile.TemporaryDirectory() as folder:
        shaped = save_random_gpt2(Path(folder) / "gpt2-shaped")
        return [
            measure(f"{BUNDLED_MODEL} (bundled)", BUNDLED_MODEL),
            measure("GPT-2 Small, prompts ≤ 512", f"shaped={shaped}", MAX_PROMPT_TOKENS="512"),
            measure("GPT-2 Small, prompts ≤ 1024", f"shaped={shaped}"),
        ]


if __name__ == "__main__":
    print(table(run()))
