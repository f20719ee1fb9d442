"""Any history of interleaved transactions: after each look, the replica is what PostgreSQL shows."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.engine.follow import Follower
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from tests.engine.tables import IDENTITIES, ITEMS, LINES, in_postgres, in_replica

SPACE = UUID(int=7)
KEYS = st.integers(0, 4)
SESSIONS = st.integers(0, 2)
ACTS = st.one_of(
    st.tuples(st.just("put"), SESSIONS, KEYS, st.integers(-9, 9)),
    st.tuples(st.just("delete"), SESSIONS, KEYS, st.just(0)),
    st.tuples(st.just("line"), SESSIONS, KEYS, st.integers(0, 2)),
    st.tuples(st.just("person"), SESSIONS, KEYS, st.integers(0, 2)),
    st.tuples(st.just("forget"), SESSIONS, KEYS, st.just(0)),
    st.tuples(st.just("commit"), SESSIONS, st.just(0), st.just(0)),
    st.tuples(st.just("rollback"), SESSIONS, st.just(0), st.just(0)),
    st.tuples(st.just("look"), st.just(0), st.just(0), st.just(0)),
    st.tuples(st.just("rebuild"), st.just(0), st.just(0), st.just(0)),
)


class Undo(Exception):
    pass


class Sessions:
    """Three sessions with a transaction each, opened at need. Keys are the session's own, so that none waits for another."""

    def __init__(self, database: Database, tenant: TenantId) -> None:
        self.database, self.tenant = database, tenant
        self.open: dict[int, tuple[ExitStack, Tx]] = {}
        self.history = 0

    def begin(self) -> None:
        """Another history, on keys of its own."""
        self.end_all()
        self.history += 1

    def tx(self, number: int) -> Tx:
        if number not in self.open:
            stack = ExitStack()
            self.open[number] = stack, stack.enter_context(self.database.transaction(self.tenant, SYSTEM))
        return self.open[number][1]

    def end(self, number: int, *, commit: bool) -> None:
        if number in self.open:
            stack, _ = self.open.pop(number)
            if commit:
                stack.close()
            else:
                undo = Undo()
                stack.__exit__(Undo, undo, None)

    def end_all(self) -> None:
        for number in list(self.open):
            self.end(number, commit=True)


def act(sessions: Sessions, what: str, number: int, key: int, value: int) -> None:
    id = uuid5(SPACE, f"{sessions.history}:{number}:{key}")
    tx = sessions.tx(number)
    match what:
        case "put":
            tx.execute(
                "insert into items (tenant_id, id, identity_id, many) values (:tenant_id, :id, :id, :value) "
                "on conflict (tenant_id, id) do update set many = excluded.many",
                {"id": id, "value": value},
            )
        case "delete":
            tx.execute("delete from items where tenant_id = :tenant_id and id = :id", {"id": id})
        case "line":
            tx.execute("insert into lines values (:tenant_id, :id, :value, 1) on conflict do nothing", {"id": id, "value": value})
            tx.execute("update lines set many = many + 1 where tenant_id = :tenant_id and item_id = :id", {"id": id})
        case "person":
            tx.execute(
                "insert into identities (tenant_id, id, namespace, value, customer_id, verified, first_seen_at, last_seen_at) "
                "values (:tenant_id, :id, 'test', cast(:id as text), :person, true, :now, :now) "
                "on conflict (tenant_id, id) do update set customer_id = excluded.customer_id",
                {"id": id, "person": uuid5(SPACE, str(value)) if value else None},
            )
        case "forget":
            tx.execute("delete from identities where tenant_id = :tenant_id and id = :id", {"id": id})


def agree(follower: Follower, database: Database) -> None:
    assert follower.replica is not None
    for table in (ITEMS, LINES, IDENTITIES):
        assert in_replica(follower.replica, table) == in_postgres(database, table)
    with follower.replica.reading() as cursor:
        wrong = cursor.execute(
            "select t.id from data.items t left join data.identities i on i.id = t.identity_id where t.customer_id is distinct from i.customer_id"
        ).fetchall()
    assert wrong == []


@pytest.fixture
def sessions(items: Database, tenant: TenantId) -> Iterator[Sessions]:
    sessions = Sessions(items, tenant)
    yield sessions
    sessions.end_all()


class TestHistories:
    @given(history=st.lists(ACTS, min_size=5, max_size=40))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    def test_each_look_agrees_with_postgres(self, sessions: Sessions, follower: Follower, items: Database, history: list[tuple[str, int, int, int]]) -> None:
        sessions.begin()
        for what, number, key, value in [*history, ("look", 0, 0, 0)]:
            match what:
                case "commit" | "rollback":
                    sessions.end(number, commit=what == "commit")
                case "look" | "rebuild":
                    if what == "rebuild":
                        follower.want_rebuild()
                    follower.step()
                    agree(follower, items)
                case _:
                    act(sessions, what, number, key, value)
        sessions.end_all()
        follower.step()
        agree(follower, items)
