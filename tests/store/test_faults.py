"""A database that is not there, full, locked or read-only: one sentence each, and then back."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from attention_surgery.errors import StoreFull, StoreUnavailable
from attention_surgery.store import database as module
from attention_surgery.store.database import Database
from attention_surgery.store.experiments import Experiments
from attention_surgery.store.place import default_file
from attention_surgery.store.saved import MIB, Content, Quota
from tests.postgresql import Cluster

CONTENT = Content("title", "", "?", bytes(MIB))
QUOTA = Quota(100, 100 * MIB, 100 * MIB)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def kept(file: Path) -> Iterator[Experiments]:
    database = Database(str(file))
    yield Experiments(database, QUOTA, 60)
    database.close()


def test_a_full_disk_is_said_and_what_was_saved_stays(
    kept: Experiments, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = kept.save(CONTENT, "a")
    database = kept._database
    with database.reading() as session:
        connection = session.connection()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFull, match="disk is full"):
        kept.save(CONTENT, "a")
    assert kept.open(saved.id).content == CONTENT


def test_a_locked_database_is_said_and_waited_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    kept = Experiments(Database(str(file)), QUOTA, 60)
    saved = kept.save(CONTENT, "a")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="busy"):
        kept.save(CONTENT, "a")
    assert kept.open(saved.id)  # who reads does not wait for who writes
    other.execute("ROLLBACK")
    other.close()
    assert kept.save(CONTENT, "a")
    kept._database.close()


def test_what_is_no_database_is_said(file: Path) -> None:
    file.write_bytes(b"a letter to my aunt " * 1000)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        Experiments(Database(str(file)), QUOTA, 60).open("x")
    assert file.read_bytes().startswith(b"a letter")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    database = Database(str(tmp_path / "file" / "store.sqlite"))
    with pytest.raises(StoreUnavailable, match="ATTENTION_SURGERY_DATABASE"), database.reading():
        pass


def test_a_missing_driver_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    database = Database("postgresql://nobody@localhost/nothing")
    sentence = r"attention-surgery\[postgres\]"
    with pytest.raises(StoreUnavailable, match=sentence), database.reading():
        pass


def test_who_failed_a_moment_ago_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    database = Database(str(tmp_path / "file" / "store.sqlite"))
    with pytest.raises(StoreUnavailable), database.reading():
        pass
    (tmp_path / "file").unlink()
    with pytest.raises(StoreUnavailable), database.reading():
        pass
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    database._failed = None
    with database.reading():
        pass
    database.close()


def test_a_postgresql_that_went_away_is_found_again(postgresql: Cluster) -> None:
    kept = _on(postgresql)
    saved = kept.save(CONTENT, "a")
    postgresql.stop()
    try:
        with pytest.raises(StoreUnavailable, match="does not answer"):
            kept.open(saved.id)
    finally:
        postgresql.start()
    assert kept.open(saved.id).content == CONTENT
    kept._database.close()


def test_a_read_only_postgresql_is_said(postgresql: Cluster) -> None:
    kept = _on(postgresql)
    saved = kept.save(CONTENT, "a")
    with kept._database.reading() as session:
        name = session.connection().exec_driver_sql("SELECT current_database()").scalar_one()
        session.connection().exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        )
    kept._database.close()
    assert name
    reopened = Experiments(Database(kept._database.url), QUOTA, 60)
    with pytest.raises(StoreUnavailable, match="only be read"):
        reopened.save(CONTENT, "a")
    assert reopened.open(saved.id).content == CONTENT
    reopened._database.close()


def _on(running: Cluster) -> Experiments:
    return Experiments(Database(running.database(f"d{uuid4().hex}")), QUOTA, 60)


def test_the_default_is_in_the_folder_for_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_file() == tmp_path / "attention-surgery" / "attention-surgery.sqlite"
    database = Database(None)
    with database.reading():
        assert default_file().parent.stat().st_mode & 0o777 == 0o700
    database.close()
