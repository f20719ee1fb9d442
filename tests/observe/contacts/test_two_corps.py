"""A brand with two corps, each a sandbox over HTTP, whose members bear the same userids: nobody is mixed up."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.access import accounts
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import DepartmentId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from tests.connectors.wecom.conftest import builder
from tests.crowd import PASSWORD
from tests.observe.contacts.scene import Scene, connect
from tests.observe.operator import TestClient, operator


@pytest.fixture
def branch(scene: Scene, tmp_path: Path) -> Iterator[Corp]:
    """The second corp, read like the first."""
    folder = tmp_path / "branch"
    folder.mkdir()
    with builder(folder) as build:
        place = build(scenario={"customers": 30}, corp_id="ww00000000000000b2")
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            corp = contacts.change(tx, connect(tx, place).id, name="分公司")
            contacts.request_sync(tx, corp.id)
        scene.sync()
        yield corp


@pytest.fixture
def client(scene: Scene, branch: Corp, tmp_path: Path) -> Iterator[TestClient]:
    with operator(scene, tmp_path) as client:
        yield client


def listed(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: Any = answer.json()
    return list(found["items"] if isinstance(found, dict) else found)


class TestStaff:
    def test_one_userid_in_two_corps_is_two_members(self, scene: Scene, branch: Corp, client: TestClient) -> None:
        members = listed(client, "/api/staff", limit=200)
        corps = {scene.corp.corp_id: "品牌", branch.corp_id: "分公司"}
        assert {(one["corp_id"], one["corp_name"]) for one in members} == set(corps.items())
        twice = [userid for userid, count in Counter(one["userid"] for one in members).items() if count == 2]
        assert twice and len({one["id"] for one in members}) == len(members)
        for corp in corps:
            own = listed(client, "/api/staff", limit=200, corp_id=corp)
            assert {one["id"] for one in own} == {one["id"] for one in members if one["corp_id"] == corp} and own
        held = {
            (row.corp_id, row.userid): row.n
            for row in scene.ask(
                "select s.corp_id, s.userid, count(*) as n from contacts c join staff s on s.id = c.staff_id and s.tenant_id = c.tenant_id "
                "where c.tenant_id = :tenant_id and c.relation = 'active' group by 1, 2"
            )
        }
        assert {(one["corp_id"], one["userid"]): one["customers"] for one in members if one["customers"]} == held
        assert {corp for corp, _ in held} == set(corps)

    def test_departments_are_their_corps(self, scene: Scene, branch: Corp, client: TestClient) -> None:
        departments = listed(client, "/api/departments")
        assert [one["corp_name"] for one in departments if one["depth"] == 0] in (["品牌", "分公司"], ["分公司", "品牌"])
        corp_of = {one["id"]: one["corp_id"] for one in departments}
        assert all(corp_of[one["parent_id"]] == one["corp_id"] for one in departments if one["parent_id"])
        for root in (one for one in departments if one["depth"] == 0):
            inside = listed(client, "/api/staff", limit=200, department_id=root["id"])
            assert {one["corp_id"] for one in inside} == {root["corp_id"]}
            assert all(corp_of[id] == root["corp_id"] for one in inside for id in one["department_ids"])

    def test_a_supervisor_of_one_corp_sees_nobody_of_the_other(self, scene: Scene, branch: Corp, client: TestClient) -> None:
        root = next(one for one in listed(client, "/api/departments") if one["depth"] == 0 and one["corp_id"] == branch.corp_id)
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            accounts.add(tx, login="head", name="分公司经理", role="supervisor", password=PASSWORD, department_ids=[DepartmentId(root["id"])])
        assert client.post("/api/session", json={"login": "head", "password": PASSWORD}).status_code == 200
        assert {one["corp_id"] for one in listed(client, "/api/staff", limit=200)} == {branch.corp_id}
        assert {one["corp_id"] for one in listed(client, "/api/departments")} == {branch.corp_id}
        assert listed(client, "/api/staff", corp_id=scene.corp.corp_id) == []
