"""Runs, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

RunState = Literal["queued", "running", "done", "failed", "cancelled"]
STATES: tuple[RunState, ...] = get_args(RunState)
UNFINISHED: tuple[RunState, ...] = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """What is to be done.

    Attributes:
        request: the whole request, in JSON.
        items: the task's items: a JSON array, UTF-8.
        revision: of the model's weights.
        version: of this program.
    """

    title: str
    request: str
    items: bytes
    total: int
    model: str
    revision: str
    version: str
    layers: int
    heads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run and how far it is; times are seconds since 1970, `seconds` those of work."""

    id: str
    title: str
    request: str
    model: str
    revision: str
    version: str
    layers: int
    heads: int
    state: RunState
    total: int
    done: int
    seconds: float
    why: str | None
    created_at: float
    expires_at: float
    ended_at: float | None

    @property
    def seconds_left(self) -> float | None:
        """As the items done took it; None where none is done, or nothing is left."""
        if self.state not in UNFINISHED or not self.done:
            return None
        return (self.total - self.done) * self.seconds / self.done


@dataclass(frozen=True, slots=True)
class RunQuota:
    """Most that one client keeps: runs, and runs that are not at their end."""

    client_runs: int
    client_unfinished: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a run, for as long as it is renewed in time.

    Attributes:
        holder: who works, another word each time.
        left: items not done, in order.
    """

    run: KeptRun
    holder: str
    left: tuple[int, ...]
