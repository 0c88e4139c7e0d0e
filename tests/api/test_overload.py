"""More people than the server can serve."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from .servers import IOI, PATIENT, Server, wait_until


def test_with_the_worker_held_exactly_the_queue_is_admitted(serve: Callable[..., Server]) -> None:
    server = serve(queue_size=5, client_share=5, cache_bytes=0)
    prompts = [f"Question number {number} is" for number in range(12)]
    expected = {p: server.post("/infer", prompt=p, max_new_tokens=3).json() for p in prompts}
    with ThreadPoolExecutor(12) as pool:
        with server.held():
            answers = [
                pool.submit(server.post, "/infer", prompt=p, max_new_tokens=3) for p in prompts
            ]
            wait_until(lambda: sum(answer.done() for answer in answers) == 8)
            assert server.slot.waiting == 5  # the one that holds, and four of ours
            for answer in answers:
                if answer.done():
                    assert answer.result().status_code == 429
                    assert int(answer.result().headers["retry-after"]) >= 1
        finished = [answer.result() for answer in answers]
    right = [answer.json() for answer in finished if answer.status_code == 200]
    assert len(right) == 4
    assert all(answer in expected.values() for answer in right)


def test_one_client_cannot_take_the_whole_queue(serve: Callable[..., Server]) -> None:
    server = serve(queue_size=5, client_share=2)
    with ThreadPoolExecutor(4) as pool:
        with server.held(client="another address"):
            answers = [pool.submit(server.post, "/infer", prompt=f"Mine {n}") for n in range(4)]
            wait_until(lambda: sum(answer.done() for answer in answers) == 2)
            assert server.slot.waiting == 3
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [200, 200, 429, 429]


CLASS_SIZE, CLASS_SECONDS = 30, 60.0


def requests_of_the_class() -> list[tuple[str, dict[str, Any]]]:
    """What thirty people at a page ask: views, texts, lenses, patterns and sweeps."""
    requests: list[tuple[str, dict[str, Any]]] = []
    for number in range(0, 12, 2):
        cut = [
            {"layer": number, "head": number, "method": ["zero", "mean", "previous"][number % 3]}
        ]
        prompt = f"{number} people met. {IOI}"
        requests += [
            ("/infer", {"prompt": prompt, "ablations": cut, "max_new_tokens": 0}),
            ("/infer", {"prompt": prompt, "ablations": cut, "max_new_tokens": 6}),
            ("/infer", {"prompt": prompt, "temperature": 1.0, "seed": number, "max_new_tokens": 4}),
            ("/logit-lens", {"prompt": prompt, "ablations": cut, "positions": [3]}),
            ("/attention", {"prompt": prompt, "ablations": cut, "layer": number, "head": 2}),
            ("/tokenize", {"text": prompt}),
        ]
    requests.append(("/importance", {"prompt": IOI, "method": "kl"}))
    requests.append(("/importance", {"prompt": IOI, "method": "gradient"}))
    return requests


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "seconds"}


@pytest.mark.long
def test_a_class_of_thirty_for_a_minute(serve_process: Callable[..., Any]) -> None:
    """No 5xx, no wrong answer, and memory stays flat, with a cache too small to help."""
    process = serve_process(cache_bytes=100_000)
    requests = requests_of_the_class()
    with httpx.Client(base_url=process.url, timeout=PATIENT) as client:
        alone = [comparable(client.post(path, json=body).json()) for path, body in requests]
    rss = psutil.Process(process.pid).memory_info
    counts = {200: 0, 429: 0}
    lock, end = threading.Lock(), time.monotonic() + CLASS_SECONDS

    def student(number: int) -> None:
        turn = number
        with httpx.Client(base_url=process.url, timeout=PATIENT) as client:
            while time.monotonic() < end:
                turn = (turn + 7) % len(requests)
                path, body = requests[turn]
                answer = client.post(path, json=body)
                with lock:
                    counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
                if answer.status_code == 200:
                    assert comparable(answer.json()) == alone[turn]
                else:
                    time.sleep(min(1.0, float(answer.headers["retry-after"])))

    with ThreadPoolExecutor(CLASS_SIZE) as pool:
        students = [pool.submit(student, number) for number in range(CLASS_SIZE)]
        time.sleep(CLASS_SECONDS / 3)
        early = rss().rss
        for each in students:
            each.result()
    assert set(counts) == {200, 429}, counts
    assert counts[200] > CLASS_SIZE
    assert rss().rss < early + 100 * 1024 * 1024
    process.stop()
