"""Concurrent users through the HTTP API: answers a second, median and 95th percentile.

Every user asks for a prompt nobody has asked for before, and asks again as soon as it is answered,
which no person does: read a row of n busy users as many more real ones. The section `users` and
the page on growth measure those.

    python -m benchmarks.concurrency [seconds]

measures users who pause between their views, alone and while others keep the model busy with
causal analyses, one after the other.
"""

from __future__ import annotations

import random
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

PROMPT = "When Mary and John went to the store, John gave a drink to"
CONTRAST = {"answer": " Mary", "foil": " John"}
TEXTS = ("prompt", "corrupt")
ONE: dict[str, object] = {"prompt": PROMPT}
TWO = ONE | {"corrupt": "When John and Mary went to the store, Mary gave a drink to"}
CAUSES = (
    ("/patching", TWO | {"component": "z"}),
    ("/patching", TWO | {"component": "resid_pre", "each_position": True}),
    ("/paths", TWO | {"receivers": ["L6H6q", "L6H6k", "L6H6v"]}),
    ("/interactions", ONE | {"heads": ["L4H10", "L5H9", "L6H5", "L6H6", "L7H11"]}),
    ("/self-repair", ONE),
    ("/attribution", ONE),
)
VIEWERS, ANALYSTS, PAUSE = 10, 20, 1.0
CUT = [{"layer": 9, "head": 6}]


@dataclass(frozen=True)
class Load:
    """What so many users at once got: answers a second, and seconds to an answer.

    `slowest_share`: of the answers that the user got who got fewest, against the mean.
    """

    users: int
    per_second: float
    p50: float
    p95: float
    slowest_share: float


def measure_users(
    users: Sequence[int],
    *,
    models: str = BUNDLED_MODEL,
    seconds: float = 10.0,
    max_new_tokens: int = 0,
    **settings: str,
) -> list[Load]:
    """One row for each number of users, on one server process without a cache."""
    given = {"CACHE_BYTES": "0", "RATE_LIMIT": "1000000"} | settings
    with server(models, **given) as (client, _):
        wait_for(client, "/health/ready")
        ask(client, "warm up", max_new_tokens)
        return [measured(str(client.base_url), n, seconds, max_new_tokens) for n in users]


def measure_beside_causes(seconds: float = 10.0) -> tuple[Load, Load]:
    """Users who pause between their views: alone, and beside others who ask for causes."""
    with server(BUNDLED_MODEL, CACHE_BYTES="0") as (client, _):
        wait_for(client, "/health/ready")
        ask(client, "warm up", 0)
        url, done = str(client.base_url), threading.Event()
        alone = measured(url, VIEWERS, seconds, 0, PAUSE)
        with ThreadPoolExecutor(ANALYSTS) as pool:
            analysts = [pool.submit(_ask_for_causes, url, n, done) for n in range(ANALYSTS)]
            try:
                beside = measured(url, VIEWERS, seconds, 0, PAUSE)
            finally:
                done.set()
        for analyst in analysts:
            analyst.result()
    return alone, beside


def _ask_for_causes(url: str, who: int, done: threading.Event) -> None:
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for turn in count(who):
            if done.is_set():
                return
            path, body = CAUSES[turn % len(CAUSES)]
            texts = {name: text for name, text in body.items() if name in TEXTS}
            unasked = {name: f"{who} {turn}. {text}" for name, text in texts.items()}
            client.post(path, json=body | CONTRAST | unasked).raise_for_status()


def measured(url: str, users: int, seconds: float, max_new_tokens: int, pause: float = 0.0) -> Load:
    """So many users of the server at an address, for so long."""
    waits: list[float] = []
    numbers, lock = count(), threading.Lock()
    begin = time.perf_counter()

    def user() -> int:
        answers = 0
        with httpx.Client(base_url=url, timeout=PATIENCE) as client:
            while time.perf_counter() < begin + seconds:
                time.sleep(pause * random.random() * 2)
                asked = time.perf_counter()
                ask(client, f"{users} {next(numbers)}", max_new_tokens)
                answers += 1
                with lock:
                    waits.append(time.perf_counter() - asked)
        return answers

    with ThreadPoolExecutor(users) as pool:
        answers = [future.result() for future in [pool.submit(user) for _ in range(users)]]
    elapsed = time.perf_counter() - begin
    p95 = statistics.quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0]
    share = min(answers) / statistics.mean(answers)
    return Load(users, len(waits) / elapsed, statistics.median(waits), p95, share)


def ask(client: httpx.Client, who: str, max_new_tokens: int) -> None:
    """Of a prompt that nobody else has."""
    body = {"prompt": f"{who}. {PROMPT}", "ablations": CUT, "max_new_tokens": max_new_tokens}
    client.post("/infer", json=body).raise_for_status()


def told(alone: Load, beside: Load) -> str:
    """How much longer a view takes beside the causes of others."""
    return (
        f"{VIEWERS} users who ask for a view about every second: p50 {1000 * alone.p50:.0f} ms, "
        f"p95 {1000 * alone.p95:.0f} ms; while {ANALYSTS} others ask for causal analyses without a "
        f"pause: {beside.p50 / alone.p50:.1f} and {beside.p95 / alone.p95:.1f} times as long."
    )


if __name__ == "__main__":
    print(told(*measure_beside_causes(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)))
