"""Servers on one database: each run is one server's, and a dead server's is taken over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from attention_surgery.store.database import Database
from attention_surgery.store.runs import Runs
from tests.api.servers import PATIENT, ServerProcess, wait_until
from tests.postgresql import Cluster, cluster

RUN = {"task": "ioi", "n": 8, "analysis": {"name": "importance", "method": "ablation"}}


@pytest.fixture
def postgresql() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


def ask(server: ServerProcess, method: str, path: str, **body: Any) -> Any:
    answer = httpx.request(method, server.url + path, json=body or None, timeout=PATIENT)
    assert answer.status_code < 300, answer.text
    return answer.json()


@pytest.mark.long
def test_a_dead_servers_run_is_taken_over_with_equal_numbers(
    postgresql: Cluster, tmp_path: Path
) -> None:
    place = postgresql.database("runs")
    with ExitStack() as ends:
        first = ServerProcess(tmp_path / "first.log", database=place)
        ends.callback(first.kill)
        first.wait_until_ready()
        second = ServerProcess(tmp_path / "second.log", database=place)
        ends.callback(second.kill)
        second.wait_until_ready()
        names = [ask(first, "POST", "/runs", **RUN)["id"] for _ in range(2)]

        def dones() -> list[int]:
            return [ask(second, "GET", f"/runs/{name}")["done"] for name in names]

        wait_until(lambda: min(dones()) >= 1)  # at once: each has one
        assert max(dones()) < RUN["n"]
        first.kill()
        wait_until(lambda: min(dones()) == RUN["n"])
        database = Database(place)
        ends.callback(database.close)
        results = [Runs(database, None).results(name)[1] for name in names]
        for each in results:
            np.testing.assert_array_equal(each.items, np.arange(RUN["n"]))
            np.testing.assert_array_equal(each.scores, results[0].scores)


@pytest.mark.long
def test_a_server_that_is_stopped_goes_on_at_once_when_it_is_started(tmp_path: Path) -> None:
    place = tmp_path / "store.sqlite"
    with ExitStack() as ends:
        server = ServerProcess(tmp_path / "first.log", database=place)
        ends.callback(server.kill)
        server.wait_until_ready()
        name = ask(server, "POST", "/runs", **RUN)["id"]
        wait_until(lambda: ask(server, "GET", f"/runs/{name}")["done"] >= 1)
        server.stop()
        again = ServerProcess(tmp_path / "second.log", database=place)
        ends.callback(again.kill)
        again.wait_until_ready()
        found = ask(again, "GET", f"/runs/{name}")
        assert found["state"] in ("queued", "running")
        assert 1 <= found["done"] < RUN["n"]
        wait_until(lambda: ask(again, "GET", f"/runs/{name}")["state"] == "done")
