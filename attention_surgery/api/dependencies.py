"""What routes are given: settings, service, and the answer to an analysis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Body, Depends, Request

from attention_surgery.analyses.base import Analysis
from attention_surgery.service.answers import Answer
from attention_surgery.service.service import SurgeryService
from attention_surgery.settings import Settings


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_service(request: Request) -> SurgeryService:
    service: SurgeryService = request.app.state.service
    return service


SettingsDep = Annotated[Settings, Depends(get_settings)]
ServiceDep = Annotated[SurgeryService, Depends(get_service)]


def admission_of(analysis: type[Analysis[Any]]) -> Callable[..., AsyncIterator[Answer]]:
    """The dependency that reads such a request and holds its place while it is answered."""

    async def admitted(
        body: Analysis[Any], request: Request, service: ServiceDep
    ) -> AsyncIterator[Answer]:
        request.state.prompt = body.prompt
        async with service.admitted(body, client_of(request)) as answer:
            yield answer

    admitted.__annotations__["body"] = body_of(analysis)
    return admitted


def body_of(analysis: type[Analysis[Any]]) -> Any:
    """The annotation of a parameter that is such a request, read from the body."""
    return Annotated[analysis, Body(examples=[analysis.example])]


def client_of(request: Request) -> str:
    """Whose share a request takes: the address, as far as the proxy tells it."""
    return request.client.host if request.client else "local"
