"""The runs of one database as rows: whose they are, and what time it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from attention_surgery.errors import NotYours, UnknownRun
from attention_surgery.store.clients import hashed
from attention_surgery.store.database import Database
from attention_surgery.store.kept_runs import KeptRun, RunState
from attention_surgery.store.schema import RunRow


class RunTable:
    """Threads share it; every method may block.

    Args:
        folder: where the results of ended runs are filed; None leaves them in the database.
        hold_seconds: after which a run whose holder says nothing is another's to take.
        seconds_kept: from creation to expiry.
        clock: seconds since 1970, where the database itself is no server with a clock.

    Every method raises StoreUnavailable where the database does not answer, and those that write
    StoreFull where its disk is full.
    """

    def __init__(
        self,
        database: Database,
        folder: Path | None,
        *,
        hold_seconds: float = 15.0,
        seconds_kept: float = 365 * 86_400.0,
        clock: Callable[[], float] = time.time,
        log: Any = None,
    ) -> None:
        self.hold_seconds = hold_seconds
        self._database, self._folder = database, folder
        self._seconds_kept, self._clock = seconds_kept, clock
        self._log = log or structlog.get_logger()

    def _now(self, session: Session) -> float:
        """Of one clock, whichever server asks."""
        if session.get_bind().dialect.name == "sqlite":
            return self._clock()
        told = session.scalar(select(func.extract("epoch", func.clock_timestamp())))
        return float(told or 0)

    def _living(self, session: Session, identifier: str) -> RunRow:
        # PostgreSQL's texts cannot hold NUL.
        row = session.get(RunRow, identifier) if "\0" not in identifier else None
        if row is None or row.expires_at <= self._now(session):
            raise UnknownRun(
                "There is no run of this name: it was deleted, its time is over, or the name is "
                "not whole."
            )
        return row

    def _owned(self, session: Session, identifier: str, client: str | None) -> RunRow:
        row = self._living(session, identifier)
        if client is not None and row.client != hashed(session, client):
            raise NotYours(
                "This run was started from another address, from which alone it can be stopped or "
                "deleted."
            )
        return row

    def _end(self, session: Session, row: RunRow, state: RunState, why: str | None) -> None:
        row.state, row.why, row.holder, row.held_until = state, why, None, None
        row.ended_at = self._now(session)


def kept_run(row: RunRow) -> KeptRun:
    names = KeptRun.__dataclass_fields__
    return KeptRun(**{name: getattr(row, name) for name in names})
