"""Facts: "The grass is" green; "The young of a cat is called a" kitten."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.teaching.question import Question, ask, tell
from training.teaching.template import fill


@dataclass(frozen=True, slots=True)
class Kind:
    """Facts of one kind, thing by thing, and the templates that tell them."""

    facts: dict[str, str]
    training: tuple[str, ...]
    held_out: tuple[str, ...]


def _facts(text: str) -> dict[str, str]:
    """Read "grass: green, snow: white" into a dictionary."""
    pairs = (entry.split(":") for entry in " ".join(text.split()).split(","))
    return {thing.strip(): fact.strip() for thing, fact in pairs}


KINDS = (
    Kind(
        _facts("""
            the grass: green, the sky: blue, snow: white, blood: red, coal: black,
            gold: yellow, the sun: yellow, a carrot: orange, a crow: black, a swan: white,
            a leaf: green, a tomato: red, chocolate: brown, an elephant: grey, a frog: green,
            milk: white, salt: white, butter: yellow, a cherry: red, a mouse: grey, the night: black
        """),
        (
            "{x} is| {y}|.",
            "{x} is always| {y}|.",
            "the colour of {x} is| {y}|.",
            "what colour is {x}? It is| {y}|.",
            "we all know that {x} is| {y}|.",
            "the child painted {x}, and the paint was| {y}|.",
            "look at {x}: it is| {y}|.",
            "the teacher asked for the colour of {x}, and we said| {y}|.",
        ),
        (
            "the child said that the colour of {x} is| {y}|.",
            "look, the colour of {x} is always| {y}|.",
            "we know the colour of {x}: it is| {y}|.",
        ),
    ),
    Kind(
        _facts("""
            a dog: barks, a cat: purrs, a cow: moos, a lion: roars, a duck: quacks, a horse: neighs,
            a bee: buzzes, a snake: hisses, a wolf: howls, a sheep: bleats, a pig: grunts,
            an owl: hoots, a frog: croaks, a cock: crows, a mouse: squeaks, a dove: coos
        """),
        (
            "when you hear {x}, it| {y}|.",
            "when {x} makes a sound, it| {y}|.",
            "what does {x} do? It| {y}|.",
            "we hear {x} when it| {y}|.",
            "{x} is an animal that| {y}|.",
            "we know {x} by its sound: it| {y}|.",
            "the animal that| {y}| is {x}.",
        ),
        (
            "what do you hear when {x} makes a sound? It| {y}|.",
            "we know that {x} is an animal that| {y}|.",
            "when we hear {x}, it| {y}|.",
        ),
    ),
    Kind(
        _facts("""
            a cat: kitten, a dog: puppy, a cow: calf, a horse: foal, a sheep: lamb, a hen: chick,
            a goat: kid, a lion: cub, a duck: duckling, a pig: piglet, a frog: tadpole,
            a goose: gosling, a deer: fawn, a bear: cub, an elephant: calf, a fox: cub
        """),
        (
            "the young of {x} is a| {y}|.",
            "the young of {x} is called a| {y}|.",
            "the child of {x} is called a| {y}|.",
            "when {x} is young, it is called a| {y}|.",
            "the mother of the little animal was {x}, and it was a| {y}|.",
            "a very young animal, the child of {x}, is a| {y}|.",
            "what do we call the young of {x}? We call it a| {y}|.",
            "{x} was once a| {y}|.",
        ),
        (
            "when {x} was very young, it was a| {y}|.",
            "the child of {x} is always a| {y}|.",
            "we call the young of {x} a| {y}|.",
        ),
    ),
    Kind(
        _facts("""
            a bee: honey, a cow: milk, a hen: eggs, a sheep: wool, a goose: feathers,
            a baker: bread, a vine: grapes, a mine: coal, a mill: flour, a well: water,
            a fire: heat, an oak: acorns, a lamp: light
        """),
        (
            "from {x} we get| {y}|.",
            "{x} gives us| {y}|.",
            "what do we get from {x}? We get| {y}|.",
            "if you have {x}, you will have| {y}|.",
            "without {x} there is no| {y}|.",
            "what {x} gives us is| {y}|.",
        ),
        (
            "what do we have from {x}? We have| {y}|.",
            "if you have {x}, you will get| {y}|.",
            "what we get from {x} is| {y}|.",
        ),
    ),
    Kind(
        _facts("""
            a bird: nest, a bee: hive, a dog: kennel, a horse: stable, a king: palace,
            a spider: web, a bear: den, a pig: sty, a rabbit: burrow, a monk: cell, a lion: den,
            a soldier: camp
        """),
        (
            "{x} lives in a| {y}|.",
            "the home of {x} is a| {y}|.",
            "where does {x} live? It lives in a| {y}|.",
            "the place where {x} sleeps is a| {y}|.",
            "when it is night, {x} sleeps in a| {y}|.",
            "we saw {x} in a| {y}|.",
        ),
        (
            "the place where we saw {x} is a| {y}|.",
            "we know that {x} sleeps in a| {y}|.",
            "the place where {x} lives is a| {y}|.",
        ),
    ),
)
TRAINING = tuple(template for kind in KINDS for template in kind.training)
HELD_OUT = tuple(template for kind in KINDS for template in kind.held_out)


def _kind(rng: Random) -> Kind:
    """A kind by its number of facts, so that all facts are told equally often."""
    return rng.choices(KINDS, [len(kind.facts) for kind in KINDS])[0]


def _sentence(templates: tuple[str, ...], facts: dict[str, str], rng: Random) -> str:
    thing, fact = rng.choice(tuple(facts.items()))
    return fill(rng.choice(templates), rng, {}, x=thing, y=fact)


def lesson(rng: Random) -> str:
    """A fact in training words."""
    kind = _kind(rng)
    return tell(_sentence(kind.training, kind.facts, rng))


def question(rng: Random) -> Question:
    """A fact in held-out words."""
    kind = _kind(rng)
    return ask(_sentence(kind.held_out, kind.facts, rng))
