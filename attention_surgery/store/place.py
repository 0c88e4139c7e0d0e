"""Where the database is."""

from __future__ import annotations

from pathlib import Path

import platformdirs

POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
REFUSED = (
    "a database is a file (/srv/attention-surgery.sqlite, or sqlite:///…) or "
    "postgresql://user:password@host/name"
)


def default_file() -> Path:
    """In the folder where this user's programs keep their data."""
    return platformdirs.user_data_path("attention-surgery") / "attention-surgery.sqlite"


def database_url(place: str | None) -> str:
    """What SQLAlchemy calls it.

    Args:
        place: a file, or an address as hosts write it; the default file when None.

    Raises:
        ValueError: it is of another kind.
    """
    if place is None:
        return f"sqlite:///{default_file()}"
    scheme, separator, rest = place.partition("://")
    if not separator:
        return f"sqlite:///{Path(place).expanduser().absolute()}"
    if scheme in POSTGRESQL and rest:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and len(rest) > 1 and rest[0] == "/" and ":memory:" not in rest:
        return place
    raise ValueError(REFUSED)


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for one that a server keeps."""
    scheme, _, path = url.partition(":///")
    return Path(path.partition("?")[0]) if scheme == "sqlite" else None


def folder_of_runs(url: str, given: str | None) -> Path | None:
    """Where the item results of ended runs lie.

    Args:
        given: a folder that every server of this database can reach.

    Returns:
        Beside an SQLite file where none is given; None where a server keeps the database: what
        lay beside one of the programs that use it, the others would not find.
    """
    if given is not None:
        return Path(given).expanduser().absolute()
    file = file_of(url)
    return None if file is None else file.with_name(f"{file.stem}-runs")
