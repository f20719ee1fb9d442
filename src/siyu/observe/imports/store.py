"""The tables of imports and remembered mappings, and every statement on them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Row, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import FileId, ImportId, JobId
from siyu.observe.imports.model.imports import Import, Sheet, UnreadSheet
from siyu.observe.imports.model.options import Options

imports = Table(
    "imports",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file_id", Uuid, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("state", Text, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("guessed", Boolean, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("header_hash", Text, nullable=False),
    Column("job_id", Uuid),
    Column("rejected_file_id", Uuid),
    Column("report", JSONB(none_as_null=True)),
    Column("error", JSONB(none_as_null=True)),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("sheet", JSONB(none_as_null=True)),
)

import_mappings = Table(
    "import_mappings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("header_hash", Text, primary_key=True),
    Column("mapping", JSONB, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)


def insert(tx: Tx, one: Import) -> None:
    """Add an import."""
    tx.execute(imports.insert(), {"tenant_id": tx.tenant_id, **asdict(one), "columns": list(one.columns), "options": asdict(one.options)})


def get(tx: Tx, id: ImportId, *, lock: bool = False) -> Import | None:
    """One import."""
    statement = imports.select().where(imports.c.tenant_id == tx.tenant_id, imports.c.id == id)
    row = tx.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else _import(row)


def page(tx: Tx, *, before: ImportId | None, limit: int) -> list[Import]:
    """Imports, newest first, older than `before`."""
    statement = imports.select().where(imports.c.tenant_id == tx.tenant_id).order_by(imports.c.id.desc()).limit(limit)
    return [_import(row) for row in tx.execute(statement if before is None else statement.where(imports.c.id < before))]


def change(tx: Tx, id: ImportId, **values: Any) -> None:
    """Set columns of one import."""
    tx.execute(imports.update().where(imports.c.tenant_id == tx.tenant_id, imports.c.id == id).values(**values, updated_at=tx.now))


def delete(tx: Tx, id: ImportId) -> None:
    """Take an import away."""
    tx.execute(imports.delete().where(imports.c.tenant_id == tx.tenant_id, imports.c.id == id))


def remember(tx: Tx, header_hash: str, mapping: Mapping[str, str | None], options: Options) -> None:
    """Keep how files with these headings are read."""
    tx.execute(
        """
        insert into import_mappings (tenant_id, header_hash, mapping, options, updated_at)
        values (:tenant_id, :header_hash, cast(:mapping as jsonb), cast(:options as jsonb), :now)
        on conflict (tenant_id, header_hash) do update
        set mapping = excluded.mapping, options = excluded.options, updated_at = excluded.updated_at
        """,
        {"header_hash": header_hash, "mapping": json.dumps(mapping), "options": json.dumps(asdict(options))},
    )


def remembered(tx: Tx, header_hash: str) -> tuple[dict[str, str | None], Options] | None:
    """How files with these headings were read the last time."""
    row = tx.execute("select mapping, options from import_mappings where tenant_id = :tenant_id and header_hash = :header_hash", {"header_hash": header_hash})
    found = row.first()
    return None if found is None else (dict(found.mapping), Options(**found.options))


def last_shop(tx: Tx) -> str | None:
    """The shop of the latest import, as the likeliest of the next."""
    return tx.execute("select options ->> 'shop' from imports where tenant_id = :tenant_id order by id desc limit 1").scalar()


def _import(row: Row[Any]) -> Import:
    return Import(
        id=ImportId(row.id),
        kind=row.kind,
        file_id=FileId(row.file_id),
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        format=row.format,
        encoding=row.encoding,
        delimiter=row.delimiter,
        sheet=_sheet(row.sheet),
        state=row.state,
        columns=row.columns,
        mapping=row.mapping,
        guessed=row.guessed,
        options=Options(**row.options),
        header_hash=row.header_hash,
        job_id=JobId(row.job_id) if row.job_id else None,
        rejected_file_id=FileId(row.rejected_file_id) if row.rejected_file_id else None,
        report=row.report,
        error=row.error,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _sheet(kept: Mapping[str, Any] | None) -> Sheet | None:
    return None if kept is None else Sheet(kept["name"], kept["heading_row"], [UnreadSheet(**one) for one in kept["unread"]])
