"""Who is next: a bounded queue with four urgencies, fair between clients, without starvation.

At most one computation of each urgency is under way, so that at most four sets of activations
and caches exist. Between any two steps the most urgent goes on, unless a less urgent one has not
been served for longer than its patience. Within an urgency clients take turns.
"""

from __future__ import annotations

from collections.abc import Callable

from attention_surgery.analyses.cost import Urgency
from attention_surgery.errors import QueueFull
from attention_surgery.service.computation import Computation

# Seconds without a step after which an urgency goes before more urgent work.
PATIENCE = {Urgency.VIEW: 0.0, Urgency.GENERATION: 0.5, Urgency.SWEEP: 1.0, Urgency.RUN: 5.0}


class Queue:
    """Not thread-safe: the worker holds its lock around every call.

    Args:
        capacity: computations waiting or running, and places reserved.
        clock: seconds, as `time.monotonic`.
    """

    def __init__(self, capacity: int, clock: Callable[[], float]) -> None:
        self.capacity, self._clock = capacity, clock
        self._reserved = 0
        self._members: list[Computation] = []
        self._under_way: dict[Urgency, Computation] = {}
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

    def next(self) -> Computation | None:
        """The computation whose step is due, counted as served now."""
        waiting = {urgency: self._first(urgency) for urgency in Urgency if self._of(urgency)}
        if not waiting:
            return None
        due = min(waiting, key=lambda urgency: self._served_at[urgency] + PATIENCE[urgency])
        computation = waiting[due]
        self._served_at[due] = self._clock()
        self._under_way[due] = computation
        self._turn_under_way[due] = computation.turn
        return computation

    def remove(self, computation: Computation, *, learn: bool) -> bool:
        """Free the place; False if it was free already.

        Args:
            learn: it was finished, so its time tells how long such work takes.
        """
        if computation not in self._members:
            return False
        self._members.remove(computation)
        if self._under_way.get(computation.urgency) is computation:
            del self._under_way[computation.urgency]
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

    def _first(self, urgency: Urgency) -> Computation:
        return self._under_way.get(urgency) or min(self._of(urgency), key=self._rank)

    def _rank(self, computation: Computation) -> tuple[int, bool, float, float]:
        waiting = self._under_way.get(computation.urgency) is not computation
        return computation.urgency, waiting, computation.turn, computation.admitted_at
