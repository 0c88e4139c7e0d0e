"""What is saved, as values."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """What is saved.

    Attributes:
        link: the page's query, which says what was asked.
        results: what was answered: a JSON array, UTF-8.
    """

    title: str
    note: str
    link: str
    results: bytes

    @property
    def size(self) -> int:
        texts = (self.title, self.note, self.link)
        return len(self.results) + sum(len(text.encode()) for text in texts)


@dataclass(frozen=True, slots=True)
class Quota:
    """Most that is kept: experiments and bytes of one client, bytes in all."""

    client_experiments: int
    client_bytes: int
    all_bytes: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What only the one who saves is told; `key` is kept nowhere else."""

    id: str
    key: str
    saved_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved experiment; times are seconds since 1970."""

    id: str
    content: Content
    saved_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class ClassLimits:
    """Most that is handed in under one classroom link: answers, and their bytes together."""

    answers: int
    bytes: int


@dataclass(frozen=True, slots=True)
class KeptClass:
    """A classroom link.

    Attributes:
        kept: title, question and what is fixed, as an experiment without results.
        opened: by how many browsers, as far as they told.
        closed: no more answers are taken.
        full: nor would there be room for one.
    """

    kept: Kept
    opened: int
    closed: bool
    full: bool


@dataclass(frozen=True, slots=True)
class HandedIn:
    """An answer in a list, without what only the opened experiment shows.

    Attributes:
        cuts: what of its link is not the class's.
        said: the likeliest next tokens of both runs, JSON, UTF-8.
    """

    id: str
    name: str
    sentence: str
    cuts: str
    said: bytes | None
    saved_at: float


def in_mib(size: int) -> str:
    """A number of bytes for a sentence."""
    return f"{size / MIB:.3g} MiB"
