"""Facts: "The capital of France is" Paris; "The colour of grass is" green."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attention_surgery.tasks.base import register
from attention_surgery.tasks.knowledge import Knowledge, KnowledgeTask


def _facts(text: str) -> dict[str, str]:
    """Read "France: Paris, Italy: Rome" into a dictionary."""
    pairs = (entry.split(":") for entry in " ".join(text.split()).split(","))
    return {thing.strip(): fact.strip() for thing, fact in pairs}


CAPITALS = Knowledge(
    (
        "the capital of {thing} is",
        "the capital city of {thing} is",
        "the name of the capital of {thing} is",
        "people know that the capital of {thing} is",
        "the capital of {thing} is called",
    ),
    _facts("""
        France: Paris, Italy: Rome, England: London, Germany: Berlin, Greece: Athens,
        Russia: Moscow, Spain: Madrid, Austria: Vienna, Portugal: Lisbon, Egypt: Cairo,
        Japan: Tokyo, China: Beijing, Ireland: Dublin, Scotland: Edinburgh, Norway: Oslo,
        Denmark: Copenhagen
    """),
)
COLOURS = Knowledge(
    (
        "the colour of {thing} is",
        "we all know that {thing} is",
        "the child said that the colour of {thing} is",
        "look, the colour of {thing} is always",
    ),
    _facts("""
        the grass: green, the sky: blue, snow: white, blood: red, coal: black, gold: yellow,
        the sun: yellow, a carrot: orange, a crow: black, a swan: white, a leaf: green,
        a tomato: red, chocolate: brown, milk: white, salt: white, butter: yellow, a cherry: red
    """),
)
YOUNG = Knowledge(
    (
        "the young of {thing} is called a",
        "the child of {thing} is called a",
        "when {thing} is young, it is called a",
    ),
    _facts("""
        a cat: kitten, a dog: puppy, a cow: calf, a sheep: lamb, a hen: chick, a goat: kid,
        a lion: cub, a bear: cub, a fox: cub
    """),
)


@register
class Facts(KnowledgeTask):
    """What is known of a country, a thing or an animal: its capital, its colour, its young. The
    foil is what is known of the other one that the corrupt prompt names.

    After Meng et al. 2022, arXiv:2202.05262.
    """

    name: ClassVar[str] = "facts"
    title: ClassVar[str] = "Facts"

    @classmethod
    def kinds(cls) -> Sequence[Knowledge]:
        return CAPITALS, COLOURS, YOUNG
