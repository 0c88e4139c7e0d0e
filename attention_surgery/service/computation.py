"""One piece of work at a model: its place in the queue, its generator, and what it has said.

Several requests may read one computation. Each keeps its own place in the log, so a slow reader
costs no buffer: the log holds a result's parts once, whoever reads them.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from enum import IntEnum
from operator import itemgetter
from typing import Any


class Urgency(IntEnum):
    """What someone waits for: an answer under the cursor, a text, or a sweep of all heads."""

    VIEW = 0
    GENERATION = 1
    SWEEP = 2


@dataclass(frozen=True, slots=True)
class Event:
    """Something a computation says.

    Attributes:
        latest: it replaces earlier events of its name.
        tokens: how many tokens it tells of, for the meters.
    """

    name: str
    json: str
    latest: bool = False
    tokens: int = 0

    @property
    def size(self) -> int:
        return len(self.json)


Steps = Generator[Any, None, Any]


@dataclass(eq=False)
class Computation:
    """Work of one generator, driven by the inference thread and read by any number of answers.

    Attributes:
        translate: turns what the generator yields into an event, or None.
        conclude: turns what the generator returns into the closing events.
        release: told when the last reader has left unfinished work.
        key: equal keys mean equal answers; None is never shared.
    """

    kind: str
    urgency: Urgency
    client: str
    steps: Steps
    translate: Callable[[Any], Event | None]
    conclude: Callable[[Any], list[Event]]
    key: Hashable = None
    release: Callable[[Computation], None] = lambda _: None
    admitted_at: float = 0.0
    started_at: float | None = None
    model_seconds: float = 0.0
    turn: float = 0.0
    position: int | None = None
    _log: list[tuple[int, Event]] = field(default_factory=list)
    _next: int = 0
    _readers: dict[object, Callable[[], None]] = field(default_factory=dict)
    _finished: bool = False
    _abandoned: bool = False
    _error: Exception | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # Written by the inference thread

    def publish(self, *events: Event) -> None:
        with self._lock:
            for event in () if self._finished else events:
                self._append(event)
        self._wake()

    def finish(self, *events: Event) -> None:
        with self._lock:
            if self._finished:
                return
            self._drop_latest()
            for event in events:
                self._append(event)
            self._finished = True
        self._wake()

    def fail(self, error: Exception) -> None:
        # A traceback would keep the frames, and with them the tensors, alive.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        with self._lock:
            if self._finished:
                return
            self._finished, self._error = True, error
        self._wake()

    def _append(self, event: Event) -> None:
        if event.latest:
            if any(entry[1] == event for entry in self._log):
                return  # nothing new
            self._log = [entry for entry in self._log if entry[1].name != event.name]
        self._log.append((self._next, event))
        self._next += 1

    def _drop_latest(self) -> None:
        """Who reads from now on wants the answer, not how far it had come."""
        self._log = [entry for entry in self._log if entry[1].name != "queued"]

    # Read by answers

    def join(self, reader: object, wake: Callable[[], None]) -> bool:
        """Count this reader in; False when the last one has left and the work is given up."""
        with self._lock:
            if self._abandoned:
                return False
            self._readers[reader] = wake
            return True

    def leave(self, reader: object) -> None:
        with self._lock:
            self._readers.pop(reader, None)
            self._abandoned |= not self._readers and not self._finished

    def after(self, seen: int) -> tuple[list[tuple[int, Event]], bool, Exception | None]:
        """Events younger than `seen`, whether these are all there will be, and how it failed."""
        with self._lock:
            start = bisect_right(self._log, seen, key=itemgetter(0))
            return self._log[start:], self._finished, self._error

    @property
    def abandoned(self) -> bool:
        return self._abandoned

    @property
    def finished(self) -> bool:
        return self._finished

    @property
    def succeeded(self) -> bool:
        return self._finished and self._error is None

    @property
    def size(self) -> int:
        with self._lock:
            return sum(event.size for _, event in self._log)

    def _wake(self) -> None:
        with self._lock:
            wakes = list(self._readers.values())
        for wake in wakes:
            wake()
