"""Tokens as results carry them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A token id and the text it stands for (`\\xe2` for a byte of a character)."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class TokenLogprob(Token):
    """A token and the natural logarithm of its probability."""

    logprob: float
