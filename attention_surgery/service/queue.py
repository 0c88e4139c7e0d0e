"""Who is next: a bounded queue with four urgencies, fair between clients, without starvation.

Views and texts go through the model side by side, a bounded number that together hold no more
than one request may; of sweeps and runs one is under way at a time. Between any two steps the
most urgent go on, unless less urgent ones have not been served for longer than their patience.
Within an urgency clients take turns.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attention_surgery.analyses.cost import Urgency
from attention_surgery.errors import QueueFull
from attention_surgery.service.computation import Computation

# Seconds without a step after which an urgency goes before more urgent work.
PATIENCE = {Urgency.VIEW: 0.0, Urgency.GENERATION: 0.5, Urgency.SWEEP: 1.0, Urgency.RUN: 5.0}


SIDE_BY_SIDE = (Urgency.VIEW, Urgency.GENERATION)


class Queue:
    """Not thread-safe: the worker holds its lock around every call.

    Args:
        capacity: computations waiting or running, and places reserved.
        clock: seconds, as `time.monotonic`.
        abreast: computations of one urgency under way at a time, where they share their products.
        held: bytes that they may hold together; one alone may always go.
    """

    def __init__(
        self,
        capacity: int,
        clock: Callable[[], float],
        abreast: int = 1,
        held: float = math.inf,
    ) -> None:
        self.capacity, self._clock, self._abreast, self._held = capacity, clock, abreast, held
        self._reserved = 0
        self._members: list[Computation] = []
        self._under_way: dict[Urgency, list[Computation]] = {urgency: [] for urgency in Urgency}
        self._served_at = dict.fromkeys(Urgency, 0.0)
        self._turn_under_way = dict.fromkeys(Urgency, 0.0)
        self._mean_seconds = 1.0

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, computation: Computation) -> bool:
        return computation in self._members

    @property
    def members(self) -> list[Computation]:
        return list(self._members)

    def reserve(self) -> None:
        """Take a place for work that is being prepared.

        Raises:
            QueueFull: all places are taken.
        """
        taken = len(self._members) + self._reserved
        if taken >= self.capacity:
            raise QueueFull(
                f"{taken} requests are waiting already, which is all this server accepts; retry "
                f"in {self.seconds_until_free:.0f} seconds.",
                retry_after=self.seconds_until_free,
            )
        self._reserved += 1

    def cancel_reservation(self) -> None:
        self._reserved -= 1

    def admit(self, computation: Computation) -> None:
        """Give the computation a place that was reserved."""
        self._reserved -= 1
        peers = self._of(computation.urgency)
        if not peers:
            self._served_at[computation.urgency] = self._clock()
        turns = [c.turn for c in peers if c.client == computation.client]
        computation.turn = max([self._turn_under_way[computation.urgency], *turns]) + 1
        computation.admitted_at = self._clock()
        self._members.append(computation)

    def next(self) -> list[Computation]:
        """The computations of which some are due to step, counted as served now."""
        waiting = [urgency for urgency in Urgency if self._of(urgency)]
        if not waiting:
            return []
        due = min(waiting, key=lambda urgency: self._served_at[urgency] + PATIENCE[urgency])
        self._served_at[due] = self._clock()
        self._start_more(due)
        return list(self._under_way[due])

    def _start_more(self, urgency: Urgency) -> None:
        """Let those go along who come next and still fit."""
        under_way = self._under_way[urgency]
        most = self._abreast if urgency in SIDE_BY_SIDE else 1
        for computation in sorted(self._of(urgency), key=self._rank)[len(under_way) :]:
            held = sum(each.held for each in under_way) + computation.held
            if len(under_way) == most or (under_way and held > self._held):
                break
            under_way.append(computation)
            self._turn_under_way[urgency] = computation.turn

    def remove(self, computation: Computation, *, learn: bool) -> bool:
        """Free the place; False if it was free already.

        Args:
            learn: it was finished, so its time tells how long such work takes.
        """
        if computation not in self._members:
            return False
        self._members.remove(computation)
        if computation in (under_way := self._under_way[computation.urgency]):
            under_way.remove(computation)
        if learn:
            self._mean_seconds += 0.2 * (computation.model_seconds - self._mean_seconds)
        return True

    def position(self, computation: Computation) -> int:
        """How many computations will be finished before this one, if nothing more comes."""
        rank = self._rank(computation)
        return sum(self._rank(other) < rank for other in self._members)

    @property
    def seconds_until_free(self) -> float:
        """After which a place is likely to be free, from measured service times."""
        return min(60.0, max(1.0, len(self._members) * self._mean_seconds))

    def _of(self, urgency: Urgency) -> list[Computation]:
        return [c for c in self._members if c.urgency is urgency]

    def _rank(self, computation: Computation) -> tuple[int, bool, float, float]:
        waiting = computation not in self._under_way[computation.urgency]
        return computation.urgency, waiting, computation.turn, computation.admitted_at
