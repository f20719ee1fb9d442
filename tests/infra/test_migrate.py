"""The migrations make what the stores declare, and can be walked back."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from siyu.app.capabilities import CAPABILITIES
from siyu.infra import migrate
from siyu.infra.schema import metadata

OF_THE_STORE_ITSELF = {"xid"}
"""Columns that only the replica reads; no store names them."""


def _ours(name: str | None, kind: str, table: Any) -> bool:
    if kind == "table":
        return name in metadata.tables
    return not (kind == "column" and name in OF_THE_STORE_ITSELF)


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_empty_to_head_equals_the_metadata(fresh_url: str) -> None:
    assert CAPABILITIES, "importing them declares every table"
    engine = create_engine(fresh_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: name in metadata.tables if kind == "table" else True,
                "include_object": lambda thing, name, kind, reflected, other: kind in {"table", "column"} and _ours(name, kind, thing),
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_down_to_empty_and_up_again(fresh_url: str) -> None:
    migrate.downgrade(fresh_url, "base")
    assert migrate.current(fresh_url) is None
    assert migrate.upgrade(fresh_url) == migrate.head()
    assert migrate.current(fresh_url) == migrate.head()


def test_a_second_run_changes_nothing(fresh_url: str) -> None:
    assert migrate.upgrade(fresh_url) == migrate.upgrade(fresh_url)
