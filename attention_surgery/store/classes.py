"""Classroom links: saved experiments under which others hand in theirs.

A class is a saved experiment without results, an answer one that goes with its class: both have an
address, a key, a size and a time as every other, and count as every other.
"""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from attention_surgery.errors import (
    ClassClosed,
    QuotaExceeded,
    UnknownClass,
    UnknownExperiment,
)
from attention_surgery.store.database import Database
from attention_surgery.store.experiments import Experiments
from attention_surgery.store.saved import (
    ClassLimits,
    Content,
    HandedIn,
    Kept,
    KeptClass,
    Receipt,
    in_mib,
)
from attention_surgery.store.schema import AnswerRow, ClassRow, ExperimentRow


class Classes:
    """The classroom links of one database. Threads share it; every method may block.

    Args:
        experiments: where they are kept, for as long as those are.

    Every method raises UnknownClass where there is none at that address, or no more, and
    StoreUnavailable where the database does not answer.
    """

    def __init__(self, database: Database, experiments: Experiments, limits: ClassLimits) -> None:
        self._database, self._experiments, self._limits = database, experiments, limits

    def make(self, content: Content, client: str) -> Receipt:
        """Keep a class: its question is the note, its prompt and settings are the link.

        Raises:
            QuotaExceeded, StoreFull: as for every experiment.
        """
        with self._experiments.saving() as session:
            receipt = self._experiments.added(session, content, client)
            session.add(ClassRow(experiment=receipt.id, opened=0, closed=False))
            return receipt

    def open(self, identifier: str) -> KeptClass:
        """What whoever has the address may know."""
        with self._database.reading() as session:
            row, experiment = self._living(session, identifier)
            return self._told(session, row, experiment)

    def count_opening(self, identifier: str) -> None:
        """One more browser has opened it: the number is all that is kept."""
        with self._database.changing() as session:
            row, _ = self._living(session, identifier)
            one_more = update(ClassRow).where(ClassRow.experiment == row.experiment)
            session.execute(one_more.values(opened=ClassRow.opened + 1))

    def hand_in(
        self, identifier: str, content: Content, cuts: str, said: bytes | None, client: str
    ) -> Receipt:
        """Keep an answer, for as long as its class.

        Args:
            content: the name is its title, the sentence its note.
            cuts, said: as `HandedIn` has them.

        Raises:
            ClassClosed: it takes no more answers.
            QuotaExceeded: it has as many as one may, or as for every experiment.
            StoreFull: as for every experiment.
        """
        with self._experiments.saving() as session:
            row, experiment = self._living(session, identifier)
            if row.closed:
                raise ClassClosed(
                    "The class is closed: it takes no more answers. What you found is still on "
                    "your page; save it, or export it to a file."
                )
            self._check_room(session, row, content.size)
            expires = experiment.expires_at
            receipt = self._experiments.added(session, content, client, expires)
            session.add(
                AnswerRow(experiment=receipt.id, classroom=row.experiment, cuts=cuts, said=said)
            )
            return receipt

    def answers(self, identifier: str, key: str) -> tuple[KeptClass, list[HandedIn]]:
        """The class and its answers, the oldest first.

        Raises:
            WrongKey: the key is another's.
        """
        with self._database.reading() as session:
            row, experiment = self._unlocked(session, identifier, key)
            each = ExperimentRow
            of_class = (
                select(
                    each.id, each.title, each.note, AnswerRow.cuts, AnswerRow.said, each.saved_at
                )
                .join(AnswerRow, AnswerRow.experiment == each.id)
                .where(AnswerRow.classroom == row.experiment)
                .order_by(each.saved_at, each.id)
            )
            found = [HandedIn(*values) for values in session.execute(of_class)]
            return self._told(session, row, experiment), found

    def close(self, identifier: str, key: str, *, closed: bool) -> None:
        """Take no more answers, or take them again; what is handed in stays.

        Raises:
            WrongKey: the key is another's.
        """
        with self._database.changing() as session:
            row, _ = self._unlocked(session, identifier, key)
            row.closed = closed

    def delete_answer(self, identifier: str, key: str, answer: str) -> None:
        """Remove one of its answers from the database and its files, by the key of the class.

        Raises:
            WrongKey: the key is another's.
            UnknownExperiment: it has no such answer, or no more.
        """
        with self._database.writing() as session:
            row, _ = self._unlocked(session, identifier, key)
            found = session.get(AnswerRow, answer) if "\0" not in answer else None
            if found is None or found.classroom != row.experiment:
                raise UnknownExperiment(
                    "The class has no such answer: it was deleted, or is another's."
                )
            session.delete(self._experiments.living(session, answer))
        self._database.forget_deleted()

    def _told(self, session: Session, row: ClassRow, experiment: ExperimentRow) -> KeptClass:
        content = Content(experiment.title, experiment.note, experiment.link, b"[]")
        kept = Kept(experiment.id, content, experiment.saved_at, experiment.expires_at)
        count, held = self._held(session, row)
        full = count >= self._limits.answers or held >= self._limits.bytes
        return KeptClass(kept, row.opened, row.closed, full)

    def _held(self, session: Session, row: ClassRow) -> tuple[int, int]:
        size = func.coalesce(func.sum(ExperimentRow.size), 0)
        of_class = (
            select(func.count(), size)
            .join(AnswerRow, AnswerRow.experiment == ExperimentRow.id)
            .where(AnswerRow.classroom == row.experiment)
        )
        count, held = session.execute(of_class).one()
        return int(count), int(held)

    def _check_room(self, session: Session, row: ClassRow, size: int) -> None:
        count, held = self._held(session, row)
        if count >= self._limits.answers:
            raise QuotaExceeded(
                f"{count} answers are handed in, which is all that one class takes here: ask the "
                "teacher to delete some."
            )
        if held + size > self._limits.bytes:
            raise QuotaExceeded(
                f"The answers of this class would take more than the {in_mib(self._limits.bytes)} "
                "that they may here: ask the teacher to delete some."
            )

    def _living(self, session: Session, identifier: str) -> tuple[ClassRow, ExperimentRow]:
        try:
            experiment = self._experiments.living(session, identifier)
            row = session.get(ClassRow, identifier)
        except UnknownExperiment:
            row = None
        if row is None:
            raise UnknownClass(
                "There is no class at this address: it was deleted, its time is over, or the "
                "address is not whole."
            )
        return row, experiment

    def _unlocked(
        self, session: Session, identifier: str, key: str
    ) -> tuple[ClassRow, ExperimentRow]:
        row, _ = self._living(session, identifier)
        return row, self._experiments.unlocked(session, identifier, key)
