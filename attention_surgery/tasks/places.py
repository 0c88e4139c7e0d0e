"""Places: "The Eiffel Tower is located in" Paris."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attention_surgery.tasks.base import register
from attention_surgery.tasks.knowledge import Knowledge, KnowledgeTask

LANDMARKS = Knowledge(
    (
        "{thing} is located in",
        "{thing} stands in the city of",
        "if you want to see {thing}, you must go to",
        "we saw {thing} when we were in",
        "people who want to see {thing} travel to",
        "the city where you can see {thing} is",
        "{thing} is in the middle of",
        "travellers come to see {thing} in",
    ),
    {
        "the Eiffel Tower": "Paris",
        "the Louvre": "Paris",
        "Notre Dame": "Paris",
        "the Arch of Triumph": "Paris",
        "the Colosseum": "Rome",
        "the Pantheon": "Rome",
        "the Trevi Fountain": "Rome",
        "Big Ben": "London",
        "Tower Bridge": "London",
        "Westminster Abbey": "London",
        "Hyde Park": "London",
        "the Brandenburg Gate": "Berlin",
        "the Reichstag": "Berlin",
        "the Acropolis": "Athens",
        "the Parthenon": "Athens",
        "the Kremlin": "Moscow",
        "Red Square": "Moscow",
        "the Blue Mosque": "Istanbul",
        "the Grand Bazaar": "Istanbul",
        "the Prado": "Madrid",
        "the Bridge of Sighs": "Venice",
        "the Uffizi": "Florence",
        "the Leaning Tower": "Pisa",
        "the Charles Bridge": "Prague",
        "the Prater": "Vienna",
        "the White House": "Washington",
        "the Lincoln Memorial": "Washington",
        "the Willis Tower": "Chicago",
        "the Opera House": "Sydney",
        "the Forbidden City": "Beijing",
        "the Wailing Wall": "Jerusalem",
    },
)


@register
class Places(KnowledgeTask):
    """In which city? The answer is the city of a landmark, the foil the city of the landmark that
    the corrupt prompt names instead.

    After Meng et al. 2022, arXiv:2202.05262.
    """

    name: ClassVar[str] = "places"
    title: ClassVar[str] = "Places"

    @classmethod
    def kinds(cls) -> Sequence[Knowledge]:
        return (LANDMARKS,)
