"""More people than the server can serve."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import psutil
import pytest

from .servers import IOI, PATIENT, Server, parse_events, wait_until


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
    for answer in right:
        assert_alike(answer, expected[answer["provenance"]["request"]["prompt"]])


def assert_alike(found: Any, expected: Any) -> None:
    """Equal but for the last digits of what was computed beside others' rows."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    else:
        assert found == expected


def test_one_client_cannot_take_the_whole_queue(serve: Callable[..., Server]) -> None:
    server = serve(queue_size=5, client_share=2)
    with ThreadPoolExecutor(4) as pool:
        with server.held(client="another address"):
            answers = [pool.submit(server.post, "/infer", prompt=f"Mine {n}") for n in range(4)]
            wait_until(lambda: sum(answer.done() for answer in answers) == 2)
            wait_until(lambda: server.slot.waiting == 3)
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [200, 200, 429, 429]


def test_who_reads_anothers_work_uses_his_share_too(serve: Callable[..., Server]) -> None:
    server = serve(client_share=3, cache_bytes=0)
    body = {"prompt": "All of us ask the same", "max_new_tokens": 2}
    with ThreadPoolExecutor(20) as pool:
        with server.held(client="another address"):
            streams = [
                pool.submit(server.client.post, "/infer/stream", json=body) for _ in range(20)
            ]
            wait_until(lambda: sum(stream.done() for stream in streams) == 17)
            refused = [stream.result() for stream in streams if stream.done()]
        answered = [stream.result() for stream in streams if stream.result() not in refused]
    assert {answer.status_code for answer in refused} == {429}
    assert "one client's share" in refused[0].json()["detail"]
    assert [answer.status_code for answer in answered] == [200] * 3
    assert server.post("/infer", **body).status_code == 200, "the share is free again"


def test_what_is_being_prepared_has_a_place(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts are tokenized once a place is held, so that a full queue costs a refusal no work."""
    server = serve(queue_size=3)
    model = server.slot.ready_model()
    tokenize, proceed, tokenized = type(model).tokenize, threading.Event(), []

    def slow(*arguments: Any) -> list[int]:
        tokenized.append(arguments)
        assert proceed.wait(PATIENT)
        return tokenize(*arguments)

    monkeypatch.setattr(type(model), "tokenize", slow)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(server.post, "/tokenize", prompt=f"Text {n}") for n in range(8)]
        wait_until(lambda: sum(answer.done() for answer in answers) == 5)
        assert len(tokenized) == 3
        proceed.set()
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [200] * 3 + [429] * 5


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
            ("/tokenize", {"prompt": prompt}),
        ]
    requests.append(("/importance", {"prompt": IOI, "method": "kl"}))
    requests.append(("/importance", {"prompt": IOI, "method": "gradient"}))
    return requests


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "seconds"}


def causes_of_the_class() -> list[tuple[str, dict[str, Any]]]:
    """What they ask of causes, each of a prompt of its own."""
    swapped = "When John and Mary went to the store, Mary gave a drink to"
    asked = {"answer": " Mary", "foil": " John"}
    requests: list[tuple[str, dict[str, Any]]] = []
    for number, component in enumerate(("z", "pattern", "k")):
        one = asked | {"prompt": f"{number} people met. {IOI}"}
        two = one | {"corrupt": f"{number} people met. {swapped}"}
        requests += [
            ("/patching", two | {"component": component, "estimate": True}),
            ("/patching", two | {"component": "mlp_out", "each_position": True}),
            ("/paths", two | {"receivers": [f"L6H{number}q", "logits"]}),
            ("/interactions", one | {"heads": ["L4H10", "L5H9", "L6H6"]}),
            ("/self-repair", one),
            ("/attribution", one),
            ("/head-types", {"prompt": one["prompt"]}),
        ]
    return requests


@pytest.mark.long
def test_thirty_who_mix_causes_and_views_get_the_numbers_of_one(
    serve_process: Callable[..., Any],
) -> None:
    process = serve_process(cache_bytes=0)
    requests = [*requests_of_the_class()[::4], *causes_of_the_class()]
    with httpx.Client(base_url=process.url, timeout=PATIENT) as client:
        alone = [comparable(client.post(path, json=body).json()) for path, body in requests]

    def student(number: int) -> None:
        path, body = requests[number % len(requests)]
        answer = httpx.post(process.url + path, json=body, timeout=PATIENT)
        assert answer.status_code == 200, answer.text
        assert_alike(comparable(answer.json()), alone[number % len(requests)])

    with ThreadPoolExecutor(CLASS_SIZE) as pool:
        for each in [pool.submit(student, number) for number in range(CLASS_SIZE)]:
            each.result()
    process.stop()


@pytest.mark.long
def test_views_are_answered_before_all_pairs_that_were_asked_first(
    serve: Callable[..., Server],
) -> None:
    server = serve(cache_bytes=0)
    enough = threading.Event()

    def ask_for_all_pairs(number: int) -> list[str]:
        seen = []
        body = {"prompt": f"{number} people met. {IOI}", "answer": " Mary", "foil": " John"}
        with server.client.stream("POST", "/interactions/stream", json=body) as response:
            for name, _ in parse_events(response):
                seen.append(name)
                if enough.is_set():
                    break
        return seen

    def look(number: int) -> int:
        return server.post("/infer", prompt=f"View {number} of", max_new_tokens=0).status_code

    with ThreadPoolExecutor(CLASS_SIZE) as pool:
        sweeps = [pool.submit(ask_for_all_pairs, number) for number in range(10)]
        wait_until(lambda: server.slot.waiting == len(sweeps))
        views = [pool.submit(look, number) for number in range(20)]
        try:
            assert [view.result() for view in views] == [200] * len(views)
            assert server.slot.waiting == len(sweeps), "a view waited for a sweep"
        finally:
            enough.set()
            server.slot.worker.refuse_all("The test is over.")
    assert not any("done" in sweep.result() for sweep in sweeps)


@pytest.mark.long
def test_a_class_of_thirty_for_a_minute(serve_process: Callable[..., Any]) -> None:
    """No 5xx, no wrong answer, and memory stays flat but for the cache, which fills up.

    Half of what a student asks nobody asks again.
    """
    process = serve_process()
    requests = requests_of_the_class()
    with httpx.Client(base_url=process.url, timeout=PATIENT) as client:
        alone = [comparable(client.post(path, json=body).json()) for path, body in requests]
    rss = psutil.Process(process.pid).memory_info
    counts = {200: 0, 429: 0}
    lock, end = threading.Lock(), time.monotonic() + CLASS_SECONDS

    def student(number: int) -> None:
        turn = number
        with httpx.Client(base_url=process.url, timeout=PATIENT) as client:
            for asked in count():
                if time.monotonic() > end:
                    return
                turn = (turn + 7) % len(requests)
                path, body = requests[turn]
                if own := asked % 2:
                    body = body | {"prompt": f"{number} asks {asked} times. {IOI}"}
                answer = client.post(path, json=body)
                with lock:
                    counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
                if answer.status_code == 200:
                    if not own:
                        assert_alike(comparable(answer.json()), alone[turn])
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
