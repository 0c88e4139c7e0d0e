"""Work on a run: batch after batch of its items, each kept as soon as it is measured.

Who is killed loses the batch that was under way, and no more: items that share a pass through the
model have their numbers at one moment, others are a batch each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from attention_surgery.errors import (
    AttentionSurgeryError,
    JobCancelled,
    RunTaken,
    ShuttingDown,
    StoreError,
)
from attention_surgery.store.kept_runs import KeptRun, Lease

if TYPE_CHECKING:  # SQLAlchemy takes a third of a second to import
    from attention_surgery.store.runs import Runs

Answer = TypeVar("Answer")

# Between two tries to keep an item while the database or its disk does not take it.
RETRY_SECONDS = 1.0
TOO_LONG = (
    "It took longer than the {:g} seconds that this server gives one run; ask for fewer items."
)
BROKEN = "something failed that nobody foresaw; the log of whoever ran it has more."


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """What all items together gave.

    Attributes:
        scores: [layer, head].
        found: the whole result in JSON.
    """

    scores: NDArray[np.float32]
    found: bytes


# The batches of a run that reads all items together.
ONE_PART = (range(1),)


# [item, layer, head]; or `Whole`, where the one item of the run is all of them.
Scores: TypeAlias = NDArray[np.float32] | Whole


class Measuring(Protocol):
    """How items get their scores."""

    def __call__(self, part: range, given_up: Callable[[], bool]) -> tuple[range, Scores]:
        """A batch and what it gave: the one that is asked for, or any other that is left.

        Args:
            given_up: looked at between steps; then JobCancelled is raised.
        """


class Observer(Protocol):
    """Who is told how it goes."""

    def kept(self, done: int, total: int) -> None: ...

    def stuck(self, why: str | None) -> None:
        """An item cannot be kept at the moment, and why; None once it can."""

    def crashed(self, error: Exception) -> None: ...


class Work:
    """The loop, for a server and for a shell.

    Args:
        enough: looked at between batches: then the run is given back.
        stopping: looked at always: then the batch under way is given up too.
        most_seconds: of work on one run.
    """

    def __init__(
        self,
        runs: Runs,
        observer: Observer,
        *,
        enough: Callable[[], bool] = lambda: False,
        stopping: Callable[[], bool] = lambda: False,
        most_seconds: float = float("inf"),
    ) -> None:
        self._runs, self._observer = runs, observer
        self._enough, self._stopping, self._most_seconds = enough, stopping, most_seconds

    def go_on(self, lease: Lease, parts: Sequence[range], measuring: Measuring) -> KeptRun | None:
        """Measure what is left; the run at its end, None where it did not come to that.

        Args:
            parts: all the run's items, in batches; see `runs.batches`.
        """
        try:
            with self._heartbeat(lease) as lost:
                left = parts_left(parts, lease)
                why = self._items(lease, left, measuring, lambda: lost.is_set() or self._stopping())
                return self._until_it_answers(partial(self._runs.finish, lease, why))
        except RunTaken:
            return None
        except (JobCancelled, ShuttingDown):
            self._give_back(lease)
            return None

    def _items(
        self,
        lease: Lease,
        left: Sequence[range],
        measuring: Measuring,
        given_up: Callable[[], bool],
    ) -> str | None:
        """Do what is left; why it failed, if it did.

        Raises:
            JobCancelled: it is to be given back.
            RunTaken: it is no longer ours.
        """
        done, seconds, undone = lease.run.done, lease.run.seconds, set(lease.left)
        waiting = list(left)
        while waiting:
            part = waiting[0]
            if seconds > self._most_seconds:
                return TOO_LONG.format(self._most_seconds)
            if self._enough() or given_up():
                raise JobCancelled("The run goes on later.")
            begin = time.monotonic()
            try:
                part, measured = measuring(part, given_up)
            except (JobCancelled, ShuttingDown):
                raise
            except AttentionSurgeryError as error:
                return f"{_named(part)}: {error}" if lease.run.total > 1 else str(error)
            except Exception as error:
                self._observer.crashed(error)
                return f"{_named(part)}: {BROKEN}"
            waiting.remove(part)
            taken = time.monotonic() - begin
            if isinstance(measured, Whole):
                scores, found = measured.scores[np.newaxis], measured.found
            else:
                scores, found = measured, None
            keep = partial(self._runs.keep, lease, part, scores, taken, found)
            self._until_it_answers(keep)
            seconds += taken
            done += len(undone.intersection(part))
            self._observer.kept(done, lease.run.total)
        return None

    def _until_it_answers(self, ask: Callable[[], Answer]) -> Answer:
        """What was measured is not lost because a database is away or a disk is full."""
        stuck = False
        while True:
            try:
                answer = ask()
            except RunTaken:
                raise
            except StoreError as error:
                if self._stopping():
                    raise JobCancelled("The run goes on later.") from None
                stuck = True
                self._observer.stuck(str(error))
                time.sleep(RETRY_SECONDS)
            else:
                if stuck:
                    self._observer.stuck(None)
                return answer

    def _give_back(self, lease: Lease) -> None:
        try:
            self._runs.give_back(lease)
        except StoreError as error:  # its time runs out by itself
            self._observer.stuck(str(error))

    @contextmanager
    def _heartbeat(self, lease: Lease) -> Iterator[threading.Event]:
        """Renews the lease; the event is set once it is lost."""
        lost, ended = threading.Event(), threading.Event()

        def beat() -> None:
            while not lost.is_set() and not ended.wait(self._runs.hold_seconds / 3):
                try:
                    self._runs.renew(lease)
                except RunTaken:
                    lost.set()
                except StoreError:
                    pass  # it may answer the next time

        thread = threading.Thread(target=beat, name=f"lease-{lease.run.id}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            ended.set()
            thread.join()


def parts_left(parts: Sequence[range], lease: Lease) -> list[range]:
    """The batches with an item that is not done."""
    left = set(lease.left)
    return [part for part in parts if not left.isdisjoint(part)]


def _named(part: range) -> str:
    return f"Item {part[0]}" if len(part) == 1 else f"Items {part[0]}–{part[-1]}"
