"""One table from exception to status, and one shape for every refusal.

Every answer that is not 2xx is `{"detail": sentence, "error": kind}`, whoever produced it: the
engine, pydantic, the router or a middleware.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from attention_surgery import errors
from attention_surgery.interventions import refusals

STATUS: dict[type[Exception], int] = {
    errors.InvalidRequest: 422,
    errors.UnknownModel: 404,
    errors.QueueFull: 429,
    errors.ModelUnavailable: 503,
    errors.ShuttingDown: 503,
    errors.ReplicaLost: 503,
    errors.TimeLimitExceeded: 504,
    errors.UnknownExperiment: 404,
    errors.WrongKey: 403,
    errors.UnknownRun: 404,
    errors.NotYours: 403,
    errors.NotOffered: 403,
    errors.QuotaExceeded: 409,
    errors.ClassClosed: 409,
    errors.RunTaken: 409,
    errors.StoreUnavailable: 503,
    errors.StoreFull: 507,
    # Nobody reads this one: the client has left. 499 is what nginx calls it.
    errors.JobCancelled: 499,
}
# Tells the tracing middleware what to count; it takes the header away again.
ERROR_KIND = "X-Error-Kind"
DEFAULT_RETRY_SECONDS = 5.0
NOT_JSON = (
    "The body is not marked as JSON; send one JSON object with Content-Type: application/json."
)
INTERNAL = (
    "Something failed on the server; try again, and report it with the request id if it stays."
)


def status_of(error: Exception) -> int:
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def describe(error: Exception) -> dict[str, str]:
    """The body that stands for an exception; what is unexpected stays in the log."""
    if isinstance(error, errors.AttentionSurgeryError):
        return {"detail": shortened(str(error)), "error": type(error).__name__}
    return {"detail": INTERNAL, "error": "InternalError"}


def shortened(sentence: str, longest: int = 600) -> str:
    """A sentence may quote what the client sent, which may be a number of thousands of digits."""
    if len(sentence) <= longest:
        return sentence
    return f"{sentence[: longest * 2 // 3]} … {sentence[-longest // 4 :]}"


def retry_after(error: Exception) -> dict[str, str]:
    if status_of(error) not in (429, 503):
        return {}
    seconds = getattr(error, "retry_after", None) or DEFAULT_RETRY_SECONDS
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def error_response(
    status: int, detail: str, error: str, headers: Mapping[str, str] | None = None
) -> Response:
    # ASCII, because a refusal may quote text that has no UTF-8 form (lone surrogates).
    body = json.dumps({"detail": detail, "error": error}, ensure_ascii=True)
    all_headers = {ERROR_KIND: error, **(headers or {})}
    return Response(body, status, all_headers, media_type="application/json")


class Refused(Exception):
    """A request that is not let in, before any route sees it."""

    def __init__(
        self, status: int, sentence: str, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.kind, self.headers = status, sentence, kind, headers

    def response(self) -> Response:
        return error_response(self.status, self.sentence, self.kind, self.headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.AttentionSurgeryError, _on_known_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


async def _on_known_error(_: Request, error: Exception) -> Response:
    body = describe(error)
    return error_response(status_of(error), body["detail"], body["error"], retry_after(error))


async def _on_unexpected_error(_: Request, error: Exception) -> Response:
    body = describe(error)
    return error_response(500, body["detail"], body["error"])


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_response(
            400,
            f"This is no valid JSON ({first['ctx']['error']}); send one JSON object.",
            "BadRequest",
        )
    if tuple(first["loc"]) == ("body",) and first["type"] != "missing" and not _is_json(request):
        return error_response(415, NOT_JSON, "UnsupportedMediaType")
    return error_response(422, validation_sentence(error.errors()), "InvalidRequest")


def _is_json(request: Request) -> bool:
    """Whether FastAPI has read the body as JSON."""
    subtype = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return subtype == "application/json" or subtype.endswith("+json")


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = HTTPStatus(error.status_code).phrase.title().replace(" ", "").replace("-", "")
    headers = dict(error.headers or {})
    return error_response(error.status_code, _http_sentence(request, error), kind, headers)


def _http_sentence(request: Request, error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return f"There is nothing at {request.url.path}; /docs lists the routes."
        case 405:
            allowed = (error.headers or {}).get("Allow", "another method")
            return f"{request.method} is not offered at {request.url.path}; use {allowed}."
        case 400:
            return "The body could not be read as JSON; send one JSON object in UTF-8."
        case _:
            return str(error.detail)


def validation_sentence(problems: Sequence[Mapping[str, Any]]) -> str:
    """Name the first field that is wrong, the problem, and what would be right."""
    first = problems[0]
    match first["type"]:
        case "missing" if first["loc"] == ("body",):
            return "The body is empty; send one JSON object with Content-Type: application/json."
        case "model_attributes_type" | "model_type" if first["loc"] == ("body",):
            return "The body is no JSON object: send one."
        case _:
            inside = [{**problem, "loc": problem["loc"][1:]} for problem in problems]
            return refusals.validation_sentence(inside)
