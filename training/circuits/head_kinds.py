"""Kinds of heads: what they do, how much, and from which score on a head is one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from attention_surgery.analyses import HeadScore
from attention_surgery.interventions import head_name
from training.measures.head_patterns import HeadPatterns, ranked
from training.measures.name_movers import NameMovers

# Mean attention, or logits of the answer over the foil, from which a head counts as of its kind.
ATTENTION = 0.2
LOGITS = 0.3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of heads and the score of every head in it.

    Args:
        name: in front of "heads", e.g. "induction".
        does: what such heads do, after "heads that".
        scores: of every head; larger is more of this kind.
        threshold: the least score of a head of this kind.
    """

    name: str
    does: str
    scores: Float[Tensor, "layer head"]
    threshold: float = ATTENTION

    @property
    def heads(self) -> list[HeadScore]:
        """The heads of this kind, the strongest first."""
        return [head for head in ranked(self.scores) if head.score >= self.threshold]

    def sentence(self) -> str:
        """Which heads there are, or that there are none."""
        best = scored(ranked(self.scores)[0])
        if not self.heads:
            return (
                f"**No {self.name} heads**, which would {self.does}: "
                f"the nearest is {best}, below {self.threshold:g}."
            )
        count = len(self.heads)
        others = f", one of {count} that reach {self.threshold:g}" if count > 1 else ""
        return f"**{self.name.capitalize()} heads** {self.does}: the strongest is {best}{others}."


def kinds(looks: HeadPatterns, movers: NameMovers) -> tuple[Kind, ...]:
    """The four kinds the page is about."""
    return (
        Kind("previous-token", "look at the token before", looks.previous),
        Kind("induction", "look at what followed the last time", looks.induction),
        Kind("duplicate-token", "look at the same token's last occurrence", looks.duplicate),
        Kind("name-mover", "write the right name", movers.writes, LOGITS),
    )


def heads_file(found: Sequence[Kind]) -> str:
    """The heads of each kind in JSON, which the package shows beside what it measures."""
    kinds_with_heads = [
        {
            "name": f"documented_{kind.name.replace('-', '_')}",
            "title": f"{kind.name.capitalize()} heads",
            "meaning": kind.does,
            "source": "docs/bundled-model.md",
            "heads": [[head.layer, head.head] for head in kind.heads],
        }
        for kind in found
        if kind.heads
    ]
    return json.dumps(kinds_with_heads, indent=1) + "\n"


def scored(head: HeadScore) -> str:
    """A head with its score: "L0H1 (0.88)"."""
    return f"{head_name(head.layer, head.head)} ({head.score:.2f})"
