"""The tables, as the newest migration leaves them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Every table of the store."""


class InstallationRow(Base):
    """One row, made with the database.

    Attributes:
        salt: what clients' addresses are hashed with.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class ExperimentRow(Base):
    """A saved experiment.

    Attributes:
        key_hash: SHA-256 of the key that deletes it.
        client: keyed hash of the address it came from.
        size: of title, note, link and results, in bytes.
        saved_at, expires_at: seconds since 1970.
        results: a JSON array, UTF-8. Last, so that what is listed is read without it.
    """

    __tablename__ = "experiments"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    client: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    saved_at: Mapped[float] = mapped_column(Double)
    expires_at: Mapped[float] = mapped_column(Double, index=True)
    title: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    results: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class ClassRow(Base):
    """What makes a saved experiment a classroom link: its prompt and settings are the class's.

    Attributes:
        opened: by how many browsers.
        closed: no more answers are taken.
    """

    __tablename__ = "classes"

    experiment: Mapped[str] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    opened: Mapped[int]
    closed: Mapped[bool]


class AnswerRow(Base):
    """What makes a saved experiment an answer to a class.

    Attributes:
        cuts: what of its link is not the class's.
        said: the likeliest next tokens of both runs, JSON, UTF-8.
    """

    __tablename__ = "class_answers"

    experiment: Mapped[str] = mapped_column(
        ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True
    )
    classroom: Mapped[str] = mapped_column(
        ForeignKey("classes.experiment", ondelete="CASCADE"), index=True
    )
    cuts: Mapped[str] = mapped_column(Text)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)


class RunRow(Base):
    """A run: one analysis of every item of a task.

    Attributes:
        client: keyed hash of the address it came from.
        created_at, expires_at, ended_at, turn_at, held_until: seconds since 1970.
        version: of the program that took it on.
        total, done: items.
        seconds: of work on the items done.
        state: `queued`, `running`, `done`, `failed` or `cancelled`.
        why: what it failed of.
        turn_at: of those that wait, the least is next.
        holder: who works on it, until `held_until` unless it says more.
        filed: its values are in a file of the folder, no longer in `run_items`.
        request: the whole request in JSON.
        items: the task's items, a JSON array, UTF-8. Last, so that lists are read without it.
        found: what is known that is no score of an item, JSON, UTF-8.
    """

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    client: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    created_at: Mapped[float] = mapped_column(Double)
    expires_at: Mapped[float] = mapped_column(Double, index=True)
    ended_at: Mapped[float | None] = mapped_column(Double)
    title: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    revision: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    layers: Mapped[int]
    heads: Mapped[int]
    total: Mapped[int]
    done: Mapped[int]
    seconds: Mapped[float] = mapped_column(Double)
    state: Mapped[str] = mapped_column(String(16), index=True)
    why: Mapped[str | None] = mapped_column(Text)
    turn_at: Mapped[float] = mapped_column(Double)
    holder: Mapped[str | None] = mapped_column(String(32))
    held_until: Mapped[float | None] = mapped_column(Double)
    filed: Mapped[bool]
    request: Mapped[str] = mapped_column(Text)
    items: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    found: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class RunItemRow(Base):
    """What one item of a run gave.

    Attributes:
        scores: [layer, head], float32, little-endian.
    """

    __tablename__ = "run_items"

    run: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[int] = mapped_column(primary_key=True)
    scores: Mapped[bytes] = mapped_column(LargeBinary)
