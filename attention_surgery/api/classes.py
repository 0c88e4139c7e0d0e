"""Classroom links: prompt and settings fixed, cuts free, answers read by whoever has the key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from attention_surgery.api.dependencies import ServiceDep, client_of
from attention_surgery.api.experiments import (
    CONTROL,
    NOT_CACHED,
    Deleted,
    Key,
    Link,
    Results,
    Saved,
    Title,
    plain_text,
    told,
    when,
)
from attention_surgery.api.routes import BODY, refusals
from attention_surgery.store.saved import HandedIn, KeptClass

ClassPath = Annotated[str, Path(description="What making it answered as `id`.", max_length=64)]
AnswerPath = Annotated[str, Path(description="The answer's `id`.", max_length=64)]


def _one_line_or_none(name: str) -> str:
    if CONTROL.search(name):
        raise ValueError("a name is one line of text, or nothing")
    return name.strip()


class NewClass(BaseModel):
    """What a class is asked, of which prompt and settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: Title
    question: Annotated[str, Field(max_length=2000), AfterValidator(plain_text)] = ""
    link: Link


class NewAnswer(BaseModel):
    """What somebody found, with what was answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[
        str,
        Field(max_length=60, description="Whatever the class has agreed on; or nothing."),
        AfterValidator(_one_line_or_none),
    ] = ""
    sentence: Annotated[str, Field(max_length=1000), AfterValidator(plain_text)] = ""
    link: Link
    results: Results = []


CLASS = {
    "title": "Who gets the drink?",
    "question": "Cut as few heads as you can until the model says John. Which are they?",
    "link": "?p=When+Mary+and+John&v=2",
}
ANSWER = {
    "name": "Ada",
    "sentence": "L9H9 alone does it.",
    "link": "?p=When+Mary+and+John&cut=L9H9z&v=2",
    "results": [],
}
New = Annotated[NewClass, Body(examples=[CLASS])]
HandIn = Annotated[NewAnswer, Body(examples=[ANSWER])]


class ClassLink(BaseModel):
    """A class as whoever has its address sees it."""

    id: str
    title: str
    question: str
    link: Annotated[str, Field(description="The page's query, whose prompt and settings hold.")]
    state: Annotated[
        Literal["open", "closed", "full"], Field(description="Whether it takes answers now.")
    ]
    saved: datetime
    expires: datetime


class SaidToken(BaseModel):
    """A run's likeliest next token."""

    text: str
    logprob: float


class Said(BaseModel):
    """What both runs say right after the prompt."""

    control: SaidToken
    ablated: SaidToken
    kl: Annotated[float, Field(description="KL(control‖ablated) there, nats.")]
    top1_changed: bool


class ClassAnswer(BaseModel):
    """An answer in the list; `GET /experiments/{id}` has all of it."""

    id: str
    name: str
    sentence: str
    cuts: Annotated[str, Field(description="What of its link is not the class's.")]
    said: Annotated[Said | None, Field(description="Null where no answer of /infer came along.")]
    saved: datetime


class ClassAnswers(BaseModel):
    """A class as whoever has its key sees it."""

    classroom: ClassLink
    opened: Annotated[
        int,
        Field(
            description="Browsers that opened it, each counted when it told so for the first time. "
            "The number is all that is kept: who empties a browser, or has several, counts again."
        ),
    ]
    answers: Annotated[list[ClassAnswer], Field(description="The oldest first.")]


class Counted(BaseModel):
    """Which class was opened."""

    id: str


router = APIRouter(prefix="/classes", tags=["classes"])
READING = (401, 403, 404, 422, 429, 503)
CHANGING = refusals(*BODY, 403, 404, 503, 507)


@router.post(
    "",
    name="make_class",
    status_code=201,
    responses=refusals(*BODY, 403, 409, 503, 507),
    summary="Make a classroom link",
)
async def make(body: New, request: Request, service: ServiceDep) -> Saved:
    """Prompt and settings of the link are fixed, cuts are free. It is a saved experiment:
    `DELETE /experiments/{id}` with its key deletes it, and all its answers."""
    receipt = await service.classes.make(body.title, body.question, body.link, client_of(request))
    return told(receipt)


