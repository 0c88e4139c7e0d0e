"""Tasks: which there are, their items, and those of a file."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, Field

from attention_surgery.analyses.task import (
    DrawnTaskRequest,
    TaskAnalysis,
    TaskItems,
    WrittenTaskRequest,
)
from attention_surgery.api.answering import whole
from attention_surgery.api.dependencies import ServiceDep, client_of
from attention_surgery.api.routes import BODY, WORK, refusals
from attention_surgery.errors import InvalidSetting
from attention_surgery.service.service import SurgeryService
from attention_surgery.tasks import TaskKind, task_kinds


class TaskDescription(BaseModel):
    """A task that items can be drawn of."""

    name: str
    title: str
    meaning: Annotated[str, Field(description="What is asked, and where it was published.")]
    metric: Annotated[str, Field(description="Its items' own, unless parameters change it.")]
    has_corrupt: Annotated[bool, Field(description="Whether its items have corrupt prompts.")]
    parameters: Annotated[
        dict[str, Any], Field(description="JSON schemas of its parameters, by name.")
    ]


class TaskList(BaseModel):
    """The tasks that items can be drawn of."""

    tasks: list[TaskDescription]


Name = Annotated[str, Path(description="From `GET /tasks`.", max_length=64)]
ModelName = Annotated[
    str | None, Query(description="From `GET /models`; the default model when absent.")
]
Parameters = Annotated[
    str, Query(description="Of the task, as a JSON object: {corruption: abc}.", max_length=20_000)
]
Written = Annotated[WrittenTaskRequest, Body(examples=[WrittenTaskRequest.example])]
router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", name="tasks", summary="The tasks that items can be drawn of")
async def list_tasks() -> TaskList:
    """Each with its parameters; `template` makes items of sentences of your own."""
    return TaskList(tasks=list(map(_described, task_kinds())))


@router.get(
    "/{name}",
    name="task",
    response_model=TaskItems,
    responses=refusals(401, 404, 422, 429, 500, 503, 504),
    summary="Items of a task, and how well the model does on them",
)
async def draw(
    name: Name,
    request: Request,
    service: ServiceDep,
    n: Annotated[int, Query(ge=1, le=1000, description="How many items.")] = 20,
    seed: Annotated[int, Query(ge=0, le=2**53 - 1, description="Of the draw.")] = 0,
    parameters: Parameters = "{}",
    model: ModelName = None,
) -> Response:
    """The same items for the same seed; more of them begin with the same ones."""
    asked = DrawnTaskRequest.ask(
        task=name, n=n, seed=seed, parameters=_object(parameters), model=model
    )
    return await _answered(asked, request, service)


@router.post(
    "",
    name="written_task",
    response_model=TaskItems,
    responses=WORK | refusals(*BODY),
    summary="Read a task from a file's text, and see how well the model does on it",
    description=WrittenTaskRequest.meaning(),
)
async def read(body: Written, request: Request, service: ServiceDep) -> Response:
    return await _answered(body, request, service)


async def _answered(asked: TaskAnalysis, request: Request, service: SurgeryService) -> Response:
    async with service.admitted(asked, client_of(request)) as answer:
        return await whole(answer, request)


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise InvalidSetting('parameters is no JSON object: write {"name": value}.')
    return read


def _described(kind: type[TaskKind]) -> TaskDescription:
    return TaskDescription(
        name=kind.name,
        title=kind.title,
        meaning=kind.meaning(),
        metric=kind.metric,
        has_corrupt=kind.has_corrupt,
        parameters=kind.model_json_schema().get("properties", {}),
    )
