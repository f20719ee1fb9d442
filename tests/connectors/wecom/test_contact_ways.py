"""「联系我」 and 欢迎语 over HTTP: made, listed, changed, scanned, greeted."""

from dataclasses import replace
from typing import Any

import pytest

from siyu.connectors.wecom import Action, ContactWay, LinkAttachment, Refused
from siyu.connectors.wecom.sandbox.settings import Limits
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import listening


def code_of(call: object, *args: object) -> int:
    with pytest.raises(Refused) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def scan(place: Place, config_id: str, customer: str) -> str:
    return str(place.post("acts", act="scan", config_id=config_id, external_userid=customer)["userid"])


def stranger(place: Place, member: str) -> str:
    """A customer who does not know the member."""
    known = set(place.customers_of(member))
    return next(id for other in place.client.follow_users() for id in place.customers_of(other) if id not in known)


class TestWays:
    def test_a_way_round_trips_field_by_field(self, build: Build) -> None:
        client = build().client
        first, second = client.follow_users()[:2]
        for way in (
            ContactWay((first,), state="store:7", remark="门店立牌", skip_verify=False),
            ContactWay((first, second), exclusive=True),
            ContactWay(department_ids=(client.departments()[-1].id,)),
            ContactWay((first,), scene=1, style=2),
        ):
            made = client.add_contact_way(way)
            assert client.contact_way(made.config_id) == made
            assert made.way == way and bool(made.qr_code) == (way.scene == 2)

    def test_a_change_replaces_what_it_names_and_keeps_the_picture(self, build: Build) -> None:
        client = build().client
        first, second = client.follow_users()[:2]
        made = client.add_contact_way(ContactWay((first, second), state="a", remark="r"))
        client.update_contact_way(made.config_id, replace(made.way, userids=(second, first)[:2], state="b"))
        after = client.contact_way(made.config_id)
        assert (after.qr_code, after.way.state, after.way.remark, after.way.userids) == (made.qr_code, "b", "r", (second, first))

    def test_listing_pages_through_all_and_knows_spans(self, build: Build) -> None:
        place = build()
        member = place.client.follow_users()[0]
        made = []
        for number in range(7):
            made.append(place.client.add_contact_way(ContactWay((member,), state=str(number))).config_id)
            place.post("step", seconds=60)
        assert list(place.client.contact_way_ids()) == made
        pages: list[list[str]] = []
        cursor = ""
        while not pages or cursor:
            answer: dict[str, Any] = place.call("POST", "externalcontact/list_contact_way", body={"limit": 3, "cursor": cursor})
            pages.append([row["config_id"] for row in answer["contact_way"]])
            cursor = answer["next_cursor"]
        assert [len(page) for page in pages] == [3, 3, 1] and [id for page in pages for id in page] == made
        place.post("step", seconds=91 * 86_400)
        assert list(place.client.contact_way_ids()) == []

    def test_deleting_ends_it(self, build: Build) -> None:
        client = build().client
        made = client.add_contact_way(ContactWay((client.follow_users()[0],)))
        client.delete_contact_way(made.config_id)
        assert list(client.contact_way_ids()) == []
        for call in (client.contact_way, client.delete_contact_way):
            assert code_of(call, made.config_id) == 41044

    def test_what_cannot_be_made_is_refused_with_its_reason(self, build: Build) -> None:
        place = build(limits=Limits(contact_ways=1, contact_way_members=2))
        client, users = place.client, place.client.follow_users()
        assert code_of(client.add_contact_way, ContactWay()) == 40058
        assert code_of(client.add_contact_way, ContactWay((users[0],), state="长" * 31)) == 40058
        assert code_of(client.add_contact_way, ContactWay(tuple(users[:3]))) == 41041
        assert code_of(client.add_contact_way, ContactWay(department_ids=(9999,))) == 60003
        assert code_of(client.add_contact_way, ContactWay(("nobody",))) == 60111
        for body, code in (({}, 41037), ({"type": 3}, 41037), ({"type": 1}, 41038), ({"type": 1, "scene": 2, "user": users[:2]}, 40058)):
            assert place.call("POST", "externalcontact/add_contact_way", body=body)["errcode"] == code
        client.add_contact_way(ContactWay((users[0],)))
        with pytest.raises(Refused) as full:
            client.add_contact_way(ContactWay((users[0],)))
        assert full.value.action is Action.QUOTA


