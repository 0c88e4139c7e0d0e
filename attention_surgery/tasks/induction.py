"""Induction: random words told twice, cut off in the second telling."""

from __future__ import annotations

from random import Random
from typing import Annotated, ClassVar

from pydantic import Field

from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks.base import Item, TaskKind, register
from attention_surgery.tasks.words import Words

# Draws of words that the tokenizer must read one by one, as they were drawn.
LEAST_WORDS = 1000


@register
class Induction(TaskKind):
    """What followed this word the last time? Random words stand twice in the same order; the
    answer is the word that comes next in the second telling, the foil another of the words.

    Corrupt: the first telling is of other words, so that nothing can be looked up.

    Source: Elhage et al. 2021; Olsson et al. 2022, arXiv:2209.11895.
    """

    name: ClassVar[str] = "induction"
    title: ClassVar[str] = "Repeated words"

    length: Annotated[
        int, Field(ge=4, le=100, description="How many different words are told twice.")
    ] = 12

    def prepare(self, words: Words) -> None:
        if len(words.plain) < LEAST_WORDS:
            raise InvalidSetting(
                f"This model's tokenizer has {len(words.plain)} plain words of one token, and "
                f"random repeats need {LEAST_WORDS}."
            )

    def draw(self, rng: Random, words: Words) -> Item | None:
        drawn = rng.sample(words.plain, 2 * self.length)
        first, other = drawn[: self.length], drawn[self.length :]
        cue = rng.randrange(1, self.length - 1)
        again = first[: cue + 1]
        prompt, corrupt = (_told([*before, *again]) for before in (first, other))
        n_tokens = self.length + cue + 1
        if words.count(prompt) != n_tokens or words.count(corrupt) != n_tokens:
            return None
        answer = first[cue + 1]
        foil = rng.choice([word for word in first if word not in (answer, first[cue])])
        positions = {"CUE": cue + 1, "COPY": cue + 2, "END": n_tokens}
        return Item(prompt, f" {answer}", f" {foil}", corrupt, positions)


def _told(words: list[str]) -> str:
    return "".join(f" {word}" for word in words)
