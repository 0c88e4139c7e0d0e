"""One thread that owns one model: it loads it and drives every generator that touches it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from attention_surgery.errors import AttentionSurgeryError, ShuttingDown
from attention_surgery.service.computation import Computation, Event
from attention_surgery.service.encoding import encode
from attention_surgery.service.queue import Queue


class InternalError(AttentionSurgeryError):
    """A fault of this program; the log has the details."""


BROKEN = "The computation failed on the server; try again, and report it if it fails again."
DIED = "The inference thread stopped in the middle of this and was replaced; try again."


class Observer(Protocol):
    """What the worker tells about its work; see `service.models.Slot`."""

    def step_done(self, event: Event | None) -> None: ...

    def computation_done(self, computation: Computation, outcome: str) -> None:
        """Called on the inference thread when the model is at rest again."""

    def crashed(self, error: BaseException) -> None: ...


class Worker:
    """Drives the generators of a `Queue`, one step at a time, on a thread that is replaced
    should it die.

    Args:
        prepare: run first on the thread (loading); False ends the thread for good.
    """

    def __init__(
        self,
        name: str,
        prepare: Callable[[], bool],
        queue: Queue,
        observer: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._prepare, self._queue = name, prepare, queue
        self._observer, self._clock = observer, clock
        self._changed = threading.Condition()
        self._prepared = self._stopping = False
        self._stepping: Computation | None = None
        self._thread = self._new_thread()

    def start(self) -> None:
        self._thread.start()

    def submit(self, computation: Computation) -> None:
        """Admit a computation that has a reader; it runs when its turn comes.

        Raises:
            QueueFull: see `Queue.admit`.
            ShuttingDown: `stop` was called.
        """
        with self._changed:
            if self._stopping:
                raise ShuttingDown("The server is stopping and accepts no new work.")
            self._queue.admit(computation)
            self._tell_positions()
            if self._prepared and not self._thread.is_alive():
                self._replace_thread()
            self._changed.notify()

    def release(self, computation: Computation) -> None:
        """Free the place of an abandoned computation; one under way ends before its next step."""
        with self._changed:
            if not computation.abandoned:
                return
            if computation.started_at is None and computation in self._queue:
                self._queue.remove(computation)
                computation.steps.close()
                self._observer.computation_done(computation, "abandoned")
                self._tell_positions()
            self._changed.notify()

    def refuse_all(self, error_text: str) -> None:
        """End every computation with ShuttingDown and accept no more."""
        with self._changed:
            self._stopping = True
            for computation in self._queue.members:
                computation.fail(ShuttingDown(error_text))
            self._changed.notify()

    def stop(self, timeout: float) -> bool:
        """Stop after the present step; whether the thread has ended in time."""
        self.refuse_all("The server has stopped.")
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def thread_id(self) -> int | None:
        return self._thread.ident

    # On the thread

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name=f"inference-{self._name}", daemon=True)

    def _run(self) -> None:
        try:
            if not self._prepared:
                self._prepared = self._prepare()
            while self._prepared and (computation := self._await_turn()) is not None:
                self._advance(computation)
        except BaseException as error:
            self._recover(error)

    def _await_turn(self) -> Computation | None:
        with self._changed:
            while True:
                self._reap()
                if (computation := self._queue.next()) is not None:
                    if computation.started_at is None:
                        computation.started_at = self._clock()
                    self._stepping = computation
                    return computation
                if self._stopping:
                    return None
                self._changed.wait()

    def _reap(self) -> None:
        """Close what nobody waits for any more, or what was failed from outside."""
        for computation in self._queue.members:
            if computation.abandoned or computation.finished:
                self._close(computation, "abandoned" if computation.abandoned else "refused")

    def _advance(self, computation: Computation) -> None:
        begin = self._clock()
        try:
            progress = next(computation.steps)
            event = computation.translate(progress)
        except StopIteration as end:
            computation.model_seconds += self._clock() - begin
            self._conclude(computation, end.value)
        except AttentionSurgeryError as error:
            computation.fail(error)
            self._finish(computation, "refused")
        except Exception as error:
            self._fail_unexpectedly(computation, error)
        else:
            computation.model_seconds += self._clock() - begin
            if event is not None:
                computation.publish(event)
            self._observer.step_done(event)
        self._stepping = None

    def _conclude(self, computation: Computation, result: object) -> None:
        try:
            computation.finish(*computation.conclude(result))
        except Exception as error:
            self._fail_unexpectedly(computation, error)
        else:
            self._finish(computation, "done")

    def _fail_unexpectedly(self, computation: Computation, error: Exception) -> None:
        self._observer.crashed(error)
        computation.fail(InternalError(BROKEN))
        self._finish(computation, "failed")

    def _finish(self, computation: Computation, outcome: str) -> None:
        with self._changed:
            self._close(computation, outcome)

    def _close(self, computation: Computation, outcome: str) -> None:
        computation.steps.close()
        self._queue.remove(computation)
        self._observer.computation_done(computation, outcome)
        self._tell_positions()

    def _tell_positions(self) -> None:
        for computation in self._queue.members:
            if computation.started_at is None:
                position = self._queue.position(computation)
                if position != computation.position:
                    computation.position = position
                    text = encode({"position": position})
                    computation.publish(Event("queued", text, latest=True))

    def _recover(self, error: BaseException) -> None:
        self._observer.crashed(error)
        with self._changed:
            if (lost := self._stepping) is not None:
                self._stepping = None
                lost.fail(InternalError(DIED))
                self._close(lost, "failed")
            if self._prepared and not self._stopping:
                self._replace_thread()

    def _replace_thread(self) -> None:
        self._thread = self._new_thread()
        self._thread.start()
