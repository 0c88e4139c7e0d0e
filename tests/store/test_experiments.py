"""What is saved comes back, within bounds, for a time, and goes when it is deleted."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from attention_surgery.errors import QuotaExceeded, StoreFull, UnknownExperiment, WrongKey
from attention_surgery.store.database import Database
from attention_surgery.store.experiments import Experiments
from attention_surgery.store.saved import MIB, Content, Quota

ROOMY = Quota(client_experiments=100, client_bytes=MIB, all_bytes=2 * MIB)
CONTENT = Content("L9H9 — “name mover” 🧠", "two\nlines", "?p=When+Mary", b'[{"kl":0.1}]')


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(database: Database, quota: Quota = ROOMY, clock: Clock | None = None) -> Experiments:
    return Experiments(database, quota, seconds_kept=60, clock=clock or Clock())


def test_what_is_saved_comes_back_byte_for_byte(database: Database, clock: Clock) -> None:
    receipt = opened(database, clock=clock).save(CONTENT, "10.0.0.1")
    kept = opened(database, clock=clock).open(receipt.id)
    assert kept.content == CONTENT
    assert (kept.saved_at, kept.expires_at) == (clock.now, clock.now + 60)


def test_addresses_and_keys_do_not_repeat(database: Database) -> None:
    receipts = [opened(database).save(CONTENT, "10.0.0.1") for _ in range(20)]
    assert len({receipt.id for receipt in receipts} | {receipt.key for receipt in receipts}) == 40
    assert min(len(receipt.id) for receipt in receipts) == 16


@pytest.mark.parametrize("identifier", ["", "nothing", "' OR 1=1 --", "%", "a\0b", "é" * 64])
def test_nothing_else_is_opened(database: Database, identifier: str) -> None:
    opened(database).save(CONTENT, "10.0.0.1")
    with pytest.raises(UnknownExperiment):
        opened(database).open(identifier)


@pytest.mark.parametrize("key", ["", "wrong", "\ud800", "é", "a\0b"])
def test_only_its_key_deletes_it(database: Database, key: str) -> None:
    kept = opened(database)
    mine, other = kept.save(CONTENT, "10.0.0.1"), kept.save(CONTENT, "10.0.0.1")
    for wrong in (key, other.key, mine.key + "x"):
        with pytest.raises(WrongKey):
            kept.delete(mine.id, wrong)
    assert kept.open(mine.id).content == CONTENT


def test_what_is_deleted_is_gone(database: Database) -> None:
    kept = opened(database)
    receipt, other = kept.save(CONTENT, "10.0.0.1"), kept.save(CONTENT, "10.0.0.1")
    kept.delete(receipt.id, receipt.key)
    for again in (lambda: kept.open(receipt.id), lambda: kept.delete(receipt.id, receipt.key)):
        with pytest.raises(UnknownExperiment):
            again()
    assert kept.open(other.id).content == CONTENT


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_nothing_deleted_is_left_in_the_files(database: Database, place: str) -> None:
    secret = b"a sentence nobody else has"
    kept = opened(database)
    receipt = kept.save(Content("title", "", "?", secret * 1000), "10.0.0.1")
    kept.delete(receipt.id, receipt.key)
    files = list(Path(place).parent.iterdir())
    assert files
    assert not any(secret in file.read_bytes() for file in files)


def test_neither_key_nor_address_is_kept(database: Database, place: str) -> None:
    from sqlalchemy import text

    receipt = opened(database).save(CONTENT, "198.51.100.77")
    with database.reading() as session:
        rows = session.execute(text("SELECT * FROM experiments")).all()
    assert receipt.id in str(rows)
    assert receipt.key not in str(rows)
    assert "198.51.100.77" not in str(rows)


def test_what_has_expired_is_not_opened_and_is_purged(database: Database, clock: Clock) -> None:
    kept = opened(database, clock=clock)
    receipt = kept.save(CONTENT, "10.0.0.1")
    clock.now += 59
    later = kept.save(CONTENT, "10.0.0.1")
    assert kept.open(receipt.id)
    clock.now += 1
    with pytest.raises(UnknownExperiment):
        kept.open(receipt.id)
    with pytest.raises(UnknownExperiment):
        kept.delete(receipt.id, receipt.key)
    assert kept.purge() == 1
    assert kept.purge() == 0
    assert kept.open(later.id)


def test_one_client_keeps_so_many(database: Database, clock: Clock) -> None:
    kept = opened(database, Quota(2, MIB, MIB), clock)
    first = kept.save(CONTENT, "10.0.0.1")
    kept.save(CONTENT, "10.0.0.1")
    with pytest.raises(QuotaExceeded, match="2 experiments are saved from your address"):
        kept.save(CONTENT, "10.0.0.1")
    kept.save(CONTENT, "10.0.0.2")
    kept.delete(first.id, first.key)
    kept.save(CONTENT, "10.0.0.1")
    clock.now += 60  # what has expired counts no more
    kept.save(CONTENT, "10.0.0.1")


def test_one_client_keeps_so_many_bytes(database: Database) -> None:
    half = Content("t", "", "?", bytes(600 * 1024))
    kept = opened(database, Quota(100, MIB, 10 * MIB))
    kept.save(half, "10.0.0.1")
    with pytest.raises(QuotaExceeded, match=r"more than the 1 MiB that one may keep"):
        kept.save(half, "10.0.0.1")
    kept.save(half, "10.0.0.2")


def test_all_together_keep_so_many_bytes(database: Database) -> None:
    half = Content("t", "", "?", bytes(600 * 1024))
    kept = opened(database, Quota(100, 10 * MIB, MIB))
    kept.save(half, "10.0.0.1")
    with pytest.raises(StoreFull, match=r"The 1 MiB that this server keeps for all are full"):
        kept.save(half, "10.0.0.2")


def test_a_quota_holds_for_those_who_save_at_once(database: Database) -> None:
    kept = opened(database, Quota(5, MIB, MIB))
    saved, refused = [], []

    def save() -> None:
        try:
            saved.append(kept.save(CONTENT, "10.0.0.1"))
        except QuotaExceeded as error:
            refused.append(error)

    threads = [threading.Thread(target=save) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(saved), len(refused)) == (5, 7)
