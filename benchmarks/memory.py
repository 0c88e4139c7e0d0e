"""Resident memory of the server: with a model loaded, after work, and at its peak.

    python -m benchmarks.memory

Runs a server process for the bundled model and one for random weights of GPT-2 Small's shape (the
memory does not depend on their values), gives each every kind of request with the longest prompt
(the exact sweep with at most 256 tokens, whose memory is bounded beyond), and prints what the
operating system counted. Linux only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from attention_surgery.settings import BUNDLED_MODEL, PREFIX
from benchmarks.random_gpt2 import save_random_gpt2

MIB = 1024
PATIENCE = 600.0


@dataclass(frozen=True)
class Memory:
    """Resident mebibytes of one server process.

    `private` is what the system cannot take back at the peak's end; the rest are mapped library
    files, which it drops and reads again when memory is short.
    """

    model: str
    loaded: int
    after_work: int
    private: int
    peak: int


@contextmanager
def server(models: str, **settings: str) -> Iterator[tuple[httpx.Client, int]]:
    """A server process and a client for it; it is stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    given = {"MODELS": models, **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "attention_surgery.api:app", "--port", port],
        env=os.environ | {f"{PREFIX}{name}": value for name, value in given.items()},
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


def measure(name: str, models: str) -> Memory:
    with server(models, TIME_LIMIT=str(PATIENCE)) as (client, pid):
        wait_for(client, "/health/ready")
        loaded = resident(pid, "VmRSS")
        _work(client)
        after_work, private = resident(pid, "VmRSS"), resident(pid, "RssAnon")
        return Memory(name, loaded, after_work, private, resident(pid, "VmHWM"))


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
    n_ctx = client.post("/tokenize", json={"text": "a"}).json()["n_ctx"]
    prompt, shorter = _prompt_of(client, n_ctx - 40), _prompt_of(client, min(n_ctx - 40, 256))
    cut = [{"layer": layer, "head": 0} for layer in range(12)]
    bodies = [
        ("/infer", {"prompt": prompt, "ablations": cut, "max_new_tokens": 30}),
        ("/importance", {"prompt": prompt, "method": "gradient"}),
        ("/importance", {"prompt": shorter, "method": "kl"}),
        ("/logit-lens", {"prompt": prompt, "ablations": cut, "top_k": 5}),
        ("/attention", {"prompt": prompt, "layer": 5, "head": 5, "ablations": cut}),
    ]
    for path, body in bodies:
        client.post(path, json=body).raise_for_status()


def _prompt_of(client: httpx.Client, tokens: int) -> str:
    """A text of about so many tokens, and no more."""
    per_word = len(client.post("/tokenize", json={"text": " word" * 20}).json()["tokens"]) / 20
    return " word" * int(tokens / per_word)


def table(rows: list[Memory]) -> str:
    lines = [
        "| model | loaded, MiB | after work, MiB | of it private, MiB | peak, MiB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.model} | {row.loaded} | {row.after_work} | {row.private} | {row.peak} |"
        for row in rows
    ]
    return "\n".join(lines)


def run() -> list[Memory]:
    """Measure both models, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        shaped = save_random_gpt2(Path(folder) / "gpt2-shaped")
        return [
            measure(f"{BUNDLED_MODEL} (bundled)", BUNDLED_MODEL),
            measure("GPT-2 Small's shape, float32", f"shaped={shaped}"),
        ]


if __name__ == "__main__":
    print(table(run()))
