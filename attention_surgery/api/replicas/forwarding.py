"""A request handed to a replica, and its answer to the client, as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Sequence
from urllib.parse import quote

import httpcore
import structlog
from starlette.types import Receive, Scope, Send

from attention_surgery.analyses.encoding import encode
from attention_surgery.api.answering import framed
from attention_surgery.api.errors import Refused, describe
from attention_surgery.api.middleware.access import client_of
from attention_surgery.api.middleware.tracing import ELSEWHERE
from attention_surgery.api.replicas.link import Asked, Link, Unreached
from attention_surgery.errors import ModelUnavailable, ReplicaLost
from attention_surgery.service.meters import Meters

# What is said between the two ends of a connection (RFC 9110, section 7.6.1).
OF_THE_CONNECTION = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer"}
OF_THE_CONNECTION |= {b"transfer-encoding", b"upgrade", b"expect"}
# What the front tells replicas in words of its own, or has settled by itself; and so clients.
TO_REPLICAS = OF_THE_CONNECTION | {b"authorization", b"content-length", b"forwarded", b"origin"}
TO_REPLICAS |= {b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"}
TO_CLIENTS = OF_THE_CONNECTION | {b"date", b"server"}
PRINTABLE = bytes(range(0x21, 0x7F)).decode()
NOBODY = "No replica of this server answers at the moment; retry in a few seconds."


class Forwarding:
    """The application that has replicas do the work.

    Args:
        in_order: the replicas that can be asked, the best one for a client first.
    """

    def __init__(self, in_order: Callable[[str], Sequence[Link]], meters: Meters) -> None:
        self._in_order, self._meters = in_order, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await read(scope, receive)
        told = asyncio.ensure_future(self._answer(scope, asked, send))
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({told, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()  # where the client has left, its replica hears so
            gone.cancel()
            await asyncio.wait({told, gone})
        try:
            if not told.cancelled():
                told.result()
        except Refused as no:
            await no.response()(scope, receive, send)

    async def _answer(self, scope: Scope, asked: Asked, send: Send) -> None:
        replicas = self._in_order(client_of(scope))
        if loads_a_model(asked):
            await asyncio.gather(*(_have_done(asked, each) for each in replicas[1:]))
        for replica in replicas:
            answer = Passing(send)
            scope[ELSEWHERE] = replica.number
            try:
                async with replica.asked(asked) as given:
                    await answer.pass_on(given)
                await answer.end()
                return
            except Unreached:
                del scope[ELSEWHERE]
            except (Refused, ReplicaLost) as error:
                del scope[ELSEWHERE]
                if not answer.begun:
                    raise
                self._meters.refusals.labels(type(error).__name__).inc()
                await answer.break_off(error)
                return
        raise ModelUnavailable(NOBODY, retry_after=2.0)


class Passing:
    """An answer on its way to the client, whose slowness slows whoever gives it.

    Attributes:
        begun: its status has been sent.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = self._ended = False
        self._of_events = self._between_events = False

    async def pass_on(self, answer: httpcore.Response) -> None:
        """What there is of it; raises as `Link.asked` where the replica ends meanwhile."""
        headers = [(name.lower(), value) for name, value in answer.headers]
        self._of_events = dict(headers).get(b"content-type", b"").startswith(b"text/event-stream")
        self._between_events = self._of_events
        # With its last byte a client believes an answer to be over, and may ask again.
        left = int(dict(headers).get(b"content-length", b"-1"))
        kept = [each for each in headers if each[0] not in TO_CLIENTS]
        self.begun = True
        await self._send({"type": "http.response.start", "status": answer.status, "headers": kept})
        assert isinstance(answer.stream, AsyncIterable)
        async for part in answer.stream:
            left -= len(part)
            await self._part(part, last=left == 0)
            self._between_events = part.endswith(b"\n\n")

    async def end(self) -> None:
        """All of it has come."""
        if not self._ended:
            await self._part(b"", last=True)

    async def break_off(self, error: Exception) -> None:
        """A stream tells why, in an event; of anything else, the connection ends too early."""
        if self._of_events and self._between_events:
            await self._part(b"".join(framed("error", encode(describe(error)))), last=True)

    async def _part(self, body: bytes, *, last: bool = False) -> None:
        self._ended = last
        await self._send({"type": "http.response.body", "body": body, "more_body": not last})


async def read(scope: Scope, receive: Receive) -> Asked:
    """The request as a replica gets it; a middleware has put its body into one message."""
    bodiless = scope["method"] in ("GET", "HEAD", "OPTIONS")
    body: bytes = b"" if bodiless else (await receive()).get("body", b"")
    target = quote(scope["raw_path"], safe=PRINTABLE)
    if scope["query_string"]:
        target += "?" + quote(scope["query_string"], safe=PRINTABLE)
    headers = [(name, value) for name, value in scope["headers"] if name not in TO_REPLICAS]
    client, _, _ = client_of(scope).partition("/")  # of an IPv6 network, its first address
    request_id = structlog.contextvars.get_contextvars()["request_id"]
    headers += [
        (b"x-forwarded-for", client.encode()),
        (b"x-forwarded-proto", scope["scheme"].encode()),
        (b"x-request-id", request_id.encode()),
    ]
    if not bodiless:
        headers.append((b"content-length", b"%d" % len(body)))
    return Asked(scope["method"].encode(), target.encode(), headers, body)


def loads_a_model(asked: Asked) -> bool:
    """Whether it concerns what each replica has by itself, so that all have to hear it."""
    return asked.method == b"POST" and asked.target.startswith(b"/models/")


async def _have_done(asked: Asked, replica: Link) -> None:
    try:
        async with replica.asked(asked):
            pass
    except (Unreached, ReplicaLost, Refused):
        pass  # the one that answers tells how it went


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
