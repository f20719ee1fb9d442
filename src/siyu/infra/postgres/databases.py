"""Databases of a server. Each function opens and closes a connection of its own."""

import psycopg
from psycopg import sql

from siyu.infra.postgres.server import Server


def ensure_database(server: Server, name: str) -> None:
    """Make the database `name` unless it is there."""
    with _connect(server) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def create_database(server: Server, name: str, template: str | None = None) -> None:
    """Make the database `name`, as a copy of `template` if given; nobody may be connected to the template meanwhile."""
    with _connect(server) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template or "template1")))


def drop_database(server: Server, name: str) -> None:
    """Drop the database `name` if it is there, ending its sessions."""
    with _connect(server) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def sessions(server: Server) -> int:
    """How many sessions others have, in all databases."""
    with _connect(server) as connection:
        row = connection.execute("select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


def _connect(server: Server) -> psycopg.Connection:
    return psycopg.connect(server.dsn("postgres"), autocommit=True, connect_timeout=10)
