"""What routes are given: settings, service, and a desk that serves one request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.sse import ServerSentEvent
from pydantic import BaseModel

from attention_surgery.api import schemas
from attention_surgery.api.errors import describe
from attention_surgery.errors import JobCancelled, PromptTooLong
from attention_surgery.service.answers import Answer
from attention_surgery.service.encoding import encode
from attention_surgery.service.service import SurgeryService
from attention_surgery.service.work import Work
from attention_surgery.settings import Settings

# A text that is far too long may still be counted, but not without bound.
COUNTABLE = 4


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_service(request: Request) -> SurgeryService:
    service: SurgeryService = request.app.state.service
    return service


SettingsDep = Annotated[Settings, Depends(get_settings)]
ServiceDep = Annotated[SurgeryService, Depends(get_service)]


class Desk:
    """Brings one request to the service and its answer back, unless the client leaves."""

    def __init__(self, request: Request, service: SurgeryService) -> None:
        self._request, self._service = request, service

    async def answer(self, kind: str, body: BaseModel) -> Response:
        async with self.admitted(kind, body) as answer:
            return json_response(await self._unless_gone(answer.result()))

    @asynccontextmanager
    async def admitted(self, kind: str, body: BaseModel) -> AsyncIterator[Answer]:
        """Hold a place at the model for as long as the request lasts."""
        arguments = body.model_dump()
        model = arguments.pop("model")
        self._request.state.prompt = arguments["prompt"]
        work = Work(kind, arguments, model)
        answer = await self._service.admit(work, client_of(self._request))
        try:
            yield answer
        finally:
            answer.leave()

    async def tokens(self, body: schemas.TokenizeRequest) -> Response:
        model = self._service.model_for(body.model)
        limit = COUNTABLE * self._service.settings.max_prompt_tokens

        def tokenize() -> str:
            ids = model.tokenize(body.text, body.prepend_bos)
            if len(ids) > limit:
                raise PromptTooLong(
                    f"The text has {len(ids)} tokens: this server lists at most {limit}."
                )
            return encode({"model": model.name, "tokens": model.tokens(ids), "n_ctx": model.n_ctx})

        return json_response(await asyncio.to_thread(tokenize))

    async def _unless_gone(self, result: Awaitable[str]) -> str:
        """The result, or JobCancelled as soon as the client hangs up."""
        wanted = asyncio.ensure_future(result)
        gone = asyncio.ensure_future(self._hung_up())
        try:
            await asyncio.wait({wanted, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise JobCancelled("The client left before the answer was ready.")
            return wanted.result()
        finally:
            wanted.cancel()
            gone.cancel()

    async def _hung_up(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass


def get_desk(request: Request, service: ServiceDep) -> Desk:
    return Desk(request, service)


DeskDep = Annotated[Desk, Depends(get_desk)]


async def server_events(answer: Answer) -> AsyncIterator[ServerSentEvent]:
    """A computation's events; one that fails ends with an `error` event."""
    try:
        async for event in answer.events():
            yield ServerSentEvent(event=event.name, raw_data=event.json)
    except Exception as error:
        yield ServerSentEvent(event="error", raw_data=encode(describe(error)))


def client_of(request: Request) -> str:
    """Whose share of the queue a request takes: the address, as far as the proxy tells it."""
    return request.client.host if request.client else "local"


def json_response(text: str) -> Response:
    return Response(text, media_type="application/json")
