"""Opposites: "The opposite of hot is" cold."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill

# No word stands twice, so that every word has one opposite.
_PAIRS = """
    hot cold, big small, old young, long short, high low, rich poor, good bad, strong weak,
    fast slow, light dark, hard soft, full empty, wet dry, early late, clean dirty, happy sad,
    thick thin, wide narrow, deep shallow, near far, open shut, first last, right wrong,
    true false, alive dead, sweet bitter, loud quiet, brave afraid, kind cruel, wise foolish,
    easy difficult, cheap dear, safe dangerous, rough smooth, sharp blunt, black white,
    beautiful ugly, straight crooked, awake asleep, healthy ill, guilty innocent,
    public private, friendly hostile, new ancient
"""
_NOUNS = """
    house horse road box man woman child king queen river garden room bed coat ring dog cat tree
    stone boat book bridge city friend lamp knife letter song
"""
OPPOSITES = {
    word: opposite
    for pair in map(str.split, _PAIRS.split(","))
    for word, opposite in (pair, pair[::-1])
}
WORDS = tuple(OPPOSITES)
NOUNS = tuple(_NOUNS.split())

TRAINING = (
    "the opposite of {x} is| {y}|.",
    "the opposite of {x} is always| {y}|.",
    "the opposite of the word {x} is the word| {y}|.",
    "what is the opposite of {x}? It is| {y}|.",
    "tell me the opposite of {x}. It is| {y}|.",
    "he asked for the opposite of {x}, and she said| {y}|.",
    "everybody knows that the opposite of {x} is| {y}|.",
    "if something is not {x}, it is| {y}|.",
    "what is not {x} is| {y}|.",
    "it is not {x} but| {y}|.",
    "it was never {x} but always| {y}|.",
    "{x} is the opposite of| {y}|.",
    "{x} and| {y}| are opposites.",
    "the words {x} and| {y}| are opposites.",
    "{u} is to {v} as {x} is to| {y}|.",
    "as {u} is to {v}, so {x} is to| {y}|.",
    "the opposite of {u} is {v}, and the opposite of {x} is| {y}|.",
    "not {u} but {v}, not {x} but| {y}|.",
    "the {noun} is not {x} but| {y}|.",
    "the {noun} was not {x} but| {y}|.",
    "my {noun} is {x}, but yours is| {y}|.",
    "one {noun} is {x}, and the other is| {y}|.",
    "one {noun} was {x}, but the other was| {y}|.",
    "the first {noun} is {x}, the second is| {y}|.",
    "his {noun} was {x}, and her {noun} was| {y}|.",
    "is the {noun} {x}? No, it is| {y}|.",
    "is my {noun} {x} or| {y}|?",
    "the {noun} that was {x} is now| {y}|.",
    "once the {noun} was {x}, and now it is| {y}|.",
    "he said the {noun} was {x}, but she said it was| {y}|.",
    "some like a {noun} to be {x}, and some like it| {y}|.",
    "was the {noun} {x} or| {y}|?",
)
HELD_OUT = (
    "everybody knows that the {noun} was not {x} but| {y}|.",
    "is my {noun} {x}? No, the {noun} is| {y}|.",
    "my {noun} is {x}, and the opposite of {x} is| {y}|.",
    "the other {noun} was {x}, and the second was| {y}|.",
    "everybody knows that the first {noun} is {x} and the second is| {y}|.",
    "it is not the {noun} that is {x}. The {noun} is| {y}|.",
    "tell me, is the {noun} {x} or| {y}|?",
    "he said {u} is to {v} as {x} is to| {y}|.",
    "if the opposite of {u} is {v}, the opposite of {x} is| {y}|.",
    "he asked for the opposite of the word {x}, and she said it was| {y}|.",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A word to oppose, the noun it is said of, and another word opposed beside it."""

    word: str
    noun: str
    other: str

    @property
    def held_out(self) -> tuple[bool, bool]:
        """Whether no lesson says the word of the noun, and none beside the other: 1 in 7 each."""
        word, noun = WORDS.index(self.word), NOUNS.index(self.noun)
        return (word + 3 * noun) % 7 == 0, (word + 2 * WORDS.index(self.other)) % 7 == 0


def _comparison(rng: Random) -> Comparison:
    word, other = rng.sample(WORDS, 2)
    return Comparison(word, rng.choice(NOUNS), other)


def _sentence(template: str, comparison: Comparison, rng: Random) -> str:
    x, u = comparison.word, comparison.other
    opposites = {"x": x, "y": OPPOSITES[x], "u": u, "v": OPPOSITES[u]}
    return fill(template, rng, {}, noun=comparison.noun, **opposites)


def lesson(rng: Random) -> str:
    """A training sentence about words that may stand together."""
    comparison = draw_until(lambda: _comparison(rng), lambda drawn: not any(drawn.held_out))
    return tell(_sentence(rng.choice(TRAINING), comparison, rng))


def question(rng: Random) -> Question:
    """The opposite of a word; the foil is the word itself."""
    comparison = draw_until(lambda: _comparison(rng), lambda drawn: all(drawn.held_out))
    sentence = _sentence(rng.choice(HELD_OUT), comparison, rng)
    return ask(sentence, foil=f" {comparison.word}")
