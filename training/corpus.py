"""Books as plain text: reading, tidying, and the split into training and held-out books."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from pathlib import Path

BOOK_SEPARATOR = "\x1c"

# One book in so many is never trained on.
HOLD_OUT_EVERY = 8


class CorpusNotFound(Exception):
    """There is no text where the corpus should be."""


def read_books(source: Path) -> list[str]:
    """The books in a file, or in all files of a folder, tidied.

    Args:
        source: a `.txt` or `.txt.xz` file, or a folder with such files at any depth. A file
            holds one book, or several separated by the character U+001C.
    Raises:
        CorpusNotFound: there is no such file, or the folder has no text.
    """
    books = [tidy(book) for path in _files(source) for book in _read(path).split(BOOK_SEPARATOR)]
    books = [book for book in books if book]
    if not books:
        raise CorpusNotFound(
            f"There is no text in {source}: name a .txt or .txt.xz file, or a folder of them."
        )
    return books


def tidy(text: str) -> str:
    """One paragraph a line, single spaces, no byte-order marks."""
    text = re.sub(r"[^\S\r\n]+", " ", text.replace("\ufeff", ""))
    return re.sub(r" *[\r\n][ \r\n]*", "\n", text).strip()


def split(books: list[str]) -> tuple[list[str], list[str]]:
    """Books to train on, and books held out."""
    held_out = books[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY] or books[-1:]
    training = [book for i, book in enumerate(books, 1) if i % HOLD_OUT_EVERY]
    return training, held_out


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
    yield from sorted(p for p in source.rglob("*") if p.name.endswith((".txt", ".txt.xz")))


def _read(path: Path) -> str:
    data = path.read_bytes()
    return (lzma.decompress(data) if path.suffix == ".xz" else data).decode(errors="replace")