@router.get(
    "/{classroom}",
    name="class_link",
    responses=refusals(*READING),
    summary="What a class is asked",
)
async def read(classroom: ClassPath, request: Request, service: ServiceDep) -> ClassLink:
    """For whoever has its address."""
    return _class(await service.classes.open(classroom, client_of(request)))


@router.post(
    "/{classroom}/openings",
    name="count_opening",
    responses=CHANGING,
    summary="Count a browser that has opened a class",
)
async def opening(classroom: ClassPath, request: Request, service: ServiceDep) -> Counted:
    """The page sends it once from each browser. Nothing about the browser is kept."""
    await service.classes.count_opening(classroom, client_of(request))
    return Counted(id=classroom)


@router.post(
    "/{classroom}/answers",
    name="hand_in",
    status_code=201,
    responses=refusals(*BODY, 403, 404, 409, 503, 507),
    summary="Hand in an answer to a class",
)
async def hand_in(
    classroom: ClassPath, body: HandIn, request: Request, service: ServiceDep
) -> Saved:
    """Keeps an experiment with its results for as long as the class. Whoever handed it in deletes
    it by `DELETE /experiments/{id}` with the key that this answers."""
    receipt = await service.classes.hand_in(
        classroom, body.name, body.sentence, body.link, body.results, client_of(request)
    )
    return told(receipt)


@router.get(
    "/{classroom}/answers",
    name="class_answers",
    response_model=ClassAnswers,
    responses=refusals(*READING),
    summary="How many have opened a class, and its answers",
)
async def answers(
    classroom: ClassPath, key: Key, request: Request, service: ServiceDep
) -> Response:
    """Takes the key that making it answered."""
    found, handed_in = await service.classes.answers(classroom, key, client_of(request))
    body = {
        "classroom": _class(found).model_dump(),
        "opened": found.opened,
        "answers": [_answer(each) for each in handed_in],
    }
    return Response(
        orjson.dumps(body, option=orjson.OPT_UTC_Z),
        headers=NOT_CACHED,
        media_type="application/json",
    )


@router.post(
    "/{classroom}/close", name="close_class", responses=CHANGING, summary="Take no more answers"
)
async def close(classroom: ClassPath, key: Key, request: Request, service: ServiceDep) -> ClassLink:
    """What is handed in stays, and can be read."""
    return _class(await service.classes.close(classroom, key, client_of(request), closed=True))


@router.post(
    "/{classroom}/reopen", name="reopen_class", responses=CHANGING, summary="Take answers again"
)
async def reopen(
    classroom: ClassPath, key: Key, request: Request, service: ServiceDep
) -> ClassLink:
    """As before it was closed."""
    return _class(await service.classes.close(classroom, key, client_of(request), closed=False))


@router.delete(
    "/{classroom}/answers/{answer}",
    name="delete_answer",
    responses=CHANGING,
    summary="Delete an answer by the key of its class",
)
async def delete_answer(
    classroom: ClassPath, answer: AnswerPath, key: Key, request: Request, service: ServiceDep
) -> Deleted:
    """The class and its other answers stay."""
    await service.classes.delete_answer(classroom, key, answer, client_of(request))
    return Deleted(id=answer)


def _class(found: KeptClass) -> ClassLink:
    content = found.kept.content
    return ClassLink(
        id=found.kept.id,
        title=content.title,
        question=content.note,
        link=content.link,
        state="closed" if found.closed else "full" if found.full else "open",
        saved=when(found.kept.saved_at),
        expires=when(found.kept.expires_at),
    )


def _answer(given: HandedIn) -> dict[str, Any]:
    """JSON in which what was said stands as it was stored, unread."""
    return {
        "id": given.id,
        "name": given.name,
        "sentence": given.sentence,
        "cuts": given.cuts,
        "said": None if given.said is None else orjson.Fragment(given.said),
        "saved": when(given.saved_at),
    }
