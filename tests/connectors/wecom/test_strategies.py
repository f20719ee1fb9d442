"""规则组 and 规则组标签 over HTTP."""

from typing import Any

import pytest

from siyu.connectors.wecom import NewTag
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_strategy
from tests.connectors.wecom.conftest import Build, Place

ROOT = "customer_strategy"


def asked(place: Place, path: str, token: str | None = None, **body: Any) -> dict[str, Any]:
    return place.call("POST", f"externalcontact/{path}", body=body, token=token)


def token_of(place: Place, secret: str) -> str:
    answer = place.raw.get("/cgi-bin/gettoken", params={"corpid": place.address.corp_id, "corpsecret": secret})
    return str(answer.json()["access_token"])


class TestStrategies:
    def test_one_is_made_changed_and_taken_away(self, place: Place) -> None:
        id, now = a_strategy(place), int(place.sandbox.clock.now())
        made = {
            "strategy_id": id,
            "parent_id": 0,
            "strategy_name": "华东",
            "create_time": now,
            "admin_list": ["owner"],
            "privilege": {"view_customer_list": True},
        }
        assert asked(place, f"{ROOT}/get", strategy_id=id)["strategy"] == made
        assert asked(place, f"{ROOT}/get_range", strategy_id=id)["range"] == [{"type": 2, "partyid": 1}]
        member = {"type": 1, "userid": place.busiest()}
        change: dict[str, Any] = {
            "strategy_name": "华南",
            "admin_list": ["owner", "operator01"],
            "range_add": [member, member],
            "range_del": [{"type": 2, "partyid": 1}],
        }
        assert asked(place, f"{ROOT}/edit", strategy_id=id, **change)["errcode"] == 0
        changed = {"strategy_name": "华南", "admin_list": ["owner", "operator01"]}
        assert asked(place, f"{ROOT}/get", strategy_id=id)["strategy"] == made | changed
        assert asked(place, f"{ROOT}/get_range", strategy_id=id)["range"] == [member]
        assert asked(place, f"{ROOT}/del", strategy_id=id)["errcode"] == 0
        for path in ("get", "get_range", "edit", "del"):
            assert asked(place, f"{ROOT}/{path}", strategy_id=id)["errcode"] == 60136
        assert asked(place, f"{ROOT}/list")["strategy"] == []

    def test_lists_and_ranges_come_in_pages(self, build: Build) -> None:
        place = build(limits=Limits(strategy_page=2))
        made = [a_strategy(place) for _ in range(5)]
        members = [{"type": 1, "userid": userid} for userid in place.client.follow_users()[:4]]
        asked(place, f"{ROOT}/edit", strategy_id=made[0], range_add=members)
        for path, name, wanted in (
            (f"{ROOT}/list", "strategy", [{"strategy_id": id} for id in made]),
            (f"{ROOT}/get_range", "range", [{"type": 2, "partyid": 1}, *members]),
        ):
            found: list[dict[str, Any]] = []
            cursor, sizes = "", list[int]()
            while not sizes or cursor:
                page = asked(place, path, strategy_id=made[0], limit=50, cursor=cursor)
                found, sizes, cursor = found + page[name], [*sizes, len(page[name])], page["next_cursor"]
            assert found == wanted and sizes == [2, 2, 1]
            assert asked(place, path, strategy_id=made[0], cursor="made up")["errcode"] == 50100

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"strategy_name": ""}, 40058),
            ({"strategy_name": " "}, 40058),
            ({"admin_list": []}, 40058),
            ({"admin_list": [f"u{n}" for n in range(21)]}, 40058),
            ({"admin_list": ["nobody"]}, 60111),
            ({"range": []}, 40058),
            ({"range": [{"type": 3, "userid": "owner"}]}, 40058),
            ({"range": [{"type": 1}]}, 40058),
            ({"range": [{"type": 1, "userid": "nobody"}]}, 60111),
            ({"range": [{"type": 2, "partyid": 4711}]}, 60003),
            ({"privilege": {"send_customer_msg": "yes"}}, 40058),
            ({"parent_id": 4711}, 60136),
        ],
    )
    def test_what_cannot_be_made_is_refused(self, still: Place, change: dict[str, Any], code: int) -> None:
        body = {"strategy_name": "华东", "admin_list": ["owner"], "range": [{"type": 2, "partyid": 1}]}
        assert asked(still, f"{ROOT}/create", **body | change)["errcode"] == code

    def test_none_goes_before_those_below_it_nor_loses_its_whole_range(self, place: Place) -> None:
        top = a_strategy(place)
        below = asked(place, f"{ROOT}/create", parent_id=top, strategy_name="上海", admin_list=["owner"], range=[{"type": 2, "partyid": 1}])["strategy_id"]
        assert asked(place, f"{ROOT}/get", strategy_id=below)["strategy"]["parent_id"] == top
        assert asked(place, f"{ROOT}/del", strategy_id=top)["errcode"] == 40058
        assert asked(place, f"{ROOT}/edit", strategy_id=top, range_del=[{"type": 2, "partyid": 1}])["errcode"] == 40058
        assert asked(place, "add_strategy_tag", strategy_id=below, group_name="组", tag=[{"name": "一"}])["errcode"] == 40058
        assert [asked(place, f"{ROOT}/del", strategy_id=id)["errcode"] for id in (below, top)] == [0, 0]


