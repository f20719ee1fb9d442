"""Bringing a database to the current schema, and the two things that migrations do to every table."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import siyu
from siyu.kernel.errors import Refusal

OWN_TENANT = "tenant_id = nullif(current_setting('siyu.tenant_id', true), '')::uuid"


class NewerDatabase(Refusal):
    """The database was migrated by a newer release than this one."""

    code = "database.newer"


def folder() -> Path:
    """The migrations: beside the package in a wheel, at the root of a checkout."""
    package = Path(siyu.__file__).parent
    packed = package / "_migrations"
    return packed if packed.exists() else package.parents[1] / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    return config


def head() -> str:
    """The revision that this release needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def current(url: str) -> str | None:
    """The revision of a database, None when empty."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def upgrade(url: str, to: str = "head") -> str:
    """Migrate a database as its owner, one transaction per step; a second run goes on where the first stopped. Raises NewerDatabase."""
    script = ScriptDirectory.from_config(_config())
    now = current(url)
    if now is not None and now not in {revision.revision for revision in script.walk_revisions()}:
        raise NewerDatabase(revision=now)
    _run(url, lambda config: command.upgrade(config, to))
    return to if to != "head" else head()


def downgrade(url: str, to: str) -> None:
    """Step back to revision `to` (`base` for empty)."""
    _run(url, lambda config: command.downgrade(config, to))


def _run(url: str, act: "object") -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(734291)"))
            connection.commit()
            config = _config()
            config.attributes["connection"] = connection
            act(config)  # type: ignore[operator]
            connection.commit()
            connection.execute(text("select pg_advisory_unlock(734291)"))
            connection.commit()
    finally:
        engine.dispose()


def secure(table: str, *, append_only: bool = False, tenant: str = "tenant_id") -> None:
    """Shut a table with row-level security: the app sees its own tenant, the reader everything, look-ups nothing by themselves.

    `append_only` tables can be read and added to, never changed, by the app.
    """
    own = OWN_TENANT.replace("tenant_id =", f"{tenant} =")
    acts = "select, insert" if append_only else "select, insert, update, delete"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy own_tenant on {table} to siyu_app using ({own}) with check ({own})")
    op.execute(f"create policy erasing on {table} to siyu_eraser using ({own}) with check ({own})")
    op.execute(f"create policy reading on {table} for select to siyu_reader using (true)")
    op.execute(f"create policy looking on {table} to siyu_definer using (true) with check (true)")
    op.execute(f"grant {acts} on {table} to siyu_app")
    op.execute(f"grant select, update, delete on {table} to siyu_eraser")
    op.execute(f"grant select on {table} to siyu_reader")


def replicate(table: str, key: Sequence[str] = ("tenant_id", "id")) -> None:
    """Let the columnar replica follow a table: each row carries the transaction that last wrote it, deleted rows leave a tombstone."""
    op.execute(f"alter table {table} add column xid xid8 not null default pg_current_xact_id()")
    op.execute(f"create index {table}_xid on {table} (xid)")
    op.execute(f"create trigger {table}_touched before update on {table} for each row execute function siyu_touch()")
    keys = ", ".join(f"'{column}'" for column in key)
    op.execute(
        f"create trigger {table}_buried after delete on {table} referencing old table as gone for each statement execute function siyu_bury('{table}', {keys})"
    )


def lookup_function(body: str, signature: str) -> None:
    """Make a named look-up for the moments before the tenant is known: it runs as `siyu_definer` and may be called by the look-up role and the app."""
    op.execute(body)
    op.execute(f"alter function {signature} set search_path = public, pg_temp")  # unless named last, temporary tables would come first
    op.execute(f"alter function {signature} owner to siyu_definer")
    op.execute(f"revoke all on function {signature} from public")
    op.execute(f"grant execute on function {signature} to siyu_lookup, siyu_app, siyu_reader")
