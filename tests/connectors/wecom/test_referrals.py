"""转介绍 in the town: content customers bring friends over the member's code."""

from typing import Any

from siyu.connectors.wecom import ContactWay
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import listening

DAY = 86_400
BUYERS: dict[str, Any] = {"orders_per_month": 5, "group_messages_per_month": 0, "delete_rate": 0, "open_rate": 0}
EAGER: dict[str, Any] = {"friend_rate": 0.5, "friend_median_days": 1}


def a_fortnight(place: Place) -> list[dict[str, Any]]:
    place.post("step", seconds=14 * DAY, coalesce=3600)
    referrals: list[dict[str, Any]] = place.get("books/referrals")
    return referrals


class TestReferrals:
    def test_a_friend_becomes_a_customer_of_the_same_member_and_calls_back(self, build: Build, other: Neighbour) -> None:
        place = build(scenario={"customer": BUYERS, "referrals": EAGER})
        receiver = listening(place, other)
        before = {row["external_userid"]: row for row in place.get("books/people")}
        referrals = a_fortnight(place)
        people = {row["external_userid"]: row for row in place.get("books/people")}
        assert {row["external_userid"] for row in referrals} == set(people) - set(before) and len(referrals) > 5
        for row in referrals:
            friend, referrer = people[row["external_userid"]], people[row["referrer"]]
            assert (friend["guide"], friend["city"]) == (row["userid"], referrer["city"])
            assert friend["shop_customer_id"].startswith(f"{referrer['shop_customer_id']}-organic-")
            assert row["external_userid"] in place.customers_of(row["userid"])
        told = [event for event in receiver.events if event.route == ("change_external_contact", "add_external_contact")]
        assert {event.text("ExternalUserID") for event in told} == {row["external_userid"] for row in referrals}
        assert all(event.text("WelcomeCode") for event in told)

    def test_friends_order_too_and_bring_theirs(self, build: Build) -> None:
        place = build(scenario={"customer": BUYERS, "referrals": {**EAGER, "friend_rate": 0.9}})
        referrals = a_fortnight(place)
        brought = {row["external_userid"] for row in referrals}
        assert brought & {row["external_userid"] for row in place.get("books/orders")}
        assert brought & {row["referrer"] for row in referrals}

    def test_the_members_contact_way_says_where_they_came_from(self, build: Build) -> None:
        place = build(scenario={"customer": BUYERS, "referrals": EAGER})
        member = place.busiest()
        made = place.client.add_contact_way(ContactWay((member,), state="friends"))
        ways = {(row["userid"], row["config_id"]) for row in a_fortnight(place)}
        assert (member, made.config_id) in ways
        assert all((config_id == made.config_id) == (userid == member) for userid, config_id in ways)
        friend = next(row["external_userid"] for row in place.get("books/referrals") if row["userid"] == member)
        assert [follow.state for follow in place.client.contact(friend).follows] == ["friends"]

    def test_nobody_brings_friends_who_is_tired(self, build: Build) -> None:
        fatigue = {"tolerance": 1, "tolerance_sigma": 0, "others_per_week": 50}
        assert a_fortnight(build(scenario={"customer": BUYERS, "referrals": EAGER, "fatigue": fatigue})) == []

    def test_nobody_brings_friends_to_a_member_they_deleted_or_who_left(self, build: Build) -> None:
        place = build(scenario={"customer": BUYERS, "referrals": EAGER, "second_guide_rate": 0})
        member, leaver = place.busiest(), sorted(set(place.client.follow_users()) - {place.busiest()})[0]
        for customer in place.customers_of(member):
            place.post("acts", act="customer_deletes", userid=member, external_userid=customer)
        place.post("acts", act="member_leaves", userid=leaver)
        referrals = a_fortnight(place)
        assert referrals and not {row["userid"] for row in referrals} & {member, leaver}

    def test_orders_of_the_others_stay_as_they_were(self, build: Build) -> None:
        """Bringing friends is decided by draws of its own."""
        found = []
        for rate in (0.0, 0.5):
            place = build(scenario={"customer": BUYERS, "referrals": {**EAGER, "friend_rate": rate}})
            brought = {row["external_userid"] for row in a_fortnight(place)}
            found.append([row for row in place.get("books/orders") if row["external_userid"] not in brought])
            place.sandbox.stop()
            place.sandbox.wait()
            (place.sandbox.settings.home / "books.sqlite").unlink()
        assert found[0] == found[1] and len(found[0]) > 50