class TestTags:
    def test_they_live_beside_those_of_the_corp(self, place: Place) -> None:
        here, there = a_strategy(place), a_strategy(place)
        made = asked(place, "add_strategy_tag", strategy_id=here, group_name="会员等级", order=3, tag=[{"name": "银卡会员", "order": 2}, {"name": "新"}])[
            "tag_group"
        ]
        assert made["strategy_id"] == here and made["group_id"].startswith("st") and all(tag["id"].startswith("st") for tag in made["tag"])
        first, second = (tag["id"] for tag in made["tag"])
        asked(place, "add_strategy_tag", strategy_id=there, group_name="会员等级", tag=[{"name": "银卡会员"}])
        assert asked(place, "get_strategy_tag_list", strategy_id=here)["tag_group"] == [made]
        assert len(asked(place, "get_strategy_tag_list")["tag_group"]) == 2
        corp = asked(place, "get_corp_tag_list")["tag_group"]
        assert not any("strategy_id" in group or group["group_id"].startswith("st") for group in corp)
        assert asked(place, "get_corp_tag_list", group_id=[made["group_id"]])["tag_group"] == []
        assert asked(place, "add_strategy_tag", strategy_id=here, group_name="会员等级", tag=[{"name": "新"}])["errcode"] == 40071
        assert asked(place, "add_strategy_tag", strategy_id=there, group_id=made["group_id"], tag=[{"name": "新"}])["errcode"] == 40068
        assert asked(place, "edit_strategy_tag", id=second, name="银卡会员")["errcode"] == 40071
        assert asked(place, "edit_strategy_tag", id=second, name="老", order=9)["errcode"] == 0
        assert asked(place, "del_strategy_tag", tag_id=[first])["errcode"] == 0
        (group,) = asked(place, "get_strategy_tag_list", tag_id=[first, second])["tag_group"]
        assert {tag["name"]: tag["deleted"] for tag in group["tag"]} == {"老": False, "银卡会员": True}
        assert asked(place, f"{ROOT}/del", strategy_id=here)["errcode"] == 0
        assert asked(place, "get_strategy_tag_list", strategy_id=here)["errcode"] == 60136
        assert [group["deleted"] for group in asked(place, "get_strategy_tag_list", group_id=[made["group_id"]])["tag_group"]] == [True]

    def test_calls_for_the_one_do_not_reach_the_other(self, place: Place) -> None:
        corp = place.client.corp_tags()[0]
        made = asked(place, "add_strategy_tag", strategy_id=a_strategy(place), group_name="组", tag=[{"name": "一"}])["tag_group"]
        for id in (corp.id, corp.tags[0].id):
            assert asked(place, "edit_strategy_tag", id=id, name="改")["errcode"] == 40068
        assert asked(place, "del_strategy_tag", group_id=[corp.id])["errcode"] == asked(place, "del_strategy_tag", tag_id=[corp.tags[0].id])["errcode"] == 40068
        for id in (made["group_id"], made["tag"][0]["id"]):
            assert asked(place, "edit_corp_tag", id=id, name="改")["errcode"] == 40068
        assert asked(place, "del_corp_tag", tag_id=[made["tag"][0]["id"]])["errcode"] == 40068
        assert asked(place, "add_corp_tag", group_id=made["group_id"], tag=[{"name": "二"}])["errcode"] == 40068
        assert asked(place, "del_strategy_tag")["errcode"] == 40058

    def test_only_the_secret_of_customer_contact_sees_and_puts_them_on(self, build: Build) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43, edits_all_tags=False)))
        member = place.busiest()
        pair, token = {"userid": member, "external_userid": place.customers_of(member)[0]}, token_of(place, "b" * 43)
        id = asked(place, "add_strategy_tag", strategy_id=a_strategy(place), group_name="组", tag=[{"name": "到店"}])["tag_group"]["tag"][0]["id"]
        for path in ("get_strategy_tag_list", "add_strategy_tag", "edit_strategy_tag", "del_strategy_tag"):
            assert asked(place, path, token=token)["errcode"] == 48002
        assert asked(place, "mark_tag", token=token, **pair, add_tag=[id])["errcode"] == 40068
        assert asked(place, "mark_tag", **pair, add_tag=[id])["errcode"] == 0

        def tags(token: str | None) -> tuple[list[tuple[str, int]], bool]:
            query = {"external_userid": pair["external_userid"]}
            followers = place.call("GET", "externalcontact/get", query=query, token=token)["follow_user"]
            rows = asked(place, "batch/get_by_user", token=token, userid_list=[member])["external_contact_list"]
            (row,) = [row for row in rows if row["external_contact"]["external_userid"] == pair["external_userid"]]
            (follow,) = [one for one in followers if one["userid"] == member]
            return [(tag["tag_name"], tag["type"]) for tag in follow["tags"] if tag["type"] == 3], id in row["follow_info"]["tag_id"]

        assert tags(None) == ([("到店", 3)], True)
        assert tags(token) == ([], False)

    def test_they_count_against_the_ceiling_of_the_corp(self, build: Build) -> None:
        place = build(limits=Limits(corp_tags=14))
        asked(place, "add_strategy_tag", strategy_id=a_strategy(place), group_name="组", tag=[{"name": "一"}])
        with pytest.raises(Exception, match="40126"):
            place.client.add_corp_tags([NewTag("二")], group_name="人群")
