"""Greater-than: "The war lasted from the year 1732 to the year 17" and then any later year."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words

TEMPLATE = "The {noun} lasted from the year {century}{year} to the year {century}"
CENTURIES = range(11, 18)
# Of each century some years are later and some are not.
YEARS = range(2, 99)
_NOUNS = """
    abduction accord affair agreement appraisal assaults assessment attack attempts campaign
    captivity case challenge chaos clash collaboration coma competition confrontation conflict
    conspiracy construction consultation contact contract convention cooperation custody deal
    decline decrease demonstration development disagreement disorder dispute domination dynasty
    effect effort employment endeavor engagement epidemic evaluation exchange existence expansion
    expedition experiment fall flood friendship growth hostility illness impact imprisonment
    improvement incarceration increase insurgency invasion investigation journey kingdom
    marriage modernization negotiation notoriety obstruction operation order outbreak outcome
    overhaul patrols pilgrimage plague plan practice process program progress project pursuit
    quest raids reforms reign relationship retaliation rise rivalry romance rule sanctions shift
    siege slump stature stint strikes study test testing tests therapy tour tradition treaty trial
    trip unemployment voyage warfare work
"""
NOUNS = (*_NOUNS.split(), "war", "strike", "drought", "peace", "famine", "struggle", "rebellion")


@register
class GreaterThan(TaskKind):
    """Until which year? Any later year of the century is right: the metric is the probability of
    all later two-digit endings less that of all others, from 00 to 99.

    The answer of an item is the year that must be exceeded. Corrupt: it began in the year 01, which
    every ending but one exceeds.

    Source: Hanna et al. 2023, arXiv:2305.00586.
    """

    name: ClassVar[str] = "greater-than"
    title: ClassVar[str] = "Greater than"
    metric: ClassVar[str] = "year_difference"

    def prepare(self, words: Words) -> None:
        endings = [f"{year:02d}" for year in range(100)]
        several = [ending for ending in endings if words.count(ending) != 1]
        if several or not any(_splits(words, century, 50) for century in CENTURIES):
            raise InvalidSetting(
                "Years must be a century and a two-digit ending, one token each, for this model's "
                f"tokenizer; {'these are not: ' + ', '.join(several) if several else 'none is'}."
            )

    def draw(self, rng: Random, words: Words) -> Item | None:
        noun, century, year = rng.choice(NOUNS), rng.choice(CENTURIES), rng.choice(YEARS)
        if not (_splits(words, century, year) and _splits(words, century, 1)):
            return None
        prompt, corrupt = (
            TEMPLATE.format(noun=noun, century=century, year=f"{each:02d}") for each in (year, 1)
        )
        end = words.count(prompt)
        of_year = words.place(prompt, prompt.index(" to the year"))
        positions = {"NOUN": words.place(prompt, len(f"The {noun}")), "YY": of_year, "END": end}
        return Item(prompt, f"{year:02d}", None, corrupt, positions)


def _splits(words: Words, century: int, year: int) -> bool:
    """Whether a year is its century and its ending."""
    whole = f" {century}{year:02d}"
    return words.ids(whole) == words.ids(f" {century}") + words.ids(f"{year:02d}")
