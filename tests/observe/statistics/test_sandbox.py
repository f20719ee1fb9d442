"""Statistics against the sandbox over HTTP: what WeCom counted is what is shown."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from siyu.infra.tx import SYSTEM, Actor, Scope
from siyu.observe.statistics import service
from siyu.observe.statistics.model import CHINA, Days, begins
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient

DAY = 86_400


def lived(town: Scene) -> date:
    """Let a day pass on which customers add, write and go; that day."""
    platform = town.place.client
    day = date(2026, 3, 2)
    pairs = town.pairs()
    userid = town.place.busiest()
    strangers = [one["external_userid"] for one in town.place.get("books/people") if (userid, one["external_userid"]) not in pairs]
    town.place.post("acts", act="add", userid=userid, external_userid=strangers[0])
    town.act("customer_deletes", *pairs[0])
    town.place.post("messages", userid=pairs[1][0], external_userid=pairs[1][1])
    for chat in list(platform.group_chats())[:2]:
        members = platform.group_chat(chat.chat_id).members
        town.place.post("acts", act="speak_in_group", chat_id=chat.chat_id, external_userid=members[-1].userid)
    town.place.post("step", seconds=DAY)
    return day


def shown(client: TestClient, what: str, **query: Any) -> Any:
    answer = client.get(f"/api/statistics/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def results(town: Scene) -> dict[str, Any]:
    return {row.kind: row.result for row in town.ask("select kind, result from jobs where kind like 'statistics.%' order by id")}


class TestStaff:
    def test_every_member_and_day_is_what_wecom_tells(self, town: Scene, client: TestClient) -> None:
        day = lived(town)
        town.sync()
        platform, instant = town.place.client, begins(day)
        userids = {row.id: row.userid for row in town.ask("select id, userid from staff")}
        told = {str(id): platform.behaviour([userid], instant, instant)[0] for id, userid in userids.items() if userid in platform.follow_users()}
        one = shown(client, "staff", first=day, last=day)
        assert {member["staff_id"] for member in one["staff"]} == told.keys()
        for member in one["staff"]:
            truth = told[member["staff_id"]]
            assert (member["requests"], member["contacts"], member["chats"]) == (truth.requests, truth.contacts, truth.chats)
            assert (member["messages"], member["lost"]) == (truth.messages, truth.lost)
            assert member["reply_rate"] == (None if truth.reply_rate is None else float(truth.reply_rate))
            assert member["name"]
        assert one["total"]["lost"] == sum(truth.lost for truth in told.values()) == 1
        assert one["total"]["contacts"] == sum(truth.contacts for truth in told.values()) >= 1
        assert [row["day"] for row in one["days"]] == [day.isoformat()]

    def test_180_days_the_first_time_and_then_the_days_since(self, town: Scene, client: TestClient) -> None:
        town.sync()
        members = len(town.place.client.follow_users())
        assert results(town)["statistics.sync"] == {"asked": members, "new": 179 * members, "changed": 0, "gone": 0}
        town.place.post("step", seconds=2 * DAY)
        town.sync()
        assert results(town)["statistics.sync"]["new"] == 2 * members
        first = date(2026, 3, 1) - timedelta(days=178)
        days = shown(client, "staff", first=first + timedelta(days=1), last=date(2026, 3, 1))["days"]
        assert len(days) == 178

    def test_scope_and_one_member(self, town: Scene, client: TestClient) -> None:
        day = lived(town)
        town.sync()
        one = shown(client, "staff", first=day, last=day)
        busy = max(one["staff"], key=lambda member: member["contacts"])
        alone = shown(client, "staff", first=day, last=day, staff_id=busy["staff_id"])
        assert [member["staff_id"] for member in alone["staff"]] == [busy["staff_id"]] and alone["total"]["contacts"] == busy["contacts"]
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            nobody = replace(tx, actor=Actor("user", None, "某人", "guide", frozenset(), Scope("own", None)))
            assert service.sums(nobody, Days(day, day), None).by_staff == []

    def test_a_period_that_is_none_is_refused(self, client: TestClient) -> None:
        answer = client.get("/api/statistics/staff", params={"first": "2026-03-02", "last": "2026-03-01"})
        assert (answer.status_code, answer.json()["code"]) == (422, "statistics.bad_days")

    def test_a_fault_that_passes_lets_it_go_on_where_it_stopped(self, town: Scene) -> None:
        town.place.fault("code", "externalcontact/get_user_behavior_data", count=1, probability=0.2, code=45009)
        town.sync()
        for _ in range(3):
            town.later(600)
        members = len(town.place.client.follow_users())
        assert town.ask("select count(*) as n from staff_days")[0].n == 179 * members


class TestGroups:
    def test_every_owner_and_day_is_what_wecom_tells(self, town: Scene, client: TestClient) -> None:
        day = lived(town)
        town.sync()
        platform = town.place.client
        told = {one.owner: one.figures for one in platform.group_figures(platform.follow_users(), begins(day))}
        names = {row.userid: str(row.id) for row in town.ask("select id, userid from staff")}
        one = shown(client, "groups", first=day, last=day)
        assert {owner["staff_id"] for owner in one["owners"]} == {names[userid] for userid in told}
        ours = {owner["staff_id"]: owner for owner in one["owners"]}
        for userid, figures in told.items():
            owner = ours[names[userid]]
            assert {name: owner[name] for name in figures.__dict__} == figures.__dict__
        assert one["total"]["messages"] == sum(figures.messages for figures in told.values()) >= 2
        assert one["total"]["groups"] == len(list(platform.group_chats()))

    def test_groups_and_members_of_a_period_are_those_of_its_last_day(self, town: Scene, client: TestClient) -> None:
        day = lived(town)
        town.sync()
        whole, last = (shown(client, "groups", first=first, last=day)["total"] for first in (day - timedelta(days=20), day))
        assert (whole["groups"], whole["members"], whole["active_groups"]) == (last["groups"], last["members"], last["active_groups"])
        assert whole["new_members"] >= last["new_members"]
        assert begins(day).astimezone(CHINA).hour == 0
