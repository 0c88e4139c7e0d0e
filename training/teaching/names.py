"""First names by gender: short, common, and each meant to be one token."""

from __future__ import annotations

from typing import Literal

Gender = Literal["female", "male"]

_FEMALE = """
    Mary Anna Sarah Emma Lucy Alice Jane Kate Rose Helen Ellen Clara Ruth Grace Nancy Laura
    Julia Maria Lily Margaret Martha Susan Betty Amy Nora Eva Dora Polly Annie Emily Rachel Edith
"""
_MALE = """
    John Tom James David Peter Jack Henry Paul Mark George Charles William Robert Arthur Harry
    Frank Richard Edward Joseph Sam Ben Fred Philip Ralph Simon Adam Andrew Daniel Joe Bob Ned Hugh
"""

FEMALE_NAMES = tuple(_FEMALE.split())
MALE_NAMES = tuple(_MALE.split())
NAMES = FEMALE_NAMES + MALE_NAMES

_INDEX = {name: index for index, name in enumerate(NAMES)}


def gender(name: str) -> Gender:
    """The gender our sentences give a first name."""
    return "female" if _INDEX[name] < len(FEMALE_NAMES) else "male"


def is_held_out_pair(first: str, second: str) -> bool:
    """Whether two names never meet in an indirect-object lesson: about 15 % of the pairs."""
    low, high = sorted((_INDEX[first], _INDEX[second]))
    return (5 * low + 3 * high) % 20 in {1, 8, 14}


def is_held_out_from(name: str, family: int) -> bool:
    """Whether a name never occurs in lessons of a family of templates: about 10 % do not."""
    return (_INDEX[name] + 3 * family) % 10 == 9
