"""The event log: once per key, in commit order, nothing passed over."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from siyu import events
from siyu.events.store import OutOfTime
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import IdentityId, TenantId


@dataclass(frozen=True)
class Paid(events.Fact):
    name = "test.paid"
    order_no: str


class TestAppend:
    def test_a_key_enters_once_per_source(self, tx: Tx) -> None:
        assert events.append(tx, Paid("1"), key="1", source="shop")
        assert not events.append(tx, Paid("1"), key="1", source="shop")
        assert events.append(tx, Paid("1"), key="1", source="other")

    def test_an_order_of_2010_goes_in(self, tx: Tx) -> None:
        person = IdentityId(uuid4())
        at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
        events.append(tx, Paid("2010"), key="2010", identity_id=person, at=at)
        assert [event.occurred_at for event in events.read(tx, [person])] == [at]

    @pytest.mark.parametrize("at", [datetime(1999, 12, 31, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
    def test_a_wrong_clock_is_refused(self, tx: Tx, at: datetime) -> None:
        with pytest.raises(OutOfTime):
            events.append(tx, Paid("1"), key="wrong", at=at)

    def test_the_same_key_twice_in_one_call_is_one_event(self, tx: Tx) -> None:
        assert events.append_many(tx, [(Paid("1"), "k", None, None), (Paid("1"), "k", None, None)]) == 1


class TestRead:
    def test_pages_newest_first(self, tx: Tx) -> None:
        person = IdentityId(uuid4())
        for hour in range(5):
            events.append(tx, Paid(str(hour)), key=f"{person}{hour}", identity_id=person, at=tx.now - timedelta(hours=hour))
        first = events.read(tx, [person], limit=3)
        rest = events.read(tx, [person], before=(first[-1].occurred_at, first[-1].id))
        assert [event.props["order_no"] for event in first + rest] == ["0", "1", "2", "3", "4"]


class TestFollow:
    def test_each_event_is_given_once_in_commit_order(self, database: Database, tenant: TenantId) -> None:
        for number in range(3):
            with database.transaction(tenant, SYSTEM) as tx:
                events.append(tx, Paid(str(number)), key=str(number))
        seen = []
        for _ in range(3):
            with database.transaction(tenant, SYSTEM) as tx:
                seen += [event.props["order_no"] for event in events.follow(tx, "reader", ["test.paid"], limit=2)]
        assert seen == ["0", "1", "2"]
        with database.transaction(tenant, SYSTEM) as tx:
            assert not events.backlog(tx, "reader", ["test.paid"])

    def test_a_late_commit_is_not_passed_over(self, database: Database, tenant: TenantId) -> None:
        seen: list[str] = []
        with database.transaction(tenant, SYSTEM) as tx:
            events.append(tx, Paid("first"), key="first")  # makes the month's partition, which others would wait for

        def read() -> None:
            with database.transaction(tenant, SYSTEM) as tx:
                seen.extend(event.props["order_no"] for event in events.follow(tx, "reader", ["test.paid"]))

        read()
        assert seen == ["first"]
        with database.transaction(tenant, SYSTEM) as slow:
            events.append(slow, Paid("slow"), key="slow")
            with database.transaction(tenant, SYSTEM) as quick:
                events.append(quick, Paid("quick"), key="quick")
            read()
            assert seen == ["first"]  # the slow one may still commit before it
        read()
        assert seen == ["first", "slow", "quick"]
