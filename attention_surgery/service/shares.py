"""What one client may hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from attention_surgery.errors import QueueFull


class Shares:
    """How many requests each client has under way, whoever computes them. One thread uses it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def one_for(self, client: str, retry_after: float) -> Iterator[None]:
        """Hold one of a client's share.

        Raises:
            QueueFull: the client has all of it.
        """
        if self._held[client] >= self._most:
            raise QueueFull(
                f"{self._most} requests of yours are under way already, which is one client's "
                f"share; retry in {retry_after:.0f} seconds.",
                retry_after,
            )
        self._held[client] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]