class TestScans:
    def test_whoever_scans_becomes_a_friend_with_the_state_of_the_code(self, build: Build) -> None:
        place = build()
        member = place.client.follow_users()[0]
        customer = stranger(place, member)
        made = place.client.add_contact_way(ContactWay((member,), state="live:20260302"))
        assert scan(place, made.config_id, customer) == member
        (follow,) = [follow for follow in place.client.contact(customer).follows if follow.userid == member]
        assert (follow.state, follow.add_way) == ("live:20260302", 1)

    def test_nobody_meets_who_has_left(self, build: Build) -> None:
        place = build()
        gone, stays = place.client.follow_users()[:2]
        made = place.client.add_contact_way(ContactWay((gone, stays)))
        alone = place.client.add_contact_way(ContactWay((gone,)))
        place.post("acts", act="member_leaves", userid=gone)
        met = {scan(place, made.config_id, one["external_userid"]) for one in place.get("books/people")[:12]}
        assert met == {stays}
        answer = place.control.post("/sandbox/acts", json={"act": "scan", "config_id": alone.config_id, "external_userid": stranger(place, stays)})
        assert answer.status_code == 404

    def test_an_exclusive_code_leads_a_friend_to_the_same_member(self, build: Build) -> None:
        place = build()
        users = tuple(place.client.follow_users())
        made = place.client.add_contact_way(ContactWay(users[:50], exclusive=True))
        customer = place.customers_of(place.busiest())[0]
        before = {follow.userid for follow in place.client.contact(customer).follows}
        assert scan(place, made.config_id, customer) in before
        assert {follow.userid for follow in place.client.contact(customer).follows} == before


class TestWelcomes:
    def greeted(self, place: Place) -> str:
        """The code that comes with a scan."""
        member = place.client.follow_users()[0]
        made = place.client.add_contact_way(ContactWay((member,), state="s"))
        scan(place, made.config_id, stranger(place, member))
        return str(place.get("books/welcomes")[-1]["code"])

    def test_the_code_comes_by_callback_and_greets_once(self, build: Build, other: Neighbour) -> None:
        place = build()
        receiver = listening(place, other)
        code = self.greeted(place)
        assert place.sandbox.pushes.drain(10)
        (event,) = [event for event in receiver.events if event.route == ("change_external_contact", "add_external_contact")]
        assert (event.text("WelcomeCode"), event.text("State")) == (code, "s")
        place.client.send_welcome(code, "欢迎光临", [LinkAttachment("新品", "https://example.com/new")])
        (row,) = place.get("books/welcomes")
        assert (row["text"], row["attachments"][0]["link"]["title"]) == ("欢迎光临", "新品")
        assert code_of(place.client.send_welcome, code, "再说一次") == 41051
        assert place.get("books/welcomes") == [row]

    def test_a_code_dies_after_its_twenty_seconds(self, build: Build) -> None:
        place = build(limits=Limits(welcome_seconds=0.0))
        assert code_of(place.client.send_welcome, self.greeted(place), "太晚了") == 41050

    def test_what_is_no_greeting_is_refused_and_spends_nothing(self, build: Build) -> None:
        place = build()
        code = self.greeted(place)
        assert code_of(place.client.send_welcome, "", "好") == 41049
        assert code_of(place.client.send_welcome, "unknown", "好") == 41050
        assert code_of(place.client.send_welcome, code) == 40058
        assert code_of(place.client.send_welcome, code, "长" * 1334) == 40058
        place.client.send_welcome(code, "好")
