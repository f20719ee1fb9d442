"""Resolution on the database: any order of the same assertions gives the same people; merges can be taken back."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from siyu import events
from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import ContactId, CustomerId, IdentityId, StaffId, TenantId
from siyu.observe import identities
from siyu.observe.contacts.model import Added, Lost
from siyu.understand import identity
from siyu.understand.identity import model
from siyu.understand.identity.model import MergeNotFound, Node
from siyu.understand.identity.wiring import capability
from tests.conftest import TestClock

Mark = tuple[str, str]
Assertion = tuple[Mark, Mark]

MARKS = [
    *((("unionid", f"u{n}")) for n in range(3)),
    *((("phone", f"1380000000{n}")) for n in range(3)),
    *((("shop:a:customer", f"{n}")) for n in range(4)),
    *((("wecom:ww1", f"wm{n}")) for n in range(3)),
]
PERSON = ("shop:a:customer", "17850")
PHONE = ("phone", "13800000000")
UNION = ("unionid", "u1")


def say(tx: Tx, *assertions: Assertion) -> list[IdentityId]:
    """Enter assertions as an observer does, all in one breath."""
    ids = identities.seen_many(tx, [mark for pair in assertions for mark in pair])
    links = [identities.Link(ids[a], ids[b], f"{a}{b}", tx.now) for a, b in assertions]
    identities.link_many(tx, links, source="test")
    return list(ids.values())


def told(tx: Tx, *assertions: Assertion) -> None:
    identity.resolve(tx, say(tx, *assertions))


def who(tx: Tx, mark: Mark) -> CustomerId:
    found = identities.find(tx, [mark])[mark].customer_id
    assert found is not None
    return found


def people(tx: Tx) -> set[frozenset[Mark]]:
    """The partition as it stands in the database, by marks."""
    groups: dict[CustomerId, set[Mark]] = {}
    for mark, found in identities.find(tx, MARKS).items():
        assert found.customer_id is not None
        groups.setdefault(found.customer_id, set()).add(mark)
    return {frozenset(group) for group in groups.values()}


def expected(tx: Tx, assertions: list[Assertion]) -> set[frozenset[Mark]]:
    """What the pure partition makes of everything at once."""
    known = identities.find(tx, MARKS)
    nodes = {one.id: Node(one.id, one.namespace, one.verified, None, one.first_seen_at) for one in known.values()}
    links = [(known[a].id, known[b].id) for a, b in assertions]
    mark_of = {one.id: mark for mark, one in known.items()}
    return {frozenset(mark_of[id] for id in group) for group in model.partition(nodes, links).groups}


def names(tx: Tx, name: str) -> list[events.Event]:
    rows = tx.execute("select id from identities where tenant_id = :tenant_id").scalars().all()
    return events.read(tx, [IdentityId(row) for row in rows], names=[name], limit=1000)


class TestResolve:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        assertions=st.lists(st.tuples(st.sampled_from(MARKS), st.sampled_from(MARKS)), min_size=1, max_size=12),
        size=st.integers(1, 4),
        shuffle=st.randoms(use_true_random=False),
    )
    def test_any_order_of_the_same_assertions_gives_the_same_people(self, tx: Tx, assertions: list[Assertion], size: int, shuffle: Random) -> None:
        outcomes = []
        for _ in range(2):
            with tx.connection.begin_nested() as attempt:
                for start in range(0, len(assertions), size):
                    told(tx, *assertions[start : start + size])
                told(tx, *assertions[:1])  # once more changes nothing
                outcomes.append(people(tx))
                assert outcomes[-1] == expected(tx, assertions)
                attempt.rollback()
            shuffle.shuffle(assertions)
        assert outcomes[0] == outcomes[1]

    def test_a_second_time_writes_nothing(self, tx: Tx) -> None:
        ids = say(tx, (PERSON, PHONE), (PHONE, UNION))
        assert identity.resolve(tx, ids) == identity.Resolved(created=1)
        before = tx.execute("select id, xmin::text, customer_id from identities where tenant_id = :tenant_id order by id").all()
        customers = tx.execute("select id, xmin::text, created_at from customers where tenant_id = :tenant_id").all()
        assert identity.resolve(tx, ids) == identity.Resolved()
        assert tx.execute("select id, xmin::text, customer_id from identities where tenant_id = :tenant_id order by id").all() == before
        assert tx.execute("select id, xmin::text, created_at from customers where tenant_id = :tenant_id").all() == customers

    def test_a_late_link_merges_into_the_oldest(self, tx: Tx) -> None:
        told(tx, (PERSON, PERSON))
        old = who(tx, PERSON)
        told(tx, (UNION, PHONE))
        young = who(tx, UNION)
        told(tx, (PERSON, UNION))
        assert who(tx, PERSON) == who(tx, UNION) == who(tx, PHONE) == old
        assert identity.current(tx, young) == old
        assert [event.props["loser_id"] for event in names(tx, "customer.merged")] == [str(young)]

    def test_contradicting_unionids_are_never_one_person(self, tx: Tx) -> None:
        told(tx, (PHONE, UNION), (PHONE, ("unionid", "u2")))
        assert len({who(tx, UNION), who(tx, ("unionid", "u2")), who(tx, PHONE)}) == 3
        (conflict,) = identity.open_conflicts(tx)
        assert conflict.namespace == "unionid"

    def test_a_contradiction_takes_a_merge_back(self, tx: Tx) -> None:
        told(tx, (PERSON, PERSON))
        told(tx, (PHONE, PHONE))
        was = who(tx, PHONE)
        told(tx, (PERSON, UNION), (PERSON, PHONE))
        assert who(tx, PHONE) == who(tx, PERSON) != was
        told(tx, (PHONE, ("unionid", "u2")), (("shop:b:customer", "1"), ("unionid", "u2")))
        assert who(tx, PHONE) not in (who(tx, PERSON), who(tx, UNION))

    def test_a_shared_number_ties_nobody_from_the_moment_it_is_shared(self, tx: Tx) -> None:
        few: list[Assertion] = [(PHONE, ("shop:a:customer", str(n))) for n in range(model.SHARED_ABOVE)]
        told(tx, *few)
        assert len({who(tx, mark) for _, mark in few}) == 1
        told(tx, (PHONE, ("shop:a:customer", "one more")))
        assert len({who(tx, mark) for _, mark in few}) == model.SHARED_ABOVE
        (conflict,) = identity.open_conflicts(tx)
        assert conflict.namespace == "phone"

    def test_what_nobody_vouches_for_joins_nobody(self, tx: Tx) -> None:
        ids = identities.seen_many(tx, [PERSON])
        ids |= identities.seen_many(tx, [PHONE], verified=False)
        identities.link_many(tx, [identities.Link(ids[PERSON], ids[PHONE], "claim", tx.now)], source="browser")
        identity.resolve(tx, list(ids.values()))
        assert who(tx, PERSON) != who(tx, PHONE)

    def test_first_sight_is_the_earliest_of_all_identities(self, tx: Tx) -> None:
        long_ago = tx.now - timedelta(days=900)
        ids = identities.seen_many(tx, [PERSON], at=long_ago)
        identity.resolve(tx, list(ids.values()))
        told(tx, (PERSON, UNION))
        created = tx.execute("select created_at from customers where tenant_id = :tenant_id and id = :id", {"id": who(tx, UNION)}).scalar()
        assert created == long_ago


class TestUndoMerge:
    def test_both_stand_for_themselves_again_and_stay_apart(self, tx: Tx) -> None:
        told(tx, (PERSON, PERSON))
        told(tx, (UNION, PHONE))
        young = who(tx, UNION)
        told(tx, (PERSON, PHONE))
        old = who(tx, UNION)
        (merge,) = names(tx, "customer.merged")
        assert identity.undo_merge(tx, merge.props["merge_id"]) == young
        assert (who(tx, PERSON), who(tx, UNION), who(tx, PHONE)) == (old, young, young)
        assert identity.current(tx, young) == young
        told(tx, (PERSON, PHONE))
        assert who(tx, PERSON) == old != who(tx, PHONE)

    def test_twice_is_refused(self, tx: Tx) -> None:
        told(tx, (PERSON, PERSON))
        told(tx, (UNION, UNION))
        told(tx, (PERSON, UNION))
        (merge,) = names(tx, "customer.merged")
        identity.undo_merge(tx, merge.props["merge_id"])
        with pytest.raises(MergeNotFound):
            identity.undo_merge(tx, merge.props["merge_id"])


class TestDescribe:
    def test_the_contact_names_the_person_before_the_shop_does(self, tx: Tx) -> None:
        (id,) = identities.seen_many(tx, [PERSON]).values()
        _order(tx, id, "旧名", None, days_ago=9)
        _order(tx, id, "王女士", "杭州", days_ago=3)
        _order(tx, id, None, None, days_ago=1)
        identity.resolve(tx, [id])
        assert _described(tx, PERSON) == ("王女士", "shop", None, "杭州")

        (external,) = identities.seen_many(tx, [("wecom:ww1", "wm1")]).values()
        tx.execute(
            text(
                """
                insert into contacts (tenant_id, id, corp_id, staff_id, external_userid, identity_id, name, avatar, gender, remark, description, add_way,
                    state, added_at, relation, updated_at)
                values (:tenant_id, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'wm1', :id, '小王', '', 2, '', '', 1, '', :now, 'active', :now)
                """
            ),
            {"tenant_id": tx.tenant_id, "id": external, "now": tx.now},
        )
        told(tx, (PERSON, ("wecom:ww1", "wm1")))
        assert _described(tx, PERSON) == ("小王", "contact", "woman", "杭州")


class TestSweep:
    """Nobody stays without a person behind them, and nobody is taken up twice at once."""

    @pytest.fixture
    def worker(self, database: Database) -> Worker:
        return Worker(database, [replace(capability, schedules=(), followers=())])

    def swept(self, database: Database, tenant: TenantId, worker: Worker) -> bool:
        """Whether the mark has a customer after a sweep."""
        with database.transaction(tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "identity.sweep")
        worker.drain()
        with database.transaction(tenant, SYSTEM) as tx:
            return identities.find(tx, [PHONE])[PHONE].customer_id is not None

    def test_of_whom_no_event_tells(self, database: Database, tenant: TenantId, worker: Worker) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            identities.seen(tx, *PHONE)
        assert self.swept(database, tenant, worker)

    def test_whose_event_waits_is_left_to_it_for_a_while(self, database: Database, tenant: TenantId, worker: Worker, clock: TestClock) -> None:
        with database.transaction(tenant, SYSTEM) as tx:
            id = identities.seen(tx, *PHONE)
            events.append(tx, Lost(ContactId(id), StaffId(id), "customer"), key="other", identity_id=id)
            events.append(tx, Added(ContactId(id), StaffId(id), 1, ""), key="waits", identity_id=id)
        assert not self.swept(database, tenant, worker)
        clock.at += timedelta(minutes=11)
        assert self.swept(database, tenant, worker)


def _order(tx: Tx, id: IdentityId, name: str | None, city: str | None, *, days_ago: int) -> None:
    tx.execute(
        """
        insert into orders (tenant_id, id, shop, order_no, identity_id, customer_name, city, asserted, status, paid_at, currency, amount, total_fen,
            line_count, sale_lines, source, content_hash, created_at, updated_at)
        values (:tenant_id, gen_random_uuid(), 'a', :no, :id, :name, :city, 'paid', 'paid', :at, 'CNY', 1, 100, 1, 1, 'test',
            decode('00112233445566778899aabbccddeeff', 'hex'), :now, :now)
        """,
        {"no": f"{days_ago}", "id": id, "name": name, "city": city, "at": tx.now - timedelta(days=days_ago)},
    )


def _described(tx: Tx, mark: Mark) -> tuple[str | None, ...]:
    row = tx.execute("select name, name_source, gender, city from customers where tenant_id = :tenant_id and id = :id", {"id": who(tx, mark)}).one()
    return tuple(row)
