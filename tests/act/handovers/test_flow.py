"""Handovers against the sandbox over HTTP: who goes, who stays and why, lost answers, dead workers, callbacks."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID, uuid4

import pytest

from siyu.access import staff
from siyu.act.handovers import service
from siyu.connectors.wecom.sandbox import Limits
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import HandoverId
from siyu.observe.contacts import service as contacts
from tests.act.handovers.conftest import Raise, Scene
from tests.observe.contacts.conftest import AES_KEY, TOKEN
from tests.observe.contacts.scene import receiver

DAY = 86_400


def active(scene: Scene, userid: str) -> list[str]:
    return sorted(external for external, relation in scene.relations(userid).items() if relation == "active")


class TestInService:
    def test_customers_move_after_a_day_and_their_history_stays(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        preview = scene.preview(giver)
        assert (preview["found"], preview["ready"], preview["hindered"]) == (len(mine), len(mine), {})
        assert [(part["share"], part["customers"], part["full_at"]) for part in preview["parts"]] == [(len(mine), 0, None)]
        (handover,) = scene.plan(giver, reason="换店", message="以后由小王为您服务")
        assert handover["counts"] == {"planned": len(mine)} and scene.asked() == []
        scene.worker.drain()
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert [row[0] for row in scene.asked()] == mine

        scene.later(700)
        scene.follow()
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert all(row["due_at"] for row in scene.get(f"/{handover['id']}/customers")["items"])

        scene.later(DAY)
        scene.follow()
        scene.later(60)
        assert scene.counts(handover) == {"done": len(mine)}
        assert scene.relations(giver) == dict.fromkeys(mine, "handed_over")
        assert active(scene, scene.taker) == mine
        told = scene.ask("select name, count(*) as n from events where tenant_id = :tenant_id and name like 'contact.%' group by name")
        happened = {row.name: row.n for row in told}
        assert happened["contact.handed_over"] == len(mine) and "contact.lost" not in happened
        assert scene.client.get("/api/losses").json()["items"] == []

    def test_named_customers_only(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        rows = scene.ask(
            "select i.customer_id, c.external_userid from contacts c join identities i on i.id = c.identity_id join staff s on s.id = c.staff_id "
            "where c.tenant_id = :tenant_id and s.userid = :giver order by 2 limit 2",
            giver=giver,
        )
        (handover,) = scene.plan(giver, customer_ids=[str(row.customer_id) for row in rows])
        scene.worker.drain()
        assert [row[0] for row in scene.asked()] == [row.external_userid for row in rows]
        people = scene.get(f"/{handover['id']}/customers", state="waiting")["items"]
        assert {row["customer"]["id"] for row in people} == {str(row.customer_id) for row in rows}

    def test_more_than_one_call_takes(self, raised: Raise) -> None:
        scene = raised(people=1100)
        giver = scene.place.busiest()
        mine = active(scene, giver)
        assert len(mine) > 100  # what one call may hold
        (handover,) = scene.plan(giver)
        scene.worker.drain()
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert [row[0] for row in scene.asked()] == mine
        (job,) = [one for one in scene.client.get("/api/jobs").json()["items"] if one["kind"] == "handovers.ask"]
        assert (job["state"], job["done"], job["total"], job["failed"]) == ("done", len(mine), len(mine), 0)

    def test_who_refuses_stays(self, raised: Raise) -> None:
        scene = raised(refuses=1.0)
        giver = scene.place.busiest()
        mine = active(scene, giver)
        (handover,) = scene.plan(giver)
        scene.worker.drain()
        scene.later(DAY)
        scene.follow()
        assert scene.counts(handover) == {"refused": len(mine)}
        assert active(scene, giver) == mine

    def test_a_callback_tells_of_a_refusal_at_once(self, raised: Raise) -> None:
        scene = raised(refuses=1.0)
        with receiver(scene.database) as address:
            url = f"{address}/callbacks/wecom/{scene.corp.callback_key}"
            scene.place.post("callbacks", url=url, token=TOKEN, aes_key=AES_KEY)
            (handover,) = scene.plan(scene.place.busiest())
            scene.worker.drain()
            scene.later(DAY)
            scene.later(5)
        assert set(scene.counts(handover)) == {"refused"}

    def test_a_callback_of_handing_on_is_no_loss(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        with receiver(scene.database) as address:
            url = f"{address}/callbacks/wecom/{scene.corp.callback_key}"
            scene.place.post("callbacks", url=url, token=TOKEN, aes_key=AES_KEY)
            (handover,) = scene.plan(giver)
            scene.worker.drain()
            scene.later(DAY)
            scene.later(10)
        assert scene.relations(giver) == dict.fromkeys(mine, "handed_over")
        assert active(scene, scene.taker) == mine
        scene.follow()
        assert scene.counts(handover) == {"done": len(mine)}

    def test_what_an_administrator_hands_on_unheard_is_no_loss_whoever_is_read_first(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        one, other, deleted, *_ = active(scene, giver)
        scene.place.client.hand_over(giver, scene.taker, [one, other])
        scene.later(DAY)
        scene.place.post("acts", act="staff_deletes", userid=giver, external_userid=deleted)
        scene.sync()
        assert [scene.relations(giver)[external] for external in (one, other, deleted)] == ["handed_over", "handed_over", "deleted_by_staff"]
        scene.later(DAY)
        scene.place.client.hand_over(scene.taker, giver, [one])
        scene.later(DAY)
        scene.sync()
        assert scene.relations(scene.taker) == {one: "handed_over", other: "active"} and scene.relations(giver)[one] == "active"
        assert [row["by"] for row in scene.client.get("/api/losses").json()["items"]] == ["staff"]

    def test_members_read_side_by_side_see_what_the_other_finds(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        given, *_ = active(scene, giver)
        scene.place.client.hand_over(giver, scene.taker, [given])
        scene.place.post("step", seconds=DAY)
        rows = {userid: list(scene.place.client.contacts([userid])) for userid in (giver, scene.taker)}

        def end() -> None:
            with scene.database.transaction(scene.tenant, SYSTEM) as tx:
                ids = staff.ids(tx, scene.corp.corp_id, [giver])
                listed = {(ids[giver], row.contact.external_userid) for row in rows[giver]}
                contacts.end_unlisted(tx, scene.corp, ids.values(), listed, read_at=tx.now)

        with ThreadPoolExecutor(1) as beside:
            with scene.database.transaction(scene.tenant, SYSTEM) as tx:
                contacts.fold_read(tx, scene.corp, rows[scene.taker], read_at=tx.now)
                ending = beside.submit(end)
                wait([ending], timeout=0.5)  # whoever does not wait ends the relation before the other's finding can be seen
            ending.result()
        assert scene.relations(giver)[given] == "handed_over"

    def test_whom_a_customer_deletes_meanwhile_is_a_loss_all_the_same(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        one, *rest = active(scene, giver)
        with receiver(scene.database) as address:
            url = f"{address}/callbacks/wecom/{scene.corp.callback_key}"
            scene.place.post("callbacks", url=url, token=TOKEN, aes_key=AES_KEY)
            scene.plan(giver)
            scene.worker.drain()
            scene.later(2)
            scene.place.post("acts", act="customer_deletes", userid=giver, external_userid=one)
            scene.later(10)
            scene.later(10)
        assert scene.relations(giver) == {one: "deleted_by_customer", **dict.fromkeys(rest, "active")}

    def test_a_full_taker_is_said_with_wecoms_code_and_the_next_time_before(self, raised: Raise) -> None:
        scene = raised(limits=Limits(member_customers=1))
        giver = scene.place.busiest()
        scene.plan(giver)
        scene.worker.drain()
        scene.later(DAY)
        scene.follow()
        counts = Counter(row.state for row in scene.ask("select state from handover_customers"))
        assert counts["done"] == 1 and set(counts) == {"done", "full"}
        scene.later(60)
        (again,) = scene.plan(giver)
        scene.worker.drain()
        assert set(scene.counts(again)) == {"failed"}
        assert {row["code"] for row in scene.get(f"/{again['id']}/customers")["items"]} == {40099}
        assert scene.preview(giver)["parts"][0]["full_at"]

    def test_who_cannot_go_is_told_before(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        people = len(active(scene, giver))
        scene.plan(giver)
        assert scene.preview(giver, "service02")["hindered"] == {"under_way": people}
        answer = scene.client.post("/api/handovers", json=scene.body(giver, "service02"))
        assert (answer.status_code, answer.json()["code"]) == (422, "handover.bad")
        scene.worker.drain()
        for holder, taker in ((scene.taker, "service02"), ("service02", giver)):
            scene.later(DAY)
            scene.follow()
            scene.later(60)
            if holder == scene.taker:
                scene.plan(holder, taker)
                scene.worker.drain()
        assert scene.preview("service02", giver)["hindered"] == {"twice_in_90_days": people}
        scene.later(90 * DAY)
        assert scene.preview("service02", giver)["ready"] == people


class TestFaults:
    @pytest.mark.parametrize("kind", ["timeout_after", "cut_body"])
    def test_after_a_lost_answer_nobody_is_asked_twice(self, raised: Raise, kind: str) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        params = {"seconds": 0} if kind == "timeout_after" else {}
        scene.place.fault(kind, "externalcontact/transfer_customer", **params)
        (handover,) = scene.plan(giver)
        scene.worker.drain()
        assert scene.counts(handover) == {"asking": len(mine)}
        scene.later(61)
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert [row[0] for row in scene.asked()] == mine

    def test_a_call_that_never_arrived_is_made_later(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        scene.place.fault("timeout_before", "externalcontact/transfer_customer", seconds=0)
        (handover,) = scene.plan(giver)
        scene.worker.drain()
        scene.later(61)
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert [row[0] for row in scene.asked()] == mine

    @pytest.mark.parametrize("called", [False, True])
    def test_a_worker_killed_around_the_call_loses_and_doubles_nothing(self, raised: Raise, called: bool) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        (handover,) = scene.plan(giver)
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            taken = service.take(tx, HandoverId(UUID(handover["id"])), 3)
        if called:
            scene.place.client.hand_over(giver, scene.taker, [one.external_userid for one in taken])
        scene.worker.drain()
        scene.later(61)
        assert scene.counts(handover) == {"waiting": len(mine)}
        assert [row[0] for row in scene.asked()] == mine

    def test_what_passes_is_tried_again(self, raised: Raise) -> None:
        scene = raised()
        scene.place.fault("code", "externalcontact/transfer_customer", count=2, code=45009)
        (handover,) = scene.plan(scene.place.busiest())
        for _ in range(4):
            scene.worker.drain()
            scene.later(600)
        assert set(scene.counts(handover)) == {"waiting"}

    def test_a_right_that_is_missing_is_shown_for_everybody_after_one_call(self, raised: Raise) -> None:
        scene = raised()
        scene.place.fault("forbidden", "externalcontact/transfer_customer", count=None)
        (handover,) = scene.plan(scene.place.busiest())
        scene.worker.drain()
        assert set(scene.counts(handover)) == {"failed"}
        assert {row["code"] for row in scene.get(f"/{handover['id']}/customers")["items"]} == {48002}

    def test_results_that_do_not_come_are_read_later(self, raised: Raise) -> None:
        scene = raised()
        (handover,) = scene.plan(scene.place.busiest())
        scene.worker.drain()
        scene.later(DAY)
        scene.place.fault("forbidden", "externalcontact/transfer_result")
        scene.follow()
        assert set(scene.counts(handover)) == {"waiting"}
        scene.later(601)
        scene.follow()
        assert set(scene.counts(handover)) == {"done"}


class TestResigned:
    def test_customers_of_who_left_go_to_several_evenly(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        scene.place.post("acts", act="member_leaves", userid=giver)
        scene.sync()
        assert scene.client.post("/api/handovers/leavers/read").status_code == 202
        scene.worker.drain()
        (leaver,) = scene.get("/leavers")
        assert (leaver["staff"]["id"], leaver["customers"], leaver["under_way"]) == (scene.members[giver], len(mine), 0)
        made = scene.plan(giver, scene.taker, "service02", kind="resigned")
        sizes = sorted(one["customers"] for one in made)
        assert sum(sizes) == len(mine) and sizes[1] - sizes[0] <= 1
        assert scene.get("/leavers")[0]["under_way"] == len(mine)
        scene.worker.drain()
        scene.later(DAY)
        scene.follow()
        scene.later(60)
        assert {state for one in made for state in scene.counts(one)} == {"done"}
        assert sorted(active(scene, scene.taker) + active(scene, "service02")) == mine
        assert scene.get("/leavers") == []
        assert set(scene.relations(giver).values()) == {"handed_over"}

    def test_what_wecom_lists_no_more_before_the_result_is_read_is_no_loss(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        mine = active(scene, giver)
        with receiver(scene.database) as address:
            url = f"{address}/callbacks/wecom/{scene.corp.callback_key}"
            scene.place.post("callbacks", url=url, token=TOKEN, aes_key=AES_KEY)
            scene.place.post("acts", act="member_leaves", userid=giver)
            scene.sync()
            scene.do("handovers.read_all_unassigned")
            (handover,) = scene.plan(giver, kind="resigned")
            scene.worker.drain()
            scene.later(DAY)
            scene.later(10)
        assert active(scene, scene.taker) == active(scene, giver) == mine
        assert scene.counts(handover) == {"waiting": len(mine)} and scene.ask("select from events where name = 'contact.lost'") == []
        scene.follow()
        assert scene.counts(handover) == {"done": len(mine)}
        assert scene.relations(giver) == dict.fromkeys(mine, "handed_over")
        assert scene.client.get("/api/losses").json()["items"] == [] and scene.ask("select from events where name = 'contact.lost'") == []

    def test_what_wecom_lists_no_more_is_forgotten(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        scene.place.post("acts", act="member_leaves", userid=giver)
        scene.sync()
        scene.do("handovers.read_all_unassigned")
        one = scene.place.client
        customers = [row.external_userid for row in one.unassigned_customers()]
        one.hand_over_resigned(giver, scene.taker, customers[:1])  # by somebody at WeCom's own console
        scene.later(60)
        scene.do("handovers.read_all_unassigned")
        assert [row["customers"] for row in scene.get("/leavers")] == [len(customers) - 1]

    def test_what_an_administrator_assigns_at_wecoms_own_console_is_no_loss(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        first, second, *rest = active(scene, giver)
        with receiver(scene.database) as address:
            url = f"{address}/callbacks/wecom/{scene.corp.callback_key}"
            scene.place.post("callbacks", url=url, token=TOKEN, aes_key=AES_KEY)
            scene.place.post("acts", act="add", userid=scene.taker, external_userid=second)
            scene.later(10)
            scene.place.post("acts", act="member_leaves", userid=giver)
            scene.sync()
            scene.do("handovers.read_all_unassigned")
            scene.place.client.hand_over_resigned(giver, scene.taker, [first, second])
            scene.later(DAY)
            scene.later(10)
            assert scene.relations(giver)[first] == "handed_over"  # the taker's adding was told
            assert scene.relations(giver)[second] == "active"  # of a friend who gets the customer nothing is
            scene.do("handovers.read_all_unassigned")
            scene.later(10)
        assert scene.relations(giver) == {first: "handed_over", second: "handed_over", **dict.fromkeys(rest, "active")}
        assert scene.client.get("/api/losses").json()["items"] == [] and scene.ask("select from events where name = 'contact.lost'") == []

    def test_a_taker_who_may_not_serve_customers_is_refused_with_the_reason(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        for how, hindrance in (({"status": 2}, "disabled"), ({"status": 1, "follows_customers": False}, "no_permission")):
            scene.place.post("members", userid=scene.taker, **how)
            scene.sync()
            for path in ("", "/preview"):
                answer = scene.client.post(f"/api/handovers{path}", json=scene.body(giver))
                assert (answer.status_code, answer.json()["code"], answer.json()["params"]["hindrance"]) == (422, "handover.taker_hindered", hindrance)

    def test_a_message_and_the_wrong_kind_are_refused(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        wrong = [
            scene.body(giver, kind="resigned"),
            scene.body(giver, giver),
            scene.body(giver, scene.taker, scene.taker),
            scene.body(giver, message="长" * 201),
            scene.body(giver, reason="长" * 201),
        ]
        for body in wrong:
            answer = scene.client.post("/api/handovers/preview", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "handover.bad"), body


class TestPlan:
    def test_the_same_key_acts_once(self, raised: Raise) -> None:
        scene = raised()
        body, key = scene.body(scene.place.busiest()), {"idempotency-key": uuid4().hex}
        first, second = (scene.client.post("/api/handovers", json=body, headers=key) for _ in range(2))
        assert first.status_code == second.status_code == 201 and first.json() == second.json()
        assert len(scene.get()["items"]) == 1

    def test_who_is_stopped_is_not_asked_for(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        (handover,) = scene.plan(giver)
        assert scene.client.post(f"/api/handovers/{handover['id']}/stop").status_code == 200
        scene.worker.drain()
        assert set(scene.counts(handover)) == {"stopped"} and scene.asked() == []
        assert scene.preview(giver)["ready"] == handover["customers"]

    def test_lists_page_and_unknown_ones_are_not_found(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        made = scene.plan(giver, scene.taker, "service02")
        first = scene.get(limit=1)
        second = scene.get(limit=1, cursor=first["next_cursor"])
        assert [first["items"][0]["id"], second["items"][0]["id"]] == [one["id"] for one in reversed(made)] and second["next_cursor"] is None
        assert scene.get(kind="resigned")["items"] == []
        handover = made[0]
        shown, cursor = [], None
        while True:
            page = scene.get(f"/{handover['id']}/customers", limit=1, **({"cursor": cursor} if cursor else {}))
            shown += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len({row["key"] for row in shown}) == len(shown) == handover["customers"]
        assert scene.client.get(f"/api/handovers/{uuid4()}").status_code == 404

    def test_a_supervisor_sees_and_gives_what_is_theirs(self, raised: Raise) -> None:
        scene = raised()
        giver = scene.place.busiest()
        (handover,) = scene.plan(giver)
        account = {"login": "nobody", "name": "Nobody", "role": "supervisor", "password": "plum-blossom-at-dawn"}
        assert scene.client.post("/api/accounts", json=account).status_code == 201
        assert scene.client.post("/api/session", json={"login": "nobody", "password": account["password"]}).status_code == 200
        assert scene.get()["items"] == [] and scene.get("/leavers") == []
        assert scene.client.get(f"/api/handovers/{handover['id']}").status_code == 404
        assert scene.client.post("/api/handovers", json=scene.body(giver)).status_code == 404
