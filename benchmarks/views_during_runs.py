"""What a view under the cursor waits for a server that works on a run, asked over HTTP.

    python -m benchmarks.views_during_runs

On a machine that does nothing else: where others compute, threads wait for each other, and the
figures are theirs. The section `waiting` of RESULTS.md adds the same up from its parts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.measure import duration, table
from benchmarks.memory import server, wait_for
from benchmarks.random_gpt2 import save_random_gpt2

TARGET = "≤ 1.5"
RUNS = {
    "exact ablation": {"name": "importance", "method": "ablation"},
    "exact ablation, KL everywhere": {"name": "importance", "method": "ablation", "metric": "kl"},
    "patching": {"name": "patching"},
}
ROUNDS, VIEWS = 2, 10
PROMPT = "When Mary and John went to the store, John gave a drink to"
CUT = [{"layer": 9, "head": 6}]


def measured() -> str:
    with TemporaryDirectory() as folder:
        directory = save_random_gpt2(Path(folder) / "gpt2-random")
        models = {BUNDLED_MODEL: BUNDLED_MODEL, "gpt2-random": f"gpt2-random={directory}"}
        rows = [row for name, where in models.items() for row in _rows(name, where)]
    return table(["model", "run", "alone", "during the run", "ratio", "target", "p95"], rows)


def _rows(name: str, models: str) -> Iterator[list[str]]:
    with TemporaryDirectory() as folder:
        kept = str(Path(folder) / "store.sqlite")
        with server(models, CACHE_BYTES="0", DATABASE=kept) as (client, _):
            wait_for(client, "/health/ready")
            numbers = count()
            _views(client, numbers)
            for run, analysis in RUNS.items():
                alone, during = _in_turns(client, numbers, analysis)
                ratio = statistics.median(during) / statistics.median(alone)
                p95 = statistics.quantiles(during, n=20)[-1]
                times = [duration(statistics.median(each)) for each in (alone, during)]
                row = [name, run, *times, f"{ratio:.2f}", TARGET, duration(p95)]
                print(" | ".join(row), flush=True)
                yield row


def _in_turns(
    client: httpx.Client, numbers: Iterator[int], analysis: dict[str, str]
) -> tuple[list[float], list[float]]:
    alone: list[float] = []
    during: list[float] = []
    for _ in range(ROUNDS):
        alone += _views(client, numbers)
        body = {"task": "ioi", "n": 100, "analysis": analysis}
        path = "/runs/" + client.post("/runs", json=body).raise_for_status().json()["id"]
        while client.get(path).json()["done"] == 0:
            time.sleep(0.05)
        during += _views(client, numbers)
        client.delete(path).raise_for_status()
        time.sleep(0.5)
    return alone, during


def _views(client: httpx.Client, numbers: Iterator[int]) -> list[float]:
    waits = []
    for _ in range(VIEWS):
        time.sleep(random.uniform(0.05, 0.15))
        prompt = f"{next(numbers) % 10}{next(numbers) % 10}. {PROMPT}"
        begin = time.perf_counter()
        body = {"prompt": prompt, "ablations": CUT, "max_new_tokens": 0}
        client.post("/infer", json=body).raise_for_status()
        waits.append(time.perf_counter() - begin)
    return waits


if __name__ == "__main__":
    print(measured())
