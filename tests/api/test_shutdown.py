"""SIGTERM to a real process: admitted work ends well or with an event, and the exit code is 0."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest

from .servers import IOI, PATIENT, ServerProcess, parse_events, wait_until

Start = Callable[..., ServerProcess]
HEAD_THAT_WAITS = (
    b"POST /infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
)
LONG = {"prompt": "many words " * 25, "method": "kl", "ablation_method": "mean"}


class Stream(threading.Thread):
    """Reads a stream to its end in the background."""

    def __init__(self, url: str, path: str, body: dict[str, Any]) -> None:
        super().__init__()
        self._request = (url + path, body)
        self.begun = threading.Event()
        self.events: list[tuple[str, Any]] = []
        self.start()

    def run(self) -> None:
        url, body = self._request
        with httpx.stream("POST", url, json=body, timeout=PATIENT) as response:
            for event in parse_events(response):
                self.events.append(event)
                self.begun.set()

    def last(self) -> tuple[str, Any]:
        self.join(PATIENT)
        return self.events[-1]


@pytest.mark.long
def test_after_the_grace_period_streams_end_with_an_event(serve_process: Start) -> None:
    server = serve_process(grace_seconds=0.1)
    streams = [Stream(server.url, "/importance/stream", LONG)]
    streams += [
        Stream(server.url, "/importance/stream", LONG | {"prompt": f"{n} " + "words " * 50})
        for n in range(3)
    ]
    for stream in streams:
        assert stream.begun.wait(PATIENT)
    children = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    names = [stream.last()[0] for stream in streams]
    assert set(names) <= {"error", "done"}
    assert "error" in names
    refused = next(s.last()[1] for s in streams if s.last()[0] == "error")
    assert refused["error"] == "ShuttingDown"
    assert refused["detail"].endswith(".")
    assert server.wait() == 0
    assert not [child for child in children if child.is_running()]


def test_work_is_finished_and_nothing_more_admitted_however_often_it_is_signalled(
    serve_process: Start,
) -> None:
    """Not even a request that had begun to arrive before, over a connection that is still open."""
    server = serve_process(grace_seconds=60)
    body = json.dumps({"prompt": IOI}).encode()
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 0), PATIENT) as connection:
        connection.sendall(HEAD_THAT_WAITS % len(body))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")  # the server reads the body
        stream = Stream(server.url, "/importance/stream", LONG)
        assert stream.begun.wait(PATIENT)
        server.terminate()
        wait_until(lambda: "shutdown begins" in server.log_text())
        server.terminate()
        server.terminate()
        connection.sendall(body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(content)["error"] == "ShuttingDown"
    assert stream.last()[0] == "done"
    assert server.wait() == 0
    assert server.log_text().count("shutdown begins") == 1
    assert "shutdown complete" in server.log_text()
    with pytest.raises(httpx.TransportError):
        httpx.get(server.url + "/health/live")


@pytest.mark.long
def test_an_interrupt_after_the_first_signal_ends_the_grace_period(serve_process: Start) -> None:
    server = serve_process(grace_seconds=600)
    streams = [
        Stream(server.url, "/importance/stream", LONG | {"prompt": f"{n} " + "words " * 100})
        for n in range(3)
    ]
    for stream in streams:
        assert stream.begun.wait(PATIENT)
    server.terminate()
    wait_until(lambda: "shutdown begins" in server.log_text())
    server.interrupt()
    ends = [stream.last() for stream in streams]
    assert "error" in [name for name, _ in ends]
    assert {end["error"] for name, end in ends if name == "error"} == {"ShuttingDown"}
    assert server.wait() == 0
    assert "Traceback" not in server.log_text()
