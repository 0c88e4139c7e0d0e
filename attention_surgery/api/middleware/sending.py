"""Large answers go out in pieces."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PIECE = 128 * 1024  # from this size on, gzip works on a thread of its own


class Pieces:
    """Hand a large body on in pieces.

    The server takes one when the client has taken those before, so that no more than two are held
    for who reads slowly or not at all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            last = max(len(body) - 1, 0) // PIECE * PIECE
            for begin in range(0, last, PIECE):
                piece = bytes(body[begin : begin + PIECE])
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            if last:
                message["body"] = bytes(body[last:])
            await send(message)

        await self._app(scope, receive, send_in_pieces)
