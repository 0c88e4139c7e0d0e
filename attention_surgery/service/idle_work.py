"""Work at a model that waits until nobody else has any: that of runs."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from attention_surgery.analyses.cost import Urgency
from attention_surgery.errors import JobCancelled, QueueFull
from attention_surgery.service.computation import Computation
from attention_surgery.service.models import Slot

Answer = TypeVar("Answer")

CLIENT = "runs"


def through_queue(
    slot: Slot, steps: Generator[object, None, Answer], given_up: Callable[[], bool]
) -> Answer:
    """What this finds, worked out on the model's thread when nobody else has work for it.

    Raises:
        JobCancelled: it was given up.
        AttentionSurgeryError: what the work failed with.
    """
    found: list[Answer] = []

    def kept() -> Generator[None, None, None]:
        with contextlib.closing(steps):
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    found.append(end.value)
                    return
                yield  # its progress, which nobody reads, would be written as JSON

    computation = Computation("run", Urgency.RUN, CLIENT, kept())
    news = threading.Event()
    computation.log.join(news, news.set)
    try:
        _put(slot, computation, given_up)
        while True:
            news.wait(0.5)
            news.clear()
            _, finished, error = computation.log.after(-1)
            if error is not None:
                raise error
            if finished:
                return found[0]
            if given_up():
                raise JobCancelled("The run goes on later.")
    finally:
        computation.log.leave(news)


def _put(slot: Slot, computation: Computation, given_up: Callable[[], bool]) -> None:
    """Into the queue, which others may have filled."""
    while True:
        try:
            with slot.worker.place() as put:
                put(computation)
            return
        except QueueFull:
            if given_up():
                raise JobCancelled("The run goes on later.") from None
            time.sleep(0.5)
