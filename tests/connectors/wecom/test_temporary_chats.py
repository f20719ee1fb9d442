"""临时会话 over HTTP: codes with an end, chats with last words."""

from typing import Any

import pytest

from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_picture, a_temporary_chat
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_contact_ways import stranger
from tests.connectors.wecom.test_pushes import listening

DAY = 86_400


def asked(place: Place, path: str, **body: Any) -> dict[str, Any]:
    return place.call("POST", f"externalcontact/{path}", body=body)


def a_code(place: Place, **more: Any) -> str:
    answer = asked(place, "add_contact_way", **{"type": 1, "scene": 2, "user": [place.busiest()], "is_temp": True, **more})
    assert answer["errcode"] == 0 and answer["qr_code"], answer
    return str(answer["config_id"])


def way(place: Place, config_id: str) -> dict[str, Any]:
    return dict(asked(place, "get_contact_way", config_id=config_id)["contact_way"])


def scanned(place: Place, config_id: str, customer: str) -> int:
    return place.control.post("/sandbox/acts", json={"act": "scan", "config_id": config_id, "external_userid": customer}).status_code


def lines(place: Place, member: str, customer: str) -> list[dict[str, Any]]:
    return list(place.get("books/chats", userid=member, external_userid=customer)["lines"])


class TestCodes:
    def test_a_code_tells_what_it_was_made_with_and_what_it_has_by_default(self, place: Place) -> None:
        member, picture = place.busiest(), a_picture(place)
        plain = way(place, a_code(place))
        assert {name: plain[name] for name in ("is_temp", "user", "expires_in", "chat_expires_in", "unionid", "conclusions")} == {
            "is_temp": True,
            "user": [member],
            "expires_in": 7 * DAY,
            "chat_expires_in": DAY,
            "unionid": "",
            "conclusions": {},
        }
        link = {"title": "复诊", "url": "https://brand.example/again"}
        words = {"text": {"content": "祝您健康"}, "image": {"media_id": picture}, "link": link}
        made = way(place, a_code(place, expires_in=14 * DAY, chat_expires_in=60, unionid="o-somebody", conclusions=words))
        assert (made["expires_in"], made["chat_expires_in"], made["unionid"]) == (14 * DAY, 60, "o-somebody")
        assert made["conclusions"]["text"] == words["text"] and set(made["conclusions"]) == {"text", "image"}  # the first that is given wins
        assert made["conclusions"]["image"]["pic_url"].startswith("https://")

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"type": 2}, 40058),
            ({"user": ["guide0101", "guide0201"]}, 40058),
            ({"expires_in": 14 * DAY + 1}, 40058),
            ({"expires_in": 0}, 40058),
            ({"chat_expires_in": 14 * DAY + 1}, 40058),
            ({"chat_expires_in": -1}, 40058),
            ({"is_temp": "yes"}, 40058),
            ({"conclusions": "再见"}, 40058),
            ({"conclusions": {"text": {"content": "好" * 1334}}}, 40058),
            ({"conclusions": {"image": {"media_id": "none"}}}, 40007),
            ({"conclusions": {"link": {"title": "复诊", "url": "brand.example"}}}, 45034),
        ],
    )
    def test_what_cannot_be_made_is_refused(self, still: Place, more: dict[str, Any], code: int) -> None:
        body = {"type": 1, "scene": 2, "user": [still.busiest()], "is_temp": True, **more}
        assert asked(still, "add_contact_way", **body)["errcode"] == code

    def test_they_are_not_listed_and_count_for_themselves(self, build: Build) -> None:
        place = build(limits=Limits(contact_ways=1, temporary_ways_per_day=2))
        lasting = asked(place, "add_contact_way", type=1, scene=2, user=[place.busiest()])["config_id"]
        a_code(place), a_code(place)
        assert [row["config_id"] for row in asked(place, "list_contact_way")["contact_way"]] == [lasting]
        full = {"type": 1, "scene": 2, "user": [place.busiest()]}
        assert asked(place, "add_contact_way", **full)["errcode"] == asked(place, "add_contact_way", **full, is_temp=True)["errcode"] == 41045
        chat_id = next(place.client.group_chats()).chat_id
        assert asked(place, "groupchat/add_join_way", scene=2, chat_id_list=[chat_id])["errcode"] == 41045
        place.post("step", seconds=DAY)
        a_code(place)

    def test_an_old_code_is_good_for_nothing_any_more(self, place: Place) -> None:
        config_id, customer = a_code(place, expires_in=3600), stranger(place, place.busiest())
        assert asked(place, "update_contact_way", config_id=config_id, expires_in=7200, remark="门诊")["errcode"] == 0
        assert (way(place, config_id)["expires_in"], way(place, config_id)["remark"]) == (7200, "门诊")
        place.post("step", seconds=7199)
        assert scanned(place, config_id, customer) == 200
        place.post("step", seconds=1)
        assert asked(place, "update_contact_way", config_id=config_id, remark="新")["errcode"] == 41044
        assert scanned(place, config_id, stranger(place, place.busiest())) == 404
        assert [one["over"] for one in place.get("books/codes")["contact_ways"]] == [True]
        assert way(place, config_id)["remark"] == "门诊"
        assert asked(place, "del_contact_way", config_id=config_id)["errcode"] == 0

    def test_one_meant_for_somebody_lets_nobody_else_in(self, place: Place) -> None:
        customer = stranger(place, place.busiest())
        unionid = place.get(f"books/people/{customer}")["unionid"]
        config_id = a_code(place, unionid=unionid)
        other = next(one["external_userid"] for one in place.get("books/people") if one["external_userid"] != customer)
        assert [scanned(place, config_id, who) for who in (other, customer)] == [404, 200]

    def test_a_corp_of_another_trade_may_not(self, build: Build) -> None:
        place = build(temporary_chats=False)
        assert asked(place, "add_contact_way", type=1, scene=2, user=[place.busiest()], is_temp=True)["errcode"] == 48001


