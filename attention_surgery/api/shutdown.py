"""SIGTERM: admit no more, let work finish within a grace period, end streams, exit 0.

A further SIGTERM changes nothing: supervisors repeat it, and the grace period is bounded anyway. A
further interrupt from the keyboard ends the grace period, and one more the process.

Servers tell an application that they stop only after its last response. A stream that waits in a
queue would hold that up without knowing, so the signal is listened to here as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any, Protocol


class Working(Protocol):
    """What does the work of a server."""

    def begin_shutdown(self) -> None:
        """Accept no more; what was admitted goes on."""

    def refuse_all(self) -> None:
        """End what is left."""

    async def stop(self) -> bool:
        """End everything; whether it has ended."""


@asynccontextmanager
async def stop_gracefully(service: Working, grace: float, log: Any) -> AsyncIterator[None]:
    """Bracket the serving of requests; at its end all work has ended."""
    loop = asyncio.get_running_loop()

    def begin() -> None:
        log.info("shutdown begins", grace_seconds=grace)
        service.begin_shutdown()
        loop.call_later(grace, service.refuse_all)

    with listening_for_termination(
        begin=lambda: loop.call_soon_threadsafe(begin),
        hurry=lambda: loop.call_soon_threadsafe(service.refuse_all),
    ):
        try:
            yield
        finally:
            ended = await service.stop()
            log.info("shutdown complete", threads_ended=ended)


@contextlib.contextmanager
def listening_for_termination(
    begin: Callable[[], object], hurry: Callable[[], object]
) -> Iterator[None]:
    """Call `begin` at the first signal, and the handler that the server installed.

    A later interrupt calls `hurry`, and one after that the server's handler again, which then
    waits for nothing. Does nothing where no server has installed a handler, as in tests.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {sig: signal.getsignal(sig) for sig in (signal.SIGTERM, signal.SIGINT)}
    server = before[signal.SIGTERM]
    if not callable(server):
        yield
        return
    taken = 0

    def handle(sig: int, frame: FrameType | None) -> None:
        nonlocal taken
        if taken and sig == signal.SIGTERM:
            return
        taken += 1
        if taken == 2:
            hurry()
            return
        if taken == 1:
            begin()
        # Uvicorn re-raises what stopped it: after SIGTERM it would exit with 143, after an
        # interrupt it exits with 0, and to have stopped as asked is no failure.
        server(signal.SIGINT, frame)

    for sig in before:
        signal.signal(sig, handle)
    try:
        yield
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)
