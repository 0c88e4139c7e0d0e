"""Equal requests share one computation while it runs, and its answer while memory allows."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cachetools import LRUCache
from pydantic_core import PydanticSerializationError

from attention_surgery.analyses.base import Analysis
from attention_surgery.errors import InvalidPrompt
from attention_surgery.service.answers import Answer
from attention_surgery.service.events import Event, EventLog

# What an entry takes beside its bytes: key, event, and their places in the cache.
ENTRY_BYTES = 600


class Store:
    """Running computations and closing events by key. One thread uses it.

    Args:
        max_bytes: bound on what the kept answers take; the least recently asked for goes first.
    """

    def __init__(self, max_bytes: int) -> None:
        self._running: dict[bytes, EventLog] = {}
        self._kept: LRUCache[bytes, Event] = LRUCache(max_bytes, getsizeof=_size)

    def join(self, key: bytes, answer: Answer) -> bool:
        """Let the answer read the computation of that key, if there is one that lives."""
        running = self._running.get(key)
        failed = running is not None and running.finished and running.closing is None
        if running is not None and not failed and answer.join(running):
            return True
        kept = self._kept.get(key)
        return kept is not None and answer.join(EventLog.ended_with(kept))

    def add(self, key: bytes, log: EventLog) -> None:
        """Share a computation that begins."""
        self._running[key] = log

    def settle(self, key: bytes, log: EventLog) -> None:
        """A reader has left: if this is over, keep the answer alone, or forget what failed."""
        over = log.finished or log.abandoned
        if not over or self._running.get(key) is not log:
            return
        del self._running[key]
        if (closing := log.closing) is not None and _size(closing) <= self._kept.maxsize:
            self._kept[key] = closing

    @property
    def kept_bytes(self) -> int:
        """What the kept answers take."""
        return int(self._kept.currsize)


def fingerprint(request: Analysis[Any]) -> bytes:
    """Equal for requests of one kind that ask the same, whichever model they name.

    Raises:
        InvalidPrompt: a text in it is no valid Unicode.
    """
    try:
        asked = request.model_dump_json(exclude={"model"})
    except PydanticSerializationError:
        raise InvalidPrompt(
            "A text has a lone surrogate, which is half of a character: send valid Unicode."
        ) from None
    return sha256(f"{request.name} {asked}".encode()).digest()


def _size(event: Event) -> int:
    return len(event.data) + ENTRY_BYTES
