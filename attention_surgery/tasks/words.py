"""What a tokenizer makes of words: which of them are one token, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from tokenizers import Tokenizer

from attention_surgery.errors import InvalidSetting

# A word of small letters with a space in front, in the vocabulary's own spelling.
PLAIN_WORD = re.compile("Ġ[a-z]{3,}")
WORDS_SHOWN = 40
_SLOT = re.compile(r"\{(\w+)\}")


class Words:
    """A tokenizer's view of words, each asked once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._lengths: dict[str, int] = {}

    def ids(self, text: str) -> list[int]:
        """Token ids, without the beginning-of-text token."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        if text not in self._lengths:
            self._lengths[text] = len(self.ids(text))
        return self._lengths[text]

    def single(self, words: Iterable[str], what: str, least: int) -> tuple[str, ...]:
        """Those of our own words that are one token after a space.

        Raises:
            InvalidSetting: fewer than `least` are, naming those that are not.
        """
        words = tuple(words)
        known = tuple(word for word in words if self.count(f" {word}") == 1)
        if len(known) < least:
            raise InvalidSetting(
                f"{least} {what} must be one token each for this model's tokenizer, and "
                f"{len(known)} are; these are not: {listed(set(words) - set(known))}."
            )
        return known

    def require_single(self, words: Sequence[str], what: str) -> None:
        """Refuse words that someone chose, unless each is one token after a space.

        Raises:
            InvalidSetting: naming those that are not.
        """
        several = [word for word in words if self.count(f" {word}") != 1]
        if several:
            raise InvalidSetting(
                f"The {what} must be one token each, and for this model's tokenizer these are "
                f"not: {listed(several)}."
            )

    def place(self, text: str, end: int) -> int:
        """The position of the token that holds the character before `end`.

        The beginning-of-text token in front is position 0.
        """
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        offsets: list[tuple[int, int]] = encoding.offsets
        return 1 + next(i for i, (_, stop) in enumerate(offsets) if stop >= end)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """All words of three or more small letters that are one token after a space, in order."""
        vocabulary: dict[str, int] = self._tokenizer.get_vocab()
        return tuple(sorted(token[1:] for token in vocabulary if PLAIN_WORD.fullmatch(token)))


def listed(words: Iterable[str]) -> str:
    """Words for a sentence."""
    ordered = sorted(words)
    shown = ", ".join(word[:WORDS_SHOWN] for word in ordered[:WORDS_SHOWN])
    more = len(ordered) - WORDS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def filled(template: str, **words: str) -> tuple[str, list[tuple[str, int]]]:
    """A template with its slots filled, and after which character each slot ends, in order."""
    text, ends, last = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[last : slot.start()] + words[slot[1]]
        ends.append((slot[1], len(text)))
        last = slot.end()
    return text + template[last:], ends


def places_of(
    words: Words, text: str, ends: Sequence[tuple[str, int]], names: Mapping[str, str]
) -> dict[str, int]:
    """Positions by name, and END.

    Args:
        ends: as `filled` has them.
        names: slot → what its token is called; slots not among them have no name.
    """
    places = {names[slot]: words.place(text, end) for slot, end in ends if slot in names}
    return places | {"END": words.count(text)}
