"""Workers of a cluster, as many as it has cores: batches handed out, results taken as they come."""

from __future__ import annotations

import os
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

# Batches under way and found, for each worker, so that none waits for the slowest.
AHEAD = 4
LOOK_SECONDS = 0.5
# How often the cluster is asked whether it has grown, and how long none of its cores may come.
GROW_SECONDS, PATIENCE_SECONDS = 2.0, 300.0
NO_RAY = "A cluster needs Ray: pip install 'attention-surgery[cluster]'."


def connect(address: str) -> None:
    """Join a cluster.

    Args:
        address: `auto` for the one that this machine is a node of, `host:port` of its head, or
            `ray://host:port` of its server of clients; `local` makes one of this machine's cores.

    Raises:
        ModelUnavailable: Ray is not installed, or no cluster answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else it tells its makers of its use
    if address == "local":
        # Else Ray takes 127.0.0.1 for the address of the network's card. Read at its import.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
    except ImportError:
        raise ModelUnavailable(NO_RAY) from None
    quiet: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "ERROR",
        "ignore_reinit_error": True,
    }
    if address == "local":
        own: dict[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
        ray.init(**own, **quiet)
        return
    try:
        ray.init(address=address, **quiet)
    except ImportError:
        raise ModelUnavailable(
            f"{address[:200]} is reached by Ray's client: pip install 'attention-surgery[cluster]'."
        ) from None
    except (ConnectionError, RuntimeError, ValueError) as error:
        said = str(error).split("\n")[0][:200]
        raise ModelUnavailable(f"No cluster answers at {address[:200]}: {said}") from None


class Pool:
    """Measures the items of a run on a cluster; see `runs.work.Measuring`.

    The batch of an item decides its scores: not who measured it, when, or how often. The weights
    are sent once to each machine, where its workers share their memory.

    Args:
        parts: in the order in which they will be asked for.
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
        self._found: dict[range, NDArray[np.float32]] = {}
        self._grown = self._heard = -float("inf")

    @property
    def n_workers(self) -> int:
        """How many are at work."""
        return len(self._idle) + len(self._under_way)

    @property
    def ahead(self) -> int:
        """How many batches are found that nobody has asked for yet."""
        return len(self._found)

    def __call__(self, part: range, given_up: Callable[[], bool]) -> NDArray[np.float32]:
        """The scores of these items, [item, layer, head].

        Raises:
            JobCancelled: it was given up.
            ModelUnavailable: the cluster has no core, or another version of the program.
            AttentionSurgeryError: what an item failed with.
        """
        self._heard = time.monotonic()
        while part not in self._found:
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
        return self._found.pop(part)

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
        """So many as may lie ahead; one in any case, which may be the one that is waited for."""
        most = AHEAD * max(1, self.n_workers)
        while self._idle and self._left:
            if self._under_way and len(self._found) + len(self._under_way) >= most:
                return
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
            cause = error.cause
            raise cause if isinstance(cause, AttentionSurgeryError) else error from None
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
