"""Runs over tasks on a server: checked, queued, and worked on when nobody waits for the model."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from attention_surgery.analyses.cost import Urgency
from attention_surgery.cluster.pool import Pool, connect
from attention_surgery.errors import (
    AttentionSurgeryError,
    InvalidSetting,
    JobCancelled,
    ModelUnavailable,
    NotOffered,
    QueueFull,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from attention_surgery.runs.batches import Batch, Batches
from attention_surgery.runs.items import read_task
from attention_surgery.runs.plan import planned
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.together import Piece
from attention_surgery.runs.work import ONE_PART, TOO_LONG, Measuring, Whole, Work, parts_left
from attention_surgery.service.computation import Computation
from attention_surgery.service.keeping import Keeping
from attention_surgery.service.limits import begin, check
from attention_surgery.service.models import Slot
from attention_surgery.settings import Settings
from attention_surgery.store.kept_runs import KeptRun, Lease, NewRun, RunQuota
from attention_surgery.tasks import Task

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database
    from attention_surgery.store.item_scores import ItemScores
    from attention_surgery.store.runs import Runs

Answer = TypeVar("Answer")

# How often a server looks for work that others have left, or put into the database.
LOOK_SECONDS = 2.0
# So long a run is worked on while others wait; then it is their turn.
TURN_SECONDS = 60.0
HOUR, DAY = 3600.0, 86_400.0
CLIENT = "runs"


class TaskRuns:
    """The coroutines are one event loop's; one thread of its own works.

    Args:
        ready: the models that can work now.

    Every coroutine raises NotOffered where the settings say no, and StoreUnavailable where the
    database does not answer in time.
    """

    def __init__(
        self, settings: Settings, keeping: Keeping, ready: Callable[[], list[Slot]], log: Any
    ) -> None:
        self._settings, self._keeping, self._ready, self._log = settings, keeping, ready, log
        self._wake, self._enough, self._stopping = (threading.Event() for _ in range(3))
        self._stuck: tuple[str, str] | None = None
        self._joined = False
        self._thread: threading.Thread | None = None
        self._purging: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Go on with what was left, and from then on with what comes."""
        if self._settings.runs:
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()
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
        self._wake.set()
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
        self._wake.set()
        return run

    async def delete(self, identifier: str, client: str) -> None:
        """Raises:
        UnknownRun: there is none, or no more.
        NotYours: it was started from another address.
        """
        await self._ask(lambda runs: runs.delete(identifier, client))

    def stuck(self, identifier: str) -> str | None:
        """Why this server cannot keep what it has measured for a run at the moment."""
        stuck = self._stuck
        return stuck[1] if stuck is not None and stuck[0] == identifier else None

    def begin_shutdown(self) -> None:
        """Begin no item more. Safe on any thread."""
        self._enough.set()
        self._wake.set()

    def stop(self, seconds: float) -> bool:
        """Give the item under way up too; whether the thread has ended."""
        self.begin_shutdown()
        self._stopping.set()
        if self._purging is not None:
            self._purging.get_loop().call_soon_threadsafe(self._purging.cancel)
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

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

    # On the thread

    def _work(self) -> None:
        while not self._enough.is_set():
            self._wake.clear()
            try:
                if not self._one():
                    self._wake.wait(LOOK_SECONDS)
            except Exception as error:
                self._log.error("work on a run failed", exc_info=error)
                self._wake.wait(LOOK_SECONDS)

    def _one(self) -> bool:
        """Work on the run whose turn it is; False where there is none."""
        slots = {slot.name: slot for slot in self._ready()}
        if not slots or not self._keeping.exists:
            return False
        runs = self._runs(self._keeping.database)
        models = {name: slot.ready_model().revision for name, slot in slots.items()}
        try:
            lease = runs.claim(models)
        except StoreError:  # the database has logged it
            return False
        if lease is None:
            return False
        self._work_on(runs, lease, slots[lease.run.model])
        return True

    def _work_on(self, runs: Runs, lease: Lease, slot: Slot) -> None:
        try:
            request = RunRequest.model_validate_json(lease.run.request)
        except ValidationError:
            runs.finish(lease, "This version of the program cannot read it: start it anew.")
            return
        until = time.monotonic() + TURN_SECONDS
        work = Work(
            runs,
            _Watch(self, lease.run.id),
            enough=lambda: self._enough.is_set() or self._others_wait(runs, until),
            stopping=self._stopping.is_set,
            most_seconds=self._settings.max_run_seconds,
        )
        if request.together is not None:
            shape = lease.run.layers, lease.run.heads
            piece = Piece(request.of_items(), runs.found(lease.run.id), shape)
            work.go_on(lease, ONE_PART, partial(self._together, piece, runs, lease, slot))
            return
        task = read_task(runs.items(lease.run.id), request.task)
        batches = Batches.of(request, task, slot.ready_model())
        try:
            with self._measuring(slot, batches, lease) as measuring:
                work.go_on(lease, batches.parts, measuring)
        except ModelUnavailable as error:  # the cluster does not answer; it may later
            self._tell_stuck(lease.run.id, str(error))
            runs.give_back(lease)
            self._wake.wait(LOOK_SECONDS)

    def _together(
        self,
        piece: Piece,
        runs: Runs,
        lease: Lease,
        slot: Slot,
        _all: range,
        given_up: Callable[[], bool],
    ) -> Whole:
        """What all items give together; what is known is kept as it goes.

        Raises:
            JobCancelled: it goes on later.
        """
        begun = time.monotonic()
        _, steps = begin(piece.left, slot.ready_model(), self._settings)

        def look() -> bool:
            if (news := piece.news()) is not None:
                with contextlib.suppress(StoreUnavailable, StoreFull):  # the next will do
                    runs.keep_found(lease, news)
                    if piece.goes_on and self._others_wait(runs, begun + TURN_SECONDS):
                        return True
            if time.monotonic() - begun > self._settings.max_run_seconds:
                raise InvalidSetting(TOO_LONG.format(self._settings.max_run_seconds))
            return given_up()

        return piece.finished(_through_queue(slot, piece.watched(steps), look))

    @contextlib.contextmanager
    def _measuring(self, slot: Slot, batches: Batches, lease: Lease) -> Iterator[Measuring]:
        """Who measures: the cluster that the settings name, else this server.

        Raises:
            ModelUnavailable: the cluster does not answer.
        """
        model = slot.ready_model()

        def batch(part: range) -> Batch:
            asked = batches.batch(part)
            for request in asked.requests:
                check(request, model, self._settings)
            return asked

        def here(part: range, given_up: Callable[[], bool]) -> NDArray[np.float32]:
            return _through_queue(slot, batch(part).steps(model), given_up)

        if self._settings.cluster is None:
            yield here
            return
        if not self._joined:
            connect(self._settings.cluster)
            self._joined = True
        self._tell_stuck(lease.run.id, None)
        left = parts_left(batches.parts, lease)
        with contextlib.closing(Pool(model, left, batch)) as pool:
            yield pool

    def _others_wait(self, runs: Runs, until: float) -> bool:
        return time.monotonic() > until and runs.waiting()

    def _tell_stuck(self, identifier: str, why: str | None) -> None:
        self._stuck = None if why is None else (identifier, why)


