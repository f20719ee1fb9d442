"""通讯录 over HTTP: departments and members, whole or by name, ids and mobile numbers."""

from typing import Any

import pytest

from siyu.connectors.wecom import Refused
from siyu.connectors.wecom.sandbox import AppSettings, Limits
from tests.connectors.wecom.conftest import Build, Place


def refused(call: Any, *args: Any, **named: Any) -> int:
    with pytest.raises(Refused) as caught:
        call(*args, **named)
    return caught.value.code


def mobiles(place: Place) -> dict[str, str]:
    return {row["userid"]: row["mobile"] for row in place.get("books/staff")}


class TestDepartments:
    def test_one_and_the_tree_agree_with_the_list(self, still: Place) -> None:
        listed = still.client.departments()
        assert [still.client.department(one.id) for one in listed] == listed
        tree = still.client.department_tree(100)
        assert [(one.id, one.parent_id, one.order) for one in tree] == [(one.id, one.parent_id, one.order) for one in still.client.departments(100)]
        assert all(one.name == "" for one in tree)
        assert refused(still.client.department, 4711) == refused(still.client.department_tree, 4711) == 60003


class TestMembers:
    def test_one_and_the_names_agree_with_the_list(self, still: Place) -> None:
        listed = still.client.members(1, whole_subtree=True)
        assert still.client.member(listed[0].userid) == listed[0]
        names = still.client.member_names(1, whole_subtree=True)
        assert [(one.userid, one.name, one.departments) for one in names] == [(one.userid, one.name, one.departments) for one in listed]
        assert still.client.member(listed[0].userid.upper()) == listed[0]  # userids are compared without case
        assert refused(still.client.member_names, 4711) == 60003

    def test_who_has_left_is_nobody(self, build: Build) -> None:
        place = build()
        place.post("acts", act="member_leaves", userid="guide0101")
        assert refused(place.client.member, "guide0101") == 60111
        assert "guide0101" not in {one.userid for one in place.client.memberships()}
        assert refused(place.client.userid_of_mobile, mobiles(place)["guide0101"]) == 46004


class TestIds:
    def test_every_membership_comes_once_page_by_page(self, build: Build) -> None:
        place = build(limits=Limits(member_ids_page=5))
        expected = sorted((one.userid, id) for one in place.client.members(1, whole_subtree=True) for id in one.departments)
        assert [(one.userid, one.department) for one in place.client.memberships()] == expected and len(expected) > 10

    def test_it_takes_the_right_of_the_address_book(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43, address_book=False),))
        assert refused(lambda: list(place.client.memberships())) == 48002


class TestMobiles:
    def test_a_number_leads_to_its_owner(self, build: Build) -> None:
        place = build()
        known = mobiles(place)
        assert len(set(known.values())) == len(known) and all(len(number) == 11 for number in known.values())
        assert place.client.userid_of_mobile(known["store01"]) == "store01"
        assert place.call("POST", "user/getuserid", body={})["errcode"] == 40058

    def test_guessing_closes_the_call_for_a_day(self, build: Build) -> None:
        place = build(limits=Limits(mobile_miss_share=0.1))
        now = [1_800_000_000.0]
        place.sandbox.clock.machine = lambda: now[0]
        head_count = len(place.client.members(1, whole_subtree=True))
        most = int(head_count * 0.1) + 1
        assert [refused(place.client.userid_of_mobile, "10000000000") for _ in range(most)] == [46004] * most
        number = mobiles(place)["store01"]
        assert refused(place.client.userid_of_mobile, number) == 45009
        now[0] += 86_401
        assert place.client.userid_of_mobile(number) == "store01"
