"""Concurrent users through the HTTP API: answers a second, median and 95th percentile.

    python -m benchmarks.concurrency [seconds for each row]

Every user asks for a next-token view of a prompt nobody has asked for before, and asks again as
soon as it is answered, which no person does: read a row of n busy users as many more real ones.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import httpx

from attention_surgery.settings import BUNDLED_MODEL
from benchmarks.memory import PATIENCE, server, wait_for

USERS = (1, 2, 4, 8, 16)
PROMPT = "When Mary and John went to the store, John gave a drink to"
CUT = [{"layer": 9, "head": 6}]


@dataclass(frozen=True)
class Load:
    """What so many users at once got: answers a second, and seconds to an answer."""

    users: int
    per_second: float
    p50: float
    p95: float


def measure_users(
    users: Sequence[int] = USERS,
    *,
    models: str = BUNDLED_MODEL,
    seconds: float = 10.0,
    max_new_tokens: int = 0,
) -> list[Load]:
    """One row for each number of users, on one server process without a cache."""
    with server(models, CACHE_BYTES="0") as (client, _):
        wait_for(client, "/health/ready")
        _ask(client, "warm up", max_new_tokens)
        return [_measure(str(client.base_url), n, seconds, max_new_tokens) for n in users]


def _measure(url: str, users: int, seconds: float, max_new_tokens: int) -> Load:
    waits: list[float] = []
    numbers, lock = count(), threading.Lock()
    begin = time.perf_counter()

    def user() -> None:
        with httpx.Client(base_url=url, timeout=PATIENCE) as client:
            while time.perf_counter() < begin + seconds:
                asked = time.perf_counter()
                _ask(client, f"{users} {next(numbers)}", max_new_tokens)
                with lock:
                    waits.append(time.perf_counter() - asked)

    with ThreadPoolExecutor(users) as pool:
        for future in [pool.submit(user) for _ in range(users)]:
            future.result()
    elapsed = time.perf_counter() - begin
    p95 = statistics.quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0]
    return Load(users, len(waits) / elapsed, statistics.median(waits), p95)


def _ask(client: httpx.Client, who: str, max_new_tokens: int) -> None:
    body = {"prompt": f"{who}. {PROMPT}", "ablations": CUT, "max_new_tokens": max_new_tokens}
    client.post("/infer", json=body).raise_for_status()


def table(loads: Sequence[Load]) -> str:
    lines = ["| users | answers a second | p50 | p95 |", "| ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {row.users} | {row.per_second:.1f} "
        f"| {1000 * row.p50:.0f} ms | {1000 * row.p95:.0f} ms |"
        for row in loads
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure_users(seconds=float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)))
