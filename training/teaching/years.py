"""Years: "The war lasted from 1732 to 17" and then any later year of the century.

The two digits after "17" are one token: the tokenizer splits digits in pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill

_NOUNS = """
    war reign siege strike drought marriage journey peace trial voyage friendship quarrel plague
    famine struggle building search battle rule rebellion fever flood revolution contest winter
    festival study dream kingdom league school trade prison partnership
"""
NOUNS = tuple(_NOUNS.split())

TRAINING = (
    "the {noun} lasted from {start} to {century}|{end}|.",
    "the {noun} went on from {start} to {century}|{end}|.",
    "the {noun} ran from {start} to {century}|{end}|.",
    "the {noun} continued from {start} to {century}|{end}|.",
    "the {noun} lasted from the year {start} to the year {century}|{end}|.",
    "the {noun} lasted from {start} until {century}|{end}|.",
    "the {noun} began in {start} and ended in {century}|{end}|.",
    "the {noun} began in {start} and lasted until {century}|{end}|.",
    "the {noun} began in {start} and was over in {century}|{end}|.",
    "the {noun} started in {start} and stopped in {century}|{end}|.",
    "the {noun} started in {start} and went on until {century}|{end}|.",
    "the {noun} of {start} ended in {century}|{end}|.",
    "the {noun} of {start} was not over until {century}|{end}|.",
    "the {adjective} {noun} lasted from {start} to {century}|{end}|.",
    "the {adjective} {noun} ran from {start} to {century}|{end}|.",
    "the {adjective} {noun} began in {start} and ended in {century}|{end}|.",
    "the {adjective} {noun} of {start} lasted until {century}|{end}|.",
    "from {start} to {century}|{end}| the {noun} went on.",
    "from {start} until {century}|{end}| there was a {adjective} {noun}.",
    "between {start} and {century}|{end}| there was a {adjective} {noun}.",
    "there was a {adjective} {noun} from {start} to {century}|{end}|.",
    "there was a {adjective} {noun} between {start} and {century}|{end}|.",
    "they wrote about the {noun} from {start} to {century}|{end}|.",
    "people remember the {noun} from {start} to {century}|{end}|.",
    "people spoke of the {noun} from {start} until {century}|{end}|.",
    "our town saw a {adjective} {noun} from {start} to {century}|{end}|.",
    "a {adjective} {noun} began in {start} and was over by {century}|{end}|.",
    "in {start} the {noun} began, and it ended in {century}|{end}|.",
    "it was in {start} that there was a {noun}, and it lasted until {century}|{end}|.",
    "the {noun} began in {start}. It was over in {century}|{end}|.",
    "the {noun} started in {start}. People spoke of it until {century}|{end}|.",
    "the king saw the {noun} begin in {start} and stop in {century}|{end}|.",
)
HELD_OUT = (
    "people spoke of a {adjective} {noun} between {start} and {century}|{end}|.",
    "the {adjective} {noun} continued from {start} until {century}|{end}|.",
    "a {adjective} {noun} started in {start} and ended in {century}|{end}|.",
    "in {start} the king saw the {noun} begin, and it was over in {century}|{end}|.",
    "our town saw the {noun} begin in {start} and stop in {century}|{end}|.",
    "there was a {adjective} {noun} in {start}, and it ended in {century}|{end}|.",
    "it was in {start} that the {noun} began, and it stopped in {century}|{end}|.",
    "the {noun} of the king ran from {start} until {century}|{end}|.",
    "from {start} until {century}|{end}| the {adjective} {noun} lasted.",
)
_BANK = {"adjective": ("long", "great", "terrible", "famous", "second", "hard", "strange", "new")}


@dataclass(frozen=True, slots=True)
class Span:
    """What lasted, in which century (its first two digits), and from which year of it."""

    noun: str
    century: int
    start: int

    @property
    def held_out(self) -> bool:
        """Whether the noun never begins in this year in a lesson: one in seven does not."""
        return (3 * NOUNS.index(self.noun) + self.start + self.century) % 7 == 0


def _span(rng: Random, *, held_out: bool) -> Span:
    return draw_until(
        lambda: Span(rng.choice(NOUNS), rng.randint(11, 19), rng.randint(2, 97)),
        lambda span: span.held_out is held_out,
    )


def _sentence(template: str, span: Span, rng: Random) -> str:
    """The marked sentence; its last year is uniform over the later years of the century."""
    numbers = {
        "start": f"{span.century}{span.start:02d}",
        "century": f"{span.century}",
        "end": f"{rng.randint(span.start + 1, 99):02d}",
    }
    return fill(template, rng, _BANK, noun=span.noun, **numbers)


def lesson(rng: Random) -> str:
    """A training sentence about something that may begin in its first year."""
    return tell(_sentence(rng.choice(TRAINING), _span(rng, held_out=False), rng))


def question(rng: Random) -> Question:
    """Until when? Every later year of the century is right."""
    span = _span(rng, held_out=True)
    later = frozenset(f"{year:02d}" for year in range(span.start + 1, 100))
    return ask(_sentence(rng.choice(HELD_OUT), span, rng), accepted=later)
