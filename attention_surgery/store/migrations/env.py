"""What Alembic runs: each migration within the transaction that it is handed."""

from __future__ import annotations

from alembic import context

from attention_surgery.store.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can change a table in a transaction; Alembic only does not expect it to.
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
