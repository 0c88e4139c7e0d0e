"""What equal requests share, what is kept of it, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from attention_surgery.analyses import ImportanceRequest, InferRequest
from attention_surgery.errors import InvalidPrompt, InvalidSetting
from attention_surgery.service.answers import Answer
from attention_surgery.service.events import EventLog
from attention_surgery.service.store import ENTRY_BYTES, Store, fingerprint

from .jobs import event, told


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scenario)


def begun(store: Store, key: bytes) -> tuple[EventLog, Answer]:
    """A shared computation with one reader."""
    log, answer = EventLog(), Answer(60)
    answer.join(log)
    store.add(key, log)
    return log, answer


def keep(store: Store, key: bytes, size: int) -> None:
    """An answer of so many bytes that was given and left."""
    log, answer = begun(store, key)
    log.publish(event("step", "x" * 1000))
    log.finish(event("done", "x" * size))
    log.leave(answer)
    store.settle(key, log)


def test_running_work_is_shared_from_its_beginning() -> None:
    async def scenario() -> None:
        store = Store(0)
        log, _ = begun(store, b"a")
        log.publish(event("prompt", "1"))
        late, other = Answer(60), Answer(60)
        assert store.join(b"a", late)
        assert late.log is log
        assert not store.join(b"b", other)
        log.publish(event("token", "2"))
        log.finish(event("done", "3"))
        assert told(late.log) == [("prompt", "1"), ("token", "2"), ("done", "3")]
        assert await late.result() == b"3"

    run(scenario())


def test_of_finished_work_the_closing_event_alone_is_kept() -> None:
    async def scenario() -> None:
        store = Store(10_000)
        keep(store, b"a", 50)
        assert store.kept_bytes == 50 + ENTRY_BYTES
        answer = Answer(60)
        assert store.join(b"a", answer)
        assert told(answer.log) == [("done", "x" * 50)]

    run(scenario())


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    async def scenario() -> None:
        store = Store(3 * (30 + ENTRY_BYTES))
        for key in (b"a", b"b", b"c", b"d"):
            keep(store, key, 30)
            store.join(b"a", Answer(60))  # asked for again and again
        assert store.kept_bytes == 3 * (30 + ENTRY_BYTES)
        kept = [key for key in (b"a", b"b", b"c", b"d") if store.join(key, Answer(60))]
        assert kept == [b"a", b"c", b"d"]

    run(scenario())


def test_an_answer_larger_than_the_memory_is_not_kept() -> None:
    async def scenario() -> None:
        store = Store(1000)
        keep(store, b"large", 1001 - ENTRY_BYTES)
        assert not store.join(b"large", Answer(60))
        keep(store, b"fits", 1000 - ENTRY_BYTES)
        assert store.join(b"fits", Answer(60))

    run(scenario())


def test_failures_are_not_shared() -> None:
    async def scenario() -> None:
        store = Store(10_000)
        log, answer = begun(store, b"a")
        log.fail(InvalidSetting("no"))
        assert not store.join(b"a", Answer(60))
        log.leave(answer)
        store.settle(b"a", log)
        assert not store.join(b"a", Answer(60))

    run(scenario())


def test_what_everyone_has_left_is_not_joined_and_may_begin_anew() -> None:
    async def scenario() -> None:
        store = Store(10_000)
        log, answer = begun(store, b"a")
        log.leave(answer)
        assert not store.join(b"a", Answer(60))
        anew, _ = begun(store, b"a")
        store.settle(b"a", log)
        assert store.join(b"a", Answer(60)), "what was begun anew is still there"
        assert not anew.abandoned

    run(scenario())


def test_a_slow_reader_holds_only_the_latest_progress() -> None:
    log = EventLog()
    for number in range(1000):
        log.publish(event("progress", str(number) * 100, latest=True))
    assert log.size <= 400
    ((seen, last),), _, _ = log.after(-1)
    assert last.data == b"999" * 100
    log.publish(last)
    assert log.after(seen)[0] == [], "nothing new is not told"


BASE = InferRequest(prompt="A", max_new_tokens=2)


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "B"},
        {"ablations": ("L0H0",)},
        {"max_new_tokens": 3},
        {"temperature": 1.0, "seed": 1},
        {"temperature": 1.0, "seed": 2},
        {"alternatives": 6},
        {"prepend_bos": False},
        {"top_k": 3},
    ],
)
def test_everything_that_matters_is_in_the_fingerprint(change: dict[str, Any]) -> None:
    fields = {"prompt": "A", "max_new_tokens": 2} | change
    assert fingerprint(InferRequest(**fields)) != fingerprint(BASE)
    assert fingerprint(InferRequest(**fields)) == fingerprint(InferRequest(**fields))
    assert fingerprint(InferRequest(**fields, model="x")) == fingerprint(InferRequest(**fields))


def test_two_analyses_never_have_one_fingerprint() -> None:
    assert fingerprint(InferRequest(prompt="A")) != fingerprint(ImportanceRequest(prompt="A"))


def test_text_that_is_no_unicode_is_a_sentence() -> None:
    with pytest.raises(InvalidPrompt, match="lone surrogate"):
        fingerprint(InferRequest(prompt="\ud800"))
