"""One thread that owns one model: it loads it and drives every generator that touches it.

Generators side by side have the pieces of work that they share done in one go (`engine.joint`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from attention_surgery.analyses.encoding import encode
from attention_surgery.analyses.result import Progress
from attention_surgery.engine.cores import computing
from attention_surgery.engine.joint import Joint, do_together
from attention_surgery.engine.steps import advance
from attention_surgery.errors import AttentionSurgeryError, ShuttingDown
from attention_surgery.service.computation import Computation
from attention_surgery.service.events import Event
from attention_surgery.service.queue import Queue
from attention_surgery.service.turns import Turns


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
        turns: shared with the workers of other models; each step waits for one.
    """

    def __init__(
        self,
        name: str,
        prepare: Callable[[], bool],
        queue: Queue,
        observer: Observer,
        turns: Turns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._prepare, self._queue, self._turns = name, prepare, queue, turns
        self._observer, self._clock = observer, clock
        self._changed = threading.Condition()
        self._prepared = self._stopping = False
        self._stepping: list[Computation] = []
        self._last_was_alone = False
        self._thread = self._new_thread()

    def start(self) -> None:
        self._thread.start()

    @contextmanager
    def place(self) -> Iterator[Callable[[Computation], None]]:
        """A place in the queue, and the function that puts a computation there.

        The computation must have a reader by then; it runs when its turn comes. A place that is
        not used is free again at the end.

        Raises:
            QueueFull: see `Queue.reserve`.
            ShuttingDown: `stop` was called, also when the computation is put there.
        """
        free = True

        def put(computation: Computation) -> None:
            nonlocal free
            with self._changed:
                self._refuse_when_stopping()
                free = False
                computation.log.on_abandoned = partial(self._release, computation)
                self._queue.admit(computation)
                self._tell_positions()
                if self._prepared and not self._thread.is_alive():
                    self._replace_thread()
                self._changed.notify()

        with self._changed:
            self._refuse_when_stopping()
            self._queue.reserve()
        try:
            yield put
        finally:
            if free:
                with self._changed:
                    self._queue.cancel_reservation()

    def _refuse_when_stopping(self) -> None:
        if self._stopping:
            raise ShuttingDown("The server is stopping and accepts no new work.")

    def _release(self, computation: Computation) -> None:
        """Free the place of an abandoned computation; one under way ends before its next step."""
        with self._changed:
            waiting = computation.started_at is None
            self._changed.notify()
        if waiting:
            self._end(computation, "abandoned")

    def refuse_all(self, error_text: str) -> None:
        """End every computation with ShuttingDown and accept no more."""
        with self._changed:
            self._stopping = True
            for computation in self._queue.members:
                computation.log.fail(ShuttingDown(error_text))
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
    def seconds_until_free(self) -> float:
        """See `Queue.seconds_until_free`."""
        return self._queue.seconds_until_free

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
            while self._prepared and (abreast := self._await_turn()):
                self._advance(abreast)
        except BaseException as error:
            self._recover(error)

    def _await_turn(self) -> list[Computation]:
        """The computations of which some are due, once those that nobody wants are closed."""
        while True:
            with self._changed:
                while not (members := self._queue.members) and not self._stopping:
                    self._changed.wait()
                if not (unwanted := [each for each in members if _unwanted(each)]):
                    return self._next()
            for computation in unwanted:
                self._end(computation, "abandoned" if computation.log.abandoned else "refused")

    def _next(self) -> list[Computation]:
        abreast = self._queue.next()
        for computation in abreast:
            if computation.started_at is None:
                computation.started_at = self._clock()
        return abreast

    def _advance(self, abreast: list[Computation]) -> None:
        """A step of one that goes alone, or of all that are furthest behind, in turns."""
        kinds = {each: None if each.piece is None else each.piece.kind for each in abreast}
        alone = [each for each, kind in kinds.items() if kind is None]
        if alone and (len(alone) == len(abreast) or not self._last_was_alone):
            self._stepping = [min(alone, key=lambda each: each.model_seconds > 0)]
        else:
            self._stepping = _furthest_behind(kinds)
        shared = self._stepping[0] not in alone
        self._last_was_alone = not shared
        with self._turns.turn():
            if len(self._stepping) > 1:
                self._do_together(self._stepping)
            for computation in tuple(self._stepping):
                while self._step(computation) and shared and not _unwanted(computation):
                    pass  # on to its next piece, or it would be behind the others
                self._stepping.remove(computation)

    def _do_together(self, level: list[Computation]) -> None:
        """Where that fails each tries alone, and who is to blame fails."""
        begin = self._clock()
        with contextlib.suppress(Exception), computing():
            do_together([each.piece for each in level if each.piece is not None])
        for computation in level:
            computation.model_seconds += (self._clock() - begin) / len(level)

    def _step(self, computation: Computation) -> bool:
        """Whether it told something, and has not come to what it does next."""
        try:
            told = self._resume(computation)
            event = Event.of(told) if isinstance(told, Progress) else None
        except StopIteration as end:
            self._conclude(computation, end.value)
        except AttentionSurgeryError as error:
            self._end(computation, "refused", partial(computation.log.fail, error))
        except Exception as error:
            self._fail_unexpectedly(computation, error)
        else:
            if event is not None:
                computation.log.publish(event)
            self._observer.step_done(event)
            return event is not None
        return False

    def _resume(self, computation: Computation) -> Any:
        """Until it tells something; pieces are done at once where nobody could share them."""
        begin = self._clock()
        try:
            while True:
                told = advance(computation.steps)
                computation.piece = told if isinstance(told, Joint) else None
                if computation.piece is None or not self._nobody_else(computation):
                    return told
        finally:
            computation.model_seconds += self._clock() - begin

    def _nobody_else(self, computation: Computation) -> bool:
        waiting = len(self._queue) > 1 or self._turns.asking > 1
        return not (waiting or self._stopping or _unwanted(computation))

    def _conclude(self, computation: Computation, result: object) -> None:
        try:
            done = Event("done", encode(result))
        except Exception as error:
            self._fail_unexpectedly(computation, error)
        else:
            self._end(computation, "done", partial(computation.log.finish, done))

    def _fail_unexpectedly(self, computation: Computation, error: Exception) -> None:
        self._observer.crashed(error)
        self._end(computation, "failed", partial(computation.log.fail, InternalError(BROKEN)))

    def _end(
        self, computation: Computation, outcome: str, tell: Callable[[], None] = lambda: None
    ) -> None:
        """Free the place, then tell the readers: who has an answer can ask again at once."""
        computation.steps.close()
        computation.piece = None
        with self._changed:
            freed = self._queue.remove(computation, learn=outcome == "done")
            self._tell_positions()
        tell()
        if freed:  # without the lock, because this may take its time
            self._observer.computation_done(computation, outcome)

    def _tell_positions(self) -> None:
        for computation in self._queue.members:
            if computation.started_at is None:
                position = self._queue.position(computation)
                if position != computation.position:
                    computation.position = position
                    computation.log.publish(
                        Event("queued", encode({"position": position}), latest=True)
                    )

    def _recover(self, error: BaseException) -> None:
        self._observer.crashed(error)
        lost, self._stepping = self._stepping, []
        for computation in lost:
            self._end(computation, "failed", partial(computation.log.fail, InternalError(DIED)))
        with self._changed:
            if self._prepared and not self._stopping:
                self._replace_thread()

    def _replace_thread(self) -> None:
        self._thread = self._new_thread()
        self._thread.start()


def _unwanted(computation: Computation) -> bool:
    return computation.log.abandoned or computation.log.finished


def _furthest_behind(kinds: Mapping[Computation, Hashable]) -> list[Computation]:
    """Those whose next piece comes first in a pass, and is of one kind."""
    pieces = [each for each, kind in kinds.items() if kind is not None]
    first = min(pieces, key=lambda each: each.piece.depth if each.piece else 0)
    return [each for each in pieces if kinds[each] == kinds[first]]
