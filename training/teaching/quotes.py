"""Quotes and brackets are closed as they were opened.

In the questions the closing mark follows a word and precedes a space, so that no tokenizer
can merge it with a comma or a full stop.
"""

from __future__ import annotations

from random import Random

from training.teaching.names import NAMES
from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill

QUOTES = (('"', '"'), ("'", "'"), ("“", "”"))
MARKS = (*QUOTES, ("(", ")"), ("[", "]"))
PHRASES = (
    "come home",
    "keep out",
    "no dogs",
    "good night",
    "good morning",
    "well done",
    "too late",
    "not today",
    "never again",
    "sit down",
    "stand still",
    "go away",
    "wait here",
    "help me",
    "thank you",
    "open the door",
    "close the window",
    "long live the king",
    "fresh bread",
    "cold water",
    "hot soup",
    "the old house",
    "the white horse",
    "the last man",
    "the red lion",
    "the golden key",
    "the little ship",
    "mind the dog",
    "do not run",
    "do not sing",
    "come back soon",
    "peace on earth",
    "made by hand",
    "for sale",
    "yes or no",
    "now or never",
    "bread and butter",
    "salt and pepper",
    "king and queen",
    "day and night",
    "who are you",
    "where are we",
    "what is this",
    "I am here",
    "we are ready",
    "you are late",
    "he is dead",
    "she is alive",
)

TRAINING = (
    "he said {open}{phrase}|{close}| and went away.",
    "he said {open}{phrase}|{close}| to the children.",
    "she said {open}{phrase}|{close}| and laughed.",
    "she wrote {open}{phrase}|{close}| on the wall.",
    "she wrote {open}{phrase}|{close}| in the book.",
    "they read {open}{phrase}|{close}| on the door.",
    "we read {open}{phrase}|{close}| in the letter.",
    "we saw {open}{phrase}|{close}| in white letters.",
    "{name} said {open}{phrase}|{close}| and sat down.",
    "{name} said {open}{phrase}|{close}| in the evening.",
    "{name} cried {open}{phrase}|{close}| and ran away.",
    "{name} called {open}{phrase}|{close}| from the house.",
    "{name} wrote {open}{phrase}|{close}| with a pen.",
    "{name} read {open}{phrase}|{close}| aloud.",
    "{name} painted {open}{phrase}|{close}| on the gate.",
    "{name} sang {open}{phrase}|{close}| in the garden.",
    "on the door was written {open}{phrase}|{close}| in red letters.",
    "on the wall was written {open}{phrase}|{close}| in black letters.",
    "on the box were the words {open}{phrase}|{close}| and a number.",
    "the words {open}{phrase}|{close}| were on the wall.",
    "the words {open}{phrase}|{close}| made us laugh.",
    "the sign {open}{phrase}|{close}| hung on the gate.",
    "the sign said {open}{phrase}|{close}| in white letters.",
    "the letter said {open}{phrase}|{close}| and nothing more.",
    "the book said {open}{phrase}|{close}| at the end.",
    "the teacher wrote {open}{phrase}|{close}| for the children.",
    "the children sang {open}{phrase}|{close}| in the evening.",
    "the old man cried {open}{phrase}|{close}| from the window.",
    "the song {open}{phrase}|{close}| made {name} sad.",
    "a picture called {open}{phrase}|{close}| hung in the house.",
    "his answer was {open}{phrase}|{close}| and nothing more.",
    "her last words were {open}{phrase}|{close}| that night.",
)
SPEECH = (
    "{open}{phrase},{close} said {name}.",
    "{name} said, {open}{phrase}.{close}",
    "{name} cried, {open}{phrase}!{close}",
    "{open}{phrase}!{close} cried the old man.",
    "they said {open}{phrase}{close}.",
    "the sign said {open}{phrase}{close}.",
)
HELD_OUT = (
    "the old man said {open}{phrase}|{close}| to the teacher.",
    "on the letter were the words {open}{phrase}|{close}| and a name.",
    "the children read {open}{phrase}|{close}| on the gate.",
    "the old man in the garden cried {open}{phrase}|{close}| and laughed.",
    "a sign with {open}{phrase}|{close}| hung on the house.",
    "{name} and the children called {open}{phrase}|{close}| from the door.",
    "we wrote {open}{phrase}|{close}| at the end of the book.",
    "the last answer was {open}{phrase}|{close}| in red letters.",
    "the book called {open}{phrase}|{close}| made the children sad.",
)
_SPEECH_SHARE = 0.2


def is_held_out(phrase: str, opening: str) -> bool:
    """Whether no lesson puts the phrase between these marks: one in seven combinations."""
    mark = [opening for opening, _closing in MARKS].index(opening)
    return (PHRASES.index(phrase) + 3 * mark) % 7 == 0


def _phrase_in_marks(rng: Random, *, held_out: bool) -> dict[str, str]:
    phrase, (opening, closing) = draw_until(
        lambda: (rng.choice(PHRASES), rng.choice(MARKS)),
        lambda drawn: is_held_out(drawn[0], drawn[1][0]) is held_out,
    )
    return {"phrase": phrase, "open": opening, "close": closing}


def lesson(rng: Random) -> str:
    """A training sentence with a phrase between marks that lessons may have."""
    slots = _phrase_in_marks(rng, held_out=False)
    is_quote = (slots["open"], slots["close"]) in QUOTES
    templates = SPEECH if is_quote and rng.random() < _SPEECH_SHARE else TRAINING
    return tell(fill(rng.choice(templates), rng, {"name": NAMES}, **slots))


def question(rng: Random) -> Question:
    """Which mark closes the phrase? The foil closes another kind."""
    slots = _phrase_in_marks(rng, held_out=True)
    foil = rng.choice([closing for _, closing in MARKS if closing != slots["close"]])
    return ask(fill(rng.choice(HELD_OUT), rng, {"name": NAMES}, **slots), foil=foil)
