"""What is shared, and for how long."""

from __future__ import annotations

from attention_surgery.errors import InvalidSetting
from attention_surgery.service.computation import Computation, Event
from attention_surgery.service.store import Store

from .jobs import Reader, computation, counting


def finished(key: str, size: int) -> Computation:
    made, _ = computation(counting(1), key=key)
    made.finish(Event("done", "x" * size))
    return made


def join(store: Store, key: str) -> Computation | None:
    reader = Reader()
    return store.join(key, reader, reader.woken.set)


def test_equal_keys_share_and_others_do_not() -> None:
    store, made = Store(1000), finished("a", 10)
    store.add(made)
    assert join(store, "a") is made
    assert join(store, "b") is None


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    store = Store(100)
    for key in "abcd":
        store.add(finished(key, 30))
        join(store, "a")  # asked for again and again
    assert store.kept_bytes <= 100
    assert [key for key in "abcd" if join(store, key)] == ["a", "c", "d"]


def test_an_answer_larger_than_the_memory_is_not_kept() -> None:
    store = Store(100)
    store.add(finished("large", 101))
    assert join(store, "large") is None


def test_without_memory_running_work_is_still_shared() -> None:
    store = Store(0)
    made, _ = computation(counting(1), key="a")
    store.add(made)
    assert join(store, "a") is made
    made.finish(Event("done", "{}"))
    store.trim()
    assert join(store, "a") is None


def test_failures_are_not_shared() -> None:
    store = Store(1000)
    made, _ = computation(counting(1), key="a")
    store.add(made)
    made.fail(InvalidSetting("no"))
    assert join(store, "a") is None


def test_what_everyone_has_left_is_not_joined() -> None:
    store = Store(1000)
    made, reader = computation(counting(1), key="a")
    store.add(made)
    made.leave(reader)
    assert join(store, "a") is None


def test_a_late_reader_gets_the_whole_story() -> None:
    made, _ = computation(counting(1))
    made.publish(Event("prompt", "1"), Event("token", "2"))
    made.finish(Event("done", "3"))
    entries, is_finished, error = made.after(-1)
    assert [event.json for _, event in entries] == ["1", "2", "3"]
    assert (is_finished, error) == (True, None)


def test_a_slow_reader_holds_only_the_latest_progress() -> None:
    made, _ = computation(counting(1))
    for number in range(1000):
        made.publish(Event("progress", str(number) * 100, latest=True))
    assert made.size <= 400
    ((seen, event),), _, _ = made.after(-1)
    assert event.json == "999" * 100
    made.publish(Event("progress", event.json, latest=True))
    assert made.after(seen)[0] == [], "nothing new is not told"
