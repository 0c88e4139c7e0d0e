"""Classroom links, and the answers handed in under them: saved experiments with more to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column(
            "experiment",
            sa.String(32),
            sa.ForeignKey("experiments.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "class_answers",
        sa.Column(
            "experiment",
            sa.String(32),
            sa.ForeignKey("experiments.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "classroom",
            sa.String(32),
            sa.ForeignKey("classes.experiment", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("cuts", sa.Text, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=True),
    )
    op.create_index("ix_class_answers_classroom", "class_answers", ["classroom"])


def downgrade() -> None:
    op.drop_table("class_answers")
    op.drop_table("classes")
