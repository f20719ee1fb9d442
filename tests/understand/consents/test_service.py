"""Opting out holds at once, for the whole person, and survives merges."""

from datetime import datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from siyu import events
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CustomerId, IdentityId, StaffId
from siyu.observe import identities
from siyu.observe.contacts.model import Added, Lost
from siyu.understand import consents, identity
from siyu.understand.consents import CustomerUnknown, service

FIRST = ("wecom:ww1", "wm1")
SECOND = ("shop:a:customer", "1")


def a_person(tx: Tx, mark: tuple[str, str]) -> IdentityId:
    id = identities.seen(tx, *mark)
    identity.resolve(tx, [id])
    return id


def customer(tx: Tx, id: IdentityId) -> CustomerId:
    return identity.customer_of(tx, [id])[id]


def joined(tx: Tx, a: IdentityId, b: IdentityId) -> None:
    identities.link_many(tx, [identities.Link(a, b, "order", tx.now)], source="shop")
    identity.resolve(tx, [a, b])


class TestOptOut:
    def test_holds_until_taken_back(self, tx: Tx) -> None:
        who = customer(tx, a_person(tx, FIRST))
        consents.opt_out(tx, who, True, "按客户要求")
        assert consents.is_opted_out(tx, who)
        consents.opt_out(tx, who, False, "客户同意")
        assert not consents.is_opted_out(tx, who)

    def test_is_said_once(self, tx: Tx) -> None:
        id = a_person(tx, FIRST)
        consents.opt_out(tx, customer(tx, id), True, "按客户要求")
        consents.opt_out(tx, customer(tx, id), True, "按客户要求")
        assert [event.name for event in events.read(tx, [id], names=["consent.withdrawn"])] == ["consent.withdrawn"]

    def test_a_merge_takes_the_stricter_side_and_undoing_it_restores_both(self, tx: Tx) -> None:
        a, b = a_person(tx, FIRST), a_person(tx, SECOND)
        consents.opt_out(tx, customer(tx, b), True, "按客户要求")
        joined(tx, a, b)
        assert consents.opted_out(tx, [customer(tx, a)]).keys() == {customer(tx, a)}
        (merge,) = events.read(tx, [a, b], names=["customer.merged"])
        identity.undo_merge(tx, merge.props["merge_id"])
        assert (consents.is_opted_out(tx, customer(tx, a)), consents.is_opted_out(tx, customer(tx, b))) == (False, True)

    def test_nobody_is_refused(self, tx: Tx) -> None:
        with pytest.raises(CustomerUnknown):
            consents.opt_out(tx, CustomerId(uuid4()), True, "谁?")


class TestFollow:
    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_deleting_a_member_opts_out_until_one_is_added_later_whatever_comes_first(self, tx: Tx, order: tuple[int, ...]) -> None:
        id = a_person(tx, FIRST)
        steps = [("added", 0), ("lost", 1), ("added", 2)]
        for step in order:
            told(tx, id, *steps[step])
        assert not consents.is_opted_out(tx, customer(tx, id))
        told(tx, id, "lost", 3)
        assert consents.is_opted_out(tx, customer(tx, id))

    def test_a_word_outlives_being_added_again(self, tx: Tx) -> None:
        id = a_person(tx, FIRST)
        consents.opt_out(tx, customer(tx, id), True, "按客户要求")
        told(tx, id, "added", 1)
        assert consents.is_opted_out(tx, customer(tx, id))

    def test_being_deleted_by_staff_is_no_wish(self, tx: Tx) -> None:
        id = a_person(tx, FIRST)
        told(tx, id, "dropped", 1)
        assert not consents.is_opted_out(tx, customer(tx, id))


def told(tx: Tx, id: IdentityId, kind: str, hours: int) -> None:
    """One event of a contact, entered and followed."""
    at: datetime = tx.now - timedelta(days=1) + timedelta(hours=hours)
    contact, staff = ContactId(uuid4()), StaffId(uuid4())
    fact: events.Fact = Added(contact, staff, 1, "") if kind == "added" else Lost(contact, staff, "customer" if kind == "lost" else "staff")
    events.append(tx, fact, key=str(uuid4()), identity_id=id, at=at)
    (event,) = [event for event in events.read(tx, [id], names=[fact.name]) if event.occurred_at == at]
    service.follow(tx, [event])
