"""Every way from an empty database to the schema of this version, and back."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from attention_surgery.errors import StoreUnavailable
from attention_surgery.store.database import Database
from attention_surgery.store.migrating import migrate, revisions, undo
from attention_surgery.store.schema import Base

REVISIONS = revisions()


def test_the_migrations_make_the_schema_that_the_program_knows(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []


def test_each_step_goes_back_and_forth(database: Database) -> None:
    with database.writing() as session:
        connection = session.connection()
        for before in ["base", *REVISIONS[:-1]][::-1]:
            undo(connection, before)
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        for revision in REVISIONS:
            migrate(connection, revision)
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_the_revisions_are_one_line() -> None:
    expected = [f"{number:04}" for number in range(1, len(REVISIONS) + 1)]
    assert expected == REVISIONS


def test_servers_that_start_at_once_migrate_once(place: str) -> None:
    databases, failed = [Database(place) for _ in range(4)], []

    def use(database: Database) -> None:
        try:
            with database.reading() as session:
                assert session.execute(text("SELECT count(*) FROM installation")).scalar() == 1
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=use, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert failed == []


def test_a_database_of_a_newer_version_is_left_alone(place: str) -> None:
    first = Database(place)
    with first.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    first.close()
    with pytest.raises(StoreUnavailable, match="newer version"), Database(place).reading():
        pass
