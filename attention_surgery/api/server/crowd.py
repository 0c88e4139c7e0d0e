"""Who is connected, and who gives way when there is no room left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from attention_surgery.api.errors import Refused

RETRY = {"Retry-After": "5"}


class Guest(Protocol):
    """A connection, which waits for a request or is at work on one."""

    holder: str  # the address that it comes from

    def give_way(self) -> None:
        """End at once."""


class Crowd:
    """At most so many connections, and so many of one address.

    One that waits for a request, or for the rest of its headers, holds a place and does nothing.
    So a newcomer is let in as long as anyone waits: who has waited longest gives way. Only when
    all are at work is a newcomer refused.

    Args:
        most: connections in all.
        most_each: connections of one address.
        gathers: whether an address stands for many clients, as a proxy's does; it has no share.
    """

    def __init__(self, most: int, most_each: int, gathers: Callable[[str], bool]) -> None:
        self._most, self._most_each, self._gathers = most, most_each, gathers
        self._waiting: dict[Guest, None] = {}  # in the order in which they began to wait
        self._of: dict[str, dict[Guest, None]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def enter(self, guest: Guest) -> None:
        """Find room for a connection, which then waits.

        Raises:
            Refused: there is none.
        """
        own = self._of.get(guest.holder, {})
        if len(own) >= self._most_each and not self._gathers(guest.holder):
            self._make_room(
                (other for other in own if other in self._waiting),
                Refused(
                    429,
                    f"{len(own)} requests of yours are at work, which is all that one client may "
                    "have; wait for an answer.",
                    "TooManyConnections",
                    RETRY,
                ),
            )
        if self._size >= self._most:
            self._make_room(
                self._waiting,
                Refused(
                    503,
                    f"{self._size} requests are at work, which is all this server takes at once; "
                    "retry in 5 seconds.",
                    "TooManyConnections",
                    RETRY,
                ),
            )
        self._of.setdefault(guest.holder, {})[guest] = None
        self._size += 1
        self.waits(guest)

    def waits(self, guest: Guest) -> None:
        """It has nothing to do from now on."""
        own = self._of.get(guest.holder, {})
        if guest in own:
            self._waiting.pop(guest, None)
            self._waiting[guest] = own[guest] = own.pop(guest)

    def works(self, guest: Guest) -> None:
        """It is answering a request from now on."""
        self._waiting.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """It has ended, or was never let in."""
        self._waiting.pop(guest, None)
        own = self._of.get(guest.holder, {})
        if guest in own:
            del own[guest]
            self._size -= 1
        if not own:
            self._of.pop(guest.holder, None)

    def _make_room(self, waiting: Iterable[Guest], otherwise: Refused) -> None:
        idlest = next(iter(waiting), None)
        if idlest is None:
            raise otherwise
        self.leave(idlest)
        idlest.give_way()
