"""Who writes into whom: path patching between the heads of a circuit, averaged over items."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from attention_surgery.analyses.circuit_parts import Edge, Edges
from attention_surgery.analyses.two_prompts import LEAST_CONTRAST
from attention_surgery.engine.sites import Receiver, Sender

if TYPE_CHECKING:
    from attention_surgery.engine.circuits import Question
    from attention_surgery.engine.model import Model

INPUTS: tuple[Literal["q", "k", "v"], ...] = ("q", "k", "v")


@dataclass(frozen=True, slots=True)
class ItemDone:
    """Progress: the paths of so many of the items are known."""

    done: int
    of: int


def usable(questions: Sequence[Question]) -> list[Question]:
    """The items with a corrupt prompt of as many tokens that differs."""
    return [
        q for q in questions if q.corrupt and len(q.corrupt) == len(q.ids) and q.corrupt != q.ids
    ]


def edges(
    model: Model, heads: Sequence[Sender], questions: Sequence[Question]
) -> Generator[object, None, Edges]:
    """Each path between two of the heads, and from each to the logits; yields `ItemDone`.

    Args:
        questions: with corrupt prompts; see `usable`.
    """
    receivers = [
        Receiver(head.layer, head.head, part)
        for head in heads
        if any(sender.layer < head.layer for sender in heads)
        for part in INPUTS
    ]
    effects, ends = [], []
    for number, question in enumerate(questions):
        found, end = yield from _of_item(model, question, heads, receivers)
        effects.append(found)
        ends.append(end)
        yield ItemDone(number + 1, len(questions))
    clean, corrupt = np.mean(ends, axis=0).tolist()
    return Edges(
        _strongest_first(heads, receivers, np.array(effects), clean - corrupt),
        len(questions),
        clean,
        corrupt,
    )


def _of_item(
    model: Model, question: Question, senders: Sequence[Sender], receivers: Sequence[Receiver]
) -> Generator[object, None, tuple[NDArray[np.float64], tuple[float, float]]]:
    """Effects [receiver or logits, sender], and the metric of both prompts."""
    import torch

    from attention_surgery.engine.paths import (
        PathEffects,
        paths_to_heads,
        paths_to_logits,
        record_for_paths,
    )
    from attention_surgery.engine.reading import TokenReading

    assert question.corrupt is not None
    targets = torch.tensor([question.targets], device=model.weights.embed.device)
    reading = TokenReading(question.metric, targets)
    base, other = yield from record_for_paths(model, question.ids, question.corrupt, ())
    reading.start(model, base.final)
    (apart,) = yield from reading.effects(model, other.final)
    pairs = zip(question.ids, question.corrupt, strict=True)
    first = next(place for place, (one, two) in enumerate(pairs) if one != two)
    effects = np.zeros((len(receivers) + 1, len(senders)))
    for step in paths_to_logits(base, other, senders, reading, first):
        if isinstance(step, PathEffects):
            effects[-1] = step.values[0]
        yield None
    for step in (
        paths_to_heads(base, other, senders, receivers, reading, first) if receivers else ()
    ):
        if isinstance(step, PathEffects):
            effects[step.receivers] = step.values
        yield None
    return effects, (reading.base, reading.base + apart)


def _strongest_first(
    senders: Sequence[Sender],
    receivers: Sequence[Receiver],
    effects: NDArray[np.float64],
    contrast: float,
) -> list[Edge]:
    n = len(effects)
    means = effects.mean(0)
    errors = effects.std(0, ddof=1) / n**0.5 if n > 1 else None
    found = []
    for row, receiver in enumerate([*receivers, None]):
        for column, sender in enumerate(senders):
            if receiver is not None and sender.layer >= receiver.layer:
                continue
            effect = float(means[row, column])
            found.append(
                Edge(
                    sender=sender,
                    receiver=None if receiver is None else Sender(receiver.layer, receiver.head),
                    input=None if receiver is None else receiver.input,
                    effect=effect,
                    standard_error=None if errors is None else float(errors[row, column]),
                    share=-effect / contrast if abs(contrast) >= LEAST_CONTRAST else None,
                )
            )
    return sorted(found, key=lambda edge: -abs(edge.effect))
