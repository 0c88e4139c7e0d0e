"""Gender: "Anna lost her way, so" she. The first name alone tells the pronoun."""

from __future__ import annotations

from random import Random

from training.teaching.names import NAMES, gender, is_held_out_from
from training.teaching.nouns import PLACES
from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill

PRONOUNS = {
    "female": {"he": "she", "his": "her", "him": "her"},
    "male": {"he": "he", "his": "his", "him": "him"},
}

# A family of templates asks for the same pronoun: he or she, his or her, him or her.
TRAINING_FAMILIES = (
    (
        "{name} was {tired}, so| {he}| {went}.",
        "{name} was {tired}, and| {he}| {went}.",
        "{name} was {tired}, but| {he}| {went}.",
        "{name} lost {his} way, so| {he}| {went}.",
        "{name} lost {his} {coat}, so| {he}| {went}.",
        "{name} {went} because| {he}| was {tired}.",
        "{name} {went} when| {he}| was {tired}.",
        "{name} {went}, and then| {he}| {went2}.",
        "{name} said that| {he}| was {tired}.",
        "{name} thought that| {he}| was {tired}.",
        "{name} {went} before| {he}| {went2}.",
        "when {name} was {tired},| {he}| {went}.",
        "when {name} came to {place},| {he}| {went}.",
        "after {name} {went},| {he}| {went2}.",
        "{name} was at {place}. Soon| {he}| {went}.",
        "{name} was {tired}. Then| {he}| {went}.",
        "{name} {went} as soon as| {he}| saw {place}.",
        "because {name} was {tired},| {he}| {went}.",
    ),
    (
        "{name} took off| {his}| {coat}.",
        "{name} put on| {his}| {coat}.",
        "{name} lost| {his}| {coat} at {place}.",
        "{name} lost| {his}| way to {place}.",
        "{name} was {tired} and put on| {his}| {coat}.",
        "{name} {went} with| {his}| {mother}.",
        "{name} {went} and called| {his}| {mother}.",
        "{name} was looking for| {his}| {coat} at {place}.",
        "{name} wrote to| {his}| {mother}.",
        "{name} loved| {his}| {mother}.",
        "when {name} was {tired}, {he} called| {his}| {mother}.",
        "{name} was proud of| {his}| {coat}.",
    ),
    (
        "{name} was {tired}, and nobody saw| {him}|.",
        "{name} was {tired}, and they helped| {him}|.",
        "{name} {went}, and we followed| {him}|.",
        "{name} {went}, but nobody followed| {him}|.",
        "{name} {went}, and the dog ran after| {him}|.",
        "{name} was at {place}, and we saw| {him}|.",
        "{name} was at {place}, but they never found| {him}|.",
        "when {name} {went}, the dog followed| {him}|.",
        "when {name} was {tired}, we helped| {him}|.",
        "{name} came to {place}, and all the people knew| {him}|.",
    ),
)
HELD_OUT_FAMILIES = (
    (
        "{name} came to {place}, so| {he}| {went}.",
        "when {name} saw {place}, then| {he}| {went}.",
        "{name} saw the dog, and then| {he}| {went}.",
        "{name} thought that {place} was cold, so| {he}| {went}.",
        "because {name} lost the way,| {he}| {went}.",
        "{name} never came to {place} because| {he}| was {tired}.",
    ),
    (
        "{name} came to {place} and took off| {his}| {coat}.",
        "{name} was at {place} when {he} lost| {his}| {coat}.",
        "{name} was {tired}, and {he} was looking for| {his}| {mother}.",
    ),
    (
        "{name} came to {place}, but nobody helped| {him}|.",
        "{name} was at {place}, and the dog never followed| {him}|.",
        "when {name} came to {place}, nobody knew| {him}|.",
    ),
)
TRAINING = tuple(template for family in TRAINING_FAMILIES for template in family)
HELD_OUT = tuple(template for family in HELD_OUT_FAMILIES for template in family)

_SHARES = (3, 1, 1)
_WENT = (
    "went home",
    "went to bed",
    "sat down",
    "ran away",
    "came back",
    "walked to {place}",
    "went to {place}",
    "ran to {place}",
    "laughed",
    "began to sing",
    "opened the door",
    "closed the window",
    "asked a stranger",
    "stood still",
    "lit a fire",
    "ate some bread",
)
_BANK = {
    "place": PLACES,
    "went": _WENT,
    "went2": _WENT,
    "tired": ("tired", "hungry", "cold", "happy", "sad", "afraid", "late", "ill", "alone", "angry"),
    "coat": ("coat", "hat", "gloves", "shoes", "boots", "scarf", "ring", "watch"),
    "mother": ("mother", "father", "brother", "sister", "friend", "uncle", "aunt", "teacher"),
}


def _family_and_name(rng: Random, *, held_out: bool) -> tuple[int, str]:
    return draw_until(
        lambda: (rng.choices(range(3), _SHARES)[0], rng.choice(NAMES)),
        lambda drawn: is_held_out_from(drawn[1], drawn[0]) is held_out,
    )


def _sentence(template: str, name: str, rng: Random) -> str:
    return fill(template, rng, _BANK, name=name, **PRONOUNS[gender(name)])


def lesson(rng: Random) -> str:
    """A training sentence about a name that may occur with this kind of pronoun."""
    family, name = _family_and_name(rng, held_out=False)
    return tell(_sentence(rng.choice(TRAINING_FAMILIES[family]), name, rng))


def question(rng: Random) -> Question:
    """Which pronoun? The foil is the other gender's."""
    family, name = _family_and_name(rng, held_out=True)
    template = rng.choice(HELD_OUT_FAMILIES[family])
    other = PRONOUNS["male" if gender(name) == "female" else "female"]
    foil = other[("he", "his", "him")[family]]
    return ask(_sentence(template, name, rng), foil=f" {foil}")
