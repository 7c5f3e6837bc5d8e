"""Alembic's entry: runs the versions on the connection that `service.db.migrate` opened."""

from alembic import context

from service.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
