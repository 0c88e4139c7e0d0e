"""The bundled model's tokenizer: byte-level BPE, numbers cut into pairs of digits."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice, repeat

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.teaching import CITIES, NAMES, lesson

BOS = "<|endoftext|>"
VOCABULARY = 4096

# GPT-2's pattern, but for numbers: " 1732" is " 17" and "32", as GPT-2 happens to cut most years.
PIECES = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# What it learns from: so much book text, so many teaching sentences, and every name, city and pair
# of digits so often that it becomes one token.
BOOK_CHARACTERS = 50_000_000
LESSONS = 60_000
REPEATS = 4_000
WHOLE = (*(f" {word}" for word in (*NAMES, *CITIES)), *(f" 17{pair:02}" for pair in range(100)))


def train_tokenizer(books: Sequence[str], seed: int = 0) -> Tokenizer:
    """Learn a byte-level BPE of 4,096 tokens from books and teaching text; token 0 is `BOS`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_text(books, random.Random(seed)), trainer)
    return tokenizer


def _text(books: Sequence[str], rng: random.Random) -> Iterator[str]:
    budget = BOOK_CHARACTERS
    for book in books:
        yield from book[:budget].split("\n")
        budget -= len(book)
        if budget <= 0:
            break
    yield from islice(iter(lambda: lesson(rng), None), LESSONS)
    for word in WHOLE:
        yield from repeat(word, REPEATS)
