"""Indirect objects: "When Mary and John went to the store, John gave a drink to" Mary.

Only the names tell the answer: each of the two stands first, and gives, equally often.
"""

from __future__ import annotations

from itertools import product
from random import Random

from training.teaching.names import NAMES, is_held_out_pair
from training.teaching.nouns import GIFTS, PLACES
from training.teaching.question import Question, ask, tell
from training.teaching.template import draw_until, fill

OPENINGS = (
    "when {first} and {second} went to {place},",
    "when {first} and {second} {came} to {place},",
    "when {first} and {second} were at {place},",
    "when {first} and {second} had {worked} at {place},",
    "after {first} and {second} {came} to {place},",
    "after {first} and {second} left {place},",
    "after {first} and {second} had {worked} at {place},",
    "while {first} and {second} were {working} at {place},",
    "while {first} and {second} were {working},",
    "as {first} and {second} {came} to {place},",
    "before {first} and {second} went to {place},",
    "because {first} and {second} were {tired},",
    "{time} {first} and {second} {came} to {place}, and",
    "{time} {first} and {second} were {working} at {place}, and",
    "{time} {first} and {second} met at {place}, and",
    "{time}, when {first} and {second} were {tired},",
    "{first} and {second} {came} to {place}, and there",
    "{first} and {second} {came} to {place}. Then",
    "{first} and {second} were {working} at {place}, and",
    "{first} and {second} were {tired}, so",
    "{first} and {second} were good friends, and {time}",
    "{first} and {second} had a long day at {place}. At last",
    "{first} {came} to {place} with {second}, and",
    "{first} met {second} at {place}, and",
    "{first} sat beside {second} at {place}, and",
    "{first} saw {second} at {place}, and soon",
    "{first} was {working} with {second} when",
    "{first} was {tired}, and so was {second}, but",
)
ACTIONS = (
    "{giver} gave {thing} to| {other}|",
    "{giver} {gave} {thing} to| {other}|",
    "{giver} {gave} {thing} and {thing2} to| {other}|",
    "{giver} {kindly} {gave} {thing} to| {other}|",
    "{giver} {wanted} to {give} {thing} to| {other}|",
    "{giver} {wanted} to say {something} to| {other}|",
    "{giver} {found} {thing} and {gave} it to| {other}|",
    "{giver} {found} {thing} for| {other}|",
    "{giver} {wanted} to {find} {thing} for| {other}|",
    "{giver} said {something} to| {other}|",
    "{giver} told a {short} story to| {other}|",
    "{giver} sang a {short} song for| {other}|",
    "{giver} read a {short} letter to| {other}|",
    "{giver} {smiled} at| {other}|",
    "{giver} {kindly} {smiled} at| {other}|",
    "{giver} {talked} with| {other}|",
)
TRAINING = tuple(f"{opening} {action}" for opening, action in product(OPENINGS, ACTIONS))

HELD_OUT_OPENINGS = (
    "{time}, after {first} and {second} had been at {place},",
    "while {first} sat with {second} at {place},",
    "when {first} saw {second} at {place},",
    "at noon {first} and {second} left {place}, and then",
    "as {first} was at {place} with {second},",
    "{first} and {second} were friends. {time}, at {place},",
    "at {place} {first} and {second} sat beside a tree, and",
    "{first} had a long talk with {second}, and at last",
    "when {first} and {second} were at {place} and {tired},",
)
HELD_OUT_ACTIONS = (
    "{giver} took {thing} from the table to give it to| {other}|",
    "{giver} was the first to {give} {thing} to| {other}|",
    "{giver} went away and came back with {thing} for| {other}|",
    "{giver} had {thing} and was happy to {give} it to| {other}|",
    "{giver} soon had to say {something} to| {other}|",
    "{giver} {gave} a {short} letter and {thing} to| {other}|",
)
HELD_OUT = tuple(
    f"{opening} {action}" for opening, action in product(HELD_OUT_OPENINGS, HELD_OUT_ACTIONS)
)

_TAILS = (".",) * 12 + (
    " and went away.",
    " and went home.",
    " and was happy.",
    ", and then they went home.",
    ", and they had a good talk.",
    " from the table.",
    " and came back.",
    " beside a tree.",
)
_BANK = {
    "place": PLACES,
    "thing": GIFTS,
    "thing2": GIFTS,
    "came": ("went", "came", "walked", "ran", "drove", "went back", "came back", "got"),
    "worked": ("worked", "played", "talked", "waited", "rested", "danced", "been"),
    "working": ("working", "playing", "talking", "waiting", "resting", "sitting", "dancing"),
    "tired": ("tired", "hungry", "happy", "cold", "alone", "late", "ready", "sad"),
    "time": (
        "one day",
        "one morning",
        "one evening",
        "that night",
        "in the morning",
        "in the evening",
        "after dinner",
        "at noon",
        "last summer",
        "on Sunday",
    ),
    "gave": ("gave", "gave", "handed", "passed", "offered", "showed", "brought", "sent", "sold"),
    "give": ("give", "give", "hand", "pass", "offer", "show", "bring", "send", "sell"),
    "kindly": ("kindly", "quickly", "slowly", "soon", "gladly", "quietly", "first"),
    "wanted": ("wanted", "decided", "tried", "was happy", "was ready", "hoped", "had"),
    "found": ("found", "bought", "made", "took", "got", "had"),
    "find": ("find", "buy", "make", "take", "get", "have"),
    "something": ("something", "good night", "thanks", "a word", "nothing", "a few words"),
    "short": ("short", "long", "sad", "new", "good", "little"),
    "smiled": ("smiled", "laughed", "looked", "nodded", "pointed", "waved"),
    "talked": ("talked", "danced", "shook hands", "had a long talk", "walked away", "played"),
}


def _pair(rng: Random, *, held_out: bool) -> list[str]:
    return draw_until(
        lambda: rng.sample(NAMES, 2), lambda pair: is_held_out_pair(*pair) is held_out
    )


def lesson(rng: Random) -> str:
    """A sentence of a training template with two names that may meet."""
    first, second = _pair(rng, held_out=False)
    giver, other = rng.sample((first, second), 2)
    template = rng.choice(TRAINING) + rng.choice(_TAILS)
    return tell(fill(template, rng, _BANK, first=first, second=second, giver=giver, other=other))


def question(rng: Random) -> Question:
    """To whom? The foil is the giver, whose name stands twice."""
    first, second = _pair(rng, held_out=True)
    giver, other = rng.sample((first, second), 2)
    template = rng.choice(HELD_OUT) + "."
    names = {"first": first, "second": second, "giver": giver, "other": other}
    return ask(fill(template, rng, _BANK, **names), foil=f" {giver}")
