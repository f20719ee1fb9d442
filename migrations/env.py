"""Alembic environment: runs the migrations on the connection that `siyu.infra.migrate` hands over, or writes their SQL."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(dialect_name="postgresql", as_sql=True, transaction_per_migration=True)
else:
    context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
