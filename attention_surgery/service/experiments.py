"""Saved experiments as the API talks to them: checked, off the event loop, and bounded."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.registry import analysis_named
from attention_surgery.analyses.result import Provenance
from attention_surgery.errors import (
    InvalidRequest,
    InvalidSetting,
    NotOffered,
    ShuttingDown,
    StoreError,
    StoreUnavailable,
)
from attention_surgery.interventions.refusals import validation_sentence
from attention_surgery.settings import Settings
from attention_surgery.store.place import database_url, file_of
from attention_surgery.store.saved import Content, Kept, Quota, Receipt, in_mib

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database
    from attention_surgery.store.experiments import Experiments

Answer = TypeVar("Answer")

THREADS = 4
# Questions to the database that may wait or run; each holds at most one saved experiment.
AT_ONCE = 32
# Longer than the database's own limits, which end what they can.
PATIENCE_SECONDS = 15.0
HOUR, DAY = 3600.0, 86_400.0


class SavedExperiments:
    """Owned by one event loop. The database is opened by the first who needs it.

    Every coroutine raises NotOffered where the settings say no, and StoreUnavailable where the
    database does not answer in time.
    """

    def __init__(self, settings: Settings, log: Any) -> None:
        self._settings, self._log = settings, log
        given = settings.database
        self._place = None if given is None else given.get_secret_value()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self._under_way = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._database: Database | None = None
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
            if content.size > self._settings.max_saved_bytes:
                raise InvalidRequest(
                    f"The experiment takes {in_mib(content.size)} with its results: at most "
                    f"{in_mib(self._settings.max_saved_bytes)} can be saved; save it with a "
                    "shorter text, or export it to a file."
                )
            return kept.save(content, client)

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

    async def stop(self, seconds: float) -> bool:
        """End the threads; whether all have ended."""
        self._stopped = True
        if self._purging is not None:
            self._purging.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        deadline = asyncio.get_running_loop().time() + seconds
        while self._under_way and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        if self._database is not None and not self._under_way:
            await asyncio.to_thread(self._database.close)
        return not self._under_way

    async def _ask(self, work: Callable[[Experiments], Answer]) -> Answer:
        """Let a thread do it; who asks does not wait longer than a database may take."""
        if not self._settings.saving:
            raise NotOffered("This server saves no experiments: share the link, or export a file.")
        if self._stopped:
            raise ShuttingDown("The server is stopping; retry in a few seconds.")
        if self._under_way >= AT_ONCE:
            raise StoreUnavailable("The database is busy; retry in a few seconds.")
        self._under_way += 1
        asked = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: work(self._kept())
        )
        asked.add_done_callback(self._ended)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), PATIENCE_SECONDS)
        except TimeoutError:
            raise StoreUnavailable(
                f"The database did not answer within {PATIENCE_SECONDS:g} seconds; everything else "
                "goes on."
            ) from None

    def _ended(self, asked: asyncio.Future[Any]) -> None:
        self._under_way -= 1
        if not asked.cancelled():
            asked.exception()  # has been told, or nobody waits for it any more

    def _kept(self) -> Experiments:
        from attention_surgery.store.database import Database
        from attention_surgery.store.experiments import Experiments

        settings = self._settings
        with self._lock:
            if self._database is None:
                self._database = Database(self._place, self._log)
        quota = Quota(settings.client_saved, settings.client_saved_bytes, settings.all_saved_bytes)
        return Experiments(self._database, quota, settings.saved_days * DAY)

    async def _purge_hourly(self) -> None:
        file = file_of(database_url(self._place))
        while True:
            if file is None or file.exists():
                with contextlib.suppress(StoreError):  # the database has logged it
                    await self._ask(lambda kept: kept.purge())
            await asyncio.sleep(HOUR)


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
