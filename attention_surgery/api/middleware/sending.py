"""A client that does not read may not hold memory."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS_PER_MESSAGE = 30.0


class SendDeadline:
    """End a response whose client takes no bytes for a while.

    The server's `send` waits while its write buffer is full, so a reader that stalls is one whose
    `send` does not return.
    """

    def __init__(self, app: ASGIApp, seconds: float = SECONDS_PER_MESSAGE) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self._seconds):
                await send(message)

        await self._app(scope, receive, send_in_time if scope["type"] == "http" else send)
