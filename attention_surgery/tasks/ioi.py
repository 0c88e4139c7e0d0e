"""Indirect objects: "Then, Anna and Tom went to the store. Tom gave a ring to" Anna."""

from __future__ import annotations

from random import Random
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words, filled, places_of

# As published: arXiv:2211.00593, figure 14. Which name is first makes them ABBA or BABA.
TEMPLATES = (
    "Then, {first} and {second} went to the {place}. {S2} gave a {thing} to",
    "Then, {first} and {second} had a lot of fun at the {place}. {S2} gave a {thing} to",
    "Then, {first} and {second} were working at the {place}. {S2} decided to give a {thing} to",
    "Then, {first} and {second} were thinking about going to the {place}. "
    "{S2} wanted to give a {thing} to",
    "Then, {first} and {second} had a long argument, and afterwards {S2} said to",
    "After {first} and {second} went to the {place}, {S2} gave a {thing} to",
    "When {first} and {second} got a {thing} at the {place}, {S2} decided to give it to",
    "When {first} and {second} got a {thing} at the {place}, {S2} decided to give the {thing} to",
    "While {first} and {second} were working at the {place}, {S2} gave a {thing} to",
    "While {first} and {second} were commuting to the {place}, {S2} gave a {thing} to",
    "After the lunch, {first} and {second} went to the {place}. {S2} gave a {thing} to",
    "Afterwards, {first} and {second} went to the {place}. {S2} gave a {thing} to",
    "Then, {first} and {second} had a long argument. Afterwards {S2} said to",
    "The {place} {first} and {second} went to had a {thing}. {S2} gave it to",
    "Friends {first} and {second} found a {thing} at the {place}. {S2} gave it to",
)
PLACES = ("store", "garden", "restaurant", "school", "hospital", "office", "house", "station")
THINGS = ("ring", "kiss", "bone", "basketball", "computer", "necklace", "drink", "snack")
_NAMES = """
    Michael Christopher Jessica Matthew Ashley Jennifer Joshua Amanda Daniel David James Robert
    John Joseph Andrew Ryan Brandon Jason Justin Sarah William Jonathan Stephanie Brian Nicole
    Nicholas Anthony Heather Eric Elizabeth Adam Megan Melissa Kevin Steven Thomas Timothy
    Christina Kyle Rachel Laura Lauren Amber Brittany Danielle Richard Kimberly Jeffrey Amy
    Crystal Michelle Tiffany Jeremy Benjamin Mark Emily Aaron Charles Rebecca Jacob Stephen
    Patrick Sean Erin Jamie Kelly Samantha Nathan Sara Dustin Paul Angela Tyler Scott Katherine
    Andrea Gregory Erica Mary Travis Lisa Kenneth Bryan Lindsey Kristen Jose Alexander Jesse
    Katie Lindsay Shannon Vanessa Courtney Christine Alicia Cody Allison Bradley Samuel
"""
NAMES = tuple(_NAMES.split())
# Three unrelated ones beside the two of the clean prompt, and some to choose from.
LEAST_NAMES = 12

Order = Literal["mixed", "abba", "baba"]
Corruption = Literal["swapped", "abc"]


@register
class IndirectObjects(TaskKind):
    """To whom is something given? The answer is the name that stands once (IO), the foil the name
    that stands twice (S).

    `swapped` corrupts by exchanging the two names wherever they stand, so that the answer becomes
    the foil; `abc` puts three unrelated names in their places, so that nothing tells who is meant.

    Source: Wang et al. 2022, arXiv:2211.00593.
    """

    name: ClassVar[str] = "ioi"
    title: ClassVar[str] = "Indirect objects"

    order: Annotated[
        Order,
        Field(description="Which name comes first: IO (abba), S (baba), or either (mixed)."),
    ] = "mixed"
    corruption: Annotated[
        Corruption, Field(description="The two names exchanged, or three unrelated ones.")
    ] = "swapped"
    names: Annotated[
        tuple[str, ...],
        Field(strict=False, max_length=1000, description="Of your own, one token each."),
    ] = ()

    def prepare(self, words: Words) -> None:
        if self.names:
            words.require_single(self.names, "names")
        words.single(self.names or NAMES, "names", LEAST_NAMES)

    def draw(self, rng: Random, words: Words) -> Item:
        names = words.single(self.names or NAMES, "names", LEAST_NAMES)
        template = rng.choice(TEMPLATES)
        io, s, *others = rng.sample(names, 5)
        place, thing = rng.choice(PLACES), rng.choice(THINGS)
        io_first = self.order == "abba" or (self.order == "mixed" and rng.random() < 0.5)
        slots = ("IO", "S1") if io_first else ("S1", "IO")

        def told(**names: str) -> tuple[str, list[tuple[str, int]]]:
            first, second = (names[slot] for slot in slots)
            words = {"first": first, "second": second, "S2": names["S2"]}
            return filled(template, **words, place=place, thing=thing)

        a, b, c = (s, io, io) if self.corruption == "swapped" else others
        corrupt, _ = told(IO=a, S1=b, S2=c)
        prompt, ends = told(IO=io, S1=s, S2=s)
        named = {"first": slots[0], "second": slots[1], "S2": "S2"}
        return Item(prompt, f" {io}", f" {s}", corrupt, places_of(words, prompt, ends, named))
