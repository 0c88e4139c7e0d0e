"""The tables, as the newest migration leaves them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, LargeBinary, String, Text
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
