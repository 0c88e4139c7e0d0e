"""Runs over tasks as the API talks to them: checked, kept, and handed to the worker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from attention_surgery.errors import AttentionSurgeryError, InvalidSetting, NotOffered
from attention_surgery.runs.items import read_task
from attention_surgery.runs.plan import planned
from attention_surgery.runs.request import RunRequest
from attention_surgery.service.keeping import Keeping
from attention_surgery.service.limits import begin
from attention_surgery.service.models import Slot
from attention_surgery.service.run_worker import RunWorker
from attention_surgery.settings import Settings
from attention_surgery.store.kept_runs import KeptRun, NewRun, RunQuota
from attention_surgery.tasks import Task

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database
    from attention_surgery.store.item_scores import ItemScores
    from attention_surgery.store.runs import Runs

Answer = TypeVar("Answer")

HOUR, DAY = 3600.0, 86_400.0


class TaskRuns:
    """Owned by one event loop; a thread of its own works.

    Args:
        ready: the models that can work now.

    Every coroutine raises NotOffered where the settings say no, and StoreUnavailable where the
    database does not answer in time.
    """

    def __init__(
        self, settings: Settings, keeping: Keeping, ready: Callable[[], list[Slot]], log: Any
    ) -> None:
        self._settings, self._keeping, self._log = settings, keeping, log
        self._worker = RunWorker(settings, keeping, self._runs, ready, log)
        self._purging: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Go on with what was left, and from then on with what comes."""
        if self._settings.runs:
            self._worker.start()
            self._purging = asyncio.get_running_loop().create_task(self._purge_hourly())

    async def add(self, request: RunRequest, slot: Slot, client: str) -> KeptRun:
        """Draw the items, check each, and put the run into the queue.

        Raises:
            InvalidRequest: an item cannot be asked so, or there are too many.
            ModelUnavailable: the model is not ready.
            QuotaExceeded, StoreFull: there is no room.
        """
        self._check_offered()
        most, settings, quota = self._settings.max_run_items, self._settings, self._quota
        if request.size > most:
            raise InvalidSetting(f"The run has {request.size} items: this server allows {most}.")
        new = await asyncio.to_thread(_checked, request, slot, settings)
        run = await self._ask(lambda runs: runs.add(new, client, quota))
        self._worker.wake()
        return run

    async def all_of(self, client: str) -> list[KeptRun]:
        """A client's runs, the youngest first."""
        if not self._keeping.exists:
            self._check_offered()
            return []
        return await self._ask(lambda runs: runs.all_of(client))

    async def open(self, identifier: str) -> KeptRun:
        """Raises:
        UnknownRun: there is none, or no more.
        """
        return await self._ask(lambda runs: runs.open(identifier))

    async def results(self, identifier: str) -> tuple[KeptRun, ItemScores]:
        """What is done so far.

        Raises:
            UnknownRun: there is none, or no more.
        """
        return await self._ask(lambda runs: runs.results(identifier))

    async def found(self, identifier: str) -> bytes | None:
        """What is known that is no score of an item, in JSON.

        Raises:
            UnknownRun: there is none, or no more.
        """
        return await self._ask(lambda runs: runs.found(identifier))

    async def task(self, identifier: str) -> Task:
        """Its items.

        Raises:
            UnknownRun: there is none, or no more.
        """
        kept = await self._ask(lambda runs: runs.items(identifier))
        return await asyncio.to_thread(read_task, kept, "")

    async def cancel(self, identifier: str, client: str) -> KeptRun:
        """Raises:
        UnknownRun: there is none, or no more.
        NotYours: it was started from another address.
        """
        return await self._ask(lambda runs: runs.cancel(identifier, client))

    async def resume(self, identifier: str, client: str) -> KeptRun:
        """Put one that failed or was stopped into the queue again.

        Raises:
            UnknownRun: there is none, or no more.
            NotYours: it was started from another address.
            InvalidSetting: nothing of it is left to do.
            QuotaExceeded: there is no room.
        """
        quota = self._quota
        run = await self._ask(lambda runs: runs.resume(identifier, client, quota))
        self._worker.wake()
        return run

    async def delete(self, identifier: str, client: str) -> None:
        """Raises:
        UnknownRun: there is none, or no more.
        NotYours: it was started from another address.
        """
        await self._ask(lambda runs: runs.delete(identifier, client))

    def stuck(self, identifier: str) -> str | None:
        """Why this server cannot keep what it has measured for a run at the moment."""
        return self._worker.stuck(identifier)

    def begin_shutdown(self) -> None:
        """Begin no item more. Safe on any thread."""
        self._worker.begin_shutdown()

    def stop(self, seconds: float) -> bool:
        """Give the item under way up too; whether the thread has ended."""
        if self._purging is not None:
            self._purging.get_loop().call_soon_threadsafe(self._purging.cancel)
        return self._worker.stop(seconds)

    @property
    def _quota(self) -> RunQuota:
        return RunQuota(self._settings.client_runs, self._settings.client_unfinished_runs)

    def _check_offered(self) -> None:
        if not self._settings.runs:
            raise NotOffered("This server runs no tasks: use attention-surgery run on your own.")

    async def _ask(self, work: Callable[[Runs], Answer]) -> Answer:
        self._check_offered()
        return await self._keeping.ask(lambda database: work(self._runs(database)))

    def _runs(self, database: Database) -> Runs:
        from attention_surgery.store.runs import Runs

        kept = self._settings.runs_days * DAY
        folder = self._keeping.folder_of_runs
        return Runs(database, folder, seconds_kept=kept, log=self._log)

    async def _purge_hourly(self) -> None:
        while True:
            if self._keeping.exists:
                with contextlib.suppress(AttentionSurgeryError):  # the database has logged it
                    await self._ask(lambda runs: runs.purge())
            await asyncio.sleep(HOUR)


def _checked(request: RunRequest, slot: Slot, settings: Settings) -> NewRun:
    """The run as it is kept; reads every item's tokens, so it belongs on a thread.

    Raises:
        InvalidRequest: an item cannot be asked so.
        ModelUnavailable: the model is not ready.
    """
    model = slot.ready_model()
    return planned(request, model, lambda asked: begin(asked, model, settings))
