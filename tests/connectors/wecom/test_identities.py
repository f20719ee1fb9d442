"""Ids of customers over HTTP: unionid, pending_id, openid."""

from siyu.connectors.wecom import Credentials, FoundIdentity, WeCom
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_customer
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import chats, code_of


class TestUnionid:
    def test_both_calls_name_the_customer(self, still: Place) -> None:
        someone = a_customer(still)
        assert still.client.external_userid_of(someone["unionid"], "o1") == someone["external_userid"]
        assert still.client.identity_of(someone["unionid"], "o1") == FoundIdentity(someone["external_userid"], "")

    def test_what_is_no_unionid_is_refused(self, still: Place) -> None:
        assert code_of(still.client.external_userid_of, "", "o1") == code_of(still.client.identity_of, "no id!", "o1") == 610014
        assert code_of(still.client.external_userid_of, "oStranger1", "") == 40058
        assert code_of(still.client.external_userid_of, "oStranger1", "o1") == 84061

    def test_an_app_finds_customers_of_its_range_only(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43, visible_departments=(900,))))
        someone = a_customer(place)
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as apart:
            assert code_of(apart.external_userid_of, someone["unionid"], "o1") == 84061
            assert apart.identity_of(someone["unionid"], "o1").pending_id

    def test_both_calls_share_one_ceiling(self, build: Build) -> None:
        place = build(limits=Limits(unionids_per_hour=2))
        someone = a_customer(place)
        place.client.external_userid_of(someone["unionid"], "o1")
        place.client.identity_of(someone["unionid"], "o1")
        assert code_of(place.client.identity_of, someone["unionid"], "o1") == 45009
        assert place.client.identity_of(someone["unionid"], "o1", of_provider=True).external_userid


class TestPending:
    def test_who_is_not_a_customer_yet_is_named_later_by_the_same_id(self, build: Build) -> None:
        place = build()
        someone = a_customer(place)
        follows = place.client.contact(someone["external_userid"]).follows
        for follow in follows:
            place.post("acts", act="staff_deletes", userid=follow.userid, external_userid=someone["external_userid"])
        pending = place.client.identity_of(someone["unionid"], "o1").pending_id
        assert pending and place.client.identity_of(someone["unionid"], "o1") == FoundIdentity("", pending)
        assert place.client.pending_ids([someone["external_userid"]]) == {}
        place.post("acts", act="add", userid=follows[0].userid, external_userid=someone["external_userid"])
        assert place.client.pending_ids([someone["external_userid"], "wmNobody"]) == {someone["external_userid"]: pending}
        place.post("step", seconds=90 * 86_400)
        assert place.client.pending_ids([someone["external_userid"]]) == {}

    def test_members_of_a_group_are_found_by_its_owner(self, build: Build) -> None:
        place = build(scenario={"customers": 120})
        chat_id = chats(place)[0]
        inside = next(member for member in place.client.group_chat(chat_id).members if member.type == 2)
        for follow in place.client.contact(inside.userid).follows:
            place.post("acts", act="staff_deletes", userid=follow.userid, external_userid=inside.userid)
        assert inside.unionid
        pending = place.client.identity_of(inside.unionid, "o1").pending_id
        assert place.client.pending_ids([inside.userid]) == {}
        assert place.client.pending_ids([inside.userid], chat_id=chat_id) == {inside.userid: pending}
        assert code_of(lambda: place.client.pending_ids([inside.userid], chat_id="wr-none")) == 90501


class TestOthers:
    def test_openids_differ_and_stay(self, still: Place) -> None:
        first, second = still.customers_of(still.busiest())[:2]
        assert still.client.openid_of(first) == still.client.openid_of(first) != still.client.openid_of(second)
        assert code_of(still.client.openid_of, "wmNobody") == 40096

    def test_ids_of_this_corp_are_new_already(self, still: Place) -> None:
        known = still.customers_of(still.busiest())[0]
        assert still.client.new_external_userids([known, "wmNobody"]) == {known: known}
        too_many = still.call("POST", "externalcontact/get_new_external_userid", body={"external_userid_list": ["x"] * 1001})
        assert too_many["errcode"] == 40058
