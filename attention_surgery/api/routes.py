"""The routes: one pair for each analysis, and those about models and the server itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from attention_surgery import __version__
from attention_surgery.analyses import analyses
from attention_surgery.analyses.base import Analysis
from attention_surgery.api import examples, schemas
from attention_surgery.api.answering import EventStream, streamed, whole
from attention_surgery.api.dependencies import ServiceDep, SettingsDep, admission_of, body_of
from attention_surgery.api.model_list import describe_models
from attention_surgery.service.answers import Answer


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route for OpenAPI, each with an example."""
    answers: dict[int | str, dict[str, Any]] = {}
    for status in sorted(statuses):
        description, detail, error = examples.ERRORS[status]
        content = {"application/json": {"example": {"detail": detail, "error": error}}}
        answers[status] = {
            "model": schemas.ErrorResponse,
            "description": description,
            "content": content,
        }
    return answers


BODY = (400, 401, 408, 413, 415, 422, 429)
WORK = refusals(*BODY, 404, 500, 503, 504)
models = APIRouter(tags=["models"])
health = APIRouter(tags=["health"])


def surgery() -> APIRouter:
    """Routes of every analysis that is registered by now."""
    router = APIRouter(tags=["surgery"], responses=WORK)
    for analysis in analyses():
        _offer(router, analysis)
    return router


def _offer(router: APIRouter, analysis: type[Analysis[Any]]) -> None:
    admitted = Depends(admission_of(analysis))

    async def plain(request: Request, answer: Answer = admitted) -> Response:
        return await whole(answer, request)

    async def stream(service: ServiceDep, answer: Answer = admitted) -> Response:
        return streamed(answer, service)

    async def code(service: ServiceDep, body: Analysis[Any]) -> schemas.Code:
        return schemas.Code(code=await service.code(body))

    router.post(
        analysis.path(),
        name=analysis.name,
        response_model=analysis.result,
        summary=analysis.summary,
        description=analysis.meaning(),
    )(plain)
    events = ", ".join(f"`{progress.event}`" for progress in analysis.progress)
    router.post(
        f"{analysis.path()}/stream",
        name=f"{analysis.name}_stream",
        response_class=EventStream,
        summary=f"The same as {analysis.path()}, as server-sent events while it is worked out",
        description=f"Events: `queued` while waiting, {events and events + ', '}and `done` or "
        "`error`. A repeated request may be answered by `done` at once.",
    )(stream)
    if not analysis.has_script():
        return
    code.__annotations__["body"] = body_of(analysis)
    router.post(
        f"{analysis.path()}/code",
        name=f"{analysis.name}_code",
        summary=f"A TransformerLens script that gives the numbers of {analysis.path()}",
        description="Takes the same body; the model need not be loaded.",
    )(code)


@models.get("/models", summary="Models offered, their states, and the limits of a request")
async def list_models(service: ServiceDep, settings: SettingsDep) -> schemas.ModelsResponse:
    """`default` is the model that answers when a request names none."""
    return describe_models(service, settings)


@models.post(
    "/models/{name}/load",
    status_code=202,
    responses=refusals(*BODY, 404, 503),
    summary="Load one of the offered models, or retry after a failure",
)
async def load_model(
    name: str, service: ServiceDep, settings: SettingsDep
) -> schemas.ModelsResponse:
    """Returns at once; the model's state in `GET /models` tells how it goes."""
    service.load(name)
    return describe_models(service, settings)


@health.get("/health/live", summary="Is the process alive?")
async def live() -> schemas.Live:
    """Never waits for inference."""
    return schemas.Live(version=__version__)


@health.get(
    "/health/ready",
    responses={503: {"model": schemas.Ready, "description": "No model can answer now."}},
    summary="Can a model answer now?",
)
async def ready(service: ServiceDep, response: Response) -> schemas.Ready:
    """Never waits for inference."""
    if reason := service.reason_not_ready():
        response.status_code = 503
        return schemas.Ready(status="not ready", reason=reason)
    return schemas.Ready(status="ready")


@health.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
    summary="Prometheus metrics",
)
async def metrics(service: ServiceDep) -> Response:
    """Requests, refusals, queue, times, tokens, model states, memory and files."""
    body, content_type = service.meters.exposition()
    return Response(body, headers={"Content-Type": content_type})
