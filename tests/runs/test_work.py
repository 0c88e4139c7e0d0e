"""The loop that works on a run: nothing measured is lost, whatever the database does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from attention_surgery.errors import InvalidPrompt, JobCancelled
from attention_surgery.runs import work as module
from attention_surgery.runs.work import Work
from attention_surgery.store.database import Database
from attention_surgery.store.kept_runs import Lease, NewRun
from attention_surgery.store.runs import Runs
from tests.postgresql import Cluster

MODEL = {"mini": "abc"}
ALONE = [range(item, item + 1) for item in range(4)]


def new(total: int = 4) -> NewRun:
    return NewRun(
        title="",
        request="{}",
        items=b"[]",
        total=total,
        model="mini",
        revision="abc",
        version="0",
        layers=2,
        heads=2,
    )


class Watch:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.said: list[str | None] = []
        self.errors: list[Exception] = []

    def kept(self, done: int, total: int) -> None:
        assert done <= total
        self.done.append(done)

    def stuck(self, why: str | None) -> None:
        self.said.append(why)

    def crashed(self, error: Exception) -> None:
        self.errors.append(error)


class Measured:
    """Scores that tell their item; something happens before one of them."""

    def __init__(self, before: dict[int, Callable[[], object]] | None = None) -> None:
        self.asked: list[int] = []
        self._before = before or {}

    def __call__(
        self, part: range, given_up: Callable[[], bool]
    ) -> tuple[range, NDArray[np.float32]]:
        (item,) = part
        self.asked.append(item)
        self._before.get(item, lambda: None)()
        if given_up():
            raise JobCancelled("given up")
        return part, np.full((1, 2, 2), item, np.float32)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.05)


@pytest.fixture
def runs(database: Database) -> Runs:
    return Runs(database, None)


def begun(runs: Runs) -> Lease:
    runs.add(new(), "a")
    lease = runs.claim(MODEL)
    assert lease is not None
    return lease


def scores_of(runs: Runs, lease: Lease) -> list[float]:
    found: list[float] = runs.results(lease.run.id)[1].scores[:, 0, 0].tolist()
    return found


def test_every_item_is_measured_and_kept_once(runs: Runs) -> None:
    lease, watch, measured = begun(runs), Watch(), Measured()
    ended = Work(runs, watch).go_on(lease, ALONE, measured)
    assert ended is not None
    assert (ended.state, ended.done) == ("done", 4)
    assert measured.asked == [0, 1, 2, 3]
    assert watch.done == [1, 2, 3, 4]
    assert scores_of(runs, lease) == [0, 1, 2, 3]


def test_batches_are_kept_in_the_order_in_which_they_are_found(runs: Runs) -> None:
    """Workers of a cluster are not waited for in turn: what is found is not lost with who waits."""
    lease, watch, left = begun(runs), Watch(), list(reversed(ALONE))

    def last_first(part: range, given_up: Callable[[], bool]) -> tuple[range, NDArray[np.float32]]:
        kept = runs.results(lease.run.id)[1].items.tolist()
        assert kept == list(range(4))[len(left) :]
        found = left.pop(0)
        return found, np.full((1, 2, 2), found[0], np.float32)

    ended = Work(runs, watch).go_on(lease, ALONE, last_first)
    assert ended is not None
    assert (ended.state, watch.done) == ("done", [1, 2, 3, 4])
    assert scores_of(runs, lease) == [0, 1, 2, 3]


@pytest.mark.parametrize("seconds", [0.5, pytest.param(10, marks=pytest.mark.long)])
def test_a_database_that_is_gone_for_a_while_loses_nothing(
    postgresql: Cluster, seconds: float
) -> None:
    database = Database(postgresql.database(f"d{uuid4().hex}"))
    runs, watch = Runs(database, None), Watch()
    lease = begun(runs)

    def goes_away() -> None:
        postgresql.stop()
        threading.Thread(target=comes_back).start()

    def comes_back() -> None:
        time.sleep(seconds)
        postgresql.start()

    measured = Measured({2: goes_away})
    ended = Work(runs, watch).go_on(lease, ALONE, measured)
    database.close()
    assert ended is not None
    assert (ended.state, ended.done) == ("done", 4)
    assert measured.asked == [0, 1, 2, 3]
    assert "does not answer" in (watch.said[0] or "")
    assert watch.said[-1] is None


def test_a_full_disk_is_waited_for_and_said(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "store.sqlite"))
    runs, watch = Runs(database, None), Watch()
    lease = begun(runs)

    def limit(pages: int) -> None:
        with database.reading() as session:
            connection = session.connection()
            used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")

    def full() -> None:
        limit(0)
        threading.Timer(0.5, limit, [1000]).start()

    def large(part: range, given_up: Callable[[], bool]) -> tuple[range, NDArray[np.float32]]:
        if 1 in part:
            full()
        return part, np.full((1, 100, 100), part[0], np.float32)

    ended = Work(runs, watch).go_on(lease, ALONE, large)
    database.close()
    assert ended is not None
    assert (ended.state, ended.done) == ("done", 4)
    assert "disk is full" in (watch.said[0] or "")


def test_an_item_that_cannot_be_measured_fails_the_run_with_its_sentence(runs: Runs) -> None:
    def refuses() -> None:
        raise InvalidPrompt("The text has no token.")

    lease = begun(runs)
    ended = Work(runs, Watch()).go_on(lease, ALONE, Measured({1: refuses}))
    assert ended is not None
    assert (ended.state, ended.why) == ("failed", "Item 1: The text has no token.")
    assert scores_of(runs, lease) == [0]


def test_what_nobody_foresaw_is_told_and_fails_the_run(runs: Runs) -> None:
    lease, watch = begun(runs), Watch()
    ended = Work(runs, watch).go_on(lease, ALONE, Measured({0: lambda: 1 / 0}))
    assert ended is not None
    assert "nobody foresaw" in (ended.why or "")
    assert isinstance(watch.errors[0], ZeroDivisionError)


def test_a_run_is_given_back_between_items_and_goes_on(runs: Runs) -> None:
    lease, watch = begun(runs), Watch()
    work = Work(runs, watch, enough=lambda: len(watch.done) == 2)
    assert work.go_on(lease, ALONE, Measured()) is None
    assert runs.open(lease.run.id).state == "queued"
    again = runs.claim(MODEL)
    assert again is not None
    measured = Measured()
    ended = Work(runs, watch).go_on(again, ALONE, measured)
    assert ended is not None
    assert measured.asked == [2, 3]
    assert scores_of(runs, lease) == [0, 1, 2, 3]


def test_a_run_that_was_stopped_is_left_within_the_item(database: Database) -> None:
    runs = Runs(database, None, hold_seconds=0.15)
    lease = begun(runs)

    def stopped_meanwhile() -> None:
        runs.cancel(lease.run.id)
        time.sleep(0.5)  # the heartbeat hears of it

    measured = Measured({1: stopped_meanwhile})
    assert Work(runs, Watch()).go_on(lease, ALONE, measured) is None
    assert measured.asked == [0, 1]
    assert (runs.open(lease.run.id).state, scores_of(runs, lease)) == ("cancelled", [0])


def test_a_run_that_takes_too_long_says_so_and_keeps_what_is_done(runs: Runs) -> None:
    lease = begun(runs)
    slow = Measured({0: lambda: time.sleep(0.1)})
    ended = Work(runs, Watch(), most_seconds=0.05).go_on(lease, ALONE, slow)
    assert ended is not None
    assert (ended.state, ended.done) == ("failed", 1)
    assert "longer than the 0.05 seconds" in (ended.why or "")
