"""One computation on the machine's cores at a time, whichever model it is for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lends the cores to one worker after the other, in the order in which they ask.

    Two models that computed at once would each start all threads, twice as many as there are
    cores, and hold the memory of two steps.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking: deque[object] = deque()

    @property
    def asking(self) -> int:
        """How many compute or wait to."""
        return len(self._asking)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within this context the cores are the caller's."""
        ticket = object()
        try:
            with self._changed:
                self._asking.append(ticket)
                self._changed.wait_for(lambda: self._asking[0] is ticket)
            yield
        finally:  # also where the thread is ended while it waits
            with self._changed:
                if ticket in self._asking:
                    self._asking.remove(ticket)
                self._changed.notify_all()
