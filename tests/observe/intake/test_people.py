"""Who an event is about, and who may say so."""

from typing import Any

from siyu.infra.tx import SYSTEM
from siyu.understand import identity
from siyu.understand.identity import wiring
from tests.observe.intake.conftest import Brand


def follow(brand: Brand) -> None:
    """What a worker does with the events that came."""
    from siyu import events

    (follower,) = wiring.capability.followers
    with brand.database.transaction(brand.tenant, SYSTEM) as tx:
        follower.run(tx, events.follow(tx, follower.name, follower.events))


def customers(brand: Brand) -> dict[tuple[str, str], Any]:
    """The customer of each mark."""
    rows = brand.ask("select namespace, value, customer_id from identities where tenant_id = :tenant_id")
    return {(row.namespace, row.value): row.customer_id for row in rows}


class TestServer:
    def test_identify_ties_the_device_and_strong_traits_to_the_user(self, brand: Brand) -> None:
        brand.send("track", {"anonymousId": "device", "event": "Seen"}, key=brand.public)
        traits = {"phone": "138 0013 8000", "unionId": "o1", "member_no": 77, "external_userid": "wm1", "corp_id": "ww1", "nickname": "小屿"}
        brand.send("identify", {"userId": "u1", "anonymousId": "device", "traits": traits})
        follow(brand)
        marks = {("user_id", "u1"), ("anonymous_id", "device"), ("phone", "13800138000"), ("unionid", "o1"), ("member", "77"), ("wecom:ww1", "wm1")}
        found = customers(brand)
        assert set(found) == marks
        assert len(set(found.values())) == 1 and None not in found.values()
        (seen, identified) = brand.events()
        assert seen.identity_id != identified.identity_id
        with brand.database.transaction(brand.tenant, SYSTEM) as tx:
            owners = identity.customer_of(tx, [seen.identity_id, identified.identity_id])
        assert len(set(owners.values())) == 1, "what the visitor did before logging in is the customer's"

    def test_masked_and_odd_traits_are_no_marks(self, brand: Brand) -> None:
        brand.send("identify", {"userId": "u1", "traits": {"phone": "138****8000", "unionid": "", "member_no": ["1"], "external_userid": "wm1"}})
        assert set(customers(brand)) == {("user_id", "u1")}

    def test_alias_joins_the_older_id_whichever_kind_it_is_and_a_circle_changes_nothing(self, brand: Brand) -> None:
        brand.send("track", {"anonymousId": "device", "event": "Seen"})
        brand.send("track", {"userId": "b", "event": "Seen"})
        for me, other in (("a", "device"), ("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")):
            assert brand.send("alias", {"userId": me, "previousId": other}).status_code == 200
        follow(brand)
        found = customers(brand)
        assert len({found["user_id", name] for name in "abc"} | {found["anonymous_id", "device"]}) == 1
        before = dict(found)
        brand.send("alias", {"userId": "a", "previousId": "b", "messageId": "again"})
        follow(brand)
        assert customers(brand) == before

    def test_two_who_come_from_one_device_by_alias_stay_two(self, brand: Brand) -> None:
        brand.send("track", {"anonymousId": "shared", "event": "Seen"})
        for user in ("first", "second"):
            brand.send("alias", {"userId": user, "previousId": "shared"})
        follow(brand)
        found = customers(brand)
        assert set(found) == {("anonymous_id", "shared"), ("user_id", "first"), ("user_id", "second")}
        assert found["anonymous_id", "shared"] == found["user_id", "first"] != found["user_id", "second"]

    def test_who_else_logs_in_on_a_device_does_not_become_the_same_person(self, brand: Brand) -> None:
        both = [{"type": "identify", "userId": user, "anonymousId": "shared"} for user in ("first", "second")]
        brand.send("batch", {"batch": both})
        brand.send("identify", {"userId": "third", "anonymousId": "shared"})
        follow(brand)
        found = customers(brand)
        assert found["anonymous_id", "shared"] == found["user_id", "first"]
        assert len({found["user_id", name] for name in ("first", "second", "third")}) == 3


class TestPage:
    def test_a_page_vouches_for_nobody(self, brand: Brand) -> None:
        brand.send("identify", {"userId": "member", "traits": {"phone": "13800138000"}})
        follow(brand)
        before = customers(brand)
        brand.send("identify", {"userId": "member", "anonymousId": "thief", "traits": {"phone": "13800138000", "unionid": "o1"}}, key=brand.public)
        brand.send("alias", {"userId": "member", "previousId": "thief"}, key=brand.public)
        brand.send("track", {"userId": "member", "event": "Points Claimed"}, key=brand.public)
        follow(brand)
        after = customers(brand)
        assert after == before | {("anonymous_id", "thief"): None, ("claimed_user_id", "member"): None}
        member = brand.ask("select id from identities where tenant_id = :tenant_id and namespace = 'user_id'")[0].id
        assert [event.name for event in brand.events() if event.identity_id == member] == ["customer.identified"]

    def test_visitors_whom_nobody_vouches_for_are_left_out_of_the_sweep(self, brand: Brand) -> None:
        brand.send("page", {"anonymousId": "visitor"}, key=brand.public)
        with brand.database.transaction(brand.tenant, SYSTEM) as tx:
            from siyu.understand.identity import store

            assert store.unresolved(tx, 10) == []
            assert store.count_unresolved(tx) == 0


class TestAcquaintance:
    def test_the_same_people_are_not_looked_up_in_each_commit(self, brand: Brand) -> None:
        from sqlalchemy import event

        said: list[str] = []
        event.listen(brand.database.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
        for number in range(12):
            brand.send("track", {"userId": "u1", "event": "Seen", "messageId": str(number)})
        assert len({row.identity_id for row in brand.events()}) == 1
        assert sum("from identities" in statement for statement in said) <= 2  # once for each who is not known yet

    def test_an_earlier_sight_is_kept(self, brand: Brand) -> None:
        brand.send("track", {"userId": "u1", "event": "Seen"})
        brand.send("track", {"userId": "u1", "event": "Seen", "timestamp": "2020-01-01T00:00:00Z"})
        (row,) = brand.ask("select first_seen_at from identities where tenant_id = :tenant_id")
        assert row.first_seen_at.isoformat() == "2020-01-01T00:00:00+00:00"
