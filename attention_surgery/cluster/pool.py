"""Workers of a cluster, as many as it has cores: batches handed out, results taken as they come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attention_surgery.cluster.worker import Worker
from attention_surgery.errors import AttentionSurgeryError, JobCancelled, ModelUnavailable
from attention_surgery.runs.batches import Batch

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model

LOOK_SECONDS = 0.5
# How often the cluster is asked whether it has grown, and how long none of its cores may come.
GROW_SECONDS, PATIENCE_SECONDS = 2.0, 300.0


class Pool:
    """Measures the items of a run on a cluster; see `runs.work.Measuring`.

    The batch of an item decides its scores: not who measured it, when, or how often. The weights
    are sent once to each machine, where its workers share their memory.

    Args:
        parts: all that will be asked for.
        batch: what is asked of one.
    """

    def __init__(
        self, model: Model, parts: Sequence[range], batch: Callable[[range], Batch]
    ) -> None:
        import ray

        from attention_surgery.engine.sharing import SharedModel

        self._ray, self._batch = ray, batch
        self._shared = ray.put(SharedModel.of(model))
        self._actor = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self._left = deque(parts)
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._under_way: dict[Any, tuple[Any, range]] = {}
        self._found: dict[range, NDArray[np.float32] | Exception] = {}
        self._grown = self._heard = -float("inf")

    @property
    def n_workers(self) -> int:
        """How many are at work."""
        return len(self._idle) + len(self._under_way)

    @property
    def ahead(self) -> int:
        """How many batches are found that nobody has taken yet."""
        return len(self._found)

    def __call__(
        self, part: range, given_up: Callable[[], bool]
    ) -> tuple[range, NDArray[np.float32]]:
        """The scores of these items, or of others that are found before, [item, layer, head].

        Raises:
            JobCancelled: it was given up.
            ModelUnavailable: the cluster has no core, or another version of the program.
            AttentionSurgeryError: what an item failed with.
        """
        self._heard = time.monotonic()
        while (found := self._found_first(part)) is None:
            if given_up():
                self.close()
                raise JobCancelled("The run goes on later.")
            self._grow()
            self._hand_out()
            waiting = [*self._under_way, *self._starting]
            if waiting:
                ready, _ = self._ray.wait(waiting, timeout=LOOK_SECONDS)
                for each in ready:
                    self._take(each)
            else:
                time.sleep(LOOK_SECONDS)
            self._refuse_silence()
        self._hand_out()  # no worker waits while these are kept
        scores = self._found.pop(found)
        if isinstance(scores, Exception):
            raise scores
        return found, scores

    def _found_first(self, part: range) -> range | None:
        """These items where they are found, else others; what those failed of is told in turn."""
        if part in self._found:
            return part
        measured = (each for each, it in self._found.items() if not isinstance(it, Exception))
        return next(measured, None)

    def close(self) -> None:
        """Let all workers go."""
        for worker in (*self._idle, *self._starting.values(), *self._workers_under_way()):
            self._ray.kill(worker)
        self._idle, self._starting, self._under_way = [], {}, {}

    def _workers_under_way(self) -> list[Any]:
        return [worker for worker, _ in self._under_way.values()]

    def _grow(self) -> None:
        """A worker for every core, also for those that have come since."""
        now = time.monotonic()
        if now - self._grown < GROW_SECONDS:
            return
        self._grown = now
        cores = int(self._ray.cluster_resources().get("CPU", 0))
        for _ in range(cores - self.n_workers - len(self._starting)):
            worker = self._actor.remote(self._shared)
            self._starting[worker.version.remote()] = worker

    def _hand_out(self) -> None:
        """A batch for everyone who has none."""
        while self._idle and self._left:
            worker, part = self._idle.pop(), self._left.popleft()
            self._under_way[worker.measure.remote(self._batch(part))] = worker, part

    def _take(self, ready: Any) -> None:
        """A result, a worker that has loaded its model, or the end of one."""
        from ray.exceptions import RayActorError, RayTaskError

        from attention_surgery import __version__

        starting = self._starting.pop(ready, None)
        worker, part = self._under_way.pop(ready, (starting, range(0)))
        try:
            answer = self._ray.get(ready)
        except RayActorError:  # its machine is gone: someone else does the batch again
            if part:
                self._left.appendleft(part)
            self._grown = -float("inf")
            return
        except RayTaskError as error:
            cause = error.cause if isinstance(error.cause, AttentionSurgeryError) else error
            if not part:
                raise cause from None
            self._found[part] = cause
            self._idle.append(worker)
            return
        self._heard = time.monotonic()
        if part:
            self._found[part] = np.array(answer)
        elif answer != __version__:
            raise ModelUnavailable(
                f"A machine of the cluster has attention-surgery {answer}, and this one "
                f"{__version__}: install the same there."
            )
        self._idle.append(worker)

    def _refuse_silence(self) -> None:
        if self.n_workers == 0 and time.monotonic() - self._heard > PATIENCE_SECONDS:
            raise ModelUnavailable(
                f"No core of the cluster has answered for {PATIENCE_SECONDS:g} seconds."
            )
