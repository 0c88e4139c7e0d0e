"""Two replicas of a real server, each a process of its own, behind one address."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from .servers import IOI, PATIENT, ServerProcess, parse_events, wait_until

pytestmark = [pytest.mark.long, pytest.mark.cluster]
LONG = {"prompt": "many words " * 25, "method": "kl", "ablation_method": "mean"}


@contextmanager
def serving(log: Path, **settings: Any) -> Iterator[ServerProcess]:
    """Both replicas are ready; begun again where a busy machine took Ray too long to start."""
    given = {"replicas": 2, "threads": 1, "log_format": "json"} | settings
    for _ in range(3):
        server = ServerProcess(log, **given)
        try:
            server.wait_until_ready()
            wait_until(lambda server=server: ready(server) == 2, every=0.2)
            yield server
            return
        except AssertionError:
            if "Ray did not start here" not in server.log_text():
                raise
        finally:
            server.kill()


def ready(server: ServerProcess) -> float:
    """Replicas of which a model can answer."""
    return figure(server, "attention_surgery_replicas", replica="front", state="ready")


def figure(server: ServerProcess, name: str, **labels: str) -> float:
    """A sample of its metrics; 0 where there is none."""
    from prometheus_client.parser import text_string_to_metric_families

    families = text_string_to_metric_families(httpx.get(server.url + "/metrics").text)
    samples = (sample for family in families for sample in family.samples)
    named = (sample for sample in samples if sample.name == name)
    return sum(each.value for each in named if labels.items() <= each.labels.items())


def processes(server: ServerProcess) -> list[psutil.Process]:
    return psutil.Process(server.pid).children(recursive=True)


def replicas(server: ServerProcess) -> set[int]:
    named = ((each.pid, " ".join(each.cmdline())) for each in processes(server))
    return {pid for pid, words in named if words.startswith("ray::Replica")}


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("replicas") / "server.log") as begun:
        yield begun


class Stream(threading.Thread):
    """Reads a stream to its end in the background."""

    def __init__(self, server: ServerProcess, number: int, body: dict[str, Any]) -> None:
        super().__init__()
        self._url, self._body = server.url + "/importance/stream", body
        self._client = {"X-Forwarded-For": f"192.0.2.{number}"}
        self.begun = threading.Event()
        self.events: list[tuple[str, Any]] = []
        self.start()

    def run(self) -> None:
        with httpx.stream(
            "POST", self._url, json=self._body, headers=self._client, timeout=PATIENT
        ) as response:
            for event in parse_events(response):
                self.events.append(event)
                if event[0] != "queued":
                    self.begun.set()
        self.begun.set()

    def last(self) -> tuple[str, Any]:
        self.join(PATIENT)
        return self.events[-1]


def test_users_are_answered_by_both_and_told_apart_in_one_exposition(
    replicated: ServerProcess,
) -> None:
    def ask(number: int) -> int:
        body = {"prompt": f"{number}. {IOI}", "ablations": ["L9H6"], "max_new_tokens": 5}
        named = {"X-Request-ID": f"asked-{number}"}
        return httpx.post(
            replicated.url + "/infer", json=body, headers=named, timeout=PATIENT
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(12))) == {200}
    done = [
        figure(replicated, "attention_surgery_computations_total", replica=name, analysis="infer")
        for name in ("0", "1", "front")
    ]
    assert min(done[:2]) >= 1
    assert sum(done) == 12
    # Ray brings the lines of the replicas.
    wait_until(lambda: replicated.log_text().count('"request_id": "asked-') == 12, every=0.1)


def test_a_replica_that_is_killed_costs_its_own_requests_and_is_replaced(
    replicated: ServerProcess,
) -> None:
    """Each is told in a sentence; those of the other replica come to their end."""
    before = replicas(replicated)
    assert len(before) == 2
    streams = [Stream(replicated, n, LONG | {"prompt": f"{n} " + "words " * 60}) for n in range(2)]
    for stream in streams:
        assert stream.begun.wait(PATIENT)
    os.kill(min(before), signal.SIGKILL)
    ends = [stream.last() for stream in streams]
    assert sorted(name for name, _ in ends) == ["done", "error"]
    told = next(data for name, data in ends if name == "error")
    assert told["error"] == "ReplicaLost"
    assert told["detail"].endswith("send the request again.")
    answer = httpx.post(replicated.url + "/tokenize", json={"text": "a"}, timeout=PATIENT)
    assert answer.status_code == 200
    wait_until(lambda: ready(replicated) == 2 and len(replicas(replicated)) == 2, every=0.2)
    assert max(before) in replicas(replicated)
    assert min(before) not in replicas(replicated)
    assert "a replica has ended and is replaced" in replicated.log_text()


def test_what_one_replica_saves_the_other_opens(replicated: ServerProcess) -> None:
    saved = httpx.post(
        replicated.url + "/experiments",
        json={"title": "one", "link": "?p=one", "results": []},
        timeout=PATIENT,
    )
    assert saved.status_code == 201, saved.text
    path = f"{replicated.url}/experiments/{saved.json()['id']}"
    opened = [
        httpx.get(path, headers={"X-Forwarded-For": f"192.0.2.{n}"}, timeout=PATIENT)
        for n in range(8)  # each address has its own replica where both are idle
    ]
    assert {each.json()["title"] for each in opened} == {"one"}


def test_a_stop_lets_the_replicas_finish_and_leaves_no_process(tmp_path: Path) -> None:
    with serving(tmp_path / "server.log", grace_seconds=60) as server:
        bodies = [LONG | {"prompt": f"{n} " + "words " * 30} for n in range(2)]
        streams = [Stream(server, number, body) for number, body in enumerate(bodies)]
        for stream in streams:
            assert stream.begun.wait(PATIENT)
        left = processes(server)
        server.terminate()
        assert [stream.last()[0] for stream in streams] == ["done", "done"]
        assert server.wait() == 0, server.log_text()
        psutil.wait_procs(left, timeout=10)
        assert not [each for each in left if each.is_running()]
        assert "shutdown complete" in server.log_text()
