"""What the API talks to: models, admission, shared answers, shutdown."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from attention_surgery.errors import ShuttingDown, UnknownModel
from attention_surgery.service.answers import Answer
from attention_surgery.service.computation import Computation
from attention_surgery.service.meters import Meters
from attention_surgery.service.models import Slot
from attention_surgery.service.store import Store
from attention_surgery.service.turns import Turns
from attention_surgery.service.work import Work
from attention_surgery.settings import Settings, parse_model

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

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
        self._log = log or structlog.get_logger()
        self._lock = threading.RLock()
        self._turns = Turns()
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
        if self.stopping:
            raise ShuttingDown(STOPPING)
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

    def _choose(self, name: str | None) -> Slot:
        if self.stopping:
            raise ShuttingDown(STOPPING)
        if name is not None:
            return self._slot_named(name)
        return self.default or self.preferred

    # Work

    async def admit(self, work: Work, client: str) -> Answer:
        """Give the work a place at its model, or join someone who asked the same.

        Raises:
            InvalidRequest: it cannot be done as asked.
            UnknownModel, ModelUnavailable, ShuttingDown: it cannot be done here and now.
            QueueFull: too much is waiting.
        """
        slot = self._choose(work.model)
        model = slot.ready_model()
        key = (slot.name, slot.generation, work.key) if work.key else None
        answer = Answer(self.settings.time_limit)
        if self._shares(key, answer):
            return answer
        steps = await asyncio.to_thread(work.begin, model, self.settings)
        if self._shares(key, answer):  # someone asked the same while this was being checked
            steps.close()
            return answer
        return self._submit(slot, work, key, client, steps, answer)

    def _shares(self, key: Hashable, answer: Answer) -> bool:
        """Whether the answer now reads a computation that someone else has asked for."""
        computation = self._store.join(key, answer, answer.wake) if key else None
        if computation is None:
            return False
        self.meters.shared.inc()
        answer.read(computation, self._left)
        return True

    def _submit(
        self, slot: Slot, work: Work, key: Hashable, client: str, steps: Any, answer: Answer
    ) -> Answer:
        computation = Computation(
            kind=work.kind,
            urgency=work.urgency,
            client=client,
            steps=steps,
            translate=work.translate,
            conclude=lambda result: work.conclude(slot.name, result),
            key=key,
            release=slot.worker.release,
        )
        computation.join(answer, answer.wake)
        try:
            self._choose(slot.name).worker.submit(computation)
        except Exception:
            steps.close()
            raise
        if key:
            self._store.add(computation)
        return answer.read(computation, self._left)

    def _left(self, computation: Computation) -> None:
        if computation.abandoned:
            computation.release(computation)
        self._store.trim()

    def model_for(self, name: str | None) -> Model:
        """The model that would answer; raises as `admit`."""
        return self._choose(name).ready_model()

    # The end

    def begin_shutdown(self) -> None:
        """Accept no more; what was admitted goes on. Safe on any thread."""
        self.stopping = True

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
        return ended
