"""Work that several jobs do in one go.

A product reads all its weights however few rows it has, so that eight users who ask at once are
served in little more than the time of one if their rows go through it together. A job yields such
a piece of work before it needs it and takes its outcome when it is resumed. Whoever drives
several jobs may do their pieces of one kind together in between; a job that is simply resumed
does its own alone. The numbers are the same but for the last digits of a float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar

Outcome = TypeVar("Outcome")


class Joint(ABC, Generic[Outcome]):
    """A piece of work, not yet done.

    Attributes:
        depth: how far into its pass the job is: those behind go first, until all are level.
        size: rows of the product.
        most: so many rows are done in one go; more hold more memory and are no faster.
    """

    most: ClassVar[int]
    _outcome: Outcome | None = None

    @property
    @abstractmethod
    def depth(self) -> int: ...

    @property
    @abstractmethod
    def size(self) -> int: ...

    @property
    @abstractmethod
    def kind(self) -> Hashable | None:
        """Pieces of the same kind can be done together; None: this one is done alone."""

    def alone(self) -> Outcome:
        """Do it."""
        return self.together([self])[0]

    @classmethod
    @abstractmethod
    def together(cls, pieces: Sequence[Any]) -> Sequence[Outcome]:
        """Do several of one kind."""

    def outcome(self) -> Outcome:
        """What it makes, done now unless it was done together with others."""
        return self.alone() if self._outcome is None else self._outcome


def do_together(pieces: Sequence[Joint[Outcome]]) -> None:
    """Do pieces of one kind in one go, or in a few that hold a bounded number of rows."""
    for part in _parts(pieces):
        if len(part) > 1:
            for piece, outcome in zip(part, type(part[0]).together(part), strict=True):
                piece._outcome = outcome


def _parts(pieces: Sequence[Joint[Outcome]]) -> Iterator[list[Joint[Outcome]]]:
    part: list[Joint[Outcome]] = []
    for piece in pieces:
        if part and sum(each.size for each in part) + piece.size > piece.most:
            yield part
            part = []
        part.append(piece)
    yield part
