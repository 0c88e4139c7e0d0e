"""Workers that end with the test that started them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from attention_surgery.service.queue import Queue
from attention_surgery.service.turns import Turns
from attention_surgery.service.worker import Worker

from .jobs import PATIENT, Watcher


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def make_worker(watcher: Watcher) -> Iterator[Callable[..., Worker]]:
    """Start workers, and end their threads after the test."""
    started: list[Worker] = []
    turns = Turns()

    def make(capacity: int = 8, abreast: int = 1) -> Worker:
        queue = Queue(capacity, time.monotonic, abreast)
        worker = Worker("test", lambda: True, queue, watcher, turns)
        worker.start()
        started.append(worker)
        return worker

    yield make
    for worker in started:
        assert worker.stop(PATIENT)
