"""What is known of a thing: draws two things of one kind with different answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from attention_surgery.errors import InvalidSetting
from attention_surgery.tasks.base import Item, TaskKind
from attention_surgery.tasks.words import Words, filled, listed, places_of

# So many pairs are tried before a sentence is given up.
PAIRS = 20
LEAST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Things of one kind, each with its answer, and sentences that ask for it."""

    templates: Sequence[str]
    answers: Mapping[str, str]


class KnowledgeTask(TaskKind):
    """Asks for what is known of a thing; the foil, and the corrupt prompt's answer, is what is
    known of another thing of the same kind whose name has as many tokens."""

    @classmethod
    @abstractmethod
    def kinds(cls) -> Sequence[Knowledge]:
        """What is asked for."""

    def prepare(self, words: Words) -> None:
        for kind in self.kinds():
            single = {each for each in kind.answers.values() if words.count(f" {each}") == 1}
            if len(single) >= LEAST_ANSWERS:
                return
        answers = [answer for kind in self.kinds() for answer in kind.answers.values()]
        raise InvalidSetting(
            f"The answers of {self.name} must be one token each, and for this model's tokenizer "
            f"most are not: {listed({each for each in answers if words.count(f' {each}') > 1})}."
        )

    def draw(self, rng: Random, words: Words) -> Item | None:
        kinds = self.kinds()
        (kind,) = rng.choices(kinds, [len(kind.answers) for kind in kinds])
        things = [each for each in kind.answers if words.count(f" {kind.answers[each]}") == 1]
        if len(things) < 2:
            return None
        template = rng.choice(kind.templates)
        for _ in range(PAIRS):
            thing, other = rng.sample(things, 2)
            answer, foil = kind.answers[thing], kind.answers[other]
            prompt, ends = filled(template, thing=thing)
            corrupt, _ = filled(template, thing=other)
            prompt, corrupt = (text[0].upper() + text[1:] for text in (prompt, corrupt))
            if answer != foil and words.count(prompt) == words.count(corrupt):
                positions = places_of(words, prompt, ends, {"thing": "THING"})
                return Item(prompt, f" {answer}", f" {foil}", corrupt, positions)
        return None
