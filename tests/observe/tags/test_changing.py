"""Changes of the tag library over HTTP against the sandbox: WeCom first, ours after its yes, its no in words."""

from typing import Any

import pytest

from siyu.connectors.wecom import NewTag
from siyu.observe.tags.model import Added, Deleted, Renamed, stored, wish
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient
from tests.observe.tags.test_sandbox import ours, truth


def asked(town: Scene, client: TestClient, method: str, path: str = "", **body: Any) -> Any:
    """The job of a change, once it is over."""
    answer = client.request(method, f"/api/tags/{town.corp.id}{path}", **({"json": body} if body else {}))
    assert answer.status_code == 202, answer.text
    town.worker.drain()
    return client.get(f"/api/jobs/{answer.json()['job_id']}").json()


def refused(town: Scene, client: TestClient, method: str, path: str = "", **body: Any) -> tuple[int, str]:
    answer = client.request(method, f"/api/tags/{town.corp.id}{path}", **({"json": body} if body else {}))
    return answer.status_code, answer.json()["code"]


class TestThousands:
    def test_thousands_of_tags_are_read_and_shown_and_the_ceiling_is_told_before_wecom_is_asked(self, town: Scene, client: TestClient) -> None:
        def fill(until: int, name: str) -> None:
            missing = until - sum(map(len, truth(town).values()))
            for start in range(0, missing, 100):
                town.place.client.add_corp_tags([NewTag(f"{name}{n}") for n in range(min(100, missing - start))], group_name=f"{name}{start}")
            town.sync()

        fill(3_200, "早")
        library = client.get("/api/tags").json()[0]
        assert library["tags"] == 3_200 >= library["warn_from"] and ours(client) == truth(town)
        assert asked(town, client, "POST", names=["再来一个"], group_name="新组")["state"] == "done"
        fill(9_990, "晚")
        assert ours(client) == truth(town)
        assert refused(town, client, "POST", names=[f"满{n}" for n in range(11)], group_name="满") == (409, "tag.ceiling")
        assert asked(town, client, "POST", names=[f"满{n}" for n in range(10)], group_name="满")["state"] == "done"
        assert client.get("/api/tags").json()[0]["tags"] == 10_000


class TestChange:
    def test_made_renamed_and_deleted_there_and_then_here(self, town: Scene, client: TestClient) -> None:
        assert asked(town, client, "POST", names=["一", "二"], group_name="新组")["state"] == "done"
        assert set(truth(town)["新组"].values()) == {"一", "二"} and ours(client) == truth(town)
        group = next(group for group in town.place.client.corp_tags() if group.name == "新组")
        asked(town, client, "POST", names=["三"], group_id=group.id)
        asked(town, client, "PATCH", f"/{group.tags[0].id}", name="壹")
        asked(town, client, "PATCH", f"/{group.id}", name="新名")
        assert set(truth(town)["新名"].values()) >= {"壹", "三"} and ours(client) == truth(town)
        asked(town, client, "DELETE", f"/{group.tags[0].id}")
        assert "壹" not in truth(town)["新名"].values() and ours(client) == truth(town)
        asked(town, client, "DELETE", f"/{group.id}")
        assert "新名" not in truth(town) and ours(client) == truth(town)

    def test_wecoms_no_leaves_ours_as_it_is_and_is_told(self, town: Scene, client: TestClient) -> None:
        before = ours(client)
        town.place.fault("code", "externalcontact/add_corp_tag", count=1, code=40126)
        job = asked(town, client, "POST", names=["一"], group_name="新组")
        assert (job["state"], job["error"]["code"], job["error"]["params"]["code"]) == ("failed", "job.failed", 40126)
        assert ours(client) == before == truth(town)

    def test_what_somebody_else_deleted_is_deleted(self, town: Scene, client: TestClient) -> None:
        tag = town.place.client.corp_tags()[0].tags[0]
        town.place.client.delete_corp_tags(tag_ids=[tag.id])
        assert asked(town, client, "DELETE", f"/{tag.id}")["state"] == "done" and ours(client) == truth(town)

    def test_a_lost_answer_makes_nothing_twice(self, town: Scene, client: TestClient) -> None:
        town.place.fault("reset_after", "externalcontact/add_corp_tag", count=1)
        asked(town, client, "POST", names=["一"], group_name="新组")
        for _ in range(2):
            town.later(600)
        assert list(truth(town)["新组"].values()) == ["一"] and ours(client) == truth(town)

    def test_only_what_is_missing_is_made(self, town: Scene, client: TestClient) -> None:
        town.place.client.add_corp_tags([NewTag("一")], group_name="新组")
        asked(town, client, "POST", names=["一", "二"], group_name="新组")
        assert set(truth(town)["新组"].values()) == {"一", "二"} and ours(client) == truth(town)


class TestRefusals:
    def test_what_cannot_be_is_told_before_wecom_is_asked(self, town: Scene, client: TestClient) -> None:
        first, second = town.place.client.corp_tags()[:2]
        assert refused(town, client, "POST", names=["字" * 31], group_name="新组") == (422, "tag.bad_name")
        assert refused(town, client, "POST", names=["一"], group_name=" ") == (422, "tag.bad_name")
        assert refused(town, client, "POST", names=["一"], group_id="et-none") == (404, "tag.not_found")
        assert refused(town, client, "POST", names=[first.tags[0].name], group_id=first.id) == (409, "tag.name_taken")
        assert refused(town, client, "PATCH", f"/{first.tags[0].id}", name=first.tags[1].name) == (409, "tag.name_taken")
        assert refused(town, client, "POST", names=["一"], group_name=f" {first.name} ") == (409, "tag.name_taken")
        assert "一" not in truth(town)[first.name].values()
        assert refused(town, client, "PATCH", f"/{first.id}", name=second.name) == (409, "tag.name_taken")
        assert refused(town, client, "DELETE", "/et-none") == (404, "tag.not_found")


@pytest.mark.parametrize("one", [Added(["一"], "et1"), Added(["一", "二"], group_name="组"), Renamed("et1", "名"), Deleted("et1", "group_ids")])
def test_a_wish_survives_the_queue(one: Added | Renamed | Deleted) -> None:
    assert wish(stored(one)) == one
