"""What comes through the front of several replicas is what one server answers."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from attention_surgery.api.replicas import fleet as module
from attention_surgery.api.replicas.figures import together
from attention_surgery.api.replicas.fleet import Fleet
from attention_surgery.api.replicas.front import create_front
from attention_surgery.api.replicas.link import Link
from attention_surgery.errors import InvalidSetting
from attention_surgery.settings import Settings

from .servers import IOI, PATIENT, Server, bundled_settings, parse_events, wait_until
from .test_errors import REFUSALS

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
EVENTS = HEAD + b"transfer-encoding: chunked\r\n\r\n"
SOME = b'1b\r\nevent: queued\ndata: {"x":1}\r\n'
EVENT = b'event: queued\ndata: {"position": 1}\n\n'
HALF = EVENTS + b"%x\r\n%b\r\n" % (len(EVENT), EVENT)


class Given(Fleet):
    """Replicas that are there already."""

    def __init__(self, settings: Settings, *ports: int) -> None:
        self._settings, self.stopping, self._actors, self._ports = settings, False, {}, ports
        self._links: dict[int, Link] = {}

    def start(self) -> None:
        for number, port in enumerate(self._ports):
            self._links[number] = Link(number, "127.0.0.1", port, "secret", PATIENT)
            self._links[number].ready = True

    async def stop(self) -> bool:
        for link in self._links.values():
            await link.close()
        return True


@contextmanager
def front(*ports: int, **settings: Any) -> Iterator[httpx.Client]:
    """A client of the front of replicas at these ports."""
    given = bundled_settings(log_format="json", **settings)
    app = create_front(given, Given(given, *ports))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENT) as client:
        yield client
    server.should_exit = True
    thread.join(PATIENT)
    assert not thread.is_alive()


def port_of(server: Server) -> int:
    port = httpx.URL(server.url).port
    assert port is not None
    return port


@pytest.fixture(scope="module")
def through(server: Server) -> Iterator[httpx.Client]:
    with front(port_of(server)) as client:
        yield client


ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/infer", {"prompt": IOI, "ablations": ["L9H6"], "max_new_tokens": 3}),
    ("POST", "/importance", {"prompt": IOI, "method": "l2"}),
    ("POST", "/importance/stream", {"prompt": IOI, "method": "l2"}),
    ("POST", "/infer/code", {"prompt": IOI}),
    ("GET", "/models", None),
    ("HEAD", "/models", None),
    ("GET", "/openapi.json", None),
    ("GET", "/nowhere%20at/all?x=%C3%A4&y=a b", None),
    ("DELETE", "/experiments/none", None),
    ("OPTIONS", "/infer", None),
    *(("POST", path, body) for path, body, *_ in REFUSALS),
]


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_an_answer_through_the_front_is_the_one_of_the_server(
    server: Server, through: httpx.Client, method: str, path: str, body: Any
) -> None:
    headers = {"X-Request-ID": "this-one", "Origin": "http://localhost:5173"}
    answers = [
        client.request(method, path, json=body, headers=headers)
        for client in (server.client, through)
    ]
    alone, forwarded = ((each.status_code, each.text, told(each)) for each in answers)
    assert forwarded == alone


def told(answer: httpx.Response) -> dict[str, str]:
    """Its headers, but for when it was sent, how it is divided, and what is said twice."""
    left_out = ("date", "content-length", "transfer-encoding")
    kept = {name: value for name, value in answer.headers.items() if name not in left_out}
    return kept | {"vary": ", ".join(sorted({*answer.headers.get("vary", "").split(", ")}))}


def test_who_leaves_ends_the_work_at_the_replica(server: Server, through: httpx.Client) -> None:
    def abandoned() -> float:
        labels = {"model": "gpt2-mini-12x12", "analysis": "importance", "outcome": "abandoned"}
        return server.service.meters.count("computations", **labels)

    before, body = abandoned(), {"prompt": "one more text " * 40, "method": "kl"}
    with through.stream("POST", "/importance/stream", json=body) as response:
        next(parse_events(response))
    wait_until(lambda: abandoned() == before + 1)


def test_limits_are_the_clients_whatever_replica_answers(server: Server) -> None:
    port = port_of(server)
    with front(port, port, rate_limit=3) as client:

        def statuses(address: str) -> list[int]:
            headers = {"X-Forwarded-For": address}
            body = {"text": "a"}
            answers = (client.post("/tokenize", json=body, headers=headers) for _ in range(5))
            return [answer.status_code for answer in answers]

        assert statuses("192.0.2.1") == [200] * 3 + [429] * 2
        assert statuses("2001:db8::1") == [200] * 3 + [429] * 2
        assert statuses("2001:db8::2") == [429] * 5  # of the same network
        figures = client.get("/metrics").text
        assert '_refusals_total{reason="RateLimited",replica="front"} 9.0' in figures
        assert '_replicas{replica="front",state="ready"} 2.0' in figures


def test_a_client_is_told_to_the_replica_and_cannot_make_itself_up(server: Server) -> None:
    """Runs are listed by address: what one client begins another does not see."""
    with front(port_of(server)) as client:
        run = {"task": "ioi", "n": 1, "analysis": {"name": "importance", "method": "gradient"}}
        mine = {"X-Forwarded-For": "192.0.2.7"}
        begun = client.post("/runs", json=run, headers=mine)
        assert begun.status_code == 201, begun.text
        seen = {
            address: [
                each["id"]
                for each in client.get("/runs", headers={"X-Forwarded-For": address}).json()["runs"]
            ]
            for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7, 192.0.2.8")
        }
        name = begun.json()["id"]
        assert seen == {"192.0.2.7": [name], "192.0.2.8": [], "192.0.2.7, 192.0.2.8": []}
        wait_until(lambda: client.get(f"/runs/{name}").json()["state"] == "done")


class Failing:
    """A replica that reads one request, says something, and is gone.

    Attributes:
        asked: the requests, as they came.
    """

    def __init__(self, said: bytes) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.asked: list[bytes] = []
        self._said = said
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        connection, _ = self._listening.accept()
        self._listening.close()
        with connection:
            self.asked.append(connection.recv(65536))
            connection.sendall(self._said)


def test_a_replica_that_ends_before_its_answer_is_told_in_a_sentence() -> None:
    lost = Failing(b"")
    with front(lost.port) as client:
        answer = client.post("/infer", json={"prompt": IOI})
        assert (answer.status_code, answer.json()["error"]) == (503, "ReplicaLost")
        assert answer.json()["detail"].endswith("send the request again.")
        assert answer.headers["retry-after"]
        again = client.post("/infer", json={"prompt": IOI})
        assert (again.status_code, again.json()["error"]) == (503, "ModelUnavailable")


def test_a_stream_whose_replica_ends_has_a_last_event_that_says_so() -> None:
    with front(Failing(HALF).port) as client:
        with client.stream("POST", "/infer/stream", json={"prompt": IOI}) as response:
            events = list(parse_events(response))
        assert [name for name, _ in events] == ["queued", "error"]
        assert events[-1][1]["error"] == "ReplicaLost"
        figures = client.get("/metrics").text
        assert '_refusals_total{reason="ReplicaLost",replica="front"} 1.0' in figures


def test_half_an_event_or_document_is_never_taken_for_a_whole_one() -> None:
    document = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n[1, 2"
    for said in (HALF + b"20\r\nevent: done\ndata: {", document):
        with (
            front(Failing(said).port) as client,
            pytest.raises(httpx.RemoteProtocolError),
        ):
            client.post("/infer/stream", json={"prompt": IOI})


def test_where_nobody_listens_the_next_replica_is_asked(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    with front(nobody, port_of(server), nobody) as client:
        for number in range(4):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            assert client.post("/tokenize", json={"text": "a"}, headers=headers).status_code == 200


def test_the_secret_of_the_front_reaches_the_replica_and_the_clients_does_not() -> None:
    replica = Failing(b"HTTP/1.1 204 No Content\r\n\r\n")
    with front(replica.port, token="opensesame") as client:
        assert client.get("/models").status_code == 401
        assert replica.asked == []
        headers = {"Authorization": "Bearer opensesame"}
        assert client.get("/models", headers=headers).status_code == 204
    (head,) = replica.asked
    assert b"Bearer secret\r\n" in head
    assert b"opensesame" not in head


def test_the_least_busy_replica_with_a_model_is_asked_first() -> None:
    fleet = Given(bundled_settings(), 1, 2, 3)
    fleet.start()
    first, second, third = fleet.links
    first.under_way, second.under_way, third.ready = 2, 1, False
    assert [link.number for link in fleet.in_order("192.0.2.1")] == [1, 0, 2]
    first.under_way = 1
    preferred = {fleet.in_order(f"192.0.2.{n}")[0].number for n in range(20)}
    assert preferred == {0, 1}  # each client its own
    asyncio.run(fleet.stop())


def test_replicas_on_several_machines_need_a_database_that_all_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "connect", lambda *_, **__: None)
    monkeypatch.setattr(module, "machines", lambda: 2)
    with pytest.raises(InvalidSetting, match="to a PostgreSQL"):
        Fleet(bundled_settings(replicas=2, cluster="auto"), None)


def test_figures_of_several_processes_are_one_exposition() -> None:
    one = b'# HELP a_total As.\n# TYPE a_total counter\na_total{of="x\\"y"} 1.0\n'
    both = together({"0": one, "front": one}).decode()
    assert both.count("# TYPE a_total counter") == 1
    assert 'a_total{of="x\\"y",replica="0"} 1.0' in both
    assert 'a_total{of="x\\"y",replica="front"} 1.0' in both
