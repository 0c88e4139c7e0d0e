"""Bounds on request bodies, checked before anything parses them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from itertools import accumulate
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attention_surgery.api.errors import Refused

# One that is not terminated reaches to the end, so that no byte is read twice.
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
NO_NUMBER = re.compile(rb"\b(?:NaN|Infinity)\b")
BRACKETS = b"[]{}"
OTHERS = bytes(set(range(256)) - set(BRACKETS))


class BodyGuard:
    """Read the body within its bounds, then hand it on as one message.

    Whether it has a length or comes in chunks, no more than `max_bytes` are ever held. Compressed
    bodies are refused unread, because their size says nothing.

    Args:
        larger: other bounds than `max_bytes`, of the paths that match.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        max_depth: int,
        seconds: float,
        larger: Mapping[re.Pattern[str], int] = MappingProxyType({}),
    ) -> None:
        self._app, self._max_bytes, self._max_depth = app, max_bytes, max_depth
        self._seconds, self._larger = seconds, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        matching = (most for paths, most in self._larger.items() if paths.fullmatch(path))
        most = next(matching, self._max_bytes)
        try:
            self._check_headers(headers, most)
            body = await self._read(receive, most)
            if "json" in headers.get("content-type", "").lower():
                check_json(body, self._max_depth)
        except ClientDisconnect:
            return
        except Refused as no:
            await no.response()(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _check_headers(self, headers: Headers, most: int) -> None:
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise Refused(
                415,
                f"Bodies with Content-Encoding {encoding[:40]!r} are not read here; send the JSON "
                "uncompressed.",
                "UnsupportedMediaType",
            )
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length[:20]) > most:
            raise _too_large(most)

    async def _read(self, receive: Receive, most: int) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise _too_large(most)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Refused(
                408,
                f"The request body did not arrive within {self._seconds:g} seconds; send it "
                "at once.",
                "RequestTimeout",
            ) from None


def _too_large(most: int) -> Refused:
    return Refused(
        413, f"The body is larger than {most} bytes; send a smaller one.", "BodyTooLarge"
    )


def check_json(body: bytes, max_depth: int) -> None:
    """Refuse what a JSON parser would choke on or let pass, in one look at each byte.

    Raises:
        Refused: it is not UTF-8, names a number that JSON does not have, or is nested too deeply.
    """
    if b"\0" in body:  # UTF-16 and UTF-32, which parsers accept and JSON forbids
        raise Refused(
            400, "The body could not be read as JSON; send one JSON object in UTF-8.", "BadRequest"
        )
    outside_strings = STRING.sub(b"", body)
    if found := NO_NUMBER.search(outside_strings):
        raise Refused(
            400,
            f"The body is no JSON, which has no {found.group().decode()}; send a finite number or "
            "leave the field out.",
            "BadRequest",
        )
    if is_deeper(outside_strings, max_depth):
        raise Refused(
            422,
            f"The JSON is nested deeper than {max_depth} levels, which no request here needs; "
            "send a flat object.",
            "JsonTooDeep",
        )


def is_deeper(outside_strings: bytes, max_depth: int) -> bool:
    """Whether more than so many brackets are open at once."""
    steps = (1 if byte in b"[{" else -1 for byte in outside_strings.translate(None, OTHERS))
    return any(depth > max_depth for depth in accumulate(steps))


def _replay(body: bytes, receive: Receive) -> Receive:
    """First the body, then whatever the server says, which is how a disconnect is noticed."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
