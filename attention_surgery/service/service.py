"""What the API talks to: models, admission, shared answers, shutdown."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from attention_surgery.analyses.base import Analysis
from attention_surgery.errors import ShuttingDown, UnknownModel
from attention_surgery.runs.request import RunRequest
from attention_surgery.service.answers import Answer
from attention_surgery.service.classes import Classrooms
from attention_surgery.service.computation import Computation
from attention_surgery.service.experiments import SavedExperiments
from attention_surgery.service.keeping import Keeping
from attention_surgery.service.limits import FLOAT_BYTES, begin
from attention_surgery.service.meters import Meters
from attention_surgery.service.models import Slot
from attention_surgery.service.runs import TaskRuns
from attention_surgery.service.shares import Shares
from attention_surgery.service.store import Store, fingerprint
from attention_surgery.service.turns import Turns
from attention_surgery.settings import Settings, parse_model
from attention_surgery.store.kept_runs import KeptRun

STOPPING = "The server is stopping and accepts no new work; retry in a few seconds."
STOPPED = "The server stopped before this was finished; send the request again."
THREAD_SECONDS = 5.0


class SurgeryService:
    """Owned by one event loop; `start` and `stop` bracket its life."""

    def __init__(self, settings: Settings, log: Any = None) -> None:
        self.settings = settings
        self.meters = Meters()
        self.stopping = False
        self._store = Store(settings.cache_bytes)
        self._shares = Shares(settings.client_share)
        self._log = log or structlog.get_logger()
        self._lock = threading.RLock()
        self._turns = Turns()
        self._keeping = Keeping(settings, self._log)
        self.saved = SavedExperiments(settings, self._keeping)
        self.classes = Classrooms(settings, self._keeping)
        self.runs = TaskRuns(settings, self._keeping, self._ready_slots, self._log)
        self.slots: dict[str, Slot] = {}
        for name, directory in map(parse_model, settings.models):
            self.slots[name] = self._slot(name, directory)

    def _slot(self, name: str, directory: Path | None) -> Slot:
        return Slot(
            name,
            directory,
            self.settings,
            self.meters,
            self._turns,
            self._load_a_stand_in,
            self._log,
        )

    # Models

    def start(self) -> None:
        """Load the preferred model, and at once one that needs no network."""
        first, *others = self.slots.values()
        first.load()
        if first.needs_network:
            for slot in [slot for slot in others if not slot.needs_network][:1]:
                slot.load()

    def load(self, name: str) -> None:
        """Load an offered model, or retry.

        Raises:
            UnknownModel: it is not offered.
            ShuttingDown: the server is stopping.
        """
        self._refuse_when_stopping()
        self._slot_named(name).load()

    @property
    def default(self) -> Slot | None:
        """The best model that is ready."""
        return next((slot for slot in self.slots.values() if slot.state == "ready"), None)

    @property
    def preferred(self) -> Slot:
        return next(iter(self.slots.values()))

    def reason_not_ready(self) -> str | None:
        if self.stopping:
            return STOPPING
        return None if self.default else str(self.preferred.not_ready())

    def _load_a_stand_in(self) -> None:
        """When a model fails and nothing else answers or is about to, try the next one."""
        with self._lock:
            slots = self.slots.values()
            if not any(slot.state in ("ready", "loading", "downloading") for slot in slots):
                for slot in [slot for slot in slots if slot.state == "unloaded"][:1]:
                    slot.load()

    def _slot_named(self, name: str) -> Slot:
        if name not in self.slots:
            offered = ", ".join(self.slots)
            raise UnknownModel(f"There is no model {name[:80]!r} here: use one of {offered}.")
        return self.slots[name]

    def _refuse_when_stopping(self) -> None:
        if self.stopping:
            raise ShuttingDown(STOPPING)

    def _choose(self, name: str | None) -> Slot:
        self._refuse_when_stopping()
        if name is not None:
            return self._slot_named(name)
        return self.default or self.preferred

    def _ready_slots(self) -> list[Slot]:
        return [slot for slot in self.slots.values() if slot.state == "ready"]

    # Work

    async def add_run(self, request: RunRequest, client: str) -> KeptRun:
        """Draw the items and put the run into the queue.

        Raises:
            InvalidRequest: it cannot be done as asked.
            UnknownModel, ModelUnavailable, ShuttingDown: it cannot be done here and now.
            NotOffered, QuotaExceeded, StoreUnavailable, StoreFull: it cannot be kept.
        """
        return await self.runs.add(request, self._choose(request.model), client)

    async def code(self, request: Analysis[Any]) -> str:
        """The script that does the same; its model need not be loaded for it.

        Raises:
            InvalidRequest: there is no script for such a request.
            UnknownModel, ShuttingDown
        """
        return await asyncio.to_thread(request.code, self._choose(request.model).origin)

    @asynccontextmanager
    async def admitted(self, request: Analysis[Any], client: str) -> AsyncIterator[Answer]:
        """Hold a place for a request: its own work, or a share in that of someone who asked first.

        Who leaves this context needs the work no more.

        Raises:
            InvalidRequest: it cannot be done as asked.
            UnknownModel, ModelUnavailable, ShuttingDown: it cannot be done here and now.
            QueueFull: too much is waiting, or too much of this client's.
        """
        slot = self._choose(request.model)
        key = fingerprint(request) + f"{slot.name} {slot.generation}".encode()
        answer = Answer(self.settings.time_limit)
        with self._shares.one_for(client, slot.worker.seconds_until_free):
            if not self._joins(request, key, answer):
                await self._begin(slot, request, client, key, answer)
            try:
                yield answer
            finally:
                answer.log.leave(answer)
                self._store.settle(key, answer.log)

    def _joins(self, request: Analysis[Any], key: bytes, answer: Answer) -> bool:
        """Whether the answer now reads what someone else has asked for."""
        joined = request.shareable and self._store.join(key, answer)
        self.meters.shared.inc(joined)
        return joined

    async def _begin(
        self, slot: Slot, request: Analysis[Any], client: str, key: bytes, answer: Answer
    ) -> None:
        """Prepare the work on a thread while its place is held, and put it into the queue."""
        with slot.worker.place() as put:
            model = slot.ready_model()
            cost, steps = await asyncio.to_thread(begin, request, model, self.settings)
            if self._joins(request, key, answer):  # someone asked the same meanwhile
                return
            self._refuse_when_stopping()
            held = FLOAT_BYTES * cost.numbers_held
            work = Computation(request.name, cost.urgency, client, steps, held)
            answer.join(work.log)
            put(work)
            if request.shareable:
                self._store.add(key, work.log)

    def stream_failed(self, kind: str, unexpected: Exception | None) -> None:
        """Count what ended a stream whose status had been sent; log what nobody foresaw."""
        self.meters.refusals.labels(kind).inc()
        if unexpected is not None:
            self._log.error("stream failed", exc_info=unexpected)

    # The end

    def begin_shutdown(self) -> None:
        """Accept no more; what was admitted goes on. Safe on any thread."""
        self.stopping = True
        self.runs.begin_shutdown()

    def refuse_all(self) -> None:
        """End what is left, streams with an event."""
        self.stopping = True
        for slot in self.slots.values():
            slot.refuse_all(STOPPED)

    async def stop(self) -> bool:
        """End all work and all threads; whether every thread has ended."""
        self.refuse_all()
        deadline = time.monotonic() + THREAD_SECONDS
        ended = True
        for slot in self.slots.values():
            left = max(0.0, deadline - time.monotonic())
            ended &= await asyncio.to_thread(slot.stop, left)
        self.saved.stop()
        ended &= await asyncio.to_thread(self.runs.stop, max(0.0, deadline - time.monotonic()))
        return await self._keeping.stop(max(0.0, deadline - time.monotonic())) and ended
