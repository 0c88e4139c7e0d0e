"""An answer on the wire: as one JSON document, or as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from attention_surgery.analyses.encoding import encode
from attention_surgery.api.errors import describe
from attention_surgery.errors import AttentionSurgeryError, JobCancelled
from attention_surgery.service.answers import Answer
from attention_surgery.service.service import SurgeryService

# A proxy that hears nothing for a minute takes a connection for dead.
HEARTBEAT_SECONDS = 15.0
# Bytes of an event that are worth a copy, because each part is sent, and arrives, by itself.
SHORT = 8192
STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events that are framed already, which FastAPI's own class frames itself."""

    media_type = "text/event-stream"


async def whole(answer: Answer, request: Request) -> Response:
    """The result, or JobCancelled as soon as the client hangs up."""
    wanted = asyncio.ensure_future(answer.result())
    gone = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not wanted.done():
            raise JobCancelled("The client left before the answer was ready.")
        return Response(wanted.result(), media_type="application/json")
    finally:
        wanted.cancel()
        gone.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def streamed(answer: Answer, service: SurgeryService) -> Response:
    """Its events as they come; one that fails ends with an `error` event."""
    return EventStream(_events(answer, service), headers=STREAM_HEADERS)


async def _events(answer: Answer, service: SurgeryService) -> AsyncIterator[bytes]:
    try:
        async for event in answer.events(HEARTBEAT_SECONDS):
            for part in framed(event.name, event.data) if event else [b": ping\n\n"]:
                yield part
    except Exception as error:
        unexpected = None if isinstance(error, AttentionSurgeryError) else error
        refusal = describe(error)
        service.stream_failed(refusal["error"], unexpected)
        yield b"".join(framed("error", encode(refusal)))


def framed(event: str, data: bytes) -> tuple[bytes, ...]:
    """JSON has no line breaks, so that it is one `data` field.

    Much data is a part by itself: all who read an answer share it, and none holds a copy.
    """
    parts = b"event: %b\ndata: " % event.encode(), data, b"\n\n"
    return parts if len(data) > SHORT else (b"".join(parts),)
