"""Addresses and databases."""

from contextlib import closing

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pytest
from sqlalchemy import create_engine, text

from siyu.infra import postgres


def _one(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(statement).fetchone()
    return row and row[0]


class TestAddresses:
    def test_sqlalchemy_takes_the_url(self, server: postgres.Server) -> None:
        engine = create_engine(server.url())
        with engine.connect() as connection:
            assert connection.execute(text("select current_user || '@' || current_database()")).scalar_one() == "siyu_owner@siyu"
        engine.dispose()

    def test_adbc_takes_the_dsn(self, server: postgres.Server) -> None:
        with closing(adbc.connect(server.dsn())) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("select current_user::text")
            assert cursor.fetchone() == ("siyu_owner",)

    def test_a_role_is_taken_on_for_the_whole_connection(self, server: postgres.Server) -> None:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("create role some_reader nologin")
        assert _one(server.dsn(role="some_reader"), "select current_user") == "some_reader"
        engine = create_engine(server.url(role="some_reader"))
        with engine.connect() as connection:
            assert connection.execute(text("select current_user || session_user")).scalar_one() == "some_readersiyu_owner"
        engine.dispose()

    def test_printing_a_server_tells_no_secret(self, server: postgres.Server) -> None:
        password = (server.data_dir.parent / "owner.password").read_text().strip()
        assert len(password) >= 32
        assert password not in repr(server)


class TestDatabases:
    def test_a_copy_of_a_template_is_independent(self, server: postgres.Server) -> None:
        postgres.create_database(server, "pattern")
        with psycopg.connect(server.dsn("pattern")) as connection:
            connection.execute("create table things as select 7 as size")
        postgres.create_database(server, 'copy "1"', template="pattern")
        with psycopg.connect(server.dsn('copy "1"')) as connection:
            connection.execute("update things set size = 8")
        assert (_one(server.dsn("pattern"), "select size from things"), _one(server.dsn('copy "1"'), "select size from things")) == (7, 8)

    def test_dropping_ends_sessions_and_may_be_repeated(self, server: postgres.Server) -> None:
        postgres.create_database(server, "brief")
        with closing(psycopg.connect(server.dsn("brief"))):
            postgres.drop_database(server, "brief")
        postgres.drop_database(server, "brief")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(server.dsn("brief"))

    def test_ensuring_twice_makes_one(self, server: postgres.Server) -> None:
        postgres.ensure_database(server, "wanted")
        postgres.ensure_database(server, "wanted")
        assert _one(server.dsn(), "select count(*) from pg_database where datname = 'wanted'") == 1
