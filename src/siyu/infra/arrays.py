"""Columns as PostgreSQL array literals: the cheapest way to hand a statement thousands of rows, and it needs no temporary table."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID


def texts(values: Iterable[str | None]) -> str:
    """Any text exactly, quotes and backslashes included. NUL cannot be stored by PostgreSQL and is dropped."""
    return "{" + ",".join(["NULL" if value is None else _quote(value) for value in values]) + "}"


def bare(values: Iterable[int | bool | Decimal | UUID | str | None]) -> str:
    """Values whose text has nothing to quote, such as numbers and ids."""
    return "{" + ",".join([value if type(value) is str else "NULL" if value is None else str(value) for value in values]) + "}"


def instants(values: Iterable[datetime | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else f'"{value.isoformat()}"' for value in values]) + "}"


def hashes(values: Iterable[bytes]) -> str:
    return "{" + ",".join([f'"\\\\x{value.hex()}"' for value in values]) + "}"


def _quote(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if '"' in value:
        value = value.replace('"', '\\"')
    if "\x00" in value:
        value = value.replace("\x00", "")
    return f'"{value}"'
