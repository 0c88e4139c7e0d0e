"""A database of each kind that a host may choose, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from attention_surgery.store.database import Database
from tests.postgresql import Cluster, cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What the setting `database` would say."""
    if request.param == "sqlite":
        return str(tmp_path / "new" / "store.sqlite")
    running: Cluster = request.getfixturevalue("postgresql")
    return running.database(f"d{uuid4().hex}")


@pytest.fixture
def database(place: str) -> Iterator[Database]:
    opened = Database(place)
    yield opened
    opened.close()
