"""Run migrations on the connection that `index.store.catalogue.schema` lends."""

from alembic import context

from index.store.catalogue.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
