"""Streams: what comes in which order, and what happens when someone leaves."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from attention_surgery.api import answering
from attention_surgery.api.answering import SHORT, framed

from .servers import IOI, Server, parse_events, wait_until

LONG = {"prompt": IOI, "method": "kl", "ablation_method": "mean"}


def test_a_generation_tells_prompt_tokens_metrics_and_the_end(server: Server) -> None:
    events = server.events("/infer/stream", prompt=IOI, max_new_tokens=3, alternatives=2)
    names = [name for name, _ in events if name != "queued"]
    assert names == ["prompt", "token", "token", "token", "metrics", "done"]
    done = events[-1][1]
    tokens = [data["control"] for name, data in events if name == "token"]
    assert tokens == done["control"]["tokens"]
    assert [data for name, data in events if name == "metrics"] == [done["metrics"]]


def test_a_sweep_tells_its_layers_as_they_are_finished(server: Server) -> None:
    events = server.events("/importance/stream", prompt="Where is Pisa? " * 10, method="kl")
    progress = [data["layers_done"] for name, data in events if name == "progress"]
    assert progress == sorted(progress, key=len)
    assert len(progress) > 3
    assert events[-1][0] == "done"


def test_who_waits_is_told_the_position(server: Server) -> None:
    with server.client.stream(
        "POST", "/infer/stream", json={"prompt": "I wait here", "max_new_tokens": 2}
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        list(parse_events(response))
    with (
        server.held(),
        server.client.stream(
            "POST", "/infer/stream", json={"prompt": "I wait here too", "max_new_tokens": 2}
        ) as response,
    ):
        name, data = next(parse_events(response))
    assert (name, data) == ("queued", {"position": 1})


def test_a_stream_that_waits_is_kept_alive(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "HEARTBEAT_SECONDS", 0.05)
    body = {"prompt": "A heart beats", "max_new_tokens": 1}
    with server.held(), server.client.stream("POST", "/infer/stream", json=body) as response:
        assert ": ping" in (line for line in response.iter_lines())


def test_a_full_queue_is_a_429_and_no_stream(serve: Callable[..., Server]) -> None:
    server = serve(queue_size=1)
    with server.held():
        answer = server.post("/infer/stream", prompt="No place left")
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["retry-after"]) >= 1


def test_a_refused_request_is_a_422_and_no_stream(server: Server) -> None:
    answer = server.post("/infer/stream", prompt=IOI, ablations=[{"layer": 99, "head": 0}])
    assert answer.status_code == 422
    assert answer.json()["error"] == "UnknownHead"


@pytest.mark.parametrize("path", ["/infer/stream", "/infer"])
def test_who_leaves_the_queue_frees_the_place_and_never_runs(server: Server, path: str) -> None:
    def decoded() -> float:
        return server.service.meters.count("tokens", model=server.slot.name)

    with server.held():
        before = decoded()
        with pytest.raises(httpx.TimeoutException):
            read_until_timeout(server, path, {"prompt": f"I leave {path}", "max_new_tokens": 9})
        wait_until(lambda: server.slot.waiting == 1)
    wait_until(lambda: server.slot.waiting == 0)
    assert decoded() == before


@pytest.mark.parametrize("path", ["/importance/stream", "/importance"])
def test_who_leaves_a_sweep_frees_the_place_before_its_end(server: Server, path: str) -> None:
    """The prompt is as long as the model allows, so that the sweep takes a while."""
    labels = {"model": server.slot.name, "analysis": "importance"}
    count = server.service.meters.count
    done = count("computations", **labels, outcome="done")
    given_up = count("computations", **labels, outcome="abandoned")
    prompt = f"{path} " + "word " * 110
    with pytest.raises(httpx.TimeoutException):
        read_until_timeout(server, path, LONG | {"prompt": prompt})
    wait_until(lambda: server.slot.waiting == 0)
    assert server.post("/infer", prompt=IOI, max_new_tokens=1).status_code == 200
    assert count("computations", **labels, outcome="done") == done
    assert count("computations", **labels, outcome="abandoned") == given_up + 1


def read_until_timeout(server: Server, path: str, body: dict[str, object]) -> None:
    """Leave after a tenth of a second without an answer."""
    impatient = httpx.Timeout(30, read=0.1)
    with (
        httpx.Client(base_url=server.url, timeout=impatient) as client,
        client.stream("POST", path, json=body) as response,
    ):
        for name, _ in parse_events(response):
            if name == "progress":
                raise httpx.ReadTimeout("seen enough")


def test_over_the_time_limit_is_a_504_and_the_work_stops(serve: Callable[..., Server]) -> None:
    server = serve(time_limit=0.2)
    with server.held():
        answer = server.post("/infer", prompt="Too late")
        assert (answer.status_code, answer.json()["error"]) == (504, "TimeLimitExceeded")
        events = server.events("/infer/stream", prompt="Too late")
        assert events[-1][0] == "error"
        assert events[-1][1]["error"] == "TimeLimitExceeded"
        wait_until(lambda: server.slot.waiting == 1)
    wait_until(lambda: server.slot.waiting == 0)


def test_a_view_is_answered_while_a_sweep_runs(server: Server) -> None:
    long = LONG | {"prompt": "A long sweep " + "of many words " * 30}
    with server.client.stream("POST", "/importance/stream", json=long) as response:
        events = parse_events(response)
        next(event for event in events if event[0] == "progress")
        view = server.post("/infer", prompt="A quick look at", max_new_tokens=0)
        assert view.status_code == 200
        assert server.slot.waiting == 1, "the sweep is still under way"
        assert list(events)[-1][0] == "done"


def test_those_who_read_a_stream_share_what_much_it_tells() -> None:
    data = b'{"large": "%b"}' % (b"x" * SHORT)
    parts = framed("done", data)
    assert any(part is data for part in parts)
    assert b"".join(parts) == b"event: done\ndata: %b\n\n" % data
    assert framed("token", b"{}") == (b"event: token\ndata: {}\n\n",)
