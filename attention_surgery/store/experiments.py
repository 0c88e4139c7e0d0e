"""Saved experiments: kept for a time, opened by their address, deleted by their key."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from attention_surgery.errors import QuotaExceeded, StoreFull, UnknownExperiment, WrongKey
from attention_surgery.store.clients import hashed
from attention_surgery.store.database import Database
from attention_surgery.store.saved import Content, Kept, Quota, Receipt, in_mib
from attention_surgery.store.schema import AnswerRow, ExperimentRow

# 96 bits nobody guesses; the key, which allows more, has twice as many.
ID_BYTES, KEY_BYTES = 12, 24


class Experiments:
    """The saved experiments of one database. Threads share it; every method may block.

    Args:
        seconds_kept: from saving to expiry.
        clock: seconds since 1970.

    Every method raises StoreUnavailable where the database does not answer.
    """

    def __init__(
        self,
        database: Database,
        quota: Quota,
        seconds_kept: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._quota = database, quota
        self._seconds_kept, self._clock = seconds_kept, clock

    def save(self, content: Content, client: str) -> Receipt:
        """Keep it.

        Raises:
            QuotaExceeded: the client keeps as much already as one may.
            StoreFull: all clients together do, or the disk is full.
        """
        with self.saving() as session:
            return self.added(session, content, client)

    def open(self, identifier: str) -> Kept:
        """Raises:
        UnknownExperiment: there is none, or no more.
        """
        with self._database.reading() as session:
            row = self.living(session, identifier)
            content = Content(row.title, row.note, row.link, row.results)
            return Kept(row.id, content, row.saved_at, row.expires_at)

    def delete(self, identifier: str, key: str) -> None:
        """Remove it from the database and its files; with a classroom link all its answers.

        Raises:
            UnknownExperiment: there is none, or no more.
            WrongKey: the key is another's.
        """
        with self._database.writing() as session:
            row = self.unlocked(session, identifier, key)
            handed_in = select(AnswerRow.experiment).where(AnswerRow.classroom == row.id)
            session.execute(delete(ExperimentRow).where(ExperimentRow.id.in_(handed_in)))
            session.delete(row)
        self._database.forget_deleted()

    def purge(self) -> int:
        """Delete what has expired; how many that were."""
        with self._database.writing() as session:
            purged = self._purge(session)
        if purged:
            self._database.forget_deleted()
        return purged

    @contextmanager
    def saving(self) -> Iterator[Session]:
        """A session that writes alone, and in which what has expired takes no room any more."""
        with self._database.writing() as session:
            purged = self._purge(session)
            yield session
        if purged:
            self._database.forget_deleted()

    def _purge(self, session: Session) -> int:
        expired = delete(ExperimentRow).where(ExperimentRow.expires_at <= self._clock())
        return len(session.execute(expired.returning(ExperimentRow.id)).all())

    def added(
        self, session: Session, content: Content, client: str, expires_at: float | None = None
    ) -> Receipt:
        """Keep it, in a transaction that is under way; for the usual time where none is said.

        Raises:
            QuotaExceeded, StoreFull: as `save` does.
        """
        now = self._clock()
        receipt = Receipt(
            secrets.token_urlsafe(ID_BYTES),
            secrets.token_urlsafe(KEY_BYTES),
            now,
            now + self._seconds_kept if expires_at is None else expires_at,
        )
        whose = hashed(session, client)
        self._check_quota(session, whose, content.size)
        session.add(
            ExperimentRow(
                id=receipt.id,
                key_hash=_hash_of(receipt.key),
                client=whose,
                size=content.size,
                saved_at=receipt.saved_at,
                expires_at=receipt.expires_at,
                title=content.title,
                note=content.note,
                link=content.link,
                results=content.results,
            )
        )
        session.flush()
        return receipt

    def living(self, session: Session, identifier: str) -> ExperimentRow:
        """Raises:
        UnknownExperiment: there is none, or no more.
        """
        # PostgreSQL's texts cannot hold NUL.
        row = session.get(ExperimentRow, identifier) if "\0" not in identifier else None
        if row is None or row.expires_at <= self._clock():
            raise UnknownExperiment(
                "There is no saved experiment at this address: it was deleted, its time is over, "
                "or the address is not whole."
            )
        return row

    def unlocked(self, session: Session, identifier: str, key: str) -> ExperimentRow:
        """The same, for whoever has its key.

        Raises:
            UnknownExperiment: there is none, or no more.
            WrongKey: the key is another's.
        """
        row = self.living(session, identifier)
        if not hmac.compare_digest(row.key_hash, _hash_of(key)):
            raise WrongKey(
                "This is not the key of that experiment: only the browser that saved it has the "
                "key, or whoever was given it."
            )
        return row

    def _check_quota(self, session: Session, whose: bytes, size: int) -> None:
        quota, held = self._quota, func.coalesce(func.sum(ExperimentRow.size), 0)
        of_client = ExperimentRow.client == whose
        count, own = session.execute(select(func.count(), held).where(of_client)).one()
        if count >= quota.client_experiments:
            raise QuotaExceeded(
                f"{count} experiments are saved from your address, which is all that one may keep "
                "here: delete some, or export them to a file."
            )
        if own + size > quota.client_bytes:
            raise QuotaExceeded(
                f"What is saved from your address would take more than the "
                f"{in_mib(quota.client_bytes)} that one may keep here: delete some, or export them "
                "to a file."
            )
        if session.execute(select(held)).scalar_one() + size > quota.all_bytes:
            raise StoreFull(
                f"The {in_mib(quota.all_bytes)} that this server keeps for all are full: export "
                "the experiment to a file, or ask the host for more."
            )


def _hash_of(key: str) -> bytes:
    # As long and random as it is, it needs no slow hash.
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
