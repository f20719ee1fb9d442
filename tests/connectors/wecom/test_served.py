"""已服务的外部联系人 over HTTP."""

from typing import Any

from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.conftest import Build, Place


def pages(place: Place, token: str | None = None, **body: Any) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    cursor = ""
    while not found or cursor:
        page = place.call("POST", "externalcontact/contact_list", body={**body, "cursor": cursor}, token=token)
        found.append(page["info_list"])
        cursor = page["next_cursor"]
    return found


def whole(place: Place, token: str | None = None) -> list[dict[str, Any]]:
    return [row for page in pages(place, token) for row in page]


class TestServed:
    def test_everybody_is_there_for_each_member_and_each_group(self, place: Place) -> None:
        rows = whole(place)
        friends = {(row["follow_userid"], row["external_userid"]) for row in rows if "chat_id" not in row}
        assert friends == {(userid, id) for userid in place.client.follow_users() for id in place.customers_of(userid)}
        groups = {one.chat_id: place.client.group_chat(one.chat_id) for one in place.client.group_chats()}
        inside = {(row["chat_id"], row["external_userid"], row["chat_name"], row["follow_userid"]) for row in rows if "chat_id" in row}
        assert inside == {(id, one.userid, chat.name, chat.owner) for id, chat in groups.items() for one in chat.members if one.type == 2}
        assert [row["add_time"] for row in rows] == sorted(row["add_time"] for row in rows)
        by_person: dict[str, set[str]] = {}
        for row in rows:
            by_person.setdefault(row["external_userid"], set()).add(row["tmp_openid"])
        assert {len(ids) for ids in by_person.values()} == {1} and len(set.union(*by_person.values())) == len(by_person)

    def test_who_is_nobodys_customer_has_a_masked_name_and_no_id(self, build: Build) -> None:
        place = build(scenario={"second_guide_rate": 0, "group_rate": 1})
        row = next(row for row in whole(place) if "chat_id" in row)
        customer = row["external_userid"]
        for userid in [one["follow_userid"] for one in whole(place) if one.get("external_userid") == customer and "chat_id" not in one]:
            place.post("acts", act="staff_deletes", userid=userid, external_userid=customer)
        (left,) = [one for one in whole(place) if one["tmp_openid"] == row["tmp_openid"]]
        name = place.get(f"books/people/{customer}")["name"]
        assert (left["is_customer"], left["name"], left["chat_id"]) == (False, f"{name[0]}**", row["chat_id"])
        assert "external_userid" not in left and {row["is_customer"] for row in whole(place)} == {False, True}

    def test_pages_hold_each_once_and_cursors_age(self, build: Build) -> None:
        place = build(limits=Limits(served_page=7))
        found = pages(place, limit=5000)
        assert {len(page) for page in found[:-1]} == {7} and [row for page in found for row in page] == whole(place)
        first = place.call("POST", "externalcontact/contact_list", body={"limit": 3})
        assert len(first["info_list"]) == 3
        place.post("step", seconds=4 * 3600)
        again = {"limit": 3, "cursor": first["next_cursor"]}
        assert place.call("POST", "externalcontact/contact_list", body=again)["errcode"] == 0
        place.post("step", seconds=1)
        assert place.call("POST", "externalcontact/contact_list", body=again)["errcode"] == 50100

    def test_an_app_sees_its_range_only(self, build: Build) -> None:
        place = build(scenario={"customers": 60}, apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43, visible_departments=(101,))))
        token = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": "b" * 43}).json()["access_token"]
        assert {row["follow_userid"] for row in whole(place, token)} <= {"store01", "guide0101"}
        assert len(whole(place)) > len(whole(place, token)) > 0