class TestChats:
    def test_it_ends_by_itself_with_its_last_words_and_calls_nobody_back(self, place: Place, other: Neighbour) -> None:
        member, customer = place.busiest(), stranger(place, place.busiest())
        receiver = listening(place, other)
        config_id = a_code(place, chat_expires_in=3600, state="clinic", conclusions={"text": {"content": "祝您健康"}})
        assert scanned(place, config_id, customer) == 200
        (follow,) = [one for one in place.client.contact(customer).follows if one.userid == member]
        assert follow.state == "clinic"
        place.post("step", seconds=3599)
        assert customer in place.customers_of(member) and lines(place, member, customer) == []
        place.post("step", seconds=1)
        assert customer not in place.customers_of(member)
        assert [(one["kind"], one["by"], one["text"]) for one in lines(place, member, customer)] == [("conclusion", "member", "祝您健康")]
        assert [event.route[1] for event in receiver.events] == ["add_external_contact"]
        assert asked(place, "close_temp_chat", userid=member, external_userid=customer)["errcode"] == 84061

    def test_it_may_be_closed_before(self, place: Place) -> None:
        pair = a_temporary_chat(place)
        assert asked(place, "close_temp_chat", **pair)["errcode"] == 0
        assert [one["text"] for one in lines(place, *pair.values())] == ["再见"]
        place.post("step", seconds=2 * DAY)
        assert asked(place, "close_temp_chat", **pair)["errcode"] == 84061
        assert [one["kind"] for one in lines(place, *pair.values())] == ["conclusion"]

    def test_only_temporary_ones_are_closed(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43, visible_departments=(900,))))
        member = place.busiest()
        pair = {"userid": member, "external_userid": place.customers_of(member)[0]}
        for body, code in (({}, 40003), ({"userid": member}, 41035), (pair, 84061), ({**pair, "userid": "nobody"}, 60111)):
            assert asked(place, "close_temp_chat", **body)["errcode"] == code
        token = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()["access_token"]
        assert place.call("POST", "externalcontact/close_temp_chat", body=a_temporary_chat(place), token=token)["errcode"] == 60011

    def test_who_parted_and_came_back_to_stay_stays(self, place: Place) -> None:
        pair = a_temporary_chat(place)
        place.post("acts", act="customer_deletes", **pair)
        place.post("step", seconds=60)
        assert place.post("acts", act="add", **pair) == {"changed": True}
        place.post("step", seconds=3 * DAY)
        assert pair["external_userid"] in place.customers_of(pair["userid"])
        assert [one for one in lines(place, *pair.values()) if one["kind"] == "conclusion"] == []

    def test_who_is_there_already_is_not_there_for_a_while(self, place: Place) -> None:
        member = place.busiest()
        friend = place.customers_of(member)[0]
        assert place.post("acts", act="scan", config_id=a_code(place), external_userid=friend) == {"changed": False, "userid": member}
        place.post("step", seconds=2 * DAY)
        assert friend in place.customers_of(member)

    def test_friends_are_brought_by_lasting_codes_only(self, build: Build) -> None:
        buyers = {"orders_per_month": 5, "group_messages_per_month": 0, "delete_rate": 0, "open_rate": 0}
        place = build(scenario={"customer": buyers, "referrals": {"friend_rate": 0.5, "friend_median_days": 1}})
        config_id = a_code(place)
        place.post("step", seconds=10 * DAY, coalesce=3600)
        brought = place.get("books/referrals")
        assert place.busiest() in {row["userid"] for row in brought} and config_id not in {row["config_id"] for row in brought}
