"""What is read in full, against the sandbox: how fresh each kind is, what a comparison mended, and going on after a stop."""

from datetime import timedelta
from typing import Any

from siyu.connectors.wecom import NewTag
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts, readings
from siyu.observe.readings import Tally
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient


def shown(town: Scene, client: TestClient) -> dict[str, Any]:
    answer = client.get(f"/api/corps/{town.corp.id}/readings")
    assert answer.status_code == 200, answer.text
    return {one["object"]: one for one in answer.json()}


class TestStandings:
    def test_nothing_has_been_read_and_then_everything(self, town: Scene, client: TestClient) -> None:
        assert {(one["read_at"], one["total"], one["mended"], one["job_id"]) for one in shown(town, client).values()} == {(None, 0, None, None)}
        town.sync()
        told = shown(town, client)
        assert {"departments", "staff", "contacts", "groups", "tags"} <= told.keys()
        assert all(one["read_at"] and one["mended"] is None and one["job_id"] is None for one in told.values())
        platform = town.place.client
        assert told["contacts"]["total"] == len(town.pairs()) > 0
        assert told["groups"]["total"] == len(list(platform.group_chats()))
        assert told["tags"]["total"] == sum(len(group.tags) for group in platform.corp_tags())
        assert told["departments"]["total"] == len(platform.departments())

    def test_what_nobody_told_is_counted_where_it_was_mended(self, town: Scene, client: TestClient) -> None:
        town.sync()
        userid, external = town.pairs()[0]
        town.act("staff_deletes", userid, external)
        town.place.client.add_corp_tags([NewTag("一"), NewTag("二")], group_name="新组")
        town.later(60)
        town.sync()
        told = {name: one["mended"] for name, one in shown(town, client).items()}
        assert told["contacts"] == {"new": 0, "changed": 0, "gone": 1} and told["tags"] == {"new": 2, "changed": 0, "gone": 0}
        assert told["staff"] == {"new": 0, "changed": 0, "gone": 0}

    def test_a_reading_that_waits_is_named(self, town: Scene, client: TestClient) -> None:
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            job = contacts.request_sync(tx, town.corp.id)
        assert shown(town, client)["contacts"]["job_id"] == str(job)

    def test_a_corp_that_is_not_ours_is_not_there(self, town: Scene, client: TestClient) -> None:
        assert client.get("/api/corps/00000000-0000-7000-8000-000000000000/readings").status_code == 404


class TestRequest:
    def test_one_kind_alone_is_read_once_for_all_who_ask(self, town: Scene, client: TestClient) -> None:
        first, second = (client.post("/api/readings/tags") for _ in range(2))
        assert first.status_code == 202 and first.json() == second.json()
        town.worker.drain()
        told = shown(town, client)
        assert told["tags"]["read_at"] and not told["groups"]["read_at"]

    def test_what_nobody_reads_is_not_there(self, client: TestClient) -> None:
        answer = client.post("/api/readings/dreams")
        assert (answer.status_code, answer.json()["code"]) == (404, "reading.unknown_kind")


class TestNote:
    def test_the_first_has_nothing_to_mend_and_an_older_one_changes_nothing(self, town: Scene) -> None:
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            for back, total in ((2, 5), (1, 6), (3, 7)):
                readings.note(tx, town.corp.id, "tags", read_at=tx.now - timedelta(hours=back), total=total, found=Tally(total))
            last = readings.last(tx, town.corp.id, "tags")
            assert last and (last.read_at, last.total, last.mended) == (tx.now - timedelta(hours=1), 6, Tally(6))
