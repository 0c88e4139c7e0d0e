"""Models that have work at once take turns on the cores."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from attention_surgery.service.turns import Turns
from attention_surgery.service.worker import Worker

from .jobs import PATIENT, computation, submit


class Watched:
    """Jobs that note who computes, and how many at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def job(self, steps: int) -> Iterator[None]:
        for _ in range(steps):
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            time.sleep(0.002)
            with self._lock:
                self._now -= 1
            yield


def test_two_models_compute_one_step_at_a_time(make_worker: Callable[..., Worker]) -> None:
    watched, readers = Watched(), []
    for _ in range(2):
        made, reader = computation(watched.job(40))
        submit(make_worker(), made)
        readers.append((reader, made))
    for reader, made in readers:
        assert reader.wait_for_end(made) is None
    assert watched.most == 1


def test_who_asks_first_computes_first() -> None:
    turns, order = Turns(), []

    def ask(name: str) -> None:
        with turns.turn():
            order.append(name)

    threads = [threading.Thread(target=ask, args=(name,)) for name in "bcd"]
    with turns.turn():
        for waiting, thread in enumerate(threads, start=2):
            thread.start()
            while turns.asking < waiting:
                time.sleep(0.001)
    for thread in threads:
        thread.join(PATIENT)
    assert order == ["b", "c", "d"]


def test_a_step_that_fails_gives_its_turn_back() -> None:
    turns = Turns()
    with pytest.raises(SystemExit), turns.turn():
        raise SystemExit
    with turns.turn():
        pass
