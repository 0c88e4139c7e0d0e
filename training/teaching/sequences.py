"""Sequences: "Monday, Tuesday," Wednesday; "one two three" four; "A B C D" E."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random

from training.teaching.names import NAMES
from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill


@dataclass(frozen=True, slots=True)
class Series:
    """What everybody knows by heart; a round one begins again after its end."""

    title: str
    members: tuple[str, ...]
    is_round: bool = False

    def next_members(self, start: int) -> Iterator[str]:
        """The members from `start` to the end, or round and round."""
        return islice(cycle(self.members) if self.is_round else self.members, start, None)


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_MONTHS = """
    January February March April May June July August September October November December
"""
_SEASONS = "spring summer autumn winter"
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

SERIES = (
    Series("days of the week", tuple(_DAYS.split()), is_round=True),
    Series("months of the year", tuple(_MONTHS.split()), is_round=True),
    Series("seasons of the year", tuple(_SEASONS.split()), is_round=True),
    Series("first numbers", tuple(_NUMBERS.split())),
    Series("places in the line", tuple(_ORDINALS.split())),
    Series("letters", tuple(_LETTERS)),
    Series("figures", tuple(str(number) for number in range(1, 21))),
)
SEPARATORS = (", ", " ", ", ", " ", "; ", ", then ", " and then ", " and ")

TRAINING = (
    "{run}",
    "{run} and so on",
    "{title}: {run}",
    "the {title} are {run}",
    "some of the {title} are {run}",
    "the {title} are called {run}",
    "we know the {title}: {run}",
    "we learned the {title}: {run}",
    "we learned to say {run}",
    "say the {title}: {run}",
    "say after me: {run}",
    "he said {run}",
    "she said {run}",
    "they said {run}",
    "{name} said {run}",
    "{name} read aloud: {run}",
    "{name} wrote {run}",
    "{name} wrote on the wall: {run}",
    "{name} knew the {title}: {run}",
    "{name} can say {run}",
    "{name} began with {run}",
    "the teacher said {run}",
    "the teacher asked for the {title}: {run}",
    "the teacher wrote the {title}: {run}",
    "the children sang {run}",
    "the children sang the {title}: {run}",
    "the children learned {run}",
    "in the book we read {run}",
    "in school they say {run}",
    "on the wall was written {run}",
    "first came the {title}: {run}",
    "the old man counted {run}",
    "the boy said aloud: {run}",
    "the girl began to sing: {run}",
)
HELD_OUT = (
    "in the book the {title} are {run}",
    "the children read aloud: {run}",
    "{name} learned to sing the {title}: {run}",
    "in school {name} wrote {run}",
    "the old man began with the {title}: {run}",
    "the boy wrote on the wall {run}",
    "they asked the teacher to say {run}",
    "on the wall the girl wrote the {title}: {run}",
    "the teacher counted the {title}: {run}",
)

# Lessons go on for longer than exams ask, so that a sequence is seldom over where it is asked for.
LONGEST_TOLD, LONGEST_ASKED = 8, 6


@dataclass(frozen=True, slots=True)
class Run:
    """A few successive members of a series; the last one is the answer."""

    series: int
    start: int
    length: int

    @property
    def exists(self) -> bool:
        """Whether the series is long enough."""
        series = SERIES[self.series]
        return series.is_round or self.start + self.length <= len(series.members)

    @property
    def held_out(self) -> bool:
        """Whether no lesson has a run from this start of this length: one in eight has not."""
        return (3 * self.start + 5 * self.length + 2 * self.series) % 8 == 0

    def marked(self, separator: str) -> str:
        """The members joined by the separator, with bars around the last."""
        members = SERIES[self.series].next_members(self.start)
        *shown, answer = islice(members, self.length)
        return f"{separator.join(shown)}{separator.rstrip()}| {answer}|"


def _run(rng: Random, *, held_out: bool) -> Run:
    longest = LONGEST_ASKED if held_out else LONGEST_TOLD

    def draw() -> Run:
        series = rng.randrange(len(SERIES))
        start = rng.randrange(len(SERIES[series].members))
        return Run(series, start, rng.randint(3, longest))

    return draw_until(draw, lambda run: run.exists and run.held_out is held_out)


def _sentence(template: str, run: Run, rng: Random) -> str:
    marked = run.marked(rng.choice(SEPARATORS))
    title = SERIES[run.series].title
    return fill(template + ".", rng, {"name": NAMES}, run=marked, title=title)


def lesson(rng: Random) -> str:
    """A training carrier with a run that lessons may have."""
    return tell(_sentence(rng.choice(TRAINING), _run(rng, held_out=False), rng))


def question(rng: Random) -> Question:
    """What comes next? A held-out run in a held-out carrier."""
    return ask(_sentence(rng.choice(HELD_OUT), _run(rng, held_out=True), rng))
