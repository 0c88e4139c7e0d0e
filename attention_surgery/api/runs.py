"""Runs over tasks: what is sent, what comes back, and the routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, Field

from attention_surgery.analyses.encoding import encode
from attention_surgery.api.answering import HEARTBEAT_SECONDS, STREAM_HEADERS, EventStream, framed
from attention_surgery.api.dependencies import ServiceDep, SettingsDep, client_of
from attention_surgery.api.errors import describe
from attention_surgery.api.routes import BODY, refusals
from attention_surgery.api.schemas import ErrorResponse
from attention_surgery.errors import AttentionSurgeryError, InvalidSetting
from attention_surgery.runs.items import fields_of
from attention_surgery.runs.measure import measures
from attention_surgery.runs.request import GivenItem, RunRequest
from attention_surgery.runs.results import HeadSummary, summarised
from attention_surgery.runs.together import TOGETHER
from attention_surgery.service.service import SurgeryService
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, RunState

NOT_CACHED = {"Cache-Control": "no-store"}
LOOK_SECONDS = 0.5
READING = refusals(401, 403, 404, 422, 429, 503)
Identifier = Annotated[str, Path(description="What starting it answered as `id`.", max_length=64)]
Place = Annotated[int, Path(ge=0, le=1_000_000)]
New = Annotated[RunRequest, Body(examples=[RunRequest.example])]


class Run(BaseModel):
    """A run and how far it is."""

    id: str
    title: str
    state: RunState
    total: Annotated[int, Field(description="Items; 1 of what reads all items together.")]
    done: Annotated[int, Field(description="Items done.")]
    seconds: Annotated[float, Field(description="Of work so far.")]
    seconds_left: Annotated[
        float | None, Field(description="As the items so far took; null while none is done.")
    ]
    why: Annotated[
        str | None, Field(description="Why it failed, or why it does not get on at the moment.")
    ]
    task: str
    seed: Annotated[int | None, Field(description="Null for items of one's own.")]
    parameters: Annotated[dict[str, Any], Field(description="Of the task.")]
    analysis: Annotated[dict[str, Any], Field(description="Its name and its own fields.")]
    meaning: Annotated[str, Field(description="Of a head's score.")]
    model: str
    revision: Annotated[str, Field(description="Of the model's weights.")]
    version: Annotated[str, Field(description="Of the program that took it on.")]
    created: datetime
    ended: datetime | None
    expires: datetime


class RunList(BaseModel):
    """Runs started from this address, and what can be started here."""

    offered: bool
    max_items: int
    max_seconds: Annotated[float, Field(description="Of work on one run.")]
    max_runs: Annotated[int, Field(description="Kept for one address.")]
    max_unfinished: Annotated[int, Field(description="Waiting or under way for one address.")]
    runs: Annotated[list[Run], Field(description="The youngest first.")]


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class RunResults(BaseModel):
    """What is found so far."""

    run: Run
    summary: Annotated[
        HeadSummary | None, Field(description="Over the items done; null while none is.")
    ]
    found: Annotated[
        dict[str, Any] | None,
        Field(
            description="Of circuits, which read all items together: what is known so far, and at "
            "the end what `POST /circuit` or `/circuit/search` answers. A search can go on from it."
        ),
    ]


class ScoredItem(GivenItem):
    """An item and what a head's score is there."""

    item: Annotated[int, Field(description="Its number, from 0.")]
    score: float


class HeadItems(BaseModel):
    """A head's score of each item done."""

    layer: int
    head: int
    items: list[ScoredItem]


class DeletedRun(BaseModel):
    """What is no longer kept."""

    id: str


FILES = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
}
EVENTS: dict[str, type] = {"progress": Run, "done": Run, "error": ErrorResponse}
router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("", name="runs", responses=refusals(401, 403, 429, 503), summary="Runs of this address")
async def list_runs(request: Request, service: ServiceDep, settings: SettingsDep) -> RunList:
    """And the limits of what can be started."""
    kept = await service.runs.all_of(client_of(request)) if settings.runs else []
    return RunList(
        offered=settings.runs,
        max_items=settings.max_run_items,
        max_seconds=settings.max_run_seconds,
        max_runs=settings.client_runs,
        max_unfinished=settings.client_unfinished_runs,
        runs=[_told(run, service) for run in kept],
    )


@router.post(
    "",
    name="start_run",
    status_code=201,
    responses=refusals(*BODY, 403, 404, 409, 503, 507),
    summary="Start a run: one analysis of every item of a task, or of all together",
)
async def start(body: New, request: Request, service: ServiceDep) -> Run:
    """Answers at once; the run goes on when nobody asks the model anything, also after a restart
    of the server. Every item is checked before."""
    return _told(await service.add_run(body, client_of(request)), service)


@router.get("/{run}", name="run", responses=READING, summary="A run and how far it is")
async def read(run: Identifier, service: ServiceDep) -> Run:
    """Whoever has its id may look."""
    return _told(await service.runs.open(run), service)


@router.get(
    "/{run}/events",
    name="run_events",
    response_class=EventStream,
    responses=READING,
    summary="A run's progress, as server-sent events",
)
async def events(run: Identifier, service: ServiceDep) -> Response:
    """Events: `progress` whenever an item is done, `done` at the end, which may be a failure."""
    first = _told(await service.runs.open(run), service)
    return EventStream(_events(first, service), headers=STREAM_HEADERS)


