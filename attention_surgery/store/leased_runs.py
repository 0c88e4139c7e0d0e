"""Runs for whoever works on them: taken, worked on, ended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from attention_surgery.errors import RunTaken
from attention_surgery.store.kept_runs import KeptRun, Lease
from attention_surgery.store.run_filing import FiledRuns, item_row
from attention_surgery.store.run_table import kept_run
from attention_surgery.store.schema import RunItemRow, RunRow


class LeasedRuns(FiledRuns):
    """Whoever works on a run holds a lease. Items are kept in a transaction that also looks whether
    the lease still holds, so that none is counted twice, whoever believes to work.
    """

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
            return Lease(kept_run(row), row.holder, left)

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
            session.add_all(item_row(lease.run.id, item, scores[at]) for at, item in new)
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
            run = kept_run(row)
        self.file(lease.run.id)
        return run

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


def _of_model(model: tuple[str, str]) -> Any:
    name, revision = model
    return and_(RunRow.model == name, RunRow.revision == revision)
