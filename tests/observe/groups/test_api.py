"""Groups over HTTP, in a brand connected to the sandbox: the list, one group, its people, and who sees which."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from siyu.infra.tx import SYSTEM, Actor, Scope
from siyu.kernel.ids import GroupId, StaffId
from siyu.observe.groups import service
from siyu.observe.groups.model import GroupNotFound
from tests.observe.groups.conftest import Town
from tests.observe.operator import TestClient, operator


@pytest.fixture
def client(town: Town, tmp_path: Path) -> Iterator[TestClient]:
    with operator(town.scene, tmp_path) as client:
        yield client


def got(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/groups{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestList:
    def test_names_owners_and_numbers_are_those_of_the_town(self, town: Town, client: TestClient) -> None:
        items = {item["chat_id"]: item for item in got(client, "")["items"]}
        assert items.keys() == {chat.chat_id for chat in town.chats()}
        for chat in town.chats():
            item = items[chat.chat_id]
            assert (item["name"], item["members"], item["customers"], item["state"]) == (chat.name, len(chat.members), len(town.customers(chat)), "active")
            assert item["owner"]["id"] and item["read_at"] and item["strangers"] == 0

    def test_pages_and_filters(self, town: Town, client: TestClient) -> None:
        everything = [item["id"] for item in got(client, "")["items"]]
        paged: list[str] = []
        cursor: dict[str, str] = {}
        while not paged or cursor:
            page = got(client, "", limit=2, **cursor)
            paged += [item["id"] for item in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert paged == everything
        chat = town.chats()[0]
        assert [item["chat_id"] for item in got(client, "", q=chat.name[:4])["items"]] == [chat.chat_id]
        assert got(client, "", q="%")["items"] == [] == got(client, "", state="dismissed")["items"]
        owner = next(item["owner"]["id"] for item in got(client, "")["items"] if item["chat_id"] == chat.chat_id)
        assert {item["owner"]["id"] for item in got(client, "", owner_id=owner)["items"]} == {owner}

    def test_leaves_are_counted_by_group_owner_and_way(self, town: Town, client: TestClient) -> None:
        first, second = town.chats()[:2]
        for chat, leavers in ((first, 2), (second, 1)):
            for leaver in town.customers(chat)[:leavers]:
                town.act("leave", chat, leaver)
        town.act("dismiss", town.chats()[-1])
        town.sync()
        totals = got(client, "/leaves")
        assert totals["leaves"] == 3
        assert [(one["name"], one["leaves"]) for one in totals["groups"]] == [(first.name, 2), (second.name, 1)]
        assert sum(one["leaves"] for one in totals["ways"]) == sum(one["leaves"] for one in totals["owners"]) == 3
        owner = totals["owners"][-1]
        assert got(client, "/leaves", owner_id=owner["value"])["leaves"] == owner["leaves"]
        assert got(client, "/leaves", to="2020-01-01")["leaves"] == 0

    def test_reading_anew_is_a_job(self, town: Town, client: TestClient) -> None:
        town.act("rename", town.chats()[0], name="新名字")
        assert len(client.post("/api/groups/sync").json()["job_ids"]) == 1
        town.scene.worker.drain()
        assert "新名字" in {item["name"] for item in got(client, "")["items"]}


class TestOne:
    def test_people_come_and_go_by_way(self, town: Town, client: TestClient) -> None:
        chat = town.chats()[0]
        gone = town.customers(chat)[0]
        town.act("leave", chat, gone)
        town.sync()
        (item,) = [item for item in got(client, "")["items"] if item["chat_id"] == chat.chat_id]
        one = got(client, f"/{item['id']}", days=180)
        assert (one["left_today"], one["joined_today"]) == (1, 0) and sum(day["left"] for day in one["days"]) == 1
        inside, left = got(client, f"/{item['id']}/members", kind="customer")["items"], got(client, f"/{item['id']}/members", inside=False)["items"]
        assert {person["member"] for person in inside} == set(town.customers(chat)) - {gone}
        assert [(person["member"], person["ended"]) for person in left] == [(gone, "unknown")]
        assert all(person["customer_id"] and person["contact"] and person["name"] for person in inside)
        first = got(client, f"/{item['id']}/members", limit=1)
        second = got(client, f"/{item['id']}/members", limit=100, cursor=first["next_cursor"])
        assert len(first["items"] + second["items"]) == len(chat.members) - 1
        way = {1: "同事邀请", 2: "邀请链接", 3: "扫群码"}[next(member.join_scene for member in chat.members if member.userid == gone)]
        events = client.get(f"/api/customers/{left[0]['customer_id']}/timeline", params={"kind": "group"}).json()["items"]
        assert [event["text_zh"] for event in events] == [f"已不在客户群「{chat.name}」", f"加入客户群「{chat.name}」({way})"]

    def test_strangers_are_counted_and_marked(self, town: Town, client: TestClient) -> None:
        chat = town.chats()[0]
        stranger = town.customers(chat)[0]
        for userid, external in town.scene.pairs():
            if external == stranger:
                town.scene.act("staff_deletes", userid, external)
        town.scene.sync()
        (item,) = [item for item in got(client, "")["items"] if item["chat_id"] == chat.chat_id]
        assert item["strangers"] == 1
        people = got(client, f"/{item['id']}/members", kind="customer")["items"]
        assert [person["member"] for person in people if not person["contact"]] == [stranger]

    def test_what_is_not_there_is_told(self, client: TestClient) -> None:
        answer = client.get(f"/api/groups/{UUID(int=7)}")
        assert (answer.status_code, answer.json()["code"]) == (404, "group.not_found")
        assert client.get("/api/groups", params={"cursor": "x"}).status_code == 422


class TestScope:
    def test_an_owner_sees_his_own_groups_and_a_stranger_none(self, town: Town) -> None:
        scene = town.scene
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            everything = service.page(tx, service.Filter(), before=None, limit=100)
            owner = next(group.owner_id for group in everything if group.owner_id)
            mine = {group.id for group in everything if group.owner_id == owner}

            def acting(staff_id: StaffId | None) -> Any:
                return replace(tx, actor=Actor("user", None, "某人", "guide", frozenset(), Scope("own", staff_id)))

            assert {group.id for group in service.page(acting(owner), service.Filter(), before=None, limit=100)} == mine
            assert service.page(acting(None), service.Filter(), before=None, limit=100) == []
            other: GroupId = next(group.id for group in everything if group.id not in mine)
            with pytest.raises(GroupNotFound):
                service.people(acting(owner), other, inside=True, kind=None, after=None, limit=10)
            inside = [
                person for id in mine for person in service.people(acting(owner), id, inside=True, kind="customer", after=None, limit=500) if person.customer_id
            ]
            userid = next(chat.owner for chat in town.chats() if chat.chat_id in {group.chat_id for group in everything if group.id in mine})
            friends = {external for member, external in scene.pairs() if member == userid}
            assert {person.member for person in inside} == friends & {
                member for chat in town.chats() if chat.owner == userid for member in town.customers(chat)
            }
