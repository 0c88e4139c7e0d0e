"""Templates: sentences with `{slots}`, and bars around the answer: "Grass is| green|."."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeVar

Bank = Mapping[str, Sequence[str]]
T = TypeVar("T")

_SLOT = re.compile(r"\{(\w+)\}")
_SENTENCE_START = re.compile(r"(?:^|[.?!] )[a-z]")


def fill(template: str, rng: Random, bank: Bank, **bound: str) -> str:
    """Fill every slot, from `bound` or by a draw from the bank; capitals begin sentences.

    A slot that occurs twice takes the same value twice. Values may hold slots themselves.
    """

    def value(match: re.Match[str]) -> str:
        slot = match[1]
        if slot not in bound:
            bound[slot] = rng.choice(bank[slot])
        return _SLOT.sub(value, bound[slot])

    return _SENTENCE_START.sub(lambda start: start[0].upper(), _SLOT.sub(value, template))


def draw_until(draw: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """The first draw that is wanted: how held-out combinations are kept apart."""
    while not wanted(drawn := draw()):
        pass
    return drawn
