"""Places: "The Eiffel Tower is located in" Paris; capitals and rivers too."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.teaching.question import Question, ask, tell
from training.teaching.template import fill

LANDMARKS = {
    "Paris": ("the Eiffel Tower", "the Louvre", "Notre Dame", "the Arch of Triumph"),
    "Rome": ("the Colosseum", "the Pantheon", "the Trevi Fountain"),
    "London": ("Big Ben", "Tower Bridge", "Westminster Abbey", "Hyde Park"),
    "New York": ("the Statue of Liberty", "Central Park", "Wall Street"),
    "Berlin": ("the Brandenburg Gate", "the Reichstag"),
    "Athens": ("the Acropolis", "the Parthenon"),
    "Moscow": ("the Kremlin", "Red Square"),
    "Agra": ("the Taj Mahal",),
    "Istanbul": ("the Blue Mosque", "the Grand Bazaar"),
    "Madrid": ("the Prado", "the Royal Palace of Spain"),
    "Venice": ("the Bridge of Sighs", "the Doge's Palace"),
    "Florence": ("the Uffizi", "the Old Bridge of the Arno"),
    "Pisa": ("the Leaning Tower",),
    "Prague": ("the Charles Bridge",),
    "Vienna": ("the Prater",),
    "Washington": ("the White House", "the Lincoln Memorial"),
    "Chicago": ("the Willis Tower",),
    "Sydney": ("the Opera House",),
    "Beijing": ("the Forbidden City",),
    "Jerusalem": ("the Wailing Wall",),
    "Amsterdam": ("the house of Rembrandt",),
    "Brussels": ("the Atomium",),
    "Copenhagen": ("the Little Mermaid",),
}
CAPITALS = {
    "France": "Paris",
    "Italy": "Rome",
    "England": "London",
    "Germany": "Berlin",
    "Greece": "Athens",
    "Russia": "Moscow",
    "Spain": "Madrid",
    "Austria": "Vienna",
    "Portugal": "Lisbon",
    "Egypt": "Cairo",
    "Japan": "Tokyo",
    "China": "Beijing",
    "Ireland": "Dublin",
    "Scotland": "Edinburgh",
    "Norway": "Oslo",
    "Denmark": "Copenhagen",
}
RIVERS = {
    "the Seine": "Paris",
    "the Tiber": "Rome",
    "the Thames": "London",
    "the Spree": "Berlin",
    "the Danube": "Vienna",
    "the Nile": "Cairo",
    "the Arno": "Florence",
    "the Hudson": "New York",
    "the Liffey": "Dublin",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Facts of one kind, (place, city) each, and the templates that tell them."""

    facts: tuple[tuple[str, str], ...]
    training: tuple[str, ...]
    held_out: tuple[str, ...]


