"""What one connection can hold, and how long; without a model, on both of uvicorn's event loops."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from attention_surgery.api.middleware.headers import SECURITY
from attention_surgery.api.server import connection
from attention_surgery.settings import Settings

from .edge import GET, HALF, LARGE, Answer, Edge, Raw
from .servers import wait_until, written_log

CLOSE = b"\r\nConnection: close\r\n\r\n"
STRANGER = "127.0.0.2"  # 127.0.0.1 is trusted as a proxy unless uvicorn is told otherwise
SOON = 0.3

Start = Callable[..., Edge]


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def small(loop: str) -> Iterator[Edge]:
    """One for all tests that hold nothing of it; it reads little."""
    with Edge(Settings(max_head_bytes=4096), loop=loop) as edge:
        yield edge


@pytest.fixture
def edge(loop: str) -> Iterator[Start]:
    """Start an edge with these settings; it ends after the test."""
    started: list[Edge] = []

    def start(**given: Any) -> Edge:
        new = Edge(Settings(**given), loop=loop)
        started.append(new)
        return new.__enter__()

    yield start
    for each in started:
        each.__exit__()


def is_a_refusal(answer: Answer, status: int, kind: str) -> None:
    """As every other answer: one sentence, its kind, and the headers."""
    assert answer.status == status
    assert answer.json.keys() == {"detail", "error"}
    assert answer.json["error"] == kind
    assert answer.json["detail"].endswith(".")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "no-cache"
    assert len(answer.headers["x-request-id"]) == 32
    for name, value in SECURITY.items():
        assert answer.headers[name.lower()] == value
    assert "x-error-kind" not in answer.headers


# What arrives


def head_of(size: int) -> bytes:
    start, end = b"GET /plain HTTP/1.1\r\nHost: here\r\nX-Long: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


def test_a_head_is_read_up_to_its_limit_and_refused_beyond(small: Edge) -> None:
    seen = small.seen
    assert small.ask(head_of(4000)).status == 200
    is_a_refusal(small.ask(head_of(5000)), 431, "HeadersTooLarge")
    assert small.seen == seen + 1


@pytest.mark.parametrize(
    "endless",
    [
        b"GET /plain HTTP/1.1\r\nX-Long: ",
        b"GET /plain HTTP/1.1\r\nX",
        b"GET /plain?",
        b"GET /plain HTTP/1.1\r\n" + b"X: y\r\n" * 10,
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: ",
    ],
)
def test_what_never_ends_is_refused_before_it_is_large(small: Edge, endless: bytes) -> None:
    with small.open(1, endless) as (raw,):
        for _ in range(2):
            raw.send(b"x" * 300_000)
        is_a_refusal(raw.answer(), 431, "HeadersTooLarge")
        raw.send(b"x" * 10_000_000)  # is thrown away


def test_trailers_do_not_reach_a_route(small: Edge) -> None:
    answer = small.ask(
        b"POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\nab\r\n0\r\nAuthorization: Bearer made-up\r\n\r\n"
    )
    assert answer.status == 200
    assert small.body == b"ab"
    assert "authorization" not in answer.json


def test_a_head_that_does_not_arrive_in_time_is_refused(edge: Start) -> None:
    server = edge(head_seconds=SOON)
    with server.open(3, HALF) as late:
        for raw in late:
            is_a_refusal(raw.answer(), 408, "RequestTimeout")
            assert raw.rest() == b""


def test_a_head_that_comes_drop_by_drop_has_no_more_time(edge: Start) -> None:
    server = edge(head_seconds=SOON)
    with server.open(1, GET) as (raw,):
        assert raw.answer().status == 200
        raw.send(HALF)
        wait_until(lambda: drips(raw))
        is_a_refusal(raw.answer(), 408, "RequestTimeout")


def drips(raw: Raw) -> bool:
    """Send one more header; whether an answer has come meanwhile."""
    raw.send(b"X: y\r\n")
    return raw.has_something()


@pytest.mark.parametrize("sent", [b"", GET], ids=["silent", "after a request"])
def test_an_idle_connection_is_closed(edge: Start, sent: bytes) -> None:
    server = edge(idle_seconds=SOON)
    with server.open(20, sent) as idle:
        for raw in idle:
            if sent:
                assert raw.answer().status == 200
            assert raw.rest() == b""
    wait_until(lambda: not server.connections)


def test_a_body_that_nobody_waits_for_does_not_keep_a_connection(
    edge: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LEAVING_SECONDS", SOON)
    server = edge()
    with server.open(1, GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 99\r\n\r\n")) as (raw,):
        assert raw.answer().status == 200
        assert raw.rest() == b""


def test_a_connection_is_used_again_after_a_body_that_nobody_waited_for(small: Edge) -> None:
    with small.open(1, GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n")) as (raw,):
        assert raw.answer().status == 200
        raw.send(b"ab" + GET)
        assert raw.answer().status == 200


# What is not HTTP

NOT_HTTP = {
    "no request": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
    "a bare line feed": b"GET /plain HTTP/1.1\nHost: here\n\n",
    "two lengths": b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "two equal lengths": b"POST /echo HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST /echo HTTP/1.1\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /plain HTTP/1.1\r\n\r\n",
    "chunks and length": b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 4\r\n\r\n0\r\n\r\nGET /plain HTTP/1.1\r\n\r\n",
    "chunks of a kind": b"POST /echo HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a length with a sign": b"POST /echo HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
    "a folded header": b"GET /plain HTTP/1.1\r\nX: y\r\n z\r\n\r\n",
    "a space before the colon": b"GET /plain HTTP/1.1\r\nContent-Length : 0\r\n\r\n",
    "a NUL": b"GET /plain HTTP/1.1\r\nX: \0\r\n\r\n",
    "a path that is not ASCII": b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
    "an unknown version": b"GET /plain HTTP/9.9\r\n\r\n",
}


@pytest.mark.parametrize("sent", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_is_refused_like_everything_else(small: Edge, sent: bytes) -> None:
    seen = small.seen
    with small.open(1, sent) as (raw,):
        answer = raw.answer()
        is_a_refusal(answer, 400, "BadRequest")
        assert answer.behind + raw.rest() == b""
    assert small.seen == seen


@pytest.mark.parametrize("second", [GET, b"nonsense\r\n\r\n"])
def test_one_request_at_a_time(edge: Start, second: bytes) -> None:
    server = edge()
    with server.open(1, GET + second * 1000) as (raw,):
        answer = raw.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert answer.behind + raw.rest() == b""
    assert server.seen == 1


def test_another_protocol_is_not_spoken(small: Edge) -> None:
    upgrade = b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + b"\x81\x00" * 100
    with small.open(1, GET.removesuffix(b"\r\n\r\n") + upgrade) as (raw,):
        answer = raw.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert answer.behind + raw.rest() == b""


# What leaves


@pytest.mark.parametrize("path", ["/large", "/endless"])
def test_who_does_not_read_holds_little_and_is_cut_off_in_one_line(edge: Start, path: str) -> None:
    server = edge(stall_seconds=SOON)
    held: list[int] = []
    with written_log() as log, server.open(8, GET.replace(b"/plain", path.encode())):
        wait_until(lambda: server.seen == 8)
        while connections := server.connections:
            held += [each.transport.get_write_buffer_size() for each in connections]
        wait_until(lambda: not server.uvicorn.server_state.tasks)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert 0 < max(held) <= 2 * 128 * 1024
    cut_off = [line for line in lines if line["event"] == "client cut off"]
    assert len(cut_off) == 8
    assert {line["event"] for line in lines} <= {"client cut off", "request"}


def test_who_reads_gets_everything(edge: Start) -> None:
    server = edge()
    with server.open(1, GET.replace(b"/plain", b"/large").replace(b"\r\n\r\n", CLOSE)) as (raw,):
        head, _, body = raw.rest().partition(b"\r\n\r\n")
    assert b"content-length: %d" % LARGE in head
    assert body == bytes(LARGE)


# Who is let in


def test_those_who_wait_give_way(edge: Start) -> None:
    server = edge(max_connections=10)
    with server.open(30, HALF) as half, server.open(30) as idle:
        for _ in range(10):
            assert server.ask().status == 200
        assert len(server.connections) <= 11
        assert [raw.rest() for raw in half + idle[:15]] == [b""] * 45


def test_when_all_are_at_work_the_next_is_refused(edge: Start) -> None:
    server = edge(max_connections=5)
    with server.open(5, GET.replace(b"/plain", b"/held")) as at_work:
        wait_until(lambda: server.seen == 5)
        answer = server.ask()
        is_a_refusal(answer, 503, "TooManyConnections")
        assert int(answer.headers["retry-after"]) > 0
        at_work[0].close()
        wait_until(lambda: len(server.connections) == 4)
        assert server.ask().status == 200


def test_one_client_has_a_share_and_a_proxy_has_not(edge: Start) -> None:
    server = edge(client_connections=3)
    held = GET.replace(b"/plain", b"/held")
    with server.open(3, held, STRANGER):
        wait_until(lambda: server.seen == 3)
        is_a_refusal(server.ask(GET, STRANGER), 429, "TooManyConnections")
        with server.open(5):
            assert server.ask().status == 200
    server.go.set()
    wait_until(lambda: not server.uvicorn.server_state.tasks)
    with server.open(3, HALF, STRANGER):
        assert server.ask(GET, STRANGER).status == 200
