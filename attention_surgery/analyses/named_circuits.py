"""Circuits that have been found and named, with where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from attention_surgery.analyses.published import GPT2_SMALL as KINDS
from attention_surgery.analyses.published import GREATER_THAN, IOI, PublishedKind, published
from attention_surgery.engine.sites import Sender
from attention_surgery.errors import InvalidSetting

if TYPE_CHECKING:
    from attention_surgery.engine.model import Model


@dataclass(frozen=True, slots=True)
class NamedCircuit:
    """A set of heads, the task it is of, and the source."""

    name: str
    title: str
    task: str
    source: str
    heads: list[Sender]


def _of_kinds(prefix: str) -> list[Sender]:
    """All heads of some kinds, the weak ones too."""
    kinds = (kind for kind in KINDS if kind.name.startswith(prefix))
    return sorted(
        {head for kind in kinds for head in (*kind.heads, *kind.weak)},
        key=lambda head: (head.layer, head.head),
    )


GPT2_SMALL = (
    NamedCircuit("ioi", "Indirect objects", "ioi", IOI, _of_kinds("ioi_")),
    NamedCircuit(
        "greater-than", "Later years", "greater-than", GREATER_THAN, _of_kinds("greater_than")
    ),
)


def named_circuits(model: Model) -> list[NamedCircuit]:
    """Those of this model; of most there are none."""
    if (model.source, model.name) == ("hub", "gpt2"):
        return list(GPT2_SMALL)
    return list(_bundled()) if model.source == "bundled" else []


def circuit_named(model: Model, name: str) -> NamedCircuit:
    """The circuit of that name.

    Raises:
        InvalidSetting: this model has none.
    """
    known = {circuit.name: circuit for circuit in named_circuits(model)}
    if name not in known:
        others = f"use {', '.join(known)}" if known else "name its heads"
        raise InvalidSetting(f"{model.name} has no published circuit {name[:40]!r}: {others}.")
    return known[name]


def classes_of(
    model: Model, heads: frozenset[tuple[int, int]]
) -> dict[str, frozenset[tuple[int, int]]]:
    """The published kinds that some heads are of, each set of heads once."""
    found: dict[frozenset[tuple[int, int]], str] = {}
    for kind in published(model):
        of_kind = _sites(kind) & heads
        if of_kind:
            found.setdefault(of_kind, kind.title)
    return {name: of_kind for of_kind, name in found.items()}


def _sites(kind: PublishedKind) -> frozenset[tuple[int, int]]:
    return frozenset((head.layer, head.head) for head in (*kind.heads, *kind.weak))


@cache
def _bundled() -> tuple[NamedCircuit, ...]:
    """What docs/bundled-model.md says, written by the command that writes that page."""
    file = resources.files("attention_surgery") / "bundled" / "circuits.json"
    return tuple(
        NamedCircuit(**circuit | {"heads": [Sender(*head) for head in circuit["heads"]]})
        for circuit in json.loads(file.read_text("utf-8"))
    )
