"""A server that has answered for long holds no more than one that has just begun."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psutil
import pytest

from .servers import IOI, PATIENT, ServerProcess

WORDS = IOI.split()
# Until oneDNN has met most numbers of rows (engine/kernels.py).
N_WARMING, N_REQUESTS = 400, 2000
MOST_GROWTH = 50 * 1024 * 1024


def mixed_requests(seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every analysis, plain and streamed, of texts of all lengths; some are refused."""
    rng = random.Random(seed)
    while True:
        prompt = " ".join(rng.choices(WORDS, k=rng.choice([1, 4, 12, 12, 40, 120])))
        cuts = [f"L{rng.randrange(12)}H{rng.randrange(13)}{rng.choice('zmp')}" for _ in range(3)]
        path, fields = rng.choice(
            [
                ("/infer", {"ablations": cuts, "max_new_tokens": rng.choice([0, 0, 3])}),
                ("/infer/stream", {"ablations": cuts[:1], "max_new_tokens": 2}),
                ("/importance", {"method": rng.choice(["gradient", "attribution", "l2"])}),
                ("/logit-lens", {"ablations": cuts[:2], "positions": [-1]}),
                ("/attention", {"ablations": cuts, "layer": rng.randrange(12), "head": 1}),
                ("/tokenize", {}),
            ]
        )
        yield path, {"prompt": prompt, **fields}


@pytest.mark.long
def test_two_thousand_mixed_requests_leave_no_memory_behind(
    serve_process: Callable[..., ServerProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "2")  # as on the host: see docs/deploy.md
    server = serve_process(cache_bytes=0)
    process, requests = psutil.Process(server.pid), mixed_requests(seed=0)

    with httpx.Client(base_url=server.url, timeout=PATIENT) as client:

        def ask(count: int) -> int:
            """Resident bytes after so many requests."""
            for _, (path, body) in zip(range(count), requests, strict=False):
                assert client.post(path, json=body).status_code in (200, 422)
            return int(process.memory_info().rss)

        before = ask(N_WARMING)
        after = ask(N_REQUESTS)
    assert after - before < MOST_GROWTH
