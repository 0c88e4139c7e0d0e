"""Heads as requests name them and as results list them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

HeadName = Annotated[str, Field(pattern=r"^L\d{1,6}H\d{1,6}$", examples=["L9H6"])]


@dataclass(frozen=True, slots=True)
class Head:
    """A head, zero-indexed as TransformerLens counts."""

    layer: int
    head: int


def place_of(name: HeadName) -> tuple[int, int]:
    """Layer and head of `L9H6`."""
    layer, head = map(int, re.findall(r"\d+", name))
    return layer, head
