"""Alembic's way in: runs the migrations on the connection that the command hands over."""

from alembic import context

from participation.db import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
