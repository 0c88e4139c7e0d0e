"""The databases of the store's tests."""

from __future__ import annotations

from tests.store.conftest import database, place, postgresql

__all__ = ["database", "place", "postgresql"]
