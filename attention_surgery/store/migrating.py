"""Bring a database to the schema that this version of the program knows."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from attention_surgery.errors import StoreUnavailable

MIGRATIONS = "attention_surgery.store:migrations"
NEWER = (
    "The database was written by a newer version of Attention Surgery: bring this server to that "
    "version, or give it another database."
)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Run what is missing up to a revision, in the connection's transaction.

    Raises:
        StoreUnavailable: the database is of a later version than this program.
    """
    revision_of(connection)
    command.upgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """The revision that a database has; None of an empty one.

    Raises:
        StoreUnavailable: it is of a later version than this program.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in revisions():
        raise StoreUnavailable(NEWER)
    return current


def undo(connection: Connection, revision: str) -> None:
    """Go back to an earlier revision; `base` is an empty database."""
    command.downgrade(_config(connection), revision)


def revisions() -> list[str]:
    """All that this version knows, oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.attributes["connection"] = connection
    return config
