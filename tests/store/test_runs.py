"""Runs in both databases: turns, leases, takeover, filing, deletion, quotas."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from attention_surgery.errors import InvalidSetting, NotYours, QuotaExceeded, RunTaken, UnknownRun
from attention_surgery.store.database import Database
from attention_surgery.store.kept_runs import KeptRun, Lease, NewRun, RunQuota
from attention_surgery.store.runs import Runs

MODEL = {"mini": "abc"}
QUOTA = RunQuota(3, 2)


def new(total: int = 3, title: str = "names") -> NewRun:
    return NewRun(
        title=title,
        request='{"task":"ioi"}',
        items=b"[1,2,3]",
        total=total,
        model="mini",
        revision="abc",
        version="0.1",
        layers=2,
        heads=3,
    )


def scores(item: int) -> NDArray[np.float32]:
    return np.random.default_rng(item).normal(size=(2, 3)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def runs(database: Database, folder: Path) -> Runs:
    return Runs(database, folder)


def claimed(runs: Runs) -> Lease:
    lease = runs.claim(MODEL)
    assert lease is not None
    return lease


def worked_off(runs: Runs, lease: Lease) -> KeptRun:
    for item in lease.left:
        runs.keep(lease, [item], scores(item)[None], 0.5)
    return runs.finish(lease)


def test_a_run_is_worked_off_and_filed(runs: Runs, folder: Path) -> None:
    added = runs.add(new(), "a")
    assert (added.state, added.done, added.seconds_left) == ("queued", 0, None)
    lease = claimed(runs)
    assert added.id.isalnum()
    assert lease.left == (0, 1, 2)
    assert runs.claim(MODEL) is None
    runs.keep(lease, [0], scores(0)[None], 0.5)
    halfway, so_far = runs.results(added.id)
    assert (halfway.state, halfway.done, halfway.seconds_left) == ("running", 1, 1.0)
    assert so_far.items.tolist() == [0]
    assert np.array_equal(so_far.scores, [scores(0)])
    lease = Lease(lease.run, lease.holder, lease.left[1:])
    ended = worked_off(runs, lease)
    assert (ended.state, ended.done, ended.seconds_left) == ("done", 3, None)
    table = parquet.read_table(folder / f"{added.id}.parquet")
    assert table.column_names == ["item", "layer", "head", "score"]
    assert table.schema.metadata[b"request"] == b'{"task":"ioi"}'
    assert table.slice(6, 1).to_pylist() == [
        {"item": 1, "layer": 0, "head": 0, "score": float(scores(1)[0, 0])}
    ]
    _, kept = runs.results(added.id)
    assert np.array_equal(kept.scores, [scores(item) for item in range(3)])
    assert [path.name for path in folder.iterdir()] == [f"{added.id}.parquet"]


def test_what_runs_on_other_weights_is_left_alone(runs: Runs) -> None:
    runs.add(new(), "a")
    assert runs.claim({}) is None
    assert runs.claim({"mini": "other"}) is None
    assert runs.claim({"mini": "abc", "gpt2": "x"}) is not None


def test_a_silent_holder_loses_its_run_and_can_change_nothing_more(
    database: Database, folder: Path
) -> None:
    dead, heir = Runs(database, folder, hold_seconds=-1), Runs(database, folder)
    added = dead.add(new(), "a")
    lost = claimed(dead)
    dead.keep(lost, [0], scores(0)[None], 0.5)
    taken = claimed(heir)
    assert (taken.run.id, taken.left) == (added.id, (1, 2))
    assert heir.claim(MODEL) is None
    for change in (
        lambda: dead.keep(lost, [1], scores(7)[None], 0.5),
        lambda: dead.renew(lost),
        lambda: dead.finish(lost),
        lambda: dead.give_back(lost),
    ):
        with pytest.raises(RunTaken):
            change()
    assert worked_off(heir, taken).done == 3
    assert np.array_equal(heir.results(added.id)[1].scores, [scores(i) for i in range(3)])


def test_an_item_is_kept_once_however_often_that_is_said(runs: Runs) -> None:
    added = runs.add(new(), "a")
    lease = claimed(runs)
    for _ in range(2):
        runs.keep(lease, [0], scores(0)[None], 0.5)
    assert runs.open(added.id).done == 1


def test_what_is_known_is_kept_by_who_holds_the_run(runs: Runs) -> None:
    identifier = runs.add(new(1), "1.2.3.4").id
    lease = claimed(runs)
    assert runs.found(identifier) is None
    runs.keep_found(lease, b"{}")
    assert runs.found(identifier) == b"{}"
    runs.give_back(lease)
    with pytest.raises(RunTaken):
        runs.keep_found(lease, b"[]")
    runs.keep(claimed(runs), [0], scores(0)[None], 0.5, b'{"heads": []}')
    assert runs.found(identifier) == b'{"heads": []}'


def test_servers_that_ask_at_once_get_different_runs(place: str) -> None:
    databases = [Database(place) for _ in range(4)]
    first = Runs(databases[0], None)
    for title in "abc":
        first.add(new(title=title), "a")
    got: list[Lease | None] = []

    def ask(database: Database) -> None:
        got.append(Runs(database, None).claim(MODEL))

    _at_once([lambda database=database: ask(database) for database in databases])
    for database in databases:
        database.close()
    titles = sorted("" if lease is None else lease.run.title for lease in got)
    assert titles in (["", "a", "b", "c"], ["", "", "a", "b"])  # who looks meanwhile asks again


def _at_once(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_who_gives_a_run_back_goes_behind_the_others(runs: Runs) -> None:
    for title in "ab":
        runs.add(new(title=title), "a")
    order = []
    for _ in range(3):
        lease = claimed(runs)
        order.append(lease.run.title)
        runs.give_back(lease)
    assert order == ["a", "b", "a"]


def test_a_stopped_run_keeps_what_is_done(runs: Runs, folder: Path) -> None:
    added = runs.add(new(), "a")
    lease = claimed(runs)
    runs.keep(lease, [0], scores(0)[None], 0.5)
    assert runs.cancel(added.id, "a").state == "cancelled"
    with pytest.raises(RunTaken):
        runs.keep(lease, [1], scores(1)[None], 0.5)
    assert (folder / f"{added.id}.parquet").is_file()
    assert runs.results(added.id)[1].items.tolist() == [0]
    assert runs.cancel(added.id, "a").ended_at == runs.open(added.id).ended_at


def test_a_failed_run_says_why(runs: Runs) -> None:
    runs.add(new(), "a")
    ended = runs.finish(claimed(runs), "Item 0: too long.")
    assert (ended.state, ended.why) == ("failed", "Item 0: too long.")


def test_a_failed_run_goes_on_with_what_it_has(runs: Runs, folder: Path) -> None:
    added = runs.add(new(), "a")
    lease = claimed(runs)
    runs.keep(lease, [1], scores(1)[None], 0.5)
    runs.finish(lease, "Item 0: too long.")
    assert (folder / f"{added.id}.parquet").is_file()
    with pytest.raises(NotYours, match="another address"):
        runs.resume(added.id, "b")
    resumed = runs.resume(added.id, "a", QUOTA)
    assert (resumed.state, resumed.why, resumed.ended_at) == ("queued", None, None)
    assert runs.resume(added.id, "a", QUOTA) == resumed
    lease = claimed(runs)
    assert lease.left == (0, 2)
    assert worked_off(runs, lease).state == "done"
    found = runs.results(added.id)[1]
    assert found.items.tolist() == [0, 1, 2]
    assert np.array_equal(found.scores, [scores(item) for item in range(3)])
    with pytest.raises(InvalidSetting, match="nothing is left"):
        runs.resume(added.id, "a")


def test_who_has_enough_under_way_resumes_nothing_more(runs: Runs) -> None:
    stopped = runs.cancel(runs.add(new(), "a").id)
    for title in "ab":
        runs.add(new(title=title), "a")
    with pytest.raises(QuotaExceeded, match="no more than 2 can wait or be under way"):
        runs.resume(stopped.id, "a", QUOTA)


def test_items_are_kept_together_or_not_at_all(runs: Runs) -> None:
    added = runs.add(new(), "a")
    lease = claimed(runs)
    runs.keep(lease, [1], scores(1)[None], 0.5)
    runs.keep(lease, range(3), np.stack([scores(item) for item in range(3)]), 0.5)
    assert runs.open(added.id).done == 3
    assert np.array_equal(runs.results(added.id)[1].scores, [scores(item) for item in range(3)])


def test_deletion_deletes(runs: Runs, folder: Path) -> None:
    added = runs.add(new(), "a")
    worked_off(runs, claimed(runs))
    with pytest.raises(NotYours, match="another address"):
        runs.delete(added.id, "b")
    runs.delete(added.id, "a")
    assert list(folder.iterdir()) == []
    for ask in (runs.open, runs.items, runs.results, runs.cancel, runs.delete):
        with pytest.raises(UnknownRun, match="no run"):
            ask(added.id)


def test_expired_runs_are_purged(database: Database, folder: Path) -> None:
    brief = Runs(database, folder, seconds_kept=-1)
    added = brief.add(new(), "a")
    with pytest.raises(UnknownRun):
        brief.open(added.id)
    assert brief.claim(MODEL) is None
    assert brief.all_of(None) == []
    assert brief.purge() == 1


def test_quotas_are_said(runs: Runs) -> None:
    for title in "ab":
        runs.add(new(title=title), "a", QUOTA)
    with pytest.raises(QuotaExceeded, match="no more than 2 can wait or be under way"):
        runs.add(new(), "a", QUOTA)
    worked_off(runs, claimed(runs))
    runs.add(new(title="c"), "a", QUOTA)
    with pytest.raises(QuotaExceeded, match="no more than 3 can be kept"):
        runs.add(new(), "a", QUOTA)
    assert [run.title for run in runs.all_of("a")] == ["c", "b", "a"]
    runs.add(new(title="d"), "b", QUOTA)
    assert [run.title for run in runs.all_of("b")] == ["d"]
    assert len(runs.all_of(None)) == 4


def test_without_a_folder_the_results_stay_in_the_database(database: Database) -> None:
    runs = Runs(database, None)
    added = runs.add(new(), "a")
    worked_off(runs, claimed(runs))
    assert np.array_equal(runs.results(added.id)[1].scores, [scores(i) for i in range(3)])


def test_what_cannot_be_filed_stays_and_is_filed_later(runs: Runs, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    added = runs.add(new(), "a")
    worked_off(runs, claimed(runs))
    assert runs.results(added.id)[1].items.tolist() == [0, 1, 2]
    folder.unlink()
    runs.purge()
    assert (folder / f"{added.id}.parquet").is_file()
    assert runs.results(added.id)[1].items.tolist() == [0, 1, 2]
