"""Runs: waiting, worked on by whoever holds them, ended; kept for a time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from attention_surgery.errors import (
    InvalidSetting,
    NotYours,
    QuotaExceeded,
    RunTaken,
    StoreError,
    StoreUnavailable,
    UnknownRun,
)
from attention_surgery.store.clients import hashed
from attention_surgery.store.database import Database
from attention_surgery.store.item_scores import ItemScores, read_parquet, write_parquet
from attention_surgery.store.kept_runs import (
    UNFINISHED,
    KeptRun,
    Lease,
    NewRun,
    RunQuota,
    RunState,
)
from attention_surgery.store.schema import RunItemRow, RunRow

ID_BYTES = 12  # 96 bits nobody guesses


class Runs:
    """The runs of one database. Threads share it; every method may block.

    Whoever works on a run holds a lease. Items are kept in a transaction that also looks whether
    the lease still holds, so that none is counted twice, whoever believes to work.

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

    # For whoever asks

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
            return _kept(row)

    def all_of(self, client: str | None) -> list[KeptRun]:
        """A client's runs, or everybody's; the youngest first."""
        with self._database.reading() as session:
            query = select(RunRow).where(RunRow.expires_at > self._now(session))
            if client is not None:
                query = query.where(RunRow.client == hashed(session, client))
            return [_kept(row) for row in session.scalars(query.order_by(RunRow.created_at.desc()))]

    def open(self, identifier: str) -> KeptRun:
        """Raises:
        UnknownRun: there is none, or no more.
        """
        with self._database.reading() as session:
            return _kept(self._living(session, identifier))

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

    def results(self, identifier: str) -> tuple[KeptRun, ItemScores]:
        """What is done so far.

        Raises:
            UnknownRun: there is none, or no more.
            StoreUnavailable: its file is not there.
        """
        with self._database.reading() as session:
            row = self._living(session, identifier)
            run = _kept(row)
            if not row.filed:
                return run, _scores_of(session, row)
        return run, self._filed(run)

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
            run = _kept(row)
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
                return _kept(row)
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
            return _kept(row)

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

    # For whoever works

    def claim(self, models: Mapping[str, str], identifier: str | None = None) -> Lease | None:
        """The run whose turn it is, or whose holder is silent; None where there is none.

        Args:
            models: what can be run here, and the revision of its weights.
            identifier: this run and no other.
        """
        with self._database.changing() as session:
            now = self._now(session)
            silent = and_(RunRow.state == "running", RunRow.held_until < now)
            query = select(RunRow).where(
                or_(RunRow.state == "queued", silent),
                or_(False, *map(_of_model, models.items())),
                RunRow.expires_at > now,
            )
            if identifier is not None:
                query = query.where(RunRow.id == identifier)
            next_one = query.order_by(RunRow.turn_at).limit(1).with_for_update(skip_locked=True)
            row = session.scalar(next_one)
            if row is None:
                return None
            row.state, row.holder = "running", secrets.token_hex(16)
            row.held_until = now + self.hold_seconds
            done = set(session.scalars(select(RunItemRow.item).where(RunItemRow.run == row.id)))
            left = tuple(item for item in range(row.total) if item not in done)
            return Lease(_kept(row), row.holder, left)

    def waiting(self) -> bool:
        """Whether any run waits for its turn."""
        with self._database.reading() as session:
            return (
                session.scalar(select(RunRow.id).where(RunRow.state == "queued").limit(1))
                is not None
            )

    def renew(self, lease: Lease) -> None:
        """Say that its holder lives.

        Raises:
            RunTaken: the run was stopped or deleted, or another holds it.
        """
        with self._database.changing() as session:
            self._change_held(session, lease)

    def keep(
        self,
        lease: Lease,
        items: Sequence[int],
        scores: NDArray[np.float32],
        seconds: float,
        found: bytes | None = None,
    ) -> None:
        """Keep what items gave, all or none, and each once however often this is called.

        Args:
            scores: [item, layer, head].
            seconds: what they took.
            found: see `keep_found`; None leaves it as it is.

        Raises:
            RunTaken: the run was stopped or deleted, or another holds it.
        """
        with self._database.changing() as session:
            self._change_held(session, lease)
            known = select(RunItemRow.item).where(
                RunItemRow.run == lease.run.id, RunItemRow.item.in_(items)
            )
            # Those were kept before the connection broke that was to say so.
            kept = set(session.scalars(known))
            new = [(at, item) for at, item in enumerate(items) if item not in kept]
            if not new:
                return
            session.add_all(_row(lease.run.id, item, scores[at]) for at, item in new)
            counted: dict[str, Any] = {
                "done": RunRow.done + len(new),
                "seconds": RunRow.seconds + seconds,
            }
            if found is not None:
                counted["found"] = found
            session.execute(update(RunRow).where(RunRow.id == lease.run.id).values(counted))

    def keep_found(self, lease: Lease, found: bytes) -> None:
        """Keep what is known by now, in the place of what was before.

        Raises:
            RunTaken: the run was stopped or deleted, or another holds it.
        """
        with self._database.changing() as session:
            self._change_held(session, lease, found=found)

    def give_back(self, lease: Lease) -> None:
        """Put it into the queue again, behind those that wait."""
        with self._database.changing() as session:
            queued = {"state": "queued", "holder": None, "turn_at": self._now(session)}
            self._change_held(session, lease, **queued)

    def finish(self, lease: Lease, why: str | None = None) -> KeptRun:
        """It is done, or failed of something.

        Raises:
            RunTaken: the run was stopped or deleted, or another holds it.
        """
        with self._database.changing() as session:
            self._change_held(session, lease)
            row = session.get_one(RunRow, lease.run.id)
            # PostgreSQL's texts cannot hold NUL, which a prompt that is quoted may.
            told = None if why is None else why.replace("\0", " ")
            self._end(session, row, "done" if why is None else "failed", told)
            run = _kept(row)
        self.file(lease.run.id)
        return run

    # For the house

    def file(self, identifier: str) -> None:
        """Put the results of an ended run into its file; they stay where they are if that fails."""
        if self._folder is None:
            return
        try:
            with self._database.reading() as session:
                row = session.get(RunRow, identifier)
                if row is None or row.filed or row.state in UNFINISHED or not row.done:
                    return
                scores, request = _scores_of(session, row), row.request
            write_parquet(scores, request, self._file_of(identifier))
            with self._database.changing() as session:
                still = RunRow.id == identifier, RunRow.state.not_in(UNFINISHED)
                ended = update(RunRow).where(*still).values(filed=True)
                known = session.execute(ended.returning(RunRow.id)).all()
                if known:
                    session.execute(delete(RunItemRow).where(RunItemRow.run == identifier))
            if not known:  # deleted meanwhile, or goes on
                self._unlink(identifier)
        except (OSError, StoreError) as error:
            self._log.warning(
                "a run's results stay in the database", run=identifier, why=str(error)
            )

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

    def _change_held(self, session: Session, lease: Lease, **values: Any) -> None:
        held_until = self._now(session) + self.hold_seconds
        changed = session.execute(
            update(RunRow)
            .where(
                RunRow.id == lease.run.id,
                RunRow.holder == lease.holder,
                RunRow.state == "running",
            )
            .values({"held_until": held_until, **values})
            .returning(RunRow.id)
        )
        if changed.first() is None:
            raise RunTaken("This run was stopped or deleted, or another server works on it.")

    def _end(self, session: Session, row: RunRow, state: RunState, why: str | None) -> None:
        row.state, row.why, row.holder, row.held_until = state, why, None, None
        row.ended_at = self._now(session)

    def _check_quota(self, session: Session, whose: bytes, quota: RunQuota) -> None:
        own = select(func.count()).where(RunRow.client == whose)
        if (kept := session.scalar(own) or 0) >= quota.client_runs:
            raise QuotaExceeded(
                f"{kept} runs are kept for your address, which is all that one may have here: "
                "delete some."
            )
        self._check_unfinished(session, whose, quota)

    def _check_unfinished(self, session: Session, whose: bytes, quota: RunQuota) -> None:
        own = select(func.count()).where(RunRow.client == whose)
        unfinished = session.scalar(own.where(RunRow.state.in_(UNFINISHED))) or 0
        if unfinished >= quota.client_unfinished:
            raise QuotaExceeded(
                f"{unfinished} runs of your address wait or are under way, which is all that one "
                "may have at once here: wait for one, or stop it."
            )

    def _filed(self, run: KeptRun) -> ItemScores:
        """What is in the file of an ended run."""
        try:
            return read_parquet(self._file_of(run.id), run.layers, run.heads)
        except OSError:
            raise StoreUnavailable(
                "The file with this run's results cannot be read here: the host has to set "
                "ATTENTION_SURGERY_RUNS_FOLDER to the folder where it lies."
            ) from None

    def _take_back(self, session: Session, row: RunRow) -> None:
        """Put what was filed into the database again, where more will be added to it.

        The file stays until the run ends again: who reads meanwhile finds it.
        """
        filed = self._filed(_kept(row))
        of_items = zip(filed.items.tolist(), filed.scores, strict=True)
        session.add_all(_row(row.id, item, scores) for item, scores in of_items)
        row.filed = False

    def _file_of(self, identifier: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{identifier}.parquet"

    def _unlink(self, identifier: str) -> None:
        if self._folder is not None:
            self._file_of(identifier).unlink(missing_ok=True)


def _of_model(model: tuple[str, str]) -> Any:
    name, revision = model
    return and_(RunRow.model == name, RunRow.revision == revision)


def _row(run: str, item: int, scores: NDArray[np.float32]) -> RunItemRow:
    return RunItemRow(
        run=run, item=item, scores=np.ascontiguousarray(scores, dtype="<f4").tobytes()
    )


def _scores_of(session: Session, row: RunRow) -> ItemScores:
    query = select(RunItemRow.item, RunItemRow.scores).where(RunItemRow.run == row.id)
    kept = session.execute(query.order_by(RunItemRow.item)).all()
    scores = np.frombuffer(b"".join(each for _, each in kept), "<f4")
    items = np.array([item for item, _ in kept], np.int32)
    return ItemScores(items, scores.reshape(len(kept), row.layers, row.heads))


def _kept(row: RunRow) -> KeptRun:
    names = KeptRun.__dataclass_fields__
    return KeptRun(**{name: getattr(row, name) for name in names})
