"""Runs migrations on the connection that monitor.store.migrate hands over, inside its transaction."""

from alembic import context
from monitor.store.migrate import is_managed
from monitor.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=is_managed,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
