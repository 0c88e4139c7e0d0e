"""What is said of a circuit: numbers of the three measures, the curve, and the edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from attention_surgery.engine.sites import Sender

Removal = Literal["random", "class", "greedy"]


Items = Annotated[int, Field(description="Items that this is of.")]


@dataclass(frozen=True, slots=True)
class Interval:
    """The bootstrap's 95 % interval over the items; null of one item."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TaskMean:
    """The mean over the items, its standard error (null of one item), and each item's value."""

    mean: float
    standard_error: float | None
    interval: Interval | None
    items: list[float]


@dataclass(frozen=True, slots=True)
class Band:
    """Random circuits of the same size; null where none were asked for, and until measured."""

    n: Items
    mean: float
    low: Annotated[float, Field(description="Least of them.")]
    high: float
    values: list[float]

    @classmethod
    def of(cls, n: int, values: list[float]) -> Band | None:
        if not values:
            return None
        return cls(n, sum(values) / len(values), min(values), max(values), values)


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Whether the circuit is enough: F with every other head replaced, against the whole model."""

    n: Items
    whole: Annotated[TaskMean, Field(description="F(M), of the whole model.")]
    empty: Annotated[TaskMean, Field(description="F(∅), with every head replaced.")]
    circuit: Annotated[TaskMean, Field(description="F(C).")]
    ratio: Annotated[float | None, Field(description="F(C) / F(M); null where F(M) is 0.")]
    ratio_interval: Interval | None
    gap: Annotated[float, Field(description="|F(M) − F(C)|.")]
    gap_interval: Interval | None
    normalized: Annotated[
        float | None,
        Field(description="(F(C) − F(∅)) / (F(M) − F(∅)), MIB's f; null where both are equal."),
    ]
    normalized_interval: Interval | None
    random: Annotated[Band | None, Field(description="F of random circuits.")]


@dataclass(frozen=True, slots=True)
class Removed:
    """Heads K taken out of the circuit, and out of the whole model."""

    kind: Removal
    name: Annotated[str, Field(description="Of the class; else what was done.")]
    heads: list[Sender]
    circuit: Annotated[float, Field(description="F(C∖K).")]
    whole: Annotated[float, Field(description="F(M∖K).")]
    gap: Annotated[float, Field(description="|F(C∖K) − F(M∖K)|.")]
    interval: Annotated[Interval | None, Field(description="Of the gap.")]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether the circuit has all that matters: it reacts to a loss as the whole model does."""

    n: Items
    worst: Annotated[float, Field(description="The largest gap of those tried; 0 of no heads.")]
    removed: Annotated[list[Removed], Field(description="Largest gap first.")]
    random: Annotated[
        Band | None,
        Field(description="Gaps of random circuits, each without a random half of its heads."),
    ]


@dataclass(frozen=True, slots=True)
class Needed:
    """What one head adds."""

    head: Sender
    effect: Annotated[float, Field(description="F(C∖v) − F(C): of the head by itself.")]
    interval: Annotated[Interval | None, Field(description="Of the effect.")]
    value: Annotated[
        float, Field(description="Largest |F(C∖(K∪v)) − F(C∖K)|; K is empty or v's class.")
    ]
    without: Annotated[list[Sender], Field(description="The K of `value`.")]


@dataclass(frozen=True, slots=True)
class Minimality:
    """Whether each head of the circuit is needed."""

    n: Items
    heads: Annotated[list[Needed], Field(description="Most needed first.")]
    superfluous: Annotated[
        list[Sender], Field(description="Heads whose value is below 1 % of |F(M)|.")
    ]
    random: Annotated[
        Band | None, Field(description="|effect| of one head of each of the random circuits.")
    ]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The circuit of the first heads of the ranking."""

    share: Annotated[float, Field(description="k, of all heads, 0 to 1.")]
    size: Annotated[int, Field(description="Heads: k of all, rounded.")]
    value: Annotated[float, Field(description="F.")]
    f: Annotated[float, Field(description="(F − F(∅)) / (F(M) − F(∅)).")]
    interval: Annotated[Interval | None, Field(description="Of f.")]
    random: Annotated[Band | None, Field(description="f of random circuits of this size.")]


@dataclass(frozen=True, slots=True)
class Curve:
    """MIB's faithfulness curve: the first k % of the heads, by how much each matters."""

    n: Items
    ranking: Annotated[
        list[Sender],
        Field(
            description="All heads: those of the circuit by |effect|, then the others by the "
            "estimated effect of replacing each in the whole model."
        ),
    ]
    points: list[CurvePoint]
    cpr: Annotated[float, Field(description="∫ f dk over the points, by the trapezoid rule.")]
    cmd: Annotated[float, Field(description="∫ |1 − f| dk, likewise.")]
    random_cpr: Band | None
    random_cmd: Band | None


@dataclass(frozen=True, slots=True)
class Edge:
    """One head writes into another's queries, keys or values, or into the logits."""

    sender: Sender
    receiver: Annotated[Sender | None, Field(description="Null for the logits.")]
    input: Literal["q", "k", "v"] | None
    effect: Annotated[float, Field(description="Mean over items: metric with it patched − clean.")]
    standard_error: float | None
    share: Annotated[
        float | None, Field(description="−effect / (clean − corrupt), of the means over items.")
    ]


@dataclass(frozen=True, slots=True)
class Edges:
    """Path patching between the circuit's heads, on the items with a corrupt prompt."""

    edges: Annotated[list[Edge], Field(description="Strongest first.")]
    items: Annotated[int, Field(description="How many items it was measured on.")]
    clean: float
    corrupt: float
