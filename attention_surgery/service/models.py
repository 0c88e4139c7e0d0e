"""The models a server offers: their states, and the worker of each that is loaded."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import structlog

from attention_surgery.engine.origin import KnownOrigin, Origin
from attention_surgery.errors import AttentionSurgeryError, ModelLoadError, ModelNotReady
from attention_surgery.service.computation import Computation
from attention_surgery.service.events import Event
from attention_surgery.service.heap import give_back
from attention_surgery.service.meters import Meters
from attention_surgery.service.queue import Queue
from attention_surgery.service.turns import Turns
from attention_surgery.service.worker import Worker
from attention_surgery.settings import BUNDLED_MODEL, HUB_MODELS, Settings

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

State = Literal["unloaded", "downloading", "loading", "ready", "unavailable"]
STATES: tuple[State, ...] = get_args(State)
# Work that long has needed memory worth returning; returning it takes milliseconds.
HEAVY_SECONDS = 0.5
RETRY_SECONDS = {"unloaded": 10.0, "downloading": 15.0, "loading": 3.0, "unavailable": 60.0}


@dataclass(frozen=True, slots=True)
class Download:
    done: int
    total: int


class Slot:
    """One offered model: its state, and once it is loaded its worker and queue."""

    def __init__(
        self,
        name: str,
        directory: Path | None,
        settings: Settings,
        meters: Meters,
        turns: Turns,
        on_unavailable: Callable[[], None],
        log: Any = None,
    ) -> None:
        self.name, self.directory = name, directory
        self.state: State = "unloaded"
        self.progress: Download | None = None
        self.reason: str | None = None
        self.model: Model | None = None
        self.generation = 0
        self._settings, self._meters, self._turns = settings, meters, turns
        self._on_unavailable = on_unavailable
        self._log = (log or structlog.get_logger()).bind(model=name)
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        meters.watch_model(name, STATES, lambda: self.state, lambda: self.waiting)

    @property
    def bundled(self) -> bool:
        return self.directory is None and self.name == BUNDLED_MODEL

    @property
    def origin(self) -> Origin:
        """Where its weights come from; their revision once it is loaded."""
        if self.model is not None:
            return self.model
        if self.directory is not None:
            return KnownOrigin(self.name, "directory")
        return KnownOrigin(self.name, "bundled" if self.bundled else "hub")

    @property
    def needs_network(self) -> bool:
        return self.directory is None and self.name in HUB_MODELS

    @property
    def waiting(self) -> int:
        return self._worker.waiting if self._worker else 0

    @property
    def worker(self) -> Worker:
        """The worker of a ready model.

        Raises:
            ModelNotReady, ModelLoadError: the state says why not.
        """
        worker = self._worker
        if self.state == "ready" and worker is not None:
            return worker
        raise self.not_ready()

    def ready_model(self) -> Model:
        """The model itself; raises as `worker`."""
        model = self.model
        if self.state == "ready" and model is not None:
            return model
        raise self.not_ready()

    def not_ready(self) -> ModelLoadError | ModelNotReady:
        retry = RETRY_SECONDS.get(self.state, 3.0)
        if self.state == "unavailable":
            return ModelLoadError(f"{self.name} could not be loaded: {self.reason}", retry)
        if self.state == "unloaded":
            return ModelNotReady(
                f"{self.name} is not loaded: POST /models/{self.name}/load loads it.", retry
            )
        doing = "being downloaded" if self.state == "downloading" else "being loaded"
        return ModelNotReady(
            f"{self.name} is {doing}; retry in {retry:.0f} seconds or use a ready model.", retry
        )

    def load(self) -> None:
        """Begin to load in the background, unless that is done or under way."""
        with self._lock:
            if self.state not in ("unloaded", "unavailable"):
                return
            self._set("loading")
            queue = Queue(
                self._settings.queue_size,
                time.monotonic,
                self._settings.abreast,
                self._settings.max_work_bytes,
            )
            self._worker = Worker(self.name, self._prepare, queue, self, self._turns)
            self._worker.start()

    def refuse_all(self, sentence: str) -> None:
        if self._worker is not None:
            self._worker.refuse_all(sentence)

    def stop(self, timeout: float) -> bool:
        return self._worker is None or self._worker.stop(timeout)

    # On the inference thread

    def _prepare(self) -> bool:
        try:
            self.model = self._load()
        except AttentionSurgeryError as error:
            self._fail(self._without_path(str(error)))
        except OSError as error:
            self._fail(_disk_sentence(error))
        except BaseException as error:
            self._fail(f"loading ended with {type(error).__name__}; the server's log has more.")
            self._log.error("model load failed", exc_info=error)
        else:
            self.generation += 1
            self._set("ready")
        return self.state == "ready"

    def _load(self) -> Model:
        from attention_surgery.engine.cores import use_threads
        from attention_surgery.engine.model import load_model

        use_threads(self._settings.threads)
        model = load_model(
            self.directory or self.name,
            device=self._settings.device,
            precision=self._settings.precision,
            packed=self._settings.packed,
            name=self.name,
            on_progress=self._on_progress,
        )
        model.left.with_runs = True
        return model

    def _on_progress(self, done: int, total: int) -> None:
        complete = total and done >= total
        self._set("loading" if complete else "downloading", Download(done, total))

    def _fail(self, reason: str) -> None:
        self._set("unavailable", reason=reason)
        self._on_unavailable()

    def _set(
        self, state: State, progress: Download | None = None, reason: str | None = None
    ) -> None:
        if state != self.state:
            self._log.info("model state", state=state, reason=reason)
        self.progress = progress if state == "downloading" else None
        self.state, self.reason = state, reason

    def _without_path(self, sentence: str) -> str:
        """A directory of the host is nobody's business but the host's."""
        return sentence.replace(str(self.directory), self.name) if self.directory else sentence

    # What the worker tells

    def step_done(self, event: Event | None) -> None:
        if event is not None and event.tokens:
            self._meters.tokens.labels(self.name).inc(event.tokens)

    def computation_done(self, computation: Computation, outcome: str) -> None:
        analysis, started = computation.analysis, computation.started_at
        self._meters.computations.labels(self.name, analysis, outcome).inc()
        if started is None:
            return
        self._meters.seconds_queued.labels(analysis).observe(started - computation.admitted_at)
        self._meters.seconds_in_model.labels(analysis).observe(computation.model_seconds)
        self._clear_stray_hooks(computation)
        if computation.model_seconds > HEAVY_SECONDS:
            give_back()

    def crashed(self, error: BaseException) -> None:
        self._meters.crashes.inc()
        self._log.error("computation failed", exc_info=error)

    def _clear_stray_hooks(self, computation: Computation) -> None:
        """No hook outlives a job: one that did would operate on everyone's model."""
        if self.model is None:
            return
        from attention_surgery.engine.skeleton import clear_hooks, count_hooks

        if stray := count_hooks(self.model.graph):
            self._log.error("stray hooks removed", count=stray, analysis=computation.analysis)
            self._meters.stray_hooks.inc(stray)
            clear_hooks(self.model.graph)


def _disk_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full; free some space and retry."
    return f"a file could not be read or written ({type(error).__name__}); retry."
