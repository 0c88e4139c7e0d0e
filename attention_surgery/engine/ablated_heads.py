"""Heads cut, in rows that leave a base run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor

from attention_surgery.engine.head_changes import HeadChange, Place
from attention_surgery.engine.ready import Here, Ready, moved_towards


@dataclass(frozen=True, slots=True, eq=False)
class AblatedHeads(HeadChange):
    """Heads cut, each as its intervention says, beside what is cut in the base."""

    turns: list[Ready] = field(default_factory=list)

    @classmethod
    def of(cls, turns: Sequence[Ready | tuple[Ready, ...]]) -> AblatedHeads:
        """A row for each entry: one head, or several at once; all by one method."""
        groups = [turn if isinstance(turn, tuple) else (turn,) for turn in turns]
        edits = [(row, ready) for row, group in enumerate(groups) for ready in group]
        component = edits[0][1].intervention.component
        assert component != "mlp_out"
        rows, readies = [row for row, _ in edits], [ready for _, ready in edits]
        return cls(component, rows, [head_of(ready) for ready in readies], readies)

    def _of(self, edits: list[int]) -> AblatedHeads:
        return replace(self, turns=[self.turns[edit] for edit in edits])

    @property
    def needs_below(self) -> bool:
        return any(ready.intervention.needs_below for ready in self.turns)

    def new(self, old: Float[Tensor, "edit pos d"], at: Place) -> Float[Tensor, "edit pos d"]:
        n_bases = 1 if at.below is None else len(at.below)
        repeats, seen = len(self) // n_bases, at.seen()
        return torch.cat(
            [
                moved_towards(
                    old[edit : edit + 1],
                    ready,
                    Here(seen, ready, slice(row // repeats, row // repeats + 1)),
                )
                for edit, (row, ready) in enumerate(zip(self.rows, self.turns, strict=True))
            ]
        )


def by_layer(singles: Iterable[Ready]) -> dict[int, list[Ready]]:
    """What is done to heads, by their layer; only layers with any."""
    found: dict[int, list[Ready]] = {}
    for ready in singles:
        found.setdefault(ready.intervention.layer, []).append(ready)
    return found


def head_of(ready: Ready) -> int:
    head = ready.intervention.head
    assert head is not None
    return head
