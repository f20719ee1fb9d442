"""What the database's own catalogue says about tenants: no table is open, no function is a way around, nobody sees another brand."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from tests.conftest import make_tenant

SHARED = {"alembic_version", "login_tries", "replica_memory", "replica_tombstones", "tenants"}
"""Tables that belong to no tenant; a new one is put here knowingly."""
SECRETS = {"sources_key_hash_key", "corps_callback_key_key", "links_code_key"}
"""Unique keys over all tenants: long random values by which somebody is known before the tenant is. A new one is put here knowingly."""
ROLES = ("siyu_app", "siyu_reader", "siyu_eraser", "siyu_lookup")
ONE, OTHER = UUID(int=1), UUID(int=2)

VALUES = {
    "uuid": "'00000000-0000-7000-8000-000000000000'",
    "timestamp with time zone": "'2026-03-02 00:00+00'",
    "date": "'2026-03-02'",
    "boolean": "false",
    "jsonb": "'{}'",
    "json": "'{}'",
    "ARRAY": "'{}'",
    "bytea": "'{letter}'",
    "xid8": "'1'",
    "text": "'{letter}'",
    "character varying": "'{letter}'",
    "inet": "'127.0.0.1'",
    "interval": "'1 second'",
    "time without time zone": "'00:00'",
    "tstzrange": "'empty'",
    "USER-DEFINED": "null",
}
"""A value of each column type, for rows that nobody reads; numbers are 1, and only texts differ between tenants."""


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    """A connection as the owner, with a month of events, rolled back at the end."""
    with database.engine.connect() as connection:
        begun = connection.begin()
        connection.execute(text("select siyu_event_partition('2026-03-01')"))
        yield connection
        begun.rollback()


def ask(connection: Connection, statement: str, **params: Any) -> list[Any]:
    return list(connection.execute(text(statement), params))


def tables(connection: Connection) -> list[tuple[str, bool]]:
    """Every table of ours with whether it is a partition."""
    found = ask(connection, "select relname, relispartition from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1")
    return [(row.relname, row.relispartition) for row in found]


def tenant_tables(connection: Connection) -> list[str]:
    """Every table with rows of tenants, without partitions."""
    have = ask(connection, "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'")
    with_tenant = {row.table_name for row in have}
    return [name for name, partition in tables(connection) if name in with_tenant and not partition]


def test_every_table_belongs_to_tenants_or_is_shared_knowingly(owner: Connection) -> None:
    ours = {name for name, partition in tables(owner) if not partition}
    assert ours - set(tenant_tables(owner)) == SHARED
    assert len(tenant_tables(owner)) > 10


def test_every_table_with_rows_of_tenants_is_shut(owner: Connection) -> None:
    open_ = ask(
        owner,
        """
        select c.relname
        from pg_class c
        where c.relnamespace = 'public'::regnamespace
            and c.relkind in ('r', 'p')
            and not c.relispartition
            and (
                exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                or c.relname in ('tenants', 'login_tries')
            )
            and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
        """,
    )
    assert open_ == []


def test_partitions_are_shut_too_and_nobody_reaches_them_directly(owner: Connection) -> None:
    partitions = [name for name, partition in tables(owner) if partition]
    assert partitions
    for name in partitions:
        row = ask(owner, "select relrowsecurity, relforcerowsecurity from pg_class where relname = :name", name=name)[0]
        assert tuple(row) == (True, True), name
        for role in ROLES:
            for act in ("select", "insert", "update", "delete", "truncate"):
                assert not ask(owner, "select has_table_privilege(:role, :name, :act)", role=role, name=name, act=act)[0][0], (role, name, act)


def test_policies_open_a_table_to_the_app_for_its_own_tenant_only(owner: Connection) -> None:
    policies = ask(
        owner,
        """
        select tablename, policyname, roles::text[] as roles, qual, with_check
        from pg_policies
        where schemaname = 'public' and roles::text[] && array['siyu_app', 'siyu_eraser', 'public']
        """,
    )
    assert {row.tablename for row in policies} >= set(tenant_tables(owner))
    for row in policies:
        assert "public" not in row.roles, row
        for clause in filter(None, (row.qual, row.with_check)):
            assert "siyu.tenant_id" in clause, row


def test_primary_keys_begin_with_the_tenant_and_unique_keys_contain_it(owner: Connection) -> None:
    keys = ask(
        owner,
        """
        select c.relname, i.relname as key, x.indisprimary,
            array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality k (number, place)
                  join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number order by k.place) as columns
        from pg_index x
        join pg_class c on c.oid = x.indrelid
        join pg_class i on i.oid = x.indexrelid
        where c.relnamespace = 'public'::regnamespace and (x.indisprimary or x.indisunique)
        """,
    )
    ours = tenant_tables(owner)
    assert {row.relname for row in keys if row.indisprimary} >= set(ours)
    assert [row.key for row in keys if row.relname in ours and row.indisprimary and row.columns[0] != "tenant_id"] == []
    assert {row.key for row in keys if row.relname in ours and "tenant_id" not in row.columns} == SECRETS


def test_foreign_keys_stay_within_a_tenant(owner: Connection) -> None:
    keys = ask(
        owner,
        """
        select f.conname,
            array(select a.attname::text from unnest(f.conkey) with ordinality k (number, place)
                  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number order by k.place) as columns,
            array(select a.attname::text from unnest(f.confkey) with ordinality k (number, place)
                  join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number order by k.place) as targets
        from pg_constraint f
        where f.contype = 'f' and f.connamespace = 'public'::regnamespace and f.confrelid <> 'tenants'::regclass
        """,
    )
    assert keys
    for row in keys:
        assert ("tenant_id", "tenant_id") in zip(row.columns, row.targets, strict=True), row.conname


def test_our_roles_are_small(owner: Connection) -> None:
    roles = ask(owner, "select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb from pg_roles where rolname like 'siyu\\_%'")
    ours = [row for row in roles if row.rolname in {*ROLES, "siyu_definer"}]
    assert len(ours) == 5
    for row in ours:
        assert not any(tuple(row)[1:]), row
    for role in ROLES:
        assert ask(owner, "select relname from pg_class where relowner = cast(:role as regrole)", role=role) == []
        assert ask(owner, "select proname from pg_proc where proowner = cast(:role as regrole)", role=role) == []
        for other in {*ROLES, "siyu_definer"} - {role}:
            assert not ask(owner, "select pg_has_role(:role, :other, 'member')", role=role, other=other)[0][0], (role, other)


def test_the_app_writes_to_shared_tables_only_what_it_must(owner: Connection) -> None:
    for name in SHARED - {"tenants"}:
        for act in ("select", "insert", "update", "delete", "truncate"):
            allowed = ask(owner, "select has_table_privilege('siyu_app', :name, :act)", name=name, act=act)[0][0]
            assert allowed is ((name, act) == ("replica_tombstones", "insert")), (name, act)


def test_the_look_up_role_may_touch_no_table(owner: Connection) -> None:
    for name, _ in tables(owner):
        for act in ("select", "insert", "update", "delete"):
            assert not ask(owner, "select has_table_privilege('siyu_lookup', :name, :act)", name=name, act=act)[0][0], (name, act)


def test_functions_with_rights_of_their_own_are_pinned_and_not_for_everybody(owner: Connection) -> None:
    functions = ask(
        owner,
        """
        select p.oid::regprocedure::text as name, pg_get_userbyid(p.proowner) as owner, coalesce(p.proconfig, '{}') as config,
            p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0) as public
        from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef
        """,
    )
    assert len(functions) >= 6
    for row in functions:
        assert row.owner == "siyu_definer", row.name
        assert [setting for setting in row.config if setting.startswith("search_path=") and setting.endswith("pg_temp")], row.name
        assert not row.public, row.name


def test_password_hashes_of_all_brands_are_for_the_look_up_role_alone(owner: Connection) -> None:
    may = {role: ask(owner, "select has_function_privilege(:role, 'siyu_account_by_login(text)', 'execute')", role=role)[0][0] for role in ROLES}
    assert may == {"siyu_app": False, "siyu_reader": False, "siyu_eraser": False, "siyu_lookup": True}


def test_views_see_with_the_eyes_of_the_one_who_asks(owner: Connection) -> None:
    views = ask(
        owner,
        """
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and not coalesce(reloptions @> '{security_invoker=true}', false)
        """,
    )
    assert views == []


class TestTwoTenants:
    """A row of each of two tenants in every table, and what each role sees of them."""

    @pytest.fixture
    def filled(self, owner: Connection) -> Connection:
        for row in ask(owner, "select conrelid::regclass::text as name, conname from pg_constraint where contype in ('c', 'f') and conparentid = 0"
                       " and connamespace = 'public'::regnamespace and not (select relispartition from pg_class where oid = conrelid)"):  # fmt: skip
            owner.execute(text(f'alter table {row.name} drop constraint if exists "{row.conname}"'))
        for name in [*tenant_tables(owner), "tenants"]:
            key = "id" if name == "tenants" else "tenant_id"
            columns = ask(
                owner,
                """
                select column_name, data_type
                from information_schema.columns
                where table_schema = 'public' and table_name = :name and column_name <> :key and is_identity = 'NO' and is_generated = 'NEVER'
                    and is_nullable = 'NO' and column_default is null
                """,
                name=name,
                key=key,
            )
            names = ", ".join([key, *(row.column_name for row in columns)])
            values = "".join(f", {VALUES.get(row.data_type, '1')}" for row in columns)
            owner.execute(text(f"alter table {name} no force row level security"))
            for tenant, letter in ((ONE, "a"), (OTHER, "b")):
                owner.execute(text(f"insert into {name} ({names}) values ('{tenant}'{values.replace('{letter}', letter)})"))
            owner.execute(text(f"alter table {name} force row level security"))
        return owner

    @staticmethod
    def become(connection: Connection, role: str, tenant: UUID | None) -> None:
        connection.execute(
            text("select set_config('role', :role, true), set_config('siyu.tenant_id', :tenant, true)"), {"role": role, "tenant": str(tenant or "")}
        )

    def seen(self, connection: Connection, role: str, tenant: UUID | None) -> dict[str, set[UUID]]:
        """Whose rows a role sees in each table that it may read."""
        found = {}
        for name in [*tenant_tables(connection), "tenants"]:
            if not ask(connection, "select has_table_privilege(:role, :name, 'select')", role=role, name=name)[0][0]:
                continue
            self.become(connection, role, tenant)
            column = "id" if name == "tenants" else "tenant_id"
            found[name] = {row[0] for row in ask(connection, f"select {column} from {name}")}
            connection.execute(text("reset role"))
        return found

    @pytest.mark.parametrize("role", ["siyu_app", "siyu_eraser"])
    def test_each_sees_its_own_rows_and_without_a_tenant_none(self, filled: Connection, role: str) -> None:
        for tenant in (ONE, OTHER):
            seen = self.seen(filled, role, tenant)
            assert len(seen) > 10
            assert {name: rows for name, rows in seen.items() if rows != {tenant}} == {}
        nobody = self.seen(filled, role, None)
        assert {name: rows for name, rows in nobody.items() if rows} == {}
        stranger = self.seen(filled, role, uuid4())
        assert {name: rows for name, rows in stranger.items() if rows} == {}

    def test_the_reader_sees_all_and_may_only_read(self, filled: Connection) -> None:
        seen = self.seen(filled, "siyu_reader", None)
        assert {name for name, rows in seen.items() if rows == {ONE, OTHER}} == {*tenant_tables(filled), "tenants"}
        for name in seen:
            for act in ("insert", "update", "delete", "truncate"):
                assert not ask(filled, "select has_table_privilege('siyu_reader', :name, :act)", name=name, act=act)[0][0], (name, act)

    @pytest.mark.parametrize("role", ["siyu_app", "siyu_eraser"])
    def test_nobody_writes_into_another_tenant(self, filled: Connection, role: str) -> None:
        for name in [*tenant_tables(filled), "tenants"]:
            column = "id" if name == "tenants" else "tenant_id"
            for act, statement in {
                "update": f"update {name} set {column} = {column} where {column} = '{OTHER}'",
                "delete": f"delete from {name} where {column} = '{OTHER}'",
                "insert": f"insert into {name} select * from {name} where {column} = '{OTHER}'",
            }.items():
                if not ask(filled, "select has_table_privilege(:role, :name, :act)", role=role, name=name, act=act)[0][0]:
                    continue
                self.become(filled, role, ONE)
                assert filled.execute(text(statement)).rowcount == 0, (name, act)
                filled.execute(text("reset role"))
            if ask(filled, "select has_table_privilege(:role, :name, 'update')", role=role, name=name)[0][0]:
                point = filled.begin_nested()
                self.become(filled, role, ONE)
                with pytest.raises(DBAPIError, match="row-level security"):
                    filled.execute(text(f"update {name} set {column} = '{OTHER}' where {column} = '{ONE}'"))
                point.rollback()


def test_two_thousand_interleaved_transactions_never_see_another_tenant(database: Database) -> None:
    """Connections go from tenant to tenant in the pool; what one set must not reach the next."""
    tenants = [make_tenant(database, name=f"brand {i}") for i in range(4)]

    def visit(i: int) -> tuple[TenantId, list[Any], list[Any]]:
        tenant = tenants[i % len(tenants)]
        with database.transaction(tenant, SYSTEM) as tx:
            inside = list(tx.execute("select id from tenants").scalars())
        with database.lookup() as connection:
            between = [connection.execute(text("select current_setting('siyu.tenant_id', true)")).scalar()]
        return tenant, inside, between

    with ThreadPoolExecutor(8) as pool:
        for tenant, inside, between in pool.map(visit, range(1000)):
            assert inside == [tenant]
            assert between == [""]
