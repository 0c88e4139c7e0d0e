"""Heads, and what heads read, as requests name them. Does not import torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

Index = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
HeadInput = Literal["q", "k", "v"]


@dataclass(frozen=True, slots=True)
class Sender:
    """A head whose output is changed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    layer: Index
    head: Index

    def __str__(self) -> str:
        return f"L{self.layer}H{self.head}"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A head's queries, keys or values."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    layer: Index
    head: Index
    input: HeadInput

    def __str__(self) -> str:
        return f"L{self.layer}H{self.head}{self.input}"
