"""Lists told twice: "apple, key, stone, lamp; apple, key," stone."""

from __future__ import annotations

from random import Random

from training.teaching.names import NAMES
from training.teaching.nouns import NOUNS, with_article
from training.teaching.question import Question, ask, tell
from training.teaching.template import fill

# {list} is a bare list, {things} one with articles; {again} repeats whichever was told.
TRAINING = (
    "{list}; {again}.",
    "{list}. {again}.",
    "{list}, and again {again}.",
    "he wrote {list}, and she read {again}.",
    "he said {list}, and she said {again}.",
    "{name} said {list}, and we said {again}.",
    "{name} wrote {list}. We read {again}.",
    "the words are {list}. Say them: {again}.",
    "say {list}. Say again {again}.",
    "learn the words {list}. Again: {again}.",
    "first {list}, then again {again}.",
    "the list says {list}. I read the list: {again}.",
    "the teacher wrote {list}, and the children wrote {again}.",
    "the teacher said {list}, and the children said {again}.",
    "on the wall was {list}, and in the book was {again}.",
    "the song has the words {list}. We sing {again}.",
    "{name} read {list} aloud, and they all said {again}.",
    "one side says {list}; the other side says {again}.",
    "{name} bought {things}. At home {name} unpacked {again}.",
    "{name} bought {things} and carried home {again}.",
    "{name} packed {things}. In the bag were {again}.",
    "{name} wanted {things}, so we bought {again}.",
    "{name} asked for {things} and got {again}.",
    "{name} saw {things} and painted {again}.",
    "{name} found {things} and took home {again}.",
    "she bought {things}. At home she unpacked {again}.",
    "she lost {things}, and then she found {again}.",
    "he sold {things}, and we bought {again}.",
    "he dreamed of {things}. In the morning he saw {again}.",
    "in the box were {things}. We took out {again}.",
    "on the table were {things}. She took away {again}.",
    "they carried {things} to the house, and in the house we saw {again}.",
    "I have {things}. Yes, I have {again}.",
    "we saw {things} in the shop, and he bought {again}.",
)
HELD_OUT = (
    "the children read {list}, and he wrote {again}.",
    "on the wall {name} wrote the words {list}, and then {again}.",
    "the list says {list}; we read {again}.",
    "she said {list} aloud. {name} said {again}.",
    "in the shop {name} asked for {things}. At home we saw {again}.",
    "he packed {things}, and she unpacked {again}.",
    "{name} carried {things} to the table. On the table were {again}.",
    "she found {things} in the house and sold {again}.",
    "they wanted {things}, and in the morning they got {again}.",
)
_LENGTHS = (3, 3, 4, 4, 5, 6, 7)


def _told(items: list[str], *, with_articles: bool, asked: str = "") -> str:
    """The items in a row, with bars around the one asked for; its article is told."""

    def name(item: str) -> str:
        noun = f"|{item}|" if item == asked else item
        return with_article(item).removesuffix(item) + noun if with_articles else noun

    *most, last = map(name, items)
    told = f"{', '.join(most)}{' and' if with_articles else ','} {last}"
    return told.replace(" |", "| ", 1)


def _sentence(template: str, rng: Random) -> str:
    items = rng.sample(NOUNS, rng.choice(_LENGTHS))
    with_articles = "{things}" in template
    told = _told(items, with_articles=with_articles)
    again = _told(items, with_articles=with_articles, asked=rng.choice(items[1:]))
    return fill(template, rng, {"name": NAMES}, list=told, things=told, again=again)


def lesson(rng: Random) -> str:
    """A list in training words, told twice."""
    return tell(_sentence(rng.choice(TRAINING), rng))


def question(rng: Random) -> Question:
    """Which item of the list comes next, when at least one has been told again?"""
    return ask(_sentence(rng.choice(HELD_OUT), rng))