class _Watch:
    """Tells the server how a run goes."""

    def __init__(self, runs: TaskRuns, identifier: str) -> None:
        self._runs, self._identifier = runs, identifier

    def kept(self, done: int, total: int) -> None: ...

    def stuck(self, why: str | None) -> None:
        self._runs._tell_stuck(self._identifier, why)

    def crashed(self, error: Exception) -> None:
        self._runs._log.error("an item failed", run=self._identifier, exc_info=error)


def _checked(request: RunRequest, slot: Slot, settings: Settings) -> NewRun:
    """The run as it is kept; reads every item's tokens, so it belongs on a thread.

    Raises:
        InvalidRequest: an item cannot be asked so.
        ModelUnavailable: the model is not ready.
    """
    model = slot.ready_model()
    return planned(request, model, lambda asked: begin(asked, model, settings))


def _through_queue(
    slot: Slot, steps: Generator[object, None, Answer], given_up: Callable[[], bool]
) -> Answer:
    """What this finds, worked out on the model's thread when nobody else has work for it.

    Raises:
        JobCancelled: it was given up.
        AttentionSurgeryError: what the work failed with.
    """
    found: list[Answer] = []

    def kept() -> Generator[None, None, None]:
        with contextlib.closing(steps):
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    found.append(end.value)
                    return
                yield  # its progress, which nobody reads, would be written as JSON

    computation = Computation("run", Urgency.RUN, CLIENT, kept())
    news = threading.Event()
    computation.log.join(news, news.set)
    try:
        _put(slot, computation, given_up)
        while True:
            news.wait(0.5)
            news.clear()
            _, finished, error = computation.log.after(-1)
            if error is not None:
                raise error
            if finished:
                return found[0]
            if given_up():
                raise JobCancelled("The run goes on later.")
    finally:
        computation.log.leave(news)


def _put(slot: Slot, computation: Computation, given_up: Callable[[], bool]) -> None:
    """Into the queue, which others may have filled."""
    while True:
        try:
            with slot.worker.place() as put:
                put(computation)
            return
        except QueueFull:
            if given_up():
                raise JobCancelled("The run goes on later.") from None
            time.sleep(0.5)
