"""The asyncio side of a computation: wait for it, read it, leave it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from attention_surgery.errors import TimeLimitExceeded
from attention_surgery.service.computation import Computation, Event


class Answer:
    """One request's view of a computation.

    Args:
        time_limit: seconds from now until `TimeLimitExceeded`.
        on_leave: told when the request needs the computation no more.
    """

    def __init__(self, time_limit: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._time_limit = time_limit
        self._deadline = self._loop.time() + time_limit
        self._computation: Computation | None = None
        self._on_leave: Callable[[Computation], None] | None = None

    def read(self, computation: Computation, on_leave: Callable[[Computation], None]) -> Answer:
        self._computation, self._on_leave = computation, on_leave
        return self

    def wake(self) -> None:
        """Called on any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to wake
            self._loop.call_soon_threadsafe(self._news.set)

    def leave(self) -> None:
        """The request is over, whatever became of it."""
        if self._computation is not None and self._on_leave is not None:
            self._computation.leave(self)
            self._on_leave(self._computation)
            self._computation = None

    async def events(self) -> AsyncIterator[Event]:
        """What the computation says, from its beginning to its closing event.

        Raises:
            TimeLimitExceeded: it took too long.
            AttentionSurgeryError: what the computation failed with.
        """
        assert self._computation is not None
        seen = -1
        while True:
            self._news.clear()
            entries, finished, error = self._computation.after(seen)
            for seen, event in entries:  # noqa: B007
                yield event
            if error is not None:
                raise error
            if finished:
                return
            await self._wait()

    async def result(self) -> str:
        """The JSON of the closing event; raises as `events`."""
        last: Event | None = None
        async for event in self.events():
            last = event
        assert last is not None
        return last.json

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._news.wait()
        except TimeoutError:
            raise TimeLimitExceeded(
                f"This took longer than the {self._time_limit:g} seconds that this server allows "
                "and was stopped: ask for fewer tokens or a shorter prompt."
            ) from None
