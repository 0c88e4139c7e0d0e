"""Saved experiments."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    installation = op.create_table(
        "installation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(installation, [{"id": 1, "salt": secrets.token_bytes(32)}])
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("client", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("saved_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("results", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_experiments_client", "experiments", ["client"])
    op.create_index("ix_experiments_expires_at", "experiments", ["expires_at"])


def downgrade() -> None:
    op.drop_table("experiments")
    op.drop_table("installation")
