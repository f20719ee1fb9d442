"""Nobody sees what is not theirs: the one scope against a brute-force oracle, in PostgreSQL and in the replica's language."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID, uuid4

import duckdb
import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Uuid, func, select

from siyu.access import staff
from siyu.infra.database import Database, enter
from siyu.infra.tx import SYSTEM, Actor, Scope, Tx
from siyu.kernel.ids import CustomerId, DepartmentId, StaffId, TenantId
from siyu.observe import contacts
from tests.conftest import make_tenant

customers = Table("customers", MetaData(), Column("tenant_id", Uuid), Column("id", Uuid), Column("merged_into", Uuid))
RELATIONS = ["active", "active", "deleted_by_customer", "deleted_by_staff"]


@dataclass(frozen=True)
class Brand:
    """A random brand: departments by number with their parent, members with their departments, relations as (member, customer, state)."""

    parents: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    customers: int
    relations: frozenset[tuple[int, int, str]]

    def under(self, roots: frozenset[int]) -> set[int]:
        """The oracle's subtree: walk up from each department."""
        found = set()
        for department in range(1, len(self.parents) + 1):
            at = department
            while at and at not in roots:
                at = self.parents[at - 1]
            if at:
                found.add(department)
        return found

    def seen_by(self, members: set[int]) -> set[int]:
        return {customer for member, customer, state in self.relations if member in members and state != "deleted_by_staff"}


@st.composite
def brands(draw: st.DrawFn) -> Brand:
    departments = draw(st.integers(1, 7))
    parents = tuple(draw(st.integers(0, number)) for number in range(departments))  # a department's parent has a smaller number, 0 is none
    members = draw(st.lists(st.lists(st.integers(1, departments), max_size=2, unique=True).map(tuple), min_size=1, max_size=5).map(tuple))
    people = draw(st.integers(1, 6))
    relation = st.tuples(st.integers(0, len(members) - 1), st.integers(0, people - 1), st.sampled_from(RELATIONS))
    pairs = draw(st.lists(relation, max_size=12, unique_by=lambda row: row[:2]))
    return Brand(parents, members, people, frozenset(pairs))


@dataclass(frozen=True)
class Built:
    """The brand in the database."""

    departments: dict[int, DepartmentId]
    members: list[StaffId]
    customers: list[CustomerId]


def build(tx: Tx, brand: Brand) -> Built:
    staff.departments_upsert(tx, "ww1", [staff.DepartmentRecord(n, f"部门{n}", parent or None) for n, parent in enumerate(brand.parents, 1)])
    staff.upsert(tx, "ww1", [staff.MemberRecord(f"m{n}", f"导购{n}", departments=list(of)) for n, of in enumerate(brand.members)])
    ids = staff.ids(tx, "ww1", [f"m{n}" for n in range(len(brand.members))])
    members = [ids[f"m{n}"] for n in range(len(brand.members))]
    people = [CustomerId(uuid4()) for _ in range(brand.customers)]
    tx.execute(
        "insert into customers (tenant_id, id, created_at) select :tenant_id, unnest(cast(:people as uuid[])), :now",
        {"people": people},
    )
    tx.execute(
        """
        insert into identities (tenant_id, id, namespace, value, customer_id, verified, first_seen_at, last_seen_at)
        select :tenant_id, id, 'wecom:ww1', id::text, id, true, :now, :now from unnest(cast(:people as uuid[])) as p (id)
        """,
        {"people": people},
    )
    rows = sorted(brand.relations)
    tx.execute(
        """
        insert into contacts (tenant_id, id, corp_id, staff_id, external_userid, identity_id, name, avatar, gender, remark, description, add_way, state,
            added_at, relation, ended_at, updated_at)
        select :tenant_id, gen_random_uuid(), :corp, r.staff, r.person::text, r.person, '', '', 0, '', '', 0, '', :now, r.relation,
            case when r.relation <> 'active' then cast(:now as timestamptz) end, :now
        from unnest(cast(:staff as uuid[]), cast(:people as uuid[]), cast(:relations as text[])) as r (staff, person, relation)
        """,
        {
            "corp": uuid4(),
            "staff": [members[member] for member, _, _ in rows],
            "people": [people[person] for _, person, _ in rows],
            "relations": [relation for _, _, relation in rows],
        },
    )
    return Built({row.wecom_id: row.id for row in staff.departments(tx)}, members, people)


def acting(tx: Tx, scope: Scope) -> Tx:
    return replace(tx, actor=Actor("user", uuid4(), "某人", "supervisor", frozenset(), scope))


