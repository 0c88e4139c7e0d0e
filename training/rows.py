"""Rows of tokens to train on: book text, teaching text, and sequences that repeat.

Every row begins with the beginning-of-text token. A row depends on the generator alone, so a
training step can be drawn again after an interruption.
"""

from __future__ import annotations

import random
from itertools import chain, islice, repeat

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.teaching import lesson

BOS_ID = 0

Row = NDArray[np.int64]


def book_row(stream: NDArray[np.uint16], length: int, rng: Generator) -> Row:
    """A window into the tokens of all books."""
    start = int(rng.integers(len(stream) - length))
    return np.concatenate(([BOS_ID], stream[start : start + length - 1].astype(np.int64)))


def lesson_row(tokenizer: Tokenizer, length: int, rng: Generator) -> Row:
    """Teaching sentences, each after a beginning-of-text token, cut off at the end."""
    teacher = random.Random(int(rng.integers(2**63)))
    sentences = (tokenizer.encode(lesson(teacher)).ids for _ in repeat(None))
    ids = chain.from_iterable([BOS_ID, *sentence] for sentence in sentences)
    return np.fromiter(islice(ids, length), dtype=np.int64, count=length)


def repeated_row(sequence: Row, length: int) -> Row:
    """One sequence of tokens again and again, to the end of the row."""
    return np.concatenate(([BOS_ID], np.resize(sequence, length - 1)))


def random_tokens(count: int, alphabet: int, rng: Generator) -> Row:
    """Tokens of the first `alphabet` ids, which are the commonest, BOS excluded."""
    return rng.integers(1, alphabet, count)
