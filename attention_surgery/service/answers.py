"""The asyncio side of a computation: wait for it and read it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from attention_surgery.errors import TimeLimitExceeded
from attention_surgery.service.events import Event, EventLog


class Answer:
    """One request's view of a computation.

    Args:
        time_limit: seconds from now until `TimeLimitExceeded`.
    """

    log: EventLog

    def __init__(self, time_limit: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._time_limit = time_limit
        self._deadline = self._loop.time() + time_limit

    def join(self, log: EventLog) -> bool:
        """Read this log from now on; False when the work was given up."""
        if not log.join(self, self._wake):
            return False
        self.log = log
        return True

    def _wake(self) -> None:
        """Called on any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to wake
            self._loop.call_soon_threadsafe(self._news.set)

    async def events(self, heartbeat: float | None = None) -> AsyncIterator[Event | None]:
        """What the computation says, from its beginning to its closing event.

        Args:
            heartbeat: seconds of silence after which None is yielded, so that a connection can be
                kept alive.

        Raises:
            TimeLimitExceeded: it took too long.
            AttentionSurgeryError: what the computation failed with.
        """
        seen = -1
        while True:
            self._news.clear()
            entries, finished, error = self.log.after(seen)
            for seen, event in entries:  # noqa: B007
                yield event
            if error is not None:
                raise error
            if finished:
                return
            if not await self._news_within(heartbeat):
                yield None

    async def result(self) -> bytes:
        """The JSON of the closing event; raises as `events`."""
        async for _ in self.events():
            pass
        closing = self.log.closing
        assert closing is not None
        return closing.data

    async def _news_within(self, seconds: float | None) -> bool:
        """Whether something was said in this time; the time limit holds all the same."""
        now = self._loop.time()
        until = self._deadline if seconds is None else min(self._deadline, now + seconds)
        try:
            async with asyncio.timeout_at(until):
                await self._news.wait()
        except TimeoutError:
            if until < self._deadline:
                return False
            raise TimeLimitExceeded(
                f"This took longer than the {self._time_limit:g} seconds that this server allows "
                "and was stopped: ask for fewer tokens or a shorter prompt."
            ) from None
        return True
