"""The thread of a server that works on runs, a turn each, when nobody waits for the model."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from attention_surgery.cluster.joining import connect
from attention_surgery.cluster.pool import Pool
from attention_surgery.errors import (
    InvalidSetting,
    ModelUnavailable,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from attention_surgery.runs.batches import Batch, Batches
from attention_surgery.runs.items import read_task
from attention_surgery.runs.request import RunRequest
from attention_surgery.runs.together import Piece
from attention_surgery.runs.work import ONE_PART, TOO_LONG, Measuring, Whole, Work, parts_left
from attention_surgery.service.idle_work import through_queue
from attention_surgery.service.keeping import Keeping
from attention_surgery.service.limits import begin, check
from attention_surgery.service.models import Slot
from attention_surgery.settings import Settings
from attention_surgery.store.kept_runs import Lease

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.database import Database
    from attention_surgery.store.runs import Runs

# How often a server looks for work that others have left, or put into the database.
LOOK_SECONDS = 2.0
# So long a run is worked on while others wait; then it is their turn.
TURN_SECONDS = 60.0


class RunWorker:
    """`start` and `stop` bracket its life; the other methods are any thread's.

    Args:
        runs: those of the database.
        ready: the models that can work now.
    """

    def __init__(
        self,
        settings: Settings,
        keeping: Keeping,
        runs: Callable[[Database], Runs],
        ready: Callable[[], list[Slot]],
        log: Any,
    ) -> None:
        self._settings, self._keeping, self._open = settings, keeping, runs
        self._ready, self._log = ready, log
        self._wake, self._enough, self._stopping = (threading.Event() for _ in range(3))
        self._stuck: tuple[str, str] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Go on with what was left, and from then on with what comes."""
        self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def stuck(self, identifier: str) -> str | None:
        """Why this server cannot keep what it has measured for a run at the moment."""
        stuck = self._stuck
        return stuck[1] if stuck is not None and stuck[0] == identifier else None

    def begin_shutdown(self) -> None:
        """Begin no item more."""
        self._enough.set()
        self._wake.set()

    def stop(self, seconds: float) -> bool:
        """Give the item under way up too; whether the thread has ended."""
        self.begin_shutdown()
        self._stopping.set()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

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
        runs = self._open(self._keeping.database)
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
        everything: range,
        given_up: Callable[[], bool],
    ) -> tuple[range, Whole]:
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

        return everything, piece.finished(through_queue(slot, piece.watched(steps), look))

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

        def here(part: range, given_up: Callable[[], bool]) -> tuple[range, NDArray[np.float32]]:
            return part, through_queue(slot, batch(part).steps(model), given_up)

        if self._settings.cluster is None:
            yield here
            return
        connect(self._settings.cluster)
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

    def __init__(self, worker: RunWorker, identifier: str) -> None:
        self._worker, self._identifier = worker, identifier

    def kept(self, done: int, total: int) -> None: ...

    def stuck(self, why: str | None) -> None:
        self._worker._tell_stuck(self._identifier, why)

    def crashed(self, error: Exception) -> None:
        self._worker._log.error("an item failed", run=self._identifier, exc_info=error)
