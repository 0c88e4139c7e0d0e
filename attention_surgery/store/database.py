"""One database: opened at its first use, its faults told in sentences."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import Session

from attention_surgery.errors import StoreFull, StoreUnavailable
from attention_surgery.store.migrating import migrate, revision_of
from attention_surgery.store.place import database_url, file_of

# How long one statement, and the wait for others' locks, may take.
STATEMENT_SECONDS, LOCK_SECONDS, CONNECT_SECONDS = 10, 5, 5
CONNECTIONS = 4
# After a failure, so long nobody tries again: a host that does not answer takes seconds each time.
PAUSE_SECONDS = 2.0
# Of PostgreSQL's advisory locks: who holds it alone writes what depends on sums over a table.
WRITING = 0x5A7E


class Database:
    """Sessions on one database; threads share it.

    Args:
        place: a file or an address, as `place.database_url` takes it.
    """

    def __init__(self, place: str | None, log: Any = None) -> None:
        self.url = database_url(place)
        self.file = file_of(self.url)
        self._log = log or structlog.get_logger()
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._failed: tuple[float, StoreUnavailable | StoreFull] | None = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose transaction ends with the block.

        Raises:
            StoreUnavailable, StoreFull: the database does not do it.
        """
        with self._session() as session:
            yield session

    @contextmanager
    def changing(self) -> Iterator[Session]:
        """A session that changes rows of its own: on PostgreSQL others write beside it.

        Raises:
            StoreUnavailable, StoreFull: the database does not do it.
        """
        with self._session(immediate=True) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The same, alone: nobody else who writes this way is between its first and last line.

        Raises:
            StoreUnavailable, StoreFull: the database does not do it.
        """
        with self._session(immediate=True) as session:
            if self.file is None:
                session.execute(text(f"SELECT pg_advisory_xact_lock({WRITING})"))
            yield session

    def forget_deleted(self) -> None:
        """Take what was deleted out of the files too, as far as the database leaves that to us."""
        if self.file is not None:
            with self._told(), self._opened().connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def revision(self) -> str | None:
        """The schema that an existing database has, left as it is; None where it has none.

        Raises:
            StoreUnavailable, StoreFull: it does not answer, or is of a later version.
        """
        options = {} if self.file else _POSTGRESQL
        with self._told():
            engine = create_engine(self.url, **options)
            try:
                with engine.connect() as connection:
                    return revision_of(connection)
            finally:
                engine.dispose()

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _session(self, *, immediate: bool = False) -> Iterator[Session]:
        with self._told():
            engine = self._opened().execution_options(immediate=immediate)
            with Session(engine) as session, session.begin():
                yield session

    def _opened(self) -> Engine:
        """The engine, with the schema that this version knows."""
        with self._lock:
            if self._engine is not None:
                return self._engine
            if self._failed is not None and time.monotonic() < self._failed[0]:
                raise self._failed[1]
            try:
                with self._told():
                    self._engine = self._open()
            except (StoreUnavailable, StoreFull) as error:
                self._failed = time.monotonic() + PAUSE_SECONDS, error
                raise
            return self._engine

    def _open(self) -> Engine:
        if self.file is not None:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            engine = create_engine(self.url, connect_args={"timeout": LOCK_SECONDS})
            _as_we_need_it(engine)
        else:
            engine = create_engine(self.url, **_POSTGRESQL)
        try:
            with engine.execution_options(immediate=True).begin() as connection:
                if self.file is None:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITING})"))
                migrate(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Log what the database or the file system says, and raise it as a sentence."""
        try:
            yield
        except Exception as error:
            sentence = _sentence_for(error)
            if sentence is None:
                raise
            self._log.error("the database failed", error=type(error).__name__, said=str(error))
            raise sentence from error


_POSTGRESQL: dict[str, Any] = {
    "pool_size": CONNECTIONS,
    "max_overflow": 0,
    "pool_timeout": LOCK_SECONDS,
    "pool_pre_ping": True,
    "connect_args": {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * STATEMENT_SECONDS,
        "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s",
    },
}


def _as_we_need_it(engine: Engine) -> None:
    """SQLite with real transactions, foreign keys, and deletion that overwrites."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # Python's own driver begins transactions too late
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _sentence_for(error: Exception) -> StoreUnavailable | StoreFull | None:
    """What a client is told; None for what is no fault of the database."""
    if isinstance(error, ModuleNotFoundError | NoSuchModuleError):
        return StoreUnavailable(
            "The database cannot be reached without its driver: pip install "
            '"attention-surgery[postgres]" on the server.'
        )
    if isinstance(error, OSError):
        return StoreUnavailable(
            "The folder of the database cannot be written; the host has to set "
            "ATTENTION_SURGERY_DATABASE to a file that can."
        )
    if isinstance(error, NoConnectionLeft):
        return StoreUnavailable("The database is busy; retry in a few seconds.")
    if not isinstance(error, DBAPIError):
        return None
    said = str(error.orig)
    if "is full" in said or getattr(error.orig, "sqlstate", None) == "53100":
        return StoreFull("The server's disk is full: nothing more can be saved here now.")
    if "is locked" in said or getattr(error.orig, "sqlstate", None) in ("55P03", "57014"):
        return StoreUnavailable("The database is busy; retry in a few seconds.")
    if "readonly" in said or getattr(error.orig, "sqlstate", None) == "25006":
        return StoreUnavailable("The database can only be read: nothing can be saved here now.")
    return StoreUnavailable(
        "The database does not answer, so that nothing can be saved or opened now; everything "
        "else goes on."
    )
