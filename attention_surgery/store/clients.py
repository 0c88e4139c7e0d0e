"""Who keeps something here."""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.orm import Session

from attention_surgery.store.schema import InstallationRow


def hashed(session: Session, client: str) -> bytes:
    """Tells clients apart without keeping their addresses."""
    salt = session.execute(select(InstallationRow.salt)).scalar_one()
    return blake2b(client.encode(), key=salt, digest_size=16).digest()
