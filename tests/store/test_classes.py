"""A class takes answers, counts who opened it, and goes with all that was handed in."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from attention_surgery.errors import (
    ClassClosed,
    QuotaExceeded,
    UnknownClass,
    UnknownExperiment,
    WrongKey,
)
from attention_surgery.store.classes import Classes
from attention_surgery.store.database import Database
from attention_surgery.store.experiments import Experiments
from attention_surgery.store.saved import MIB, ClassLimits, Content, Quota, Receipt
from tests.store.test_experiments import ROOMY, Clock

ASKED = Content("Who gets the drink?", "Which heads?\nSay why.", "?p=When+Mary", b"[]")
FOUND = Content("Ada", "L9H9 „alone“ 🧠", "?p=When+Mary&cut=L9H9z", b'[{"kl":0.1}]')
SAID = b'{"kl":0.1}'


class Room:
    """The classes of a database, and the experiments that they are."""

    def __init__(
        self,
        database: Database,
        answers: int = 10,
        size: int = MIB,
        quota: Quota = ROOMY,
        clock: Clock | None = None,
    ) -> None:
        self.saved = Experiments(database, quota, seconds_kept=60, clock=clock or Clock())
        self.classes = Classes(database, self.saved, ClassLimits(answers, size))

    def hand_in(self, made: Receipt, content: Content = FOUND, client: str = "10.0.0.2") -> Receipt:
        return self.classes.hand_in(made.id, content, "?cut=L9H9z", SAID, client)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(database: Database, clock: Clock) -> Room:
    return Room(database, clock=clock)


def test_what_is_handed_in_is_read_by_the_key_and_opened_as_an_experiment(room: Room) -> None:
    made = room.classes.make(ASKED, "10.0.0.1")
    first, second = room.hand_in(made), room.hand_in(made)
    asked, answers = room.classes.answers(made.id, made.key)
    assert (asked.kept.content, asked.closed, asked.full) == (ASKED, False, False)
    assert {each.id for each in answers} == {first.id, second.id}
    assert {(each.name, each.sentence, each.cuts, each.said) for each in answers} == {
        (FOUND.title, FOUND.note, "?cut=L9H9z", SAID)
    }
    assert room.saved.open(first.id).content == FOUND
    assert room.saved.open(made.id).content == ASKED
    assert first.expires_at == made.expires_at


def test_nothing_but_the_key_reads_closes_or_deletes(room: Room) -> None:
    made, other = (room.classes.make(ASKED, "10.0.0.1") for _ in range(2))
    answer = room.hand_in(made)
    for key in (other.key, answer.key, "", "\ud800"):
        for attempt in (
            lambda key=key: room.classes.answers(made.id, key),
            lambda key=key: room.classes.close(made.id, key, closed=True),
            lambda key=key: room.classes.delete_answer(made.id, key, answer.id),
            lambda key=key: room.saved.delete(made.id, key),
        ):
            with pytest.raises(WrongKey):
                attempt()
    assert len(room.classes.answers(made.id, made.key)[1]) == 1
    with pytest.raises(UnknownExperiment, match="no such answer"):
        room.classes.delete_answer(other.id, other.key, answer.id)


@pytest.mark.parametrize("identifier", ["", "nothing", "a\0b"])
def test_there_are_no_other_classes(room: Room, identifier: str) -> None:
    plain = room.saved.save(FOUND, "10.0.0.1")
    made = room.classes.make(ASKED, "10.0.0.1")
    answer = room.hand_in(made)
    for name in (identifier, plain.id, answer.id):
        with pytest.raises(UnknownClass):
            room.classes.open(name)
        with pytest.raises(UnknownClass):
            room.classes.count_opening(name)
        with pytest.raises(UnknownClass):
            room.classes.hand_in(name, FOUND, "?", None, "10.0.0.2")
    with pytest.raises(UnknownExperiment):
        room.classes.delete_answer(made.id, made.key, identifier)


def test_a_closed_class_keeps_what_it_has_and_takes_no_more(room: Room) -> None:
    made = room.classes.make(ASKED, "10.0.0.1")
    room.hand_in(made)
    room.classes.close(made.id, made.key, closed=True)
    with pytest.raises(ClassClosed, match="takes no more answers"):
        room.hand_in(made)
    assert room.classes.open(made.id).closed
    assert len(room.classes.answers(made.id, made.key)[1]) == 1
    room.classes.close(made.id, made.key, closed=False)
    room.hand_in(made)


def test_a_class_takes_so_many_answers_and_bytes(database: Database) -> None:
    few = Room(database, answers=2)
    made = few.classes.make(ASKED, "10.0.0.1")
    first = few.hand_in(made)
    assert not few.classes.open(made.id).full
    few.hand_in(made)
    assert few.classes.open(made.id).full
    with pytest.raises(QuotaExceeded, match="2 answers are handed in"):
        few.hand_in(made)
    few.classes.delete_answer(made.id, made.key, first.id)
    few.hand_in(made)

    small = Room(database, size=100)
    made = small.classes.make(ASKED, "10.0.0.1")
    small.hand_in(made)
    with pytest.raises(QuotaExceeded, match="answers of this class would take more"):
        small.hand_in(made)


def test_an_answer_counts_for_whom_it_came_from(database: Database) -> None:
    room = Room(database, quota=Quota(2, MIB, MIB))
    made = room.classes.make(ASKED, "10.0.0.1")
    room.hand_in(made, client="10.0.0.2")
    room.hand_in(made, client="10.0.0.2")
    with pytest.raises(QuotaExceeded, match="2 experiments are saved from your address"):
        room.hand_in(made, client="10.0.0.2")
    room.hand_in(made, client="10.0.0.3")


def test_who_opens_at_once_is_counted_each(room: Room) -> None:
    made = room.classes.make(ASKED, "10.0.0.1")
    threads = [
        threading.Thread(target=room.classes.count_opening, args=(made.id,)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert room.classes.answers(made.id, made.key)[0].opened == 8


def test_whoever_handed_in_takes_it_back(room: Room) -> None:
    made = room.classes.make(ASKED, "10.0.0.1")
    mine, other = room.hand_in(made), room.hand_in(made)
    room.saved.delete(mine.id, mine.key)
    assert [each.id for each in room.classes.answers(made.id, made.key)[1]] == [other.id]


def test_deleting_a_class_deletes_its_answers_and_no_others(room: Room, database: Database) -> None:
    from sqlalchemy import text

    made, other = (room.classes.make(ASKED, "10.0.0.1") for _ in range(2))
    answers = [room.hand_in(made) for _ in range(3)]
    kept = room.hand_in(other)
    room.saved.delete(made.id, made.key)
    for gone in (made, *answers):
        with pytest.raises(UnknownExperiment):
            room.saved.open(gone.id)
    assert [each.id for each in room.classes.answers(other.id, other.key)[1]] == [kept.id]
    with database.reading() as session:
        for table, rows in (("experiments", 2), ("classes", 1), ("class_answers", 1)):
            found = session.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            assert found == rows, table


def test_a_class_and_its_answers_expire_together(room: Room, clock: Clock) -> None:
    made = room.classes.make(ASKED, "10.0.0.1")
    clock.now += 59
    answer = room.hand_in(made)
    clock.now += 1
    with pytest.raises(UnknownClass):
        room.classes.open(made.id)
    with pytest.raises(UnknownExperiment):
        room.saved.open(answer.id)
    assert room.saved.purge() == 2


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_nothing_of_a_deleted_class_is_left_in_the_files(room: Room, place: str) -> None:
    secret = "a sentence nobody else has"
    made = room.classes.make(ASKED, "10.0.0.1")
    room.hand_in(made, Content("Ada", secret * 100, "?", secret.encode() * 1000))
    room.saved.delete(made.id, made.key)
    files = list(Path(place).parent.iterdir())
    assert files
    assert not any(secret.encode() in file.read_bytes() for file in files)