def listed(tx: Tx) -> set[UUID]:
    """A list as any capability makes it."""
    condition = contacts.in_scope(tx, customers.c.id)
    query = select(customers.c.id).where(customers.c.tenant_id == tx.tenant_id)
    return set(tx.execute(query if condition is None else query.where(condition)).scalars())


def counted(tx: Tx) -> int:
    condition = contacts.in_scope(tx, customers.c.id)
    query = select(func.count()).select_from(customers).where(customers.c.tenant_id == tx.tenant_id)
    return int(tx.execute(query if condition is None else query.where(condition)).scalar_one())


class Replica:
    """The same tables in DuckDB, of all tenants."""

    COLUMNS: ClassVar = {
        "customers": {"tenant_id": "uuid", "id": "uuid"},
        "contacts": {"tenant_id": "uuid", "staff_id": "uuid", "identity_id": "uuid", "relation": "string"},
        "identities": {"tenant_id": "uuid", "id": "uuid", "customer_id": "uuid"},
    }

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for name, columns in self.COLUMNS.items():
            typed = ", ".join(f"{column} {'varchar' if kind == 'string' else kind}" for column, kind in columns.items())
            self.connection.execute(f"create table {name} ({typed})")

    def fill(self, tx: Tx) -> None:
        """Take over this tenant's rows."""
        for name, columns in self.COLUMNS.items():
            rows = tx.execute(f"select {', '.join(columns)} from {name} where tenant_id = :tenant_id").all()
            self.connection.execute(f"delete from {name} where tenant_id = ?", [str(tx.tenant_id)])
            if rows:
                values = ", ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)
                self.connection.execute(f"insert into {name} values {values}")

    def listed(self, tx: Tx) -> set[UUID]:
        """The list as the engine is asked for it."""
        tables = {name: ibis.table(columns, name=name) for name, columns in self.COLUMNS.items()}
        own = {name: table.filter(table.tenant_id == ibis.literal(tx.tenant_id, "uuid")) for name, table in tables.items()}
        people = own["customers"]
        condition = contacts.in_scope_expr(tx, people.id, contacts=own["contacts"], identities=own["identities"])
        question = people if condition is None else people.filter(condition)
        return {row[0] for row in self.connection.execute(ibis.to_sql(question.select("id"), dialect="duckdb")).fetchall()}


@pytest.fixture(scope="module")
def replica() -> Replica:
    return Replica()


@pytest.fixture
def stranger(shared_database: Database) -> TenantId:
    """Another brand in the same tables."""
    return make_tenant(shared_database, name="别家")


class TestInScope:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(brand=brands(), others=brands(), chosen=st.frozensets(st.integers(1, 7), max_size=2), member=st.integers(0, 4), asked=st.integers(0, 5))
    def test_lists_and_counts_equal_the_oracle(
        self,
        tx: Tx,
        stranger: TenantId,
        shared_database: Database,
        replica: Replica,
        brand: Brand,
        others: Brand,
        chosen: frozenset[int],
        member: int,
        asked: int,
    ) -> None:
        with tx.connection.begin_nested() as attempt:
            foreign = build(enter(tx.connection, stranger, SYSTEM, shared_database.clock), others)
            built = build(enter(tx.connection, tx.tenant_id, SYSTEM, shared_database.clock), brand)
            replica.fill(tx)
            roots = frozenset(root for root in chosen if root in built.departments)
            me = member % len(built.members)
            subtree = brand.under(roots)
            scopes = {
                Scope("all"): set(range(brand.customers)),
                Scope("own", built.members[me]): brand.seen_by({me}),
                Scope("own"): set(),
                Scope("departments", None, tuple(built.departments[root] for root in roots)): brand.seen_by(
                    {number for number, of in enumerate(brand.members) if subtree.intersection(of)}
                ),
                Scope("own", foreign.members[0]): set(),
                Scope("departments", None, tuple(foreign.departments.values())): set(),
            }
            for number, (scope, seen) in enumerate(scopes.items()):
                mine = acting(tx, scope)
                expected = {built.customers[customer] for customer in seen}
                assert listed(mine) == expected
                assert counted(mine) == len(expected)
                assert number != asked or replica.listed(mine) == expected  # translating a question takes longer than answering it
                assert contacts.sees(mine, built.customers[0]) == (0 in seen)
            attempt.rollback()

    def test_with_no_tenant_set_nothing_is_there(self, tx: Tx) -> None:
        build(tx, Brand((0,), ((1,),), 1, frozenset({(0, 0, "active")})))
        tx.execute("select set_config('siyu.tenant_id', '', true)")
        assert listed(acting(tx, Scope("all"))) == set()
