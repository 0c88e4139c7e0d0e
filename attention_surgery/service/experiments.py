"""Saved experiments as the API talks to them: checked, off the event loop, and bounded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.registry import analysis_named
from attention_surgery.analyses.result import Provenance
from attention_surgery.errors import (
    InvalidRequest,
    InvalidSetting,
    NotOffered,
    StoreError,
)
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.service.keeping import Keeping
from attention_surgery.settings import Settings
from attention_surgery.store.saved import Content, Kept, Quota, Receipt, in_mib

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database
    from attention_surgery.store.experiments import Experiments

Answer = TypeVar("Answer")

HOUR, DAY = 3600.0, 86_400.0


class SavedExperiments:
    """Owned by one event loop.

    Every coroutine raises NotOffered where the settings say no, and StoreUnavailable where the
    database does not answer in time.
    """

    def __init__(self, settings: Settings, keeping: Keeping) -> None:
        self._settings, self._keeping = settings, keeping
        self._purging: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Delete what has expired, now and every hour."""
        if self._settings.saving:
            self._purging = asyncio.get_running_loop().create_task(self._purge_hourly())

    async def save(
        self, title: str, note: str, link: str, results: Sequence[dict[str, Any]], client: str
    ) -> Receipt:
        """Keep an experiment with what was answered.

        Raises:
            InvalidRequest: a result is none of an analysis here, or all are too large.
            QuotaExceeded, StoreFull: there is no room.
        """

        def work(kept: Experiments) -> Receipt:
            content = Content(title, note, link, checked(results))
            return kept.save(of_size(content, self._settings), client)

        return await self._ask(work)

    async def open(self, identifier: str) -> Kept:
        """Raises:
        UnknownExperiment: there is none, or no more.
        """
        return await self._ask(lambda kept: kept.open(identifier))

    async def delete(self, identifier: str, key: str) -> None:
        """Raises:
        UnknownExperiment: there is none, or no more.
        WrongKey: the key is another's.
        """
        await self._ask(lambda kept: kept.delete(identifier, key))

    def stop(self) -> None:
        if self._purging is not None:
            self._purging.cancel()

    async def _ask(self, work: Callable[[Experiments], Answer]) -> Answer:
        if not self._settings.saving:
            raise NotOffered("This server saves no experiments: share the link, or export a file.")
        days, settings = self._settings.saved_days, self._settings
        return await self._keeping.ask(lambda database: work(kept_for(days, settings, database)))

    async def _purge_hourly(self) -> None:
        while True:
            if self._keeping.exists:
                with contextlib.suppress(StoreError):  # the database has logged it
                    await self._ask(lambda kept: kept.purge())
            await asyncio.sleep(HOUR)


def kept_for(days: float, settings: Settings, database: Database) -> Experiments:
    """What is saved in it, each for so long, within what the settings allow."""
    from attention_surgery.store.experiments import Experiments

    quota = Quota(settings.client_saved, settings.client_saved_bytes, settings.all_saved_bytes)
    return Experiments(database, quota, days * DAY)


def of_size(content: Content, settings: Settings) -> Content:
    """The content, where it is not too large to be kept.

    Raises:
        InvalidRequest: it is.
    """
    if content.size > settings.max_saved_bytes:
        raise InvalidRequest(
            f"The experiment takes {in_mib(content.size)} with its results: at most "
            f"{in_mib(settings.max_saved_bytes)} can be saved; save it with a shorter text, or "
            "export it to a file."
        )
    return content


def checked(results: Sequence[dict[str, Any]]) -> bytes:
    """Results as the routes answered them, as a JSON array: what no route answers is left out.

    Raises:
        InvalidRequest: one is no result of an analysis, in a sentence that says which.
    """
    return b"[%b]" % b",".join(_checked(each, f"results[{i}]") for i, each in enumerate(results))


def _checked(given: dict[str, Any], where: str) -> bytes:
    try:
        came_from = TypeAdapter(Provenance).validate_python(given.get("provenance"))
        analysis = analysis_named(came_from.analysis)
        analysis.ask(**came_from.request)
        return encode(TypeAdapter(analysis.result).validate_python(given))
    except ValidationError as error:
        raise InvalidSetting(f"{where}: {validation_sentence(error.errors())}") from None
    except InvalidRequest as error:
        raise InvalidSetting(f"{where}: {error}") from None
    except (TypeError, ValueError):
        raise InvalidSetting(f"{where} holds something else than finite numbers.") from None
