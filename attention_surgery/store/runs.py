"""Runs for whoever asks: begun, looked at, stopped, deleted; kept for a time."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from attention_surgery.errors import InvalidSetting, QuotaExceeded
from attention_surgery.store.clients import hashed
from attention_surgery.store.kept_runs import UNFINISHED, KeptRun, NewRun, RunQuota
from attention_surgery.store.leased_runs import LeasedRuns
from attention_surgery.store.run_table import kept_run
from attention_surgery.store.schema import RunRow

ID_BYTES = 12  # 96 bits nobody guesses


class Runs(LeasedRuns):
    """The runs of one database: waiting, worked on by whoever holds them, ended."""

    def add(self, new: NewRun, client: str, quota: RunQuota | None = None) -> KeptRun:
        """Put a run into the queue.

        Raises:
            QuotaExceeded: the client has as many as one may.
        """
        identifier = secrets.token_hex(ID_BYTES)  # a shell takes "-F3…" for an option
        with self._database.writing() as session:
            now, whose = self._now(session), hashed(session, client)
            if quota is not None:
                self._check_quota(session, whose, quota)
            row = RunRow(
                id=identifier,
                client=whose,
                created_at=now,
                expires_at=now + self._seconds_kept,
                title=new.title,
                model=new.model,
                revision=new.revision,
                version=new.version,
                layers=new.layers,
                heads=new.heads,
                total=new.total,
                done=0,
                seconds=0.0,
                state="queued",
                turn_at=now,
                filed=False,
                request=new.request,
                items=new.items,
            )
            session.add(row)
            session.flush()
            return kept_run(row)

    def all_of(self, client: str | None) -> list[KeptRun]:
        """A client's runs, or everybody's; the youngest first."""
        with self._database.reading() as session:
            query = select(RunRow).where(RunRow.expires_at > self._now(session))
            if client is not None:
                query = query.where(RunRow.client == hashed(session, client))
            return [
                kept_run(row) for row in session.scalars(query.order_by(RunRow.created_at.desc()))
            ]

    def open(self, identifier: str) -> KeptRun:
        """Raises:
        UnknownRun: there is none, or no more.
        """
        with self._database.reading() as session:
            return kept_run(self._living(session, identifier))

    def items(self, identifier: str) -> bytes:
        """The task's items as they were when the run began: a JSON array, UTF-8.

        Raises:
            UnknownRun: there is none, or no more.
        """
        with self._database.reading() as session:
            return self._living(session, identifier).items

    def found(self, identifier: str) -> bytes | None:
        """What is known that is no score of an item, as `keep_found` kept it.

        Raises:
            UnknownRun: there is none, or no more.
        """
        with self._database.reading() as session:
            return self._living(session, identifier).found

    def cancel(self, identifier: str, client: str | None = None) -> KeptRun:
        """Stop it before its next item; what is done stays. One that has ended stays as it is.

        Raises:
            UnknownRun: there is none, or no more.
            NotYours: it was started from another address.
        """
        with self._database.changing() as session:
            row = self._owned(session, identifier, client)
            if row.state in UNFINISHED:
                self._end(session, row, "cancelled", None)
            run = kept_run(row)
        self.file(identifier)
        return run

    def resume(
        self, identifier: str, client: str | None = None, quota: RunQuota | None = None
    ) -> KeptRun:
        """Put one that failed or was stopped into the queue again; what is done stays done.

        One that waits or is under way stays as it is.

        Raises:
            UnknownRun: there is none, or no more.
            NotYours: it was started from another address.
            InvalidSetting: all its items are done.
            QuotaExceeded: the client has as many unfinished ones as one may.
            StoreUnavailable: the file with its results is not there.
        """
        with self._database.changing() as session:
            row = self._owned(session, identifier, client)
            if row.state in UNFINISHED:
                return kept_run(row)
            if row.done == row.total:
                raise InvalidSetting(
                    "All items of this run are done: nothing is left to go on with."
                )
            if quota is not None:
                self._check_unfinished(session, row.client, quota)
            if row.filed:
                self._take_back(session, row)
            row.state, row.why, row.ended_at = "queued", None, None
            row.turn_at = self._now(session)
            return kept_run(row)

    def delete(self, identifier: str, client: str | None = None) -> None:
        """Remove it with its results; who works on it stops.

        Raises:
            UnknownRun: there is none, or no more.
            NotYours: it was started from another address.
        """
        with self._database.changing() as session:
            session.delete(self._owned(session, identifier, client))
        self._unlink(identifier)
        self._database.forget_deleted()

    def purge(self) -> int:
        """Delete what has expired, file what could not be before; how many were deleted."""
        with self._database.changing() as session:
            expired = delete(RunRow).where(RunRow.expires_at <= self._now(session))
            gone = session.scalars(expired.returning(RunRow.id)).all()
            unfiled = select(RunRow.id).where(~RunRow.filed, RunRow.state.not_in(UNFINISHED))
            left = session.scalars(unfiled).all()
        for identifier in gone:
            self._unlink(identifier)
        for identifier in left:
            self.file(identifier)
        if gone:
            self._database.forget_deleted()
        return len(gone)

    def _check_quota(self, session: Session, whose: bytes, quota: RunQuota) -> None:
        own = select(func.count()).where(RunRow.client == whose)
        if (kept := session.scalar(own) or 0) >= quota.client_runs:
            raise QuotaExceeded(f"Of your runs no more than {kept} can be kept here: delete some.")
        self._check_unfinished(session, whose, quota)

    def _check_unfinished(self, session: Session, whose: bytes, quota: RunQuota) -> None:
        own = select(func.count()).where(RunRow.client == whose)
        unfinished = session.scalar(own.where(RunRow.state.in_(UNFINISHED))) or 0
        if unfinished >= quota.client_unfinished:
            raise QuotaExceeded(
                f"Of your runs no more than {unfinished} can wait or be under way at once here: "
                "wait for one, or stop it."
            )
