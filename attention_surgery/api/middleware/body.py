"""Bounds on request bodies, checked before anything parses them."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attention_surgery.api.errors import error_response

ARRIVAL_SECONDS = 30.0
# Strings are skipped whole; an unterminated one ends the scan, and the parser refuses it.
JSON_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


class Refused(Exception):
    """A body that is not let in."""

    def __init__(self, status: int, sentence: str, kind: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.kind = status, sentence, kind


class BodyGuard:
    """Read the body within its bounds, then hand it on as one message.

    Whether it has a length or comes in chunks, no more than `max_bytes` are ever held. Compressed
    bodies are refused unread, because their size says nothing.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_depth: int) -> None:
        self._app, self._max_bytes, self._max_depth = app, max_bytes, max_depth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        try:
            self._check_headers(Headers(scope=scope))
            body = await self._read(receive)
            self._check_depth(body)
        except ClientDisconnect:
            return
        except Refused as no:
            await error_response(no.status, no.sentence, no.kind)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _check_headers(self, headers: Headers) -> None:
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise Refused(
                415,
                f"Bodies with Content-Encoding {encoding[:40]!r} are not read here; send the JSON "
                "uncompressed.",
                "UnsupportedMediaType",
            )
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length[:20]) > self._max_bytes:
            raise self._too_large()

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(ARRIVAL_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    body += message.get("body", b"")
                    if len(body) > self._max_bytes:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Refused(
                408,
                f"The request body did not arrive within {ARRIVAL_SECONDS:.0f} seconds; send it "
                "at once.",
                "RequestTimeout",
            ) from None

    def _check_depth(self, body: bytes) -> None:
        depth = 0
        for match in JSON_NESTING.finditer(body):
            first = match.group()[0]
            depth += (first in b"[{") - (first in b"]}")
            if depth > self._max_depth:
                raise Refused(
                    422,
                    f"The JSON is nested deeper than {self._max_depth} levels, which no request "
                    "here needs; send a flat object.",
                    "JsonTooDeep",
                )

    def _too_large(self) -> Refused:
        return Refused(
            413,
            f"The body is larger than {self._max_bytes} bytes; send a smaller one.",
            "BodyTooLarge",
        )


def _replay(body: bytes, receive: Receive) -> Receive:
    """First the body, then whatever the server says, which is how a disconnect is noticed."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