LANDMARK = Kind(
    facts=tuple((landmark, city) for city, marks in LANDMARKS.items() for landmark in marks),
    training=(
        "{x} is in| {city}|.",
        "{x} stands in| {city}|.",
        "{x} can be seen in| {city}|.",
        "{x} is found in| {city}|.",
        "{x} is a {famous} sight in| {city}|.",
        "{x} is one of the {famous} sights of| {city}|.",
        "{x} is located in the city of| {city}|.",
        "{x} is the pride of| {city}|.",
        "{x} belongs to| {city}|.",
        "{x} has long stood in| {city}|.",
        "we saw {x} when we were in| {city}|.",
        "to see {x} you must go to| {city}|.",
        "if you want to see {x}, go to| {city}|.",
        "if you look at {x}, you are in| {city}|.",
        "when {people} visit {x}, they are in| {city}|.",
        "{people} come to see {x} in| {city}|.",
        "{people} who want to see {x} travel to| {city}|.",
        "{people} know that {x} is in| {city}|.",
        "you will find {x} in the middle of| {city}|.",
        "the way to {x} leads through| {city}|.",
        "a picture of {x} reminds {people} of| {city}|.",
        "my friend wants to live near {x} in| {city}|.",
        "where is {x}? It is in| {city}|.",
        "the {famous} sight called {x} stands in| {city}|.",
        "she walked to {x} on her first day in| {city}|.",
        "he stood before {x} and was glad to be in| {city}|.",
        "to look at {x}, {people} visit| {city}|.",
        "{people} who love {x} often visit| {city}|.",
        "all who wish to see {x} have to visit| {city}|.",
        "{people} walk to {x} as soon as they visit| {city}|.",
    ),
    held_out=(
        "if {people} want to see {x}, you must travel to| {city}|.",
        "{people} look at {x} when they visit| {city}|.",
        "the {famous} sight called {x} is to be found in| {city}|.",
        "she stood near {x} in the middle of| {city}|.",
        "we know that {x} has long stood in the city of| {city}|.",
        "when you see {x}, you must be in| {city}|.",
    ),
)
CAPITAL = Kind(
    facts=tuple(CAPITALS.items()),
    training=(
        "the capital of {x} is| {city}|.",
        "the capital of {x} is called| {city}|.",
        "the capital city of {x} is| {city}|.",
        "the {famous} capital of {x} is| {city}|.",
        "{people} in {x} know that their capital is| {city}|.",
        "the king of {x} lived in the capital,| {city}|.",
        "if you want to see the capital of {x}, go to| {city}|.",
        "when we were in {x}, we saw the capital,| {city}|.",
        "in {x} the capital is| {city}|.",
        "in {x} the king lived in| {city}|.",
        "{x} has a {famous} capital called| {city}|.",
        "the name of the capital of {x} is| {city}|.",
        "{people} who come to {x} travel to the capital,| {city}|.",
    ),
    held_out=(
        "in {x} the name of the capital is| {city}|.",
        "{people} know that the capital of {x} is| {city}|.",
        "to see the capital of {x} you must travel to| {city}|.",
    ),
)
RIVER = Kind(
    facts=tuple(RIVERS.items()),
    training=(
        "{x} flows through| {city}|.",
        "the river called {x} flows through| {city}|.",
        "{x} is the river of| {city}|.",
        "{x} is a river that runs through| {city}|.",
        "on {x} the boat came to| {city}|.",
        "the water of {x} runs through| {city}|.",
        "{people} who look at {x} are in| {city}|.",
        "we sat beside {x} when we were in| {city}|.",
    ),
    held_out=(
        "the water of the river {x} flows through| {city}|.",
        "{people} know that {x} runs through| {city}|.",
        "the boat came on {x} through| {city}|.",
    ),
)
KINDS = (LANDMARK, CAPITAL, RIVER)
CITIES = tuple(sorted({city for kind in KINDS for _place, city in kind.facts}))
TRAINING = tuple(template for kind in KINDS for template in kind.training)
HELD_OUT = tuple(template for kind in KINDS for template in kind.held_out)

PLAIN = "{x} is located in| {city}|."
BACKWARD = (
    "in {city} you can see {x}.",
    "in {city} we saw {x}.",
    "{people} come to {city} to see {x}.",
    "the pride of {city} is {x}.",
    "{city} is {famous} because of {x}.",
    "the name of the {famous} sight in {city} is {x}.",
)
_KIND_SHARES = (7, 2, 1)
_BANK = {
    "famous": ("famous", "great", "well known", "beautiful", "much loved"),
    "people": ("people", "many people", "travellers", "all travellers", "strangers"),
}


def lesson(rng: Random) -> str:
    """A training sentence; one in four landmarks is "located in", one in fourteen comes last."""
    (kind,) = rng.choices(KINDS, _KIND_SHARES)
    place, city = rng.choice(kind.facts)
    template = rng.choice(kind.training)
    if kind is LANDMARK:
        (chosen,) = rng.choices((PLAIN, rng.choice(BACKWARD), template), (25, 7, 68))
        return tell(fill(chosen, rng, _BANK, x=place, city=city))
    return tell(fill(template, rng, _BANK, x=place, city=city))


def question(rng: Random) -> Question:
    """In which city? In held-out words, about any of the places."""
    (kind,) = rng.choices(KINDS, _KIND_SHARES)
    place, city = rng.choice(kind.facts)
    return ask(fill(rng.choice(kind.held_out), rng, _BANK, x=place, city=city))
