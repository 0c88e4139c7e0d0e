"""Jobs without a model: generators that a test holds and releases."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, ClassVar

from attention_surgery.analyses.base import Steps
from attention_surgery.analyses.cost import Urgency
from attention_surgery.analyses.result import Progress
from attention_surgery.service.computation import Computation
from attention_surgery.service.events import Event, EventLog
from attention_surgery.service.worker import Worker

PATIENT = 20.0  # generous: a bound on hanging, not a measurement


@dataclass(frozen=True, slots=True)
class Step(Progress):
    event: ClassVar[str] = "step"

    number: int


@dataclass
class Reader:
    """Stands for a request; remembers that it was woken."""

    woken: threading.Event = field(default_factory=threading.Event)

    def wait_for_end(self, computation: Computation) -> Exception | None:
        while True:
            self.woken.clear()
            _, finished, error = computation.log.after(-1)
            if finished:
                return error
            assert self.woken.wait(PATIENT), "the computation never ended"

    __hash__ = object.__hash__


class Watcher:
    """Remembers what the worker told."""

    def __init__(self) -> None:
        self.steps = 0
        self.outcomes: list[tuple[str, str]] = []
        self.crashes: list[BaseException] = []

    def step_done(self, event: Event | None) -> None:
        self.steps += event is not None

    def computation_done(self, computation: Computation, outcome: str) -> None:
        self.outcomes.append((computation.analysis, outcome))

    def crashed(self, error: BaseException) -> None:
        self.crashes.append(error)


class Held:
    """A job that stops before each step until it is let go."""

    def __init__(self, steps: int) -> None:
        self.entered = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.closed = threading.Event()
        self.ran = 0
        self._steps = steps

    def run(self) -> Steps[Any]:
        try:
            for _ in range(self._steps):
                self.entered.release()
                assert self.go.acquire(timeout=PATIENT)
                self.ran += 1
                yield Step(self.ran)
        finally:
            self.closed.set()
        return self.ran

    def wait_until_entered(self) -> None:
        assert self.entered.acquire(timeout=PATIENT), "the step never began"


def counting(steps: int, log: list[str] | None = None, name: str = "") -> Steps[Any]:
    """A job of so many steps that writes its name down at each."""
    for number in range(steps):
        if log is not None:
            log.append(name)
        yield Step(number)
    return steps


def computation(
    steps: Steps[Any],
    urgency: Urgency = Urgency.VIEW,
    client: str = "someone",
    analysis: str = "job",
) -> tuple[Computation, Reader]:
    made = Computation(analysis, urgency, client, steps)
    reader = Reader()
    made.log.join(reader, reader.woken.set)
    return made, reader


def submit(worker: Worker, made: Computation) -> None:
    with worker.place() as put:
        put(made)


def event(name: str, text: str, latest: bool = False) -> Event:
    return Event(name, text.encode(), latest)


def told(log: EventLog) -> list[tuple[str, str]]:
    """Names and data of all events."""
    return [(event.name, event.data.decode()) for _, event in log.after(-1)[0]]
