"""Group sends made elsewhere, against the sandbox over HTTP: by members, by another app, by us."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from siyu.act.gateway import store, wiring
from siyu.infra import jobs
from siyu.infra.tx import SYSTEM, Actor, Scope
from siyu.observe import sends
from siyu.observe.sends import service
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient

HOURS = 3_600


def shown(client: TestClient, path: str = "", **query: Any) -> Any:
    answer = client.get(f"/api/corp-sends{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(town: Scene, client: TestClient, *, later: float = 2) -> Any:
    """The result of another reading of sends."""
    town.place.post("step", seconds=later)
    assert client.post("/api/readings/sends").status_code == 202
    town.worker.drain()
    return result(town)


def result(town: Scene) -> Any:
    return town.ask("select result from jobs where kind = 'sends.sync' order by id desc limit 1")[0].result


def elsewhere(town: Scene) -> list[Any]:
    return town.ask("select occurred_at, props from events where name = 'message.sent_elsewhere' order by occurred_at")


@contextmanager
def claimed(*msgids: str) -> Iterator[None]:
    """Somebody here who knows that these are ours."""

    def owners(tx: Any, corp_id: str, asked: Any) -> set[str]:
        return set(msgids)

    sends.own(owners)
    try:
        yield
    finally:
        service._owners.remove(owners)


class TestByMembers:
    def test_whom_a_member_reached_is_known_and_said_once(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        customers = town.place.customers_of(userid)
        msgid = town.place.post("sends", userid=userid, text="老客户福利")["msgid"]
        town.sync()
        assert result(town) == {"sends": 1, "new": 1, "changed": 0, "gone": 0}
        (item,) = shown(client)["items"]
        assert (item["msgid"], item["text"], item["by_member"], item["kind"]) == (msgid, "老客户福利", True, "single")
        assert item["creator"] and item["creator"] != userid
        truth = [row.status for row in town.place.client.group_send_results(msgid, userid)]
        assert item["counts"] == {"members": 1, "confirmed": 1, "reached": truth.count(1), "waiting": 0, "gone": truth.count(2), "full": truth.count(3)}
        assert item["counts"]["reached"] > 0 and len(truth) == len(customers)
        assert len(elsewhere(town)) == truth.count(1)
        (part,) = shown(client, f"/{item['corp']}/{msgid}")["parts"]
        assert part["sent_at"] and part["counts"] == item["counts"]
        reached = next(row.external_userid for row in town.place.client.group_send_results(msgid, userid) if row.status == 1)
        (person,) = town.ask(f"select i.customer_id from contacts c join identities i on i.id = c.identity_id where c.external_userid = '{reached}' limit 1")
        lines = client.get(f"/api/customers/{person.customer_id}/timeline", params={"kind": "message"}).json()["items"]
        assert [line["text_zh"] for line in lines] == [f"员工 {item['creator']}在企业微信里群发了消息"]
        rows = town.ask("select *, xmin::text from corp_send_receivers order by receiver")
        assert read(town, client) == {"sends": 1, "new": 0, "changed": 0, "gone": 0}
        assert town.ask("select *, xmin::text from corp_send_receivers order by receiver") == rows and len(elsewhere(town)) == truth.count(1)

    def test_filter_pages_and_scope(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        other = next(member for member in town.place.client.follow_users() if member != userid and town.place.customers_of(member))
        made = []
        for sender in (userid, other, userid):
            made.append(town.place.post("sends", userid=sender, external_userids=list(town.place.customers_of(sender)[:1]))["msgid"])
            town.place.post("step", seconds=60)
        town.sync()
        first = shown(client, limit=2)
        rest = shown(client, limit=2, cursor=first["next_cursor"])
        assert [item["msgid"] for item in first["items"] + rest["items"]] == made[::-1] and rest["next_cursor"] is None
        assert shown(client, by="corp")["items"] == [] and len(shown(client, by="member")["items"]) == 3
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            staff_id = next(row.id for row in town.ask(f"select id from staff where userid = '{other}'"))
            mine = replace(tx, actor=Actor("user", None, "某人", "guide", frozenset(), Scope("own", staff_id)))
            assert [one.heading.msgid for one in service.page(mine, by_member=None, before=None, limit=9)] == [made[1]]
        answer = client.get(f"/api/corp-sends/{town.corp.id}/none")
        assert (answer.status_code, answer.json()["code"]) == (404, "send.not_found")


class TestByApps:
    def test_another_apps_send_is_taken_over_two_hours_later_and_followed_until_settled(self, town: Scene, client: TestClient) -> None:
        town.sync()
        made = town.place.client.add_msg_template(town.place.template("另一个系统发的"))
        assert read(town, client, later=60) == {"sends": 0, "new": 0, "changed": 0, "gone": 0}
        town.place.post("step", seconds=2.5 * HOURS)
        read(town, client)
        (item,) = shown(client, by="corp")["items"]
        assert (item["msgid"], item["creator"]) == (made.msgid, "")
        town.place.post("confirm", msgid=made.msgid)
        read(town, client)
        (item,) = shown(client)["items"]
        assert item["counts"]["confirmed"] == 1 and item["counts"]["waiting"] == 0
        assert item["counts"]["reached"] == len(elsewhere(town))
        (row,) = town.ask("select settled from corp_sends")
        assert row.settled

    def test_ours_are_nobody_elses(self, town: Scene, client: TestClient) -> None:
        made = town.place.client.add_msg_template(town.place.template("我们发的"))
        town.place.post("step", seconds=3 * HOURS)
        with claimed(made.msgid):
            town.sync()
            assert shown(client)["items"] == [] and elsewhere(town) == []

    def test_one_that_turns_out_to_be_ours_is_dropped(self, town: Scene, client: TestClient) -> None:
        made = town.place.client.add_msg_template(town.place.template("我们发的"))
        town.place.post("step", seconds=3 * HOURS)
        town.sync()
        assert len(shown(client)["items"]) == 1
        with claimed(made.msgid):
            read(town, client)
        assert shown(client)["items"] == [] and town.ask("select from corp_send_receivers") == []

    def test_the_gateway_says_what_it_sent(self) -> None:
        assert wiring.capability.name == "gateway" and store.tasks.owners in service._owners


class TestFaults:
    def test_a_send_under_way_or_a_passing_fault_is_asked_again(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        made = [town.place.post("sends", userid=userid, external_userids=[external])["msgid"] for external in town.place.customers_of(userid)[:4]]
        town.place.fault("code", "externalcontact/get_groupmsg_task", count=1, code=41063)
        town.place.fault("code", "externalcontact/get_groupmsg_send_result", count=1, code=45009)
        town.sync()
        for _ in range(3):
            town.later(600)
        read(town, client)
        assert {item["msgid"] for item in shown(client)["items"]} == set(made)

    def test_every_hour_all_corps_are_asked_for(self, town: Scene, client: TestClient) -> None:
        town.place.post("sends", userid=town.place.busiest())
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "sends.sync_all")
        town.worker.drain()
        assert len(shown(client)["items"]) == 1
