"""Join a Ray cluster, or make one of this machine."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attention_surgery.errors import ModelUnavailable

NO_RAY = 'A cluster needs Ray: pip install "attention-surgery[cluster]".'
# Of the memory in which weights and batches go from process to process, the least there may be.
SHARED_BYTES = 80_000_000


def connect(address: str, *, cores: int | None = None, show_logs: bool = False) -> None:
    """Join a cluster; nothing where this process has joined one.

    Args:
        address: `auto` for the one that this machine is a node of, `host:port` of its head, or
            `ray://host:port` of its server of clients; `local` makes one of this machine's cores.
        cores: of a local one, how many it believes to have; as many as there are when absent.
        show_logs: write what its processes log into this one's log.

    Raises:
        ModelUnavailable: Ray is not installed, or no cluster answers.
    """
    # Read when Ray is imported: else it tells its makers of its use, leaves out lines that repeat,
    # paints, takes 127.0.0.1 for the address of the network's card, and writes into the home
    # directory.
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_DEDUP_LOGS", "RAY_COLOR_PREFIX"):
        os.environ.setdefault(name, "0")
    if address == "local":
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_urlsafe(32))
    try:
        import ray
    except ImportError:
        raise ModelUnavailable(NO_RAY) from None
    if ray.is_initialized():
        return
    told: dict[str, Any] = {"log_to_driver": show_logs, "logging_level": "ERROR"}
    with _signals_kept():
        if address == "local":
            # Without an address it would be the one that was started here last.
            own: dict[str, Any] = {"address": "local", "_node_ip_address": "127.0.0.1"}
            own["include_dashboard"] = False
            if cores is not None:
                own |= {"num_cpus": cores, "object_store_memory": SHARED_BYTES}
            try:
                ray.init(**own, **told)
            except Exception as error:  # it has no type: its processes did not start in time
                raise ModelUnavailable(f"Ray did not start here: {first_line(error)}") from None
            return
        try:
            ray.init(address=address, **told)
        except ImportError:
            raise ModelUnavailable(
                f"{address[:200]} is reached by Ray's client: pip install "
                '"attention-surgery[cluster]".'
            ) from None
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ModelUnavailable(
                f"No cluster answers at {address[:200]}: {first_line(error)}"
            ) from None


def first_line(error: Exception) -> str:
    """Of what Ray says, the sentence."""
    return str(error).strip().partition("\n")[0][:200]


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray puts a handler of its own in the place of a server's."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None:  # else it was no program in Python that set it
            signal.signal(signal.SIGTERM, before)


def cores_for(workers: int, address: str | None) -> int:
    """How many each of so many workers takes: its share of this machine where it is the cluster,
    else one.
    """
    from attention_surgery.engine.cores import available_cpus

    return max(1, available_cpus() // workers) if address is None else 1


def machines() -> int:
    """Of the cluster that this process has joined."""
    import ray

    return len({node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]})
