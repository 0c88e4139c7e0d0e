"""The routes: parse, call, return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from attention_surgery import __version__
from attention_surgery.api import examples, schemas
from attention_surgery.api.dependencies import DeskDep, ServiceDep, SettingsDep, server_events
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
surgery = APIRouter(tags=["surgery"], responses=WORK)
models = APIRouter(tags=["models"])
health = APIRouter(tags=["health"])

InferBody = Annotated[schemas.InferRequest, Body(examples=[examples.INFER])]
ImportanceBody = Annotated[schemas.ImportanceRequest, Body(examples=[examples.IMPORTANCE])]
LensBody = Annotated[schemas.LogitLensRequest, Body(examples=[examples.LOGIT_LENS])]
AttentionBody = Annotated[schemas.AttentionRequest, Body(examples=[examples.ATTENTION])]
TokenizeBody = Annotated[schemas.TokenizeRequest, Body(examples=[examples.TOKENIZE])]


@surgery.post(
    "/infer",
    response_model=schemas.InferResponse,
    summary="Continue a prompt with and without the ablated heads, and compare",
)
async def infer(body: InferBody, desk: DeskDep) -> Response:
    """`max_new_tokens: 0` asks for the distribution of the next token alone."""
    return await desk.answer("infer", body)


async def _admitted_infer(body: InferBody, desk: DeskDep) -> AsyncIterator[Answer]:
    async with desk.admitted("infer", body) as answer:
        yield answer


@surgery.post(
    "/infer/stream",
    response_class=EventSourceResponse,
    summary="The same as /infer, token by token as server-sent events",
)
async def infer_stream(
    answer: Annotated[Answer, Depends(_admitted_infer)],
) -> AsyncIterator[ServerSentEvent]:
    """Events: `queued` while waiting, `prompt`, `token`s, `metrics`, and `done` or `error`."""
    async for event in server_events(answer):
        yield event


@surgery.post(
    "/importance",
    response_model=schemas.ImportanceResponse,
    summary="Score every head by how much it matters for a prompt",
)
async def importance(body: ImportanceBody, desk: DeskDep) -> Response:
    """`kl` ablates every head on its own and is exact; the others take one pass."""
    return await desk.answer("importance", body)


async def _admitted_importance(body: ImportanceBody, desk: DeskDep) -> AsyncIterator[Answer]:
    async with desk.admitted("importance", body) as answer:
        yield answer


@surgery.post(
    "/importance/stream",
    response_class=EventSourceResponse,
    summary="The same as /importance, with the layers scored so far as server-sent events",
)
async def importance_stream(
    answer: Annotated[Answer, Depends(_admitted_importance)],
) -> AsyncIterator[ServerSentEvent]:
    """Events: `queued` while waiting, `progress`, and `done` or `error`."""
    async for event in server_events(answer):
        yield event


@surgery.post(
    "/logit-lens",
    response_model=schemas.LogitLensResponse,
    summary="What every layer would predict, for control and ablated run",
)
async def logit_lens(body: LensBody, desk: DeskDep) -> Response:
    """Final LayerNorm and unembedding after the embedding and after every block."""
    return await desk.answer("logit_lens", body)


@surgery.post(
    "/attention",
    response_model=schemas.AttentionResponse,
    summary="The attention pattern of one head, for control and as used under surgery",
)
async def attention(body: AttentionBody, desk: DeskDep) -> Response:
    """`pattern[query][key]`; rows sum to 1 but for a head that is ablated by zero."""
    return await desk.answer("attention", body)


@surgery.post(
    "/tokenize",
    response_model=schemas.TokenizeResponse,
    summary="The tokens a model reads for a text",
)
async def tokenize(body: TokenizeBody, desk: DeskDep) -> Response:
    """Needs no inference, so it is not queued."""
    return await desk.tokens(body)


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
    """Requests, refusals, queue, times, tokens, sweeps, model states, resident memory."""
    body, content_type = service.meters.exposition()
    return Response(body, headers={"Content-Type": content_type})
