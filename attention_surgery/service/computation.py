"""One piece of work at a model: its generator, its place in the queue, and what it has said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attention_surgery.analyses.base import Steps
from attention_surgery.analyses.cost import Urgency
from attention_surgery.engine.joint import Joint
from attention_surgery.service.events import EventLog


@dataclass(eq=False)
class Computation:
    """Work of one generator, driven by the inference thread.

    Attributes:
        analysis: the name of what is asked.
        admitted_at, started_at: seconds of the worker's clock.
        model_seconds: time its steps have taken so far.
        held: bytes it needs beside the model, at most.
        piece: what it waits to do next, if others may do it with theirs.
        turn: its place among the work of its urgency; see `Queue`.
        position: how much work is in front of it, as its readers were told last.
    """

    analysis: str
    urgency: Urgency
    client: str
    steps: Steps[Any]
    held: int = 0
    log: EventLog = field(default_factory=EventLog)
    admitted_at: float = 0.0
    started_at: float | None = None
    model_seconds: float = 0.0
    piece: Joint[Any] | None = None
    turn: float = 0.0
    position: int | None = None
