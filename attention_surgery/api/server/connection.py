"""One connection of uvicorn, within bounds.

Uvicorn bounds neither how long a request may take to arrive nor how large its headers may be, lets
a connection be silent for ever, and keeps what a client does not read. A connection is always in
one of these states, and each has its time:

    waiting   for the first byte of a request        idle_seconds
    arriving  the first line and the headers         head_seconds
    working   on the request                         the application's time limits
    leaving   after a refusal, or before a body that nobody wanted has arrived   LEAVING_SECONDS

Whenever bytes of an answer wait to be taken by the client, `stall_seconds` run too.
"""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httptools
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from attention_surgery.api.errors import ERROR_KIND, Refused
from attention_surgery.api.middleware.headers import SECURITY
from attention_surgery.api.server.crowd import Crowd
from attention_surgery.api.server.proxies import customer
from attention_surgery.service.meters import Meters
from attention_surgery.settings import Settings

LEAVING_SECONDS = 5.0
# What the kernel may hold of an answer, besides what is under way.
UNSENT_BYTES = 128 * 1024
UNREADABLE = "This is no HTTP/1.1 request that can be read here; send it as RFC 9112 says."


@dataclass(frozen=True, slots=True)
class Bounds:
    """What all connections of a server share."""

    settings: Settings
    crowd: Crowd
    meters: Meters
    log: Any


class Connection(HttpToolsProtocol):
    """A connection that holds little, waits a while, and takes one request at a time."""

    def __init__(self, bounds: Bounds, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self.ws_protocol_class = None
        self._bounds = bounds
        self.holder = "local"
        self._ends: asyncio.TimerHandle | None = None
        self._stalls: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._undelivered = 0  # bytes since the parser last made something of them
        self._whole = True  # the last request has arrived to its end
        self._in_head = False
        self._deaf = False  # what still arrives is thrown away

    def give_way(self) -> None:
        self.transport.abort()

    # What the transport tells

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            self.holder = customer(self.client[0])
        # So that writing counts as paused while any byte is left, and a stall is noticed.
        transport.set_write_buffer_limits(high=0)
        keep_unsent_small(transport.get_extra_info("socket"))
        try:
            self._bounds.crowd.enter(self)
        except Refused as no:
            self._deaf = True
            self._write(no)
            transport.close()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        if self._deaf or self.parser is None:
            return
        if not self._undelivered and self._waits:
            self._within(self._bounds.settings.head_seconds, self._head_is_late)
        self._undelivered += len(data)
        try:
            self.parser.feed_data(data)
            self._check_head(self._undelivered)
        except httptools.HttpParserUpgrade:
            # It was answered as if it had not asked; what follows is in another protocol.
            self._end_with_this_answer()
        except httptools.HttpParserError as error:
            self._refuse(
                error.__context__ if isinstance(error.__context__, Refused) else unreadable()
            )
        except Refused as no:
            self._refuse(no)

    def connection_lost(self, exc: Exception | None) -> None:
        self._bounds.crowd.leave(self)
        self._stop_timers()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalls = self.loop.call_later(self._bounds.settings.stall_seconds, self._cut_off)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalls:
            self._stalls.cancel()

    # What the parser tells

    def on_message_begin(self) -> None:
        if not self._waits:
            raise unreadable()  # it did not wait for the answer to its last request
        super().on_message_begin()
        self._head_bytes, self._in_head, self._whole = 0, True, False

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._head_bytes += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # and not a trailer, which no route reads
            self._head_bytes += len(name) + len(value) + len(b": \r\n")
            self._check_head(self._head_bytes)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check_head(self._head_bytes)
        super().on_headers_complete()
        self._in_head, self._undelivered = False, 0
        self._within(None)
        self._bounds.crowd.works(self)

    def on_body(self, body: bytes) -> None:
        self._undelivered = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole, self._undelivered = True, 0
        super().on_message_complete()
        if self._waits:  # for the next one, after a body that nobody waited for
            self._wait()

    # What uvicorn's request cycle tells

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self._whole and not self._deaf:
            self._wait()
        else:
            self._leave()

    # Its states

    @property
    def _waits(self) -> bool:
        """Nothing is asked that has not been answered."""
        return self._whole and (self.cycle is None or self.cycle.response_complete)

    def _wait(self) -> None:
        self._undelivered = 0
        self._bounds.crowd.waits(self)
        self._within(self._bounds.settings.idle_seconds, self.transport.close)

    def _leave(self) -> None:
        """Read on for a moment, so that who is still sending gets to read the answer."""
        self._bounds.crowd.waits(self)
        self._within(LEAVING_SECONDS, self.transport.abort)

    def _head_is_late(self) -> None:
        seconds = self._bounds.settings.head_seconds
        self._refuse(
            Refused(
                408,
                f"The request's headers did not arrive within {seconds:g} seconds; send them at "
                "once.",
                "RequestTimeout",
            )
        )

    def _check_head(self, size: int) -> None:
        most = self._bounds.settings.max_head_bytes
        if size > most:
            raise Refused(
                431,
                f"The request's first line and headers are larger than {most} bytes; send less.",
                "HeadersTooLarge",
            )

    def _refuse(self, no: Refused) -> None:
        """Answer what cannot be read, where that is still possible, and end the connection."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._whole:  # what is wrong came after it
                self._end_with_this_answer()
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        self._deaf = True
        self._write(no)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._leave()

    def _end_with_this_answer(self) -> None:
        self._deaf = True
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _cut_off(self) -> None:
        self._bounds.log.info(
            "client cut off",
            client=self.holder,
            reason="took nothing of its answer",
            seconds=self._bounds.settings.stall_seconds,
        )
        self.transport.abort()

    def _within(self, seconds: float | None, otherwise: Callable[[], None] = lambda: None) -> None:
        if self._ends:
            self._ends.cancel()
        self._ends = None if seconds is None else self.loop.call_later(seconds, otherwise)

    def _stop_timers(self) -> None:
        self._within(None)
        if self._stalls:
            self._stalls.cancel()

    def _write(self, no: Refused) -> None:
        """The refusal as a route would have given it, counted and logged in the same way."""
        request_id = uuid.uuid4().hex
        self.transport.write(as_bytes(no.response(), request_id, self.server_state.default_headers))
        self._bounds.meters.requests.labels("other", str(no.status)).inc()
        self._bounds.meters.refusals.labels(no.kind).inc()
        self._bounds.log.info(
            "request refused",
            client=self.holder,
            status=no.status,
            error=no.kind,
            request_id=request_id,
        )


def unreadable() -> Refused:
    return Refused(400, UNREADABLE, "BadRequest")


def as_bytes(response: Response, request_id: str, more: list[tuple[bytes, bytes]]) -> bytes:
    """A whole answer, with the headers that the middleware would have added; the last one sent."""
    for name, value in SECURITY.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Request-ID"] = request_id
    response.headers["Connection"] = "close"
    del response.headers[ERROR_KIND]
    lines = [name + b": " + value + b"\r\n" for name, value in [*more, *response.raw_headers]]
    return STATUS_LINE[response.status_code] + b"".join(lines) + b"\r\n" + bytes(response.body)


def keep_unsent_small(connected: socket.socket | None) -> None:
    """Otherwise the kernel buffers megabytes for a client that does not read."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None and connected is not None and connected.family != socket.AF_UNIX:
        connected.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)