@router.get(
    "/{run}/results",
    name="run_results",
    response_model=RunResults,
    responses=READING | {200: {"content": FILES}},
    summary="Means over the items done, or every item's scores",
)
async def results(
    run: Identifier,
    service: ServiceDep,
    as_: Annotated[
        Format,
        Query(alias="format", description="json: means; csv, parquet: a row an item and head."),
    ] = Format.JSON,
) -> Response:
    """Also half-way: intervals are those of the items done, whose number is told."""
    kept, scores = await service.runs.results(run)
    if as_ is not Format.JSON:
        form: Literal["csv", "parquet"] = "csv" if as_ is Format.CSV else "parquet"
        body = await asyncio.to_thread(scores.written, form, kept.request)
        kind = "text/csv" if as_ is Format.CSV else "application/vnd.apache.parquet"
        name = f'attachment; filename="run-{run[:12]}.{as_.value}"'
        return Response(body, headers=NOT_CACHED | {"Content-Disposition": name}, media_type=kind)
    found = await service.runs.found(run)
    body = await asyncio.to_thread(_summary, _told(kept, service), scores.scores, found)
    return Response(body, headers=NOT_CACHED, media_type="application/json")


@router.get(
    "/{run}/heads/{layer}/{head}",
    name="run_head",
    responses=READING,
    summary="A head's score of each item done",
)
async def head_items(run: Identifier, layer: Place, head: Place, service: ServiceDep) -> HeadItems:
    """With the items themselves."""
    kept, found = await service.runs.results(run)
    if layer >= kept.layers or head >= kept.heads:
        raise InvalidSetting(
            f"There is no L{layer}H{head}: {kept.model} has layers 0–{kept.layers - 1} and heads "
            f"0–{kept.heads - 1}."
        )
    if orjson.loads(kept.request)["analysis"]["name"] in TOGETHER:
        raise InvalidSetting("This run reads all items together: it has no number of each.")
    task = await service.runs.task(run)
    items = [
        ScoredItem(item=number, score=score, **fields_of(task.items[number]))
        for number, score in zip(
            found.items.tolist(), found.scores[:, layer, head].tolist(), strict=True
        )
    ]
    return HeadItems(layer=layer, head=head, items=items)


@router.post(
    "/{run}/stop",
    name="stop_run",
    responses=refusals(*BODY, 403, 404, 503, 507),
    summary="Stop a run; what is done stays",
)
async def stop(run: Identifier, request: Request, service: ServiceDep) -> Run:
    """Only from the address that started it. One that has ended stays as it is."""
    return _told(await service.runs.cancel(run, client_of(request)), service)


@router.post(
    "/{run}/resume",
    name="resume_run",
    responses=refusals(*BODY, 403, 404, 503, 507),
    summary="Go on with a run that failed or was stopped",
)
async def resume(run: Identifier, request: Request, service: ServiceDep) -> Run:
    """What is done is kept, the rest waits for its turn again. Only from the address that started
    it."""
    return _told(await service.runs.resume(run, client_of(request)), service)


@router.delete(
    "/{run}",
    name="delete_run",
    responses=refusals(*BODY, 403, 404, 503, 507),
    summary="Delete a run with its results",
)
async def delete(run: Identifier, request: Request, service: ServiceDep) -> DeletedRun:
    """Only from the address that started it; one that is under way stops."""
    await service.runs.delete(run, client_of(request))
    return DeletedRun(id=run)


async def _events(run: Run, service: SurgeryService) -> AsyncIterator[bytes]:
    told, silent = None, 0.0
    try:
        while True:
            if run != told:
                ended = run.state not in UNFINISHED
                yield b"".join(framed("done" if ended else "progress", encode(run)))
                if ended:
                    return
                told, silent = run, 0.0
            elif silent >= HEARTBEAT_SECONDS:
                yield b": ping\n\n"
                silent = 0.0
            await asyncio.sleep(LOOK_SECONDS)
            silent += LOOK_SECONDS
            run = _told(await service.runs.open(run.id), service)
    except Exception as error:
        unexpected = None if isinstance(error, AttentionSurgeryError) else error
        refusal = describe(error)
        service.stream_failed(refusal["error"], unexpected)
        yield b"".join(framed("error", encode(refusal)))


@dataclass(frozen=True, slots=True, eq=False)
class _Results:
    run: Run
    summary: HeadSummary | None
    found: Any


def _summary(run: Run, scores: Any, found: bytes | None) -> bytes:
    known = None if found is None else orjson.Fragment(found)
    return encode(_Results(run, summarised(scores, run.seed or 0), known))


def _told(run: KeptRun, service: SurgeryService) -> Run:
    # Not as a request: what an older version took on can be looked at, whatever has changed.
    asked: dict[str, Any] = orjson.loads(run.request)
    meanings = {kind.analysis.name: kind.meaning for kind in measures()}
    meanings |= {name: kind.meaning for name, kind in TOGETHER.items()}
    return Run(
        id=run.id,
        title=run.title,
        state=run.state,
        total=run.total,
        done=run.done,
        seconds=run.seconds,
        seconds_left=run.seconds_left,
        why=run.why or service.runs.stuck(run.id),
        task=asked["task"],
        seed=None if "items" in asked else asked.get("seed", 0),
        parameters=asked.get("parameters", {}),
        analysis=asked["analysis"],
        meaning=meanings.get(asked["analysis"]["name"], ""),
        model=run.model,
        revision=run.revision,
        version=run.version,
        created=_time(run.created_at),
        ended=None if run.ended_at is None else _time(run.ended_at),
        expires=_time(run.expires_at),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
