"""Classroom links as the API talks to them: who may use them, and what an answer has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import orjson

from attention_surgery.errors import InvalidRequest, NotOffered
from attention_surgery.service.experiments import checked, kept_for, of_size
from attention_surgery.service.keeping import Keeping
from attention_surgery.settings import PREFIX, Settings
from attention_surgery.store.saved import ClassLimits, Content, HandedIn, KeptClass, Receipt

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.classes import Classes
    from attention_surgery.store.database import Database

Answer = TypeVar("Answer")

# The keys of the page's query that a class fixes: prompt, model, beginning of text, and how texts
# are drawn. docs/links.md has them all.
FIXED = ("p", "m", "bos", "n", "t", "k", "seed")
# Of what an answer may choose, in characters: the teacher's list holds it of every answer.
LONGEST_CUTS = 4096
# Longer than any token of the vocabulary; what a client sends may be longer.
LONGEST_TOKEN = 128
NAMELESS = "Without a name"


def offers_classes(settings: Settings, client: str) -> bool:
    """Whether this client may make classroom links and hand in under them."""
    if settings.classes is None:
        return settings.saving and is_this_machine(client)
    return settings.saving and settings.classes


def is_this_machine(client: str) -> bool:
    """Whether an address, or the network that stands for one, is the loopback's."""
    try:
        first = ip_network(client, strict=False)[0]
    except ValueError:  # a socket without addresses, behind which anybody may be
        return False
    # Of IPv6 a client is a network: ::/64 begins with the unspecified address, and holds ::1.
    return first.is_loopback or (first.version == 6 and first.is_unspecified)


class Classrooms:
    """Owned by one event loop.

    Every coroutine raises NotOffered where the settings say no, UnknownClass where there is no such
    class, and StoreUnavailable where the database does not answer in time.
    """

    def __init__(self, settings: Settings, keeping: Keeping) -> None:
        self._settings, self._keeping = settings, keeping

    async def make(self, title: str, question: str, link: str, client: str) -> Receipt:
        """Raises:
        InvalidRequest: it has no prompt, or is too large.
        QuotaExceeded, StoreFull: there is no room.
        """
        if not _first(parse_qsl(link[1:]), "p"):
            raise InvalidRequest("A class is about a prompt: give its link one, as p=….")
        content = of_size(Content(title, question, link, b"[]"), self._settings)
        return await self._ask(client, lambda classes: classes.make(content, client))

    async def open(self, identifier: str, client: str) -> KeptClass:
        """What whoever has the address may know."""
        return await self._ask(client, lambda classes: classes.open(identifier))

    async def count_opening(self, identifier: str, client: str) -> None:
        """One more browser has opened it."""
        await self._ask(client, lambda classes: classes.count_opening(identifier))

    async def hand_in(
        self,
        identifier: str,
        name: str,
        sentence: str,
        link: str,
        results: Sequence[dict[str, Any]],
        client: str,
    ) -> Receipt:
        """Keep an answer.

        Raises:
            InvalidRequest: it is of another prompt or other settings than the class, a result is
                none of an analysis here, or it is too large.
            ClassClosed, QuotaExceeded, StoreFull: there is no room.
        """

        def work(classes: Classes) -> Receipt:
            asked = classes.open(identifier).kept.content.link
            cuts = free_part(link, asked)
            whole = checked(results)
            content = Content(name or NAMELESS, sentence, link, whole)
            of_size(content, self._settings)
            return classes.hand_in(identifier, content, cuts, said(whole), client)

        return await self._ask(client, work)

    async def answers(
        self, identifier: str, key: str, client: str
    ) -> tuple[KeptClass, list[HandedIn]]:
        """Raises:
        WrongKey: the key is another's.
        """
        return await self._ask(client, lambda classes: classes.answers(identifier, key))

    async def close(self, identifier: str, key: str, client: str, *, closed: bool) -> KeptClass:
        """The class that takes no more answers, or takes them again.

        Raises:
            WrongKey: the key is another's.
        """

        def work(classes: Classes) -> KeptClass:
            classes.close(identifier, key, closed=closed)
            return classes.open(identifier)

        return await self._ask(client, work)

    async def delete_answer(self, identifier: str, key: str, answer: str, client: str) -> None:
        """Raises:
        WrongKey: the key is another's.
        UnknownExperiment: it has no such answer.
        """
        await self._ask(client, lambda classes: classes.delete_answer(identifier, key, answer))

    async def _ask(self, client: str, work: Callable[[Classes], Answer]) -> Answer:
        if not offers_classes(self._settings, client):
            raise NotOffered(
                "This server offers no classroom links: save the experiment and share its link, or "
                f"let the host set {PREFIX}CLASSES."
            )
        return await self._keeping.ask(lambda database: work(self._classes(database)))

    def _classes(self, database: Database) -> Classes:
        from attention_surgery.store.classes import Classes

        settings = self._settings
        limits = ClassLimits(settings.class_answers, settings.class_bytes)
        return Classes(database, kept_for(settings.class_days, settings, database), limits)


def free_part(link: str, of_class: str) -> str:
    """What an answer's query says beyond its class's: its cuts, and what is looked at.

    Raises:
        InvalidRequest: it differs in what the class fixes, or says too much.
    """
    asked, given = (parse_qsl(each[1:], keep_blank_values=True) for each in (of_class, link))
    for name in FIXED:
        if _first(asked, name) != _first(given, name):
            raise InvalidRequest(
                "An answer has the prompt and the settings of its class, and this one differs in "
                f"{name!r}: open the class link again, and change cuts alone."
            )
    free = urlencode([(name, value) for name, value in given if name not in FIXED])
    if len(free) > LONGEST_CUTS:
        raise InvalidRequest(
            f"The cuts of an answer may take {LONGEST_CUTS} characters in its link, and these take "
            f"{len(free)}: cut fewer heads, or at fewer positions."
        )
    return f"?{free}"


def _first(entries: Sequence[tuple[str, str]], name: str) -> str | None:
    """Of a key that stands there several times the page reads the first."""
    return next((value for key, value in entries if key == name), None)


def said(results: bytes) -> bytes | None:
    """The likeliest next tokens of both runs, of the first result that knows them, as JSON."""
    for result in orjson.loads(results):
        if result["provenance"]["analysis"] == "infer" and result["next_token"]["candidates"]:
            return orjson.dumps(_likeliest(result["next_token"]))
    return None


def _likeliest(seen: dict[str, Any]) -> dict[str, Any]:
    def first(run: str) -> dict[str, Any]:
        best = max(seen["candidates"], key=lambda token: token[f"{run}_logprob"])
        return {"text": best["text"][:LONGEST_TOKEN], "logprob": best[f"{run}_logprob"]}

    return {
        "control": first("control"),
        "ablated": first("ablated"),
        "kl": seen["kl"],
        "top1_changed": seen["top1_changed"],
    }
