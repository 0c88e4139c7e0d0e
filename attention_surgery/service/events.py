"""What a computation says, for any number of readers."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.result import Progress


@dataclass(frozen=True, slots=True)
class Event:
    """Something a computation says, as JSON.

    Attributes:
        latest: it replaces earlier events of its name.
        tokens: how many decoded tokens it tells of, for the meters.
    """

    name: str
    data: bytes
    latest: bool = False
    tokens: int = 0

    @classmethod
    def of(cls, progress: Progress) -> Event:
        return cls(progress.event, encode(progress), progress.latest, progress.tokens)


class EventLog:
    """The events of one computation, read by whoever joins.

    Each reader keeps its own place, so a slow one costs no buffer: the parts of a result are held
    once, whoever reads them. Safe on any thread.

    Attributes:
        on_abandoned: called when the last reader has left unfinished work.
    """

    def __init__(self) -> None:
        self.on_abandoned: Callable[[], None] | None = None
        self._entries: list[tuple[int, Event]] = []
        self._next = 0
        self._readers: dict[object, Callable[[], None]] = {}
        self._finished = self._abandoned = False
        self._error: Exception | None = None
        self._lock = threading.Lock()

    @classmethod
    def ended_with(cls, event: Event) -> EventLog:
        """The log of a computation that was finished long ago."""
        log = cls()
        log.finish(event)
        return log

    # Written by the inference thread

    def publish(self, event: Event) -> None:
        with self._lock:
            if not self._finished:
                self._append(event)
        self._wake()

    def finish(self, event: Event) -> None:
        """Write the closing event. Who reads from now on wants it, not the place in the queue."""
        with self._lock:
            if self._finished:
                return
            self._entries = [entry for entry in self._entries if entry[1].name != "queued"]
            self._append(event)
            self._end()
        self._wake()

    def fail(self, error: Exception) -> None:
        # A traceback would keep the frames, and with them the tensors, alive.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        with self._lock:
            if self._finished:
                return
            self._end(error)
        self._wake()

    def _end(self, error: Exception | None = None) -> None:
        self._finished, self._error = True, error
        self.on_abandoned = None  # it refers to the work, whose memory shall go at once

    def _append(self, event: Event) -> None:
        if event.latest:
            if any(entry[1] == event for entry in self._entries):
                return  # nothing new
            self._entries = [entry for entry in self._entries if entry[1].name != event.name]
        self._entries.append((self._next, event))
        self._next += 1

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
            last = not self._readers and not self._finished and not self._abandoned
            self._abandoned |= last
            tell = self.on_abandoned if last else None
        if tell is not None:
            tell()

    def after(self, seen: int) -> tuple[list[tuple[int, Event]], bool, Exception | None]:
        """Events younger than `seen`, whether these are all there will be, and how it failed."""
        with self._lock:
            start = bisect_right(self._entries, seen, key=itemgetter(0))
            return self._entries[start:], self._finished, self._error

    @property
    def abandoned(self) -> bool:
        """Nobody waits for it any more, and it is not finished."""
        return self._abandoned

    @property
    def finished(self) -> bool:
        return self._finished

    @property
    def closing(self) -> Event | None:
        """The last event of what was finished without an error."""
        with self._lock:
            done = self._finished and self._error is None and self._entries
            return self._entries[-1][1] if done else None

    @property
    def size(self) -> int:
        """Bytes of all events held."""
        with self._lock:
            return sum(len(event.data) for _, event in self._entries)

    def _wake(self) -> None:
        with self._lock:
            wakes = list(self._readers.values())
        for wake in wakes:
            wake()
