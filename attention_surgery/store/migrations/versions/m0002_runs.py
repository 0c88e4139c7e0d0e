"""Runs over tasks, and the values of items not yet in a file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("client", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double, nullable=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("layers", sa.Integer, nullable=False),
        sa.Column("heads", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=True),
        sa.Column("turn_at", sa.Double, nullable=False),
        sa.Column("holder", sa.String(32), nullable=True),
        sa.Column("held_until", sa.Double, nullable=True),
        sa.Column("filed", sa.Boolean, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("items", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_runs_client", "runs", ["client"])
    op.create_index("ix_runs_expires_at", "runs", ["expires_at"])
    op.create_index("ix_runs_state", "runs", ["state"])
    op.create_table(
        "run_items",
        sa.Column(
            "run", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("item", sa.Integer, primary_key=True),
        sa.Column("scores", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("run_items")
    op.drop_table("runs")
