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


def in_mib(size: int) -> str:
    """A number of bytes for a sentence."""
    return f"{size / MIB:.3g} MiB"
