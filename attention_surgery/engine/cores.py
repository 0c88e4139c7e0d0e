"""How many cores to compute on, also where others use them too.

torch's threads wait for each other at every operation, and while they wait they spin. Alone that
is fastest; where another program keeps one of the cores busy, each operation waits until that
core comes back, and everything takes five times as long (`python -m benchmarks contention`). It
shows in the processor time that a step gets: threads that all run get a second of it each a
second. Where they do not, one thread alone goes on until the others are tried again.

What a run over a task computes does not depend on it. What is decoded token by token may differ in
the last digits of a float32 between one thread and two.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Seconds of computing before they are judged: less says little about a scheduler of 4 ms turns.
WINDOW = 0.06
# Below this share of the processor time that all threads could have had, they wait for someone.
LEAST_SHARE = 0.75
# Seconds on one thread before all are tried again: doubled each time that it was too early.
FIRST_REST, LONGEST_REST = 0.5, 8.0


class Crowding:
    """Judges, from the time that steps take, on how many threads the next one should run.

    Args:
        most: threads where nobody else computes.
        clock, processor_seconds: wall time, and what all threads of this process have had.
    """

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.perf_counter,
        processor_seconds: Callable[[], float] = time.process_time,
    ) -> None:
        self._most, self._clock, self._processor_seconds = most, clock, processor_seconds
        self._wall = self._had = 0.0
        self._rest, self._resting_until = FIRST_REST, -math.inf

    @property
    def threads(self) -> int:
        """For the next step."""
        return 1 if self._clock() < self._resting_until else self._most

    @contextmanager
    def judged(self) -> Iterator[None]:
        """A step on as many threads as `threads` said."""
        threads = self.threads
        wall, had = self._clock(), self._processor_seconds()
        try:
            yield
        finally:
            if threads > 1:
                self._judge(self._clock() - wall, self._processor_seconds() - had)

    def _judge(self, wall: float, had: float) -> None:
        self._wall += wall
        self._had += had
        if self._wall < WINDOW:
            return
        if self._had < LEAST_SHARE * self._most * self._wall:
            self._resting_until = self._clock() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
        else:
            self._rest = FIRST_REST
        self._wall = self._had = 0.0


_crowding: Crowding | None = None


def available_cpus(cgroup: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """CPUs this process may use: its affinity mask, cut down to the container's quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        quota, period = cgroup.read_text().split()
        return max(1, min(cpus, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no quota ("max"), or no cgroup v2
        return cpus


def use_threads(count: int | None = None) -> int:
    """Let torch compute on `count` threads, whatever others do; when None, on as many as there
    are CPUs to use, and on one while others use them too.
    """
    import torch

    global _crowding
    threads = count or available_cpus()
    torch.set_num_threads(threads)
    _crowding = Crowding(threads) if count is None and threads > 1 else None
    return threads


@contextmanager
def computing() -> Iterator[None]:
    """Within this context one step computes, on as many threads as serve it best."""
    crowding = _crowding
    if crowding is None:
        yield
        return
    import torch

    if torch.get_num_threads() != (threads := crowding.threads):
        torch.set_num_threads(threads)
    with crowding.judged():
        yield
