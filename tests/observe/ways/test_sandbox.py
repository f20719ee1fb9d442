"""Ways against the sandbox over HTTP: what is read, mended and counted, and what nobody explains."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from siyu.connectors.wecom import ContactWay, JoinWay
from siyu.infra.tx import SYSTEM, Actor, Scope
from siyu.observe.ways import service
from tests.observe.contacts.scene import Scene
from tests.observe.operator import TestClient

NOBODY = Actor("user", None, "某人", "guide", frozenset(), Scope("own", None))


def shown(client: TestClient, kind: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/ways/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    return {item["config_id"]: item for item in answer.json()["items"]}


def result(town: Scene, kind: str) -> Any:
    return town.ask(f"select state, result, error from jobs where kind = 'ways.sync_{kind}' order by id desc limit 1")[0]


def a_join_way(town: Scene, state: str = "店门口") -> str:
    chat = next(iter(town.place.client.group_chats())).chat_id
    return town.place.client.add_join_way(JoinWay((chat,), state=state, remark="门口海报", base_name="福利群", base_id=3))


def enter(town: Scene, client: TestClient, config_id: str) -> None:
    answer = client.post("/api/ways/join", json={"corp": str(town.corp.id), "config_id": config_id})
    assert answer.status_code == 202, answer.text
    town.worker.drain()


@pytest.fixture
def outsider(town: Scene) -> Callable[[str], str]:
    """A customer who is nobody's friend in a member's list yet."""

    def of(userid: str) -> str:
        friends = {external for member, external in town.pairs() if member == userid}
        return next(str(one["external_userid"]) for one in town.place.get("books/people") if one["external_userid"] not in friends)

    return of


class TestContactWays:
    def test_they_follow_the_reading_of_contacts_field_by_field(self, town: Scene, client: TestClient) -> None:
        platform, userid = town.place.client, town.place.busiest()
        one = platform.add_contact_way(ContactWay((userid,), state="直播间", remark="三月直播", exclusive=True))
        two = platform.add_contact_way(ContactWay((), (101,), state="包裹卡", skip_verify=False))
        town.sync()
        items = shown(client, "contact")
        assert items.keys() == {one.config_id, two.config_id}
        first, second = items[one.config_id], items[two.config_id]
        assert (first["state"], first["remark"], first["qr_code"], first["userids"], first["departments"]) == ("直播间", "三月直播", one.qr_code, [userid], [])
        assert (first["exclusive"], first["skip_verify"], first["scene"], first["deleted_at"]) == (True, True, 2, None)
        assert (second["departments"], second["skip_verify"], second["userids"]) == ([101], False, [])
        assert (result(town, "contact_ways").state, result(town, "contact_ways").result) == ("done", {"ways": 2, "new": 2, "changed": 0, "gone": 0})

    def test_changed_and_deleted_ones_are_mended_and_counted_once(self, town: Scene, client: TestClient) -> None:
        platform, userid = town.place.client, town.place.busiest()
        kept, gone = (platform.add_contact_way(ContactWay((userid,), state=state)).config_id for state in ("甲", "乙"))
        town.sync()
        platform.update_contact_way(kept, ContactWay((userid,), state="甲", remark="新备注"))
        platform.delete_contact_way(gone)
        town.place.post("step", seconds=2)
        assert client.post("/api/readings/contact_ways").status_code == 202
        town.worker.drain()
        assert result(town, "contact_ways").result == {"ways": 1, "new": 0, "changed": 1, "gone": 1}
        assert shown(client, "contact")[kept]["remark"] == "新备注" and shown(client, "contact", deleted=True).keys() == {gone}
        rows = town.ask("select *, xmin::text from contact_ways where deleted_at is not null")
        town.place.post("step", seconds=2)
        client.post("/api/readings/contact_ways")
        town.worker.drain()
        assert result(town, "contact_ways").result == {"ways": 1, "new": 0, "changed": 0, "gone": 0}
        assert town.ask("select *, xmin::text from contact_ways where deleted_at is not null") == rows

    def test_who_came_is_counted_by_state_within_scope(self, town: Scene, client: TestClient, outsider: Callable[[str], str]) -> None:
        userid = town.place.busiest()
        way = town.place.client.add_contact_way(ContactWay((userid,), state="直播间"))
        comers = [outsider(userid)]
        town.place.post("acts", act="scan", config_id=way.config_id, external_userid=comers[0])
        comers.append(outsider(userid))
        town.place.post("acts", act="scan", config_id=way.config_id, external_userid=comers[1])
        town.act("staff_deletes", userid, comers[1])
        town.sync()
        assert shown(client, "contact")[way.config_id]["comings"] == {
            "ever": 1,
            "lately": 1,
            "standing": 1,
        }  # the second had come and gone before the first look
        town.act("staff_deletes", userid, comers[0])
        town.sync()
        assert shown(client, "contact")[way.config_id]["comings"] == {"ever": 1, "lately": 1, "standing": 0}
        with town.database.transaction(town.tenant, SYSTEM) as tx:
            (seen,) = service.contact_ways(replace(tx, actor=NOBODY), q=None, deleted=False, before=None, limit=9)
        assert seen.comings.ever == 0

    def test_pages_and_search(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        made = [town.place.client.add_contact_way(ContactWay((userid,), state=f"渠道{n}", remark="100%" if n == 2 else "")).config_id for n in range(3)]
        town.sync()
        paged: list[str] = []
        cursor: dict[str, str] = {}
        while not paged or cursor:
            page = client.get("/api/ways/contact", params={"limit": 2, **cursor}).json()
            paged += [item["config_id"] for item in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        assert sorted(paged) == sorted(made)
        assert shown(client, "contact", q="100%").keys() == {made[2]} and shown(client, "contact", q="渠道1").keys() == {made[1]}

    def test_a_fault_that_passes_lets_it_go_on_where_it_stopped(self, town: Scene, client: TestClient) -> None:
        userid = town.place.busiest()
        made = {town.place.client.add_contact_way(ContactWay((userid,), state=f"渠道{n}")).config_id for n in range(30)}
        town.place.fault("code", "externalcontact/get_contact_way", count=1, probability=0.1, code=45009)
        town.sync()
        for _ in range(3):
            town.later(600)
        assert shown(client, "contact", limit=100).keys() == made
        assert result(town, "contact_ways").result == {"ways": 30, "new": 30, "changed": 0, "gone": 0}

    def test_a_right_that_is_missing_fails_the_job_with_wecoms_words(self, town: Scene) -> None:
        town.place.fault("forbidden", "externalcontact/list_contact_way", count=None)
        town.sync()
        assert (result(town, "contact_ways").state, result(town, "contact_ways").error["params"]["code"]) == ("failed", 48002)


class TestJoinWays:
    def test_one_that_is_entered_is_read_and_its_joinings_counted(self, town: Scene, client: TestClient) -> None:
        config_id = a_join_way(town)
        chat = next(iter(town.place.client.group_chats())).chat_id
        inside = {member.userid for member in town.place.client.group_chat(chat).members}
        comer = next(external for _, external in town.pairs() if external not in inside)
        assert town.place.post("acts", act="join_group", config_id=config_id, external_userid=comer)["changed"]
        town.sync()
        enter(town, client, f" {config_id} ")
        (way,) = shown(client, "join").values()
        assert (way["state"], way["remark"], way["chat_ids"], way["auto_create"], way["base_name"], way["base_id"]) == (
            "店门口",
            "门口海报",
            [chat],
            True,
            "福利群",
            3,
        )
        assert way["qr_code"] and way["read_at"] and way["comings"] == {"ever": 1, "lately": 1, "standing": 1}

    def test_one_that_wecom_knows_no_more_is_gone(self, town: Scene, client: TestClient) -> None:
        config_id = a_join_way(town)
        enter(town, client, config_id)
        assert shown(client, "join").keys() == {config_id}
        town.place.client.delete_join_way(config_id)
        town.place.post("step", seconds=2)
        town.sync()
        assert shown(client, "join") == {} and shown(client, "join", deleted=True).keys() == {config_id}
        assert result(town, "join_ways").result == {"ways": 0, "new": 0, "changed": 0, "gone": 1}

    def test_one_that_wecom_does_not_show_is_refused_with_the_reason(self, town: Scene, client: TestClient) -> None:
        for config_id in ("nosuch", "0" * 32):
            answer = client.post("/api/ways/join", json={"corp": str(town.corp.id), "config_id": config_id})
            assert (answer.status_code, answer.json()["code"]) == (422, "way.unknown")
        assert shown(client, "join") == shown(client, "join", deleted=True) == {}

    def test_while_wecom_does_not_answer_the_job_tells(self, town: Scene, client: TestClient) -> None:
        config_id = a_join_way(town)
        town.place.fault("forbidden", "externalcontact/groupchat/get_join_way", count=None)
        enter(town, client, config_id)
        assert shown(client, "join").keys() == {config_id}
        assert result(town, "join_ways").error["params"]["code"] == 48002

    def test_what_is_no_config_id_is_refused(self, town: Scene, client: TestClient) -> None:
        answer = client.post("/api/ways/join", json={"corp": str(town.corp.id), "config_id": "不是"})
        assert (answer.status_code, answer.json()["code"]) == (422, "way.bad_config_id")


class TestStrays:
    def test_states_that_no_way_explains_are_shown(self, town: Scene, client: TestClient, outsider: Callable[[str], str]) -> None:
        userid = town.place.busiest()
        for state in ("老系统", "老系统", "直播间"):
            town.place.post("step", seconds=2)
            town.place.post("acts", act="add", userid=userid, external_userid=outsider(userid), state=state)
        town.place.client.add_contact_way(ContactWay((userid,), state="直播间"))
        config_id = a_join_way(town, "旧群码")
        chat = next(iter(town.place.client.group_chats())).chat_id
        inside = {member.userid for member in town.place.client.group_chat(chat).members}
        comer = next(external for _, external in town.pairs() if external not in inside)
        town.place.post("acts", act="join_group", config_id=config_id, external_userid=comer)
        town.sync()
        strays = {one["state"]: one["comings"]["ever"] for one in client.get("/api/ways/strays", params={"kind": "contact"}).json()}
        assert strays["老系统"] == 2 and "直播间" not in strays
        assert [one["state"] for one in client.get("/api/ways/strays", params={"kind": "join"}).json() if one["state"] == "旧群码"]


class TestCustomer:
    def test_the_customers_page_says_what_the_channel_is_called_when_the_way_is_ours(
        self, town: Scene, client: TestClient, outsider: Callable[[str], str]
    ) -> None:
        userid = town.place.busiest()
        way = town.place.client.add_contact_way(ContactWay((userid,), state="直播间", remark="三月直播"))
        scanner = outsider(userid)
        town.place.post("acts", act="scan", config_id=way.config_id, external_userid=scanner)
        town.place.post("step", seconds=2)
        stray = outsider(userid)
        town.place.post("acts", act="add", userid=userid, external_userid=stray, state="老系统")
        town.sync()
        channels = []
        for external in (scanner, stray):
            (row,) = town.ask(f"select i.customer_id from contacts c join identities i on i.id = c.identity_id where c.external_userid = '{external}' limit 1")
            channels += [one["channel"] for one in client.get(f"/api/customers/{row.customer_id}").json()["relations"] if one["channel"]]
        assert channels == [{"state": "直播间", "name": "三月直播"}, {"state": "老系统", "name": None}]
