"""From books to what training draws rows from: a tokenizer and one stream of tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.batches import Sources
from training.corpus import read_books, split
from training.rows import BOS_ID
from training.tokenizer import train_tokenizer


def prepare(corpus: Path, run: Path, seed: int = 0) -> Sources:
    """Tokenizer and token stream of the training books, made once and kept in the run folder.

    Raises:
        CorpusNotFound: they are not there yet, and neither is the corpus.
    """
    tokenizer_file, stream_file = run / "tokenizer.json", run / "books.npy"
    if not stream_file.exists():
        books, _ = split(read_books(corpus))
        run.mkdir(parents=True, exist_ok=True)
        tokenizer = train_tokenizer(books, seed)
        tokenizer.save(str(tokenizer_file))
        np.save(stream_file, encode(tokenizer, books))
    return Sources(np.load(stream_file, mmap_mode="r"), Tokenizer.from_file(str(tokenizer_file)))


def encode(tokenizer: Tokenizer, books: list[str]) -> NDArray[np.uint16]:
    """All books as one stream of tokens, each after a beginning-of-text token."""
    books_ids = (encoding.ids for encoding in tokenizer.encode_batch(books))
    return np.concatenate([np.array([BOS_ID, *ids], dtype=np.uint16) for ids in books_ids])
