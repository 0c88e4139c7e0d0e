"""Saved experiments: what is sent, what comes back, and the routes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Header, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from attention_surgery.api.dependencies import ServiceDep, SettingsDep, client_of
from attention_surgery.api.routes import BODY, refusals
from attention_surgery.service.classes import offers_classes
from attention_surgery.store.saved import Kept, Receipt

NOT_CACHED = {"Cache-Control": "no-store"}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
IN_A_NOTE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LINK = re.compile(r"(\?[^\s#\x00-\x1f\x7f]*)?")
KEY_HEADER = "X-Experiment-Key"
EXAMPLE = {
    "title": "L9H9 writes the name",
    "note": "Seen at the last token.",
    "link": "?p=When+Mary+and+John&cut=L9H9z&v=2",
    "results": [],
}


def _one_line(title: str) -> str:
    if CONTROL.search(title) or not title.strip():
        raise ValueError("a title is one line of text: write what was asked")
    return title


def plain_text(note: str) -> str:
    """Raises:
    ValueError: it holds control characters.
    """
    if IN_A_NOTE.search(note):
        raise ValueError("a note is plain text: leave control characters out")
    return note


def _query(link: str) -> str:
    if not LINK.fullmatch(link):
        raise ValueError("a link is the page's query, from its question mark on")
    return link


Identifier = Annotated[str, Path(description="What saving it answered as `id`.", max_length=64)]
Key = Annotated[
    str,
    Header(alias=KEY_HEADER, description="What saving it answered as `key`.", max_length=64),
]


Title = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
Link = Annotated[
    str,
    Field(max_length=65_536, description="The page's query, from its question mark on."),
    AfterValidator(_query),
]
Results = Annotated[
    list[dict[str, Any]],
    Field(
        max_length=16,
        description="Answers of the analyses, each whole, as `provenance` says whose.",
    ),
]


class NewExperiment(BaseModel):
    """An experiment of the page with what was answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: Title
    note: Annotated[str, Field(max_length=4000), AfterValidator(plain_text)] = ""
    link: Link
    results: Results = []


New = Annotated[NewExperiment, Body(examples=[EXAMPLE])]


class Saved(BaseModel):
    """Where it is saved; the key is told only here."""

    id: str
    key: Annotated[str, Field(description="Whoever has it can delete the experiment.")]
    saved: datetime
    expires: datetime


class SavedExperiment(BaseModel):
    """An experiment as it was saved."""

    id: str
    title: str
    note: str
    link: str
    results: Annotated[
        list[dict[str, Any]],
        Field(description="As the analyses answered then, with model, revision and version."),
    ]
    saved: datetime
    expires: datetime


class Deleted(BaseModel):
    """What is no longer saved."""

    id: str


class Saving(BaseModel):
    """What can be saved here, and for how long."""

    offered: bool
    days: Annotated[float, Field(description="From saving until it is deleted by itself.")]
    max_bytes: Annotated[int, Field(description="Of one experiment with its results.")]
    client_experiments: Annotated[int, Field(description="Most from one address.")]
    client_bytes: int
    classes: Annotated[bool, Field(description="Whether you can make classroom links here.")]
    class_days: Annotated[float, Field(description="From making one until it is deleted.")]
    class_answers: Annotated[int, Field(description="Most that one class takes.")]


router = APIRouter(prefix="/experiments", tags=["experiments"])


@router.get("", name="saving", summary="What can be saved here, and for how long")
async def saving(request: Request, settings: SettingsDep) -> Saving:
    """Experiments are found by their address alone; there is no list of them."""
    return Saving(
        offered=settings.saving,
        days=settings.saved_days,
        max_bytes=settings.max_saved_bytes,
        client_experiments=settings.client_saved,
        client_bytes=settings.client_saved_bytes,
        classes=offers_classes(settings, client_of(request)),
        class_days=settings.class_days,
        class_answers=settings.class_answers,
    )


@router.post(
    "",
    name="save_experiment",
    status_code=201,
    responses=refusals(*BODY, 403, 409, 503, 507),
    summary="Save an experiment with its results",
)
async def save(body: New, request: Request, service: ServiceDep) -> Saved:
    """Results are kept as they were answered; what is none is refused."""
    receipt = await service.saved.save(
        body.title, body.note, body.link, body.results, client_of(request)
    )
    return told(receipt)


@router.get(
    "/{identifier}",
    name="saved_experiment",
    response_model=SavedExperiment,
    responses=refusals(401, 403, 404, 422, 429, 503),
    summary="A saved experiment",
)
async def read(identifier: Identifier, service: ServiceDep) -> Response:
    """With the numbers of then: nothing is computed."""
    return Response(
        _written(await service.saved.open(identifier)),
        headers=NOT_CACHED,
        media_type="application/json",
    )


@router.delete(
    "/{identifier}",
    name="delete_experiment",
    responses=refusals(*BODY, 403, 404, 503, 507),
    summary="Delete a saved experiment",
)
async def delete(identifier: Identifier, key: Key, service: ServiceDep) -> Deleted:
    """Takes the key that saving it answered."""
    await service.saved.delete(identifier, key)
    return Deleted(id=identifier)


def told(receipt: Receipt) -> Saved:
    """What only the one who saves is told."""
    return Saved(
        id=receipt.id,
        key=receipt.key,
        saved=when(receipt.saved_at),
        expires=when(receipt.expires_at),
    )


def _written(kept: Kept) -> bytes:
    """JSON in which the results stand as they were stored, unread."""
    content = kept.content
    return orjson.dumps(
        {
            "id": kept.id,
            "title": content.title,
            "note": content.note,
            "link": content.link,
            "results": orjson.Fragment(content.results),
            "saved": when(kept.saved_at),
            "expires": when(kept.expires_at),
        },
        option=orjson.OPT_UTC_Z,
    )


def when(seconds: float) -> datetime:
    """A moment of the store, which counts seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
