"""Planning, estimating, submitting, approving and stopping over HTTP, against a brand counted by hand."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event

from siyu import engine
from siyu.act.broadcasts import service
from siyu.act.broadcasts.model import CountDiffers
from siyu.act.gateway.model.arms import Arm, draw
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import BroadcastId, CustomerId
from siyu.understand import consents, segments
from tests.act.broadcasts.conftest import BUYERS, CALL_SIZE, FRIENDS, NOBODY, Desk, a_key, ids
from tests.conftest import NOW
from tests.crowd import Person, sql
from tests.engine.tables import until

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def held_out(id: str, person: Person, holdout_bp: int = 2000) -> bool:
    """Whether the draw, which knows nothing but the broadcast and the person, holds them out."""
    return draw(f"broadcast:{id}", person.id, holdout_bp) is Arm.HOLDOUT


def refusal(person: Person, out: set[CustomerId]) -> str | None:
    """Why the guards would refuse this person on a Monday morning."""
    return "opted_out" if person.id in out else None if person.contact == "yes" else "no_relation"


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


class TestDraft:
    def test_keeps_what_was_said(self, desk: Desk) -> None:
        order = desk.order(holdout_bp=500, horizon_days=30, purpose="service", send_at="2026-03-03T10:00:00+08:00", name=" 春茶 ")
        one = desk.ask("POST", json=order).json()
        assert (one["name"], one["purpose"], one["holdout_bp"], one["horizon_days"], one["state"]) == ("春茶", "service", 500, 30, "draft")
        assert (one["segment"]["id"], one["material"]["id"], one["send_at"]) == (order["segment_id"], order["material_id"], "2026-03-03T02:00:00Z")
        assert (one["frozen_count"], one["submitted_by"], one["starts_at"]) == (None, None, None)
        assert one == desk.get(f"/{one['id']}")
        assert [listed["id"] for listed in desk.get()["items"]][:1] == [one["id"]]

    def test_without_more_it_is_a_promotion_with_a_tenth_held_out_for_a_week(self, desk: Desk) -> None:
        order = {key: value for key, value in desk.order().items() if key in {"name", "segment_id", "material_id"}}
        one = desk.ask("POST", json=order).json()
        assert (one["purpose"], one["holdout_bp"], one["horizon_days"], one["send_at"]) == ("promotion", 1000, 7, None)

    @pytest.mark.parametrize(
        ("changes", "status", "code", "field"),
        [
            ({"name": " "}, 422, "broadcast.invalid", "name"),
            ({"name": "字" * 61}, 422, "broadcast.invalid", "name"),
            ({"holdout_bp": -1}, 422, "broadcast.invalid", "holdout_bp"),
            ({"holdout_bp": 5001}, 422, "broadcast.invalid", "holdout_bp"),
            ({"holdout_bp": 10**30}, 422, "broadcast.invalid", "holdout_bp"),
            ({"horizon_days": 0}, 422, "broadcast.invalid", "horizon_days"),
            ({"horizon_days": 61}, 422, "broadcast.invalid", "horizon_days"),
            ({"segment_id": UNKNOWN}, 404, "segment.not_found", "segment_id"),
            ({"material_id": UNKNOWN}, 404, "material.not_found", "material_id"),
            ({"name": None}, 422, "invalid", "name"),
            ({"segment_id": "everybody"}, 422, "invalid", "segment_id"),
            ({"material_id": 5}, 422, "invalid", "material_id"),
            ({"purpose": "spam"}, 422, "invalid", "purpose"),
            ({"holdout_bp": 0.5}, 422, "invalid", "holdout_bp"),
            ({"horizon_days": "a week"}, 422, "invalid", "horizon_days"),
            ({"send_at": "2026-03-03T10:00:00"}, 422, "invalid", "send_at"),
            ({"send_at": "0001-01-01T00:00:00+08:00"}, 422, "invalid", "send_at"),
            ({"send_at": "9999-12-31T23:59:59Z"}, 422, "invalid", "send_at"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_and_leaves_nothing(self, desk: Desk, changes: dict[str, Any], status: int, code: str, field: str) -> None:
        kept, before = desk.draft(), desk.count("broadcasts")
        refused = [desk.ask("POST", json=desk.order() | changes)]
        if changes != {"name": None}:  # in a change null stands for what stays
            refused.append(desk.ask("PATCH", f"/{kept}", json={"name": "改过"} | changes))
        for answer in refused:
            assert problem(answer) == (status, code), answer.text
            params = answer.json()["params"]
            assert field in {params.get("field"), *params, *(one["field"] for one in params.get("fields", []))}
        assert desk.count("broadcasts") == before
        assert desk.get(f"/{kept}")["name"] == "春茶上新"

    def test_not_for_a_segment_or_with_a_material_that_was_taken_out_of_use(self, desk: Desk) -> None:
        segment, material, kept = desk.segment(FRIENDS), desk.material(), desk.draft()
        client = desk.crowd.client("operator")
        assert (client.delete(f"/api/segments/{segment}").status_code, client.delete(f"/api/materials/{material}").status_code) == (204, 204)
        for field, id, code in (("segment_id", segment, "segment.not_found"), ("material_id", material, "material.not_found")):
            changes: dict[str, Any] = {field: id}
            assert problem(desk.ask("POST", json=desk.order(**changes))) == (404, code)
            assert problem(desk.ask("PATCH", f"/{kept}", json=changes)) == (404, code)

    def test_a_key_repeats_the_answer(self, desk: Desk) -> None:
        order, key = desk.order(), a_key()
        first, again = desk.ask("POST", json=order, headers=key), desk.ask("POST", json=order, headers=key)
        assert (first.status_code, first.json()) == (again.status_code, again.json())
        assert first.status_code == 201
        assert len(desk.get()["items"]) == desk.count("broadcasts") == 1


class TestRevise:
    def test_changes_what_is_given_and_keeps_the_rest(self, desk: Desk) -> None:
        id = desk.draft(send_at="2026-03-03T10:00:00+08:00")
        before = desk.get(f"/{id}")
        nothing = dict.fromkeys(("name", "segment_id", "material_id", "purpose", "holdout_bp", "horizon_days"))
        assert desk.ask("PATCH", f"/{id}", json=nothing).json() == before
        changed = desk.ask("PATCH", f"/{id}", json={"name": " 夏茶 ", "purpose": "service", "send_at": None}).json()
        assert changed == before | {"name": "夏茶", "purpose": "service", "send_at": None, "version": 2, "changed_by": actor(desk, "operator")}
        segment, material = desk.segment(BUYERS), desk.material(text="夏茶到店")
        changed = desk.ask("PATCH", f"/{id}", json={"segment_id": segment, "material_id": material, "holdout_bp": 0, "horizon_days": 60}).json()
        assert (changed["segment"]["id"], changed["material"]["text"], changed["holdout_bp"], changed["horizon_days"]) == (segment, "夏茶到店", 0, 60)

    def test_not_after_submission(self, desk: Desk) -> None:
        id = desk.draft()
        submitted = desk.submit(id)
        answer = desk.ask("PATCH", f"/{id}", json={"name": "夏茶"})
        assert (problem(answer), answer.json()["params"]["state"]) == ((409, "broadcast.wrong_state"), "scheduled")
        assert desk.get(f"/{id}") == submitted


class TestEstimate:
    def test_says_who_who_not_and_why_and_what_it_asks_of_whom(self, desk: Desk) -> None:
        id = desk.draft(BUYERS)
        found = desk.ask("POST", f"/{id}/estimate").json()
        buyers = desk.fitting(BUYERS)
        out = desk.opted_out(buyers)
        treated = [person for person in buyers if not held_out(id, person)]
        refused = Counter(reason for person in treated if (reason := refusal(person, out)))
        assert (found["audience"], found["holdout"]) == (len(buyers), len(buyers) - len(treated))
        assert {row["reason"]: row["count"] for row in found["refused"]} == refused
        assert min(refused["opted_out"], refused["no_relation"]) > 0
        assert found["planned"] + found["holdout"] + refused.total() == found["audience"]

        asked = Counter(sender(desk, person) for person in treated if not refusal(person, out))
        assert {row["staff"]["name"]: row["recipients"] for row in found["per_staff"]} == asked
        assert {row["staff"]["name"]: row["confirmations"] for row in found["per_staff"]} == {name: -(-count // CALL_SIZE) for name, count in asked.items()}
        assert found["calls"] == sum(-(-count // CALL_SIZE) for count in asked.values())
        assert {row["day"] for row in found["per_staff"]} == {"2026-03-02"}
        assert (found["held_until"], found["touched_this_month"], found["needs_approval"], found["approval_limit"]) == (None, 0, False, 1000)
        assert found["smallest_provable"]["margin_fen"] > 0 and found["holdout_cost_fen"] >= 0

    def test_has_no_effect(self, desk: Desk) -> None:
        id = desk.draft()
        before = {table: desk.count(table) for table in ("segment_lists", "send_actions", "send_intents", "jobs", "events", "audit_entries")}
        desk.ask("POST", f"/{id}/estimate")
        assert {table: desk.count(table) for table in before} == before
        assert desk.state(id) == "draft"

    def test_without_a_holdout_nothing_could_be_proven(self, desk: Desk) -> None:
        found = desk.ask("POST", f"/{desk.draft(holdout_bp=0)}/estimate").json()
        assert (found["holdout"], found["holdout_cost_fen"], found["smallest_provable"]) == (0, None, {"margin_fen": None})

    def test_of_nobody_is_all_nought(self, desk: Desk) -> None:
        found = desk.ask("POST", f"/{desk.draft(NOBODY)}/estimate").json()
        assert [found[key] for key in ("audience", "holdout", "planned", "calls", "refused", "per_staff")] == [0, 0, 0, 0, [], []]
        assert found["needs_approval"] is False

    @pytest.mark.parametrize(
        ("now", "send_at", "held_until", "day"),
        [
            ("2026-03-02T15:00Z", None, "2026-03-03T01:00:00Z", "2026-03-03"),
            ("2026-03-02T12:58:30Z", None, "2026-03-03T01:00:00Z", "2026-03-03"),  # a minute later is the last before the quiet hours
            ("2026-03-02T15:00Z", "2026-03-03T04:00Z", None, "2026-03-03"),
            ("2026-03-02T04:00Z", "2026-03-02T14:00Z", "2026-03-03T01:00:00Z", "2026-03-03"),
            ("2026-03-02T04:00Z", "2026-03-05T04:00Z", None, "2026-03-05"),
            ("2026-03-02T04:00Z", "2026-03-05T14:30Z", "2026-03-06T01:00:00Z", "2026-03-06"),
        ],
    )
    def test_is_made_for_the_time_of_sending(self, desk: Desk, now: str, send_at: str | None, held_until: str | None, day: str) -> None:
        desk.move(datetime.fromisoformat(now).astimezone(UTC))
        found = desk.ask("POST", f"/{desk.draft(send_at=send_at)}/estimate").json()
        assert (found["held_until"], {row["day"] for row in found["per_staff"]}) == (held_until, {day})

    def test_of_a_week_in_which_nobody_was_written_to_plans_everybody(self, desk: Desk) -> None:
        first = desk.submit(desk.draft(holdout_bp=0))["id"]
        desk.work()
        reached = len(desk.recipients(first, state="in_call"))
        id = desk.draft(holdout_bp=0)
        planned = {}
        for send_at in (None, "2026-03-03T04:00Z", "2026-03-16T04:00Z"):
            assert desk.ask("PATCH", f"/{id}", json=desk.looked_at(id, send_at=send_at)).status_code == 200
            planned[send_at] = desk.ask("POST", f"/{id}/estimate").json()["planned"]
        assert planned == {None: 0, "2026-03-03T04:00Z": 0, "2026-03-16T04:00Z": reached} and reached > 0

    def test_is_the_same_once_it_is_submitted(self, desk: Desk) -> None:
        desk.submit(desk.draft(holdout_bp=0))
        desk.work()
        desk.approve_above(0)
        for send_at in (None, "2026-03-05T14:30Z", "2026-03-16T04:00Z"):
            id = desk.draft(BUYERS, send_at=send_at)
            before = desk.ask("POST", f"/{id}/estimate").json()
            assert desk.submit(id)["state"] == "awaiting_approval"
            after = desk.ask("POST", f"/{id}/estimate").json()
            assert after | {"as_of": None} == before | {"as_of": None}

    def test_of_a_supervisor_counts_the_own_customers(self, desk: Desk) -> None:
        id = desk.draft(login="supervisor")
        assert desk.ask("POST", f"/{id}/estimate", "supervisor").json()["audience"] == len(desk.fitting(FRIENDS, "supervisor"))
        assert desk.ask("POST", f"/{id}/estimate").json()["audience"] == len(desk.fitting(FRIENDS)) > len(desk.fitting(FRIENDS, "supervisor"))

    def test_shows_the_terms_that_would_stop_it(self, desk: Desk) -> None:
        found = desk.ask("POST", f"/{desk.draft(material_id=desk.material(text='出售手枪'))}/estimate").json()
        assert [hit["level"] for hit in found["words"]] == ["block"]
        assert {row["reason"] for row in found["refused"]} == {"blocked_words", "opted_out"}
        assert found["planned"] == 0


class TestSubmit:
    def test_freezes_the_list_and_leaves_a_minute(self, desk: Desk) -> None:
        said = desk.count("events", name="broadcast.submitted")
        one = desk.submit(desk.draft())
        assert (one["state"], one["frozen_count"]) == ("scheduled", len(desk.fitting(FRIENDS)))
        assert datetime.fromisoformat(one["starts_at"]) == NOW + MINUTE
        with desk.crowd.acting() as tx:
            frozen = service.get(tx, BroadcastId(UUID(one["id"]))).frozen_id
            assert frozen is not None
            members = segments.members(tx, segments.ListId(frozen))
        assert [str(id) for id in members] == ids(desk.fitting(FRIENDS))
        assert (desk.count("events", name="broadcast.submitted"), desk.count("jobs", kind="broadcasts.start", state="ready")) == (said + 1, 1)

    def test_what_is_refused_freezes_nothing(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        twice, late = desk.draft(), desk.draft(send_at="2026-03-02T10:30:00+08:00")
        desk.submit(twice)
        desk.move(NOW + HOUR)
        monkeypatch.setattr(segments, "freeze", lambda *_: pytest.fail("froze a list"))
        for id, code in ((twice, "broadcast.wrong_state"), (late, "broadcast.send_time_passed")):
            assert problem(desk.ask("POST", f"/{id}/submit")) == (409, code)

    def test_its_job_is_not_cancelled_in_the_job_centre(self, desk: Desk) -> None:
        id = desk.submit(desk.draft())["id"]
        client = desk.crowd.client("operator")
        (job,) = [job for job in client.get("/api/jobs").json()["items"] if job["params"].get("broadcast_id") == id]
        assert (job["state"], job["cancellable"]) == ("ready", False)
        assert problem(client.post(f"/api/jobs/{job['id']}/cancel")) == (409, "job.stopped_elsewhere")
        desk.work()
        assert (client.get(f"/api/jobs/{job['id']}").json()["state"], desk.state(id)) == ("done", "sending")

    def test_asks_for_approval_above_what_the_brand_says(self, desk: Desk) -> None:
        people = len(desk.fitting(FRIENDS))
        for limit, state in ((people, "scheduled"), (people - 1, "awaiting_approval")):
            assert desk.crowd.client("owner").patch("/api/tenant", json={"approval_above": limit}).json()["approval_above"] == limit
            assert desk.submit(desk.draft())["state"] == state

    def test_freezes_only_whom_the_submitter_sees(self, desk: Desk) -> None:
        assert desk.submit(desk.draft(), "supervisor")["frozen_count"] == len(desk.fitting(FRIENDS, "supervisor"))

    def test_blocked_words_are_named(self, desk: Desk) -> None:
        id = desk.draft(material_id=desk.material(text="出售手 枪", link_url="https://shop.example", link_title="手枪"))
        answer = desk.ask("POST", f"/{id}/submit")
        assert problem(answer) == (422, "broadcast.blocked_words")
        assert answer.json()["params"]["words"] and all("手枪" in word for word in answer.json()["params"]["words"])
        nothing_happened(desk, id)

    def test_terms_that_only_warn_do_not_stop_it(self, desk: Desk) -> None:
        id = desk.draft(material_id=desk.material(text="新茶,最佳口感"))
        assert [hit["level"] for hit in desk.ask("POST", f"/{id}/estimate").json()["words"]] == ["warn"]
        assert desk.submit(id)["state"] == "scheduled"

    def test_an_empty_segment_reaches_nobody(self, desk: Desk) -> None:
        id = desk.draft(NOBODY)
        assert problem(desk.ask("POST", f"/{id}/submit")) == (409, "broadcast.nobody")
        nothing_happened(desk, id)

    def test_a_time_that_has_passed(self, desk: Desk) -> None:
        id = desk.draft(send_at="2026-03-02T09:59:59+08:00")
        assert problem(desk.ask("POST", f"/{id}/submit")) == (409, "broadcast.send_time_passed")
        nothing_happened(desk, id)

    @pytest.mark.parametrize(("kind", "code"), [("segments", "segment.not_found"), ("materials", "material.not_found")])
    def test_not_what_was_taken_out_of_use_meanwhile(self, desk: Desk, kind: str, code: str) -> None:
        id = desk.draft(segment_id=desk.segment(FRIENDS), material_id=desk.material())
        one = desk.get(f"/{id}")
        assert desk.crowd.client("operator").delete(f"/api/{kind}/{one[kind.removesuffix('s')]['id']}").status_code == 204
        assert problem(desk.ask("POST", f"/{id}/submit")) == (404, code)
        nothing_happened(desk, id)
        gone = kind.removesuffix("s")
        assert not one[gone]["archived"]
        assert desk.get(f"/{id}") == one | {gone: one[gone] | {"archived": True}}  # it is still shown with its segment and text

    def test_without_the_replica_nothing_is_kept(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        id = desk.draft()

        def away(*_: object, **__: object) -> engine.Answer:
            raise engine.EngineUnavailable(state="stopped")

        monkeypatch.setattr(engine, "ask", away)
        assert problem(desk.ask("POST", f"/{id}/submit")) == (503, "engine.unavailable")
        nothing_happened(desk, id)

    def test_twice_at_once_acts_once(self, desk: Desk) -> None:
        id, lists = desk.draft(), desk.count("segment_lists")
        desk.crowd.client("operator"), desk.crowd.client("owner")
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda login: desk.ask("POST", f"/{id}/submit", login), ("operator", "owner")))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert next(answer.json()["code"] for answer in answers if answer.status_code == 409) == "broadcast.wrong_state"
        acted_once(desk, id, lists)

    def test_with_one_key_twice_at_once_gives_one_answer(self, desk: Desk) -> None:
        id, lists, key = desk.draft(), desk.count("segment_lists"), a_key()
        desk.crowd.client("operator")
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda _: desk.ask("POST", f"/{id}/submit", headers=key), range(4)))
        assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
        acted_once(desk, id, lists)


class TestApprove:
    def test_exactly_the_number_needs_nobody_one_more_does(self, desk: Desk) -> None:
        people = len(desk.fitting(FRIENDS))
        desk.approve_above(people)
        assert desk.submit(desk.draft())["state"] == "scheduled"
        desk.approve_above(people - 1)
        id = desk.draft()
        estimate = desk.ask("POST", f"/{id}/estimate").json()
        assert (estimate["needs_approval"], estimate["approval_limit"]) == (True, people - 1)
        assert desk.submit(id)["state"] == "awaiting_approval"

    def test_nothing_is_due_before_somebody_has_approved(self, desk: Desk) -> None:
        id = waiting(desk)
        desk.work(DAY)
        assert (desk.state(id), desk.count("send_actions"), desk.count("jobs", kind="broadcasts.start")) == ("awaiting_approval", 0, 0)
        approved = desk.ask("POST", f"/{id}/approve", "admin", json=desk.looked_at(id)).json()
        assert (approved["state"], approved["approved_by"]) == ("scheduled", f"user:{desk.crowd.accounts['admin'].id}")
        assert datetime.fromisoformat(approved["starts_at"]) == NOW + DAY + MINUTE
        desk.work()
        assert (desk.state(id), desk.count("send_actions")) == ("sending", 1)

    def test_nobody_without_the_permission(self, desk: Desk) -> None:
        id = waiting(desk, "owner")
        answer = desk.ask("POST", f"/{id}/approve", json=desk.looked_at(id))
        assert (problem(answer), answer.json()["params"]) == ((403, "forbidden"), {"permission": "broadcasts.approve"})
        assert desk.state(id) == "awaiting_approval"

    def test_not_who_submitted_it_whatever_they_type(self, desk: Desk) -> None:
        id = waiting(desk, "owner")
        for body in (desk.looked_at(id), desk.looked_at(id, count=len(desk.fitting(FRIENDS)))):
            assert problem(desk.ask("POST", f"/{id}/approve", "owner", json=body)) == (403, "broadcast.second_person")
        assert desk.state(id) == "awaiting_approval"

    def test_a_number_that_was_typed_must_be_right(self, desk: Desk) -> None:
        id, people = waiting(desk), len(desk.fitting(FRIENDS))
        answer = desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id, count=people + 1))
        assert (problem(answer), answer.json()["params"]) == ((422, "broadcast.count_differs"), {"typed": people + 1, "count": people})
        answer = desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id, count="all"))
        assert (problem(answer), answer.json()["params"]["fields"][0]["field"]) == ((422, "invalid"), "count")
        assert desk.state(id) == "awaiting_approval"
        assert desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id, count=people)).status_code == 200

    def test_who_is_alone_in_the_brand_types_the_number(self, desk: Desk) -> None:
        id, people = BroadcastId(UUID(waiting(desk, "owner"))), len(desk.fitting(FRIENDS))
        with desk.crowd.acting() as tx:
            tx.execute("update accounts set active = false where tenant_id = :tenant_id and id <> :own", {"own": tx.actor.id})
            for typed in (None, people - 1):
                with pytest.raises(CountDiffers):
                    service.approve(tx, id, version=2, count=typed)
            assert service.approve(tx, id, version=2, count=people).state == "scheduled"

    def test_two_at_once_act_once(self, desk: Desk) -> None:
        id = waiting(desk)
        desk.crowd.client("owner"), desk.crowd.client("admin")
        both = desk.looked_at(id)
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda login: desk.ask("POST", f"/{id}/approve", login, json=both), ("owner", "admin")))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert desk.count("jobs", kind="broadcasts.start") == 1
        assert desk.count("audit_entries", act="broadcast.approved", subject=f"broadcast:{id}") == 1

    def test_who_sees_only_some_of_the_people_is_told_from_the_start(self, desk: Desk) -> None:
        draft, theirs, others = desk.draft(), waiting(desk, "supervisor"), waiting(desk)
        told = {login: {one["id"]: one["beyond_scope"] for one in desk.get("", login)["items"]} for login in ("supervisor", "owner")}
        assert told == {"supervisor": {draft: False, theirs: False, others: True}, "owner": {draft: False, theirs: False, others: False}}
        asked = {login: {task["id"]: task["count"] for task in desk.crowd.get("/api/today", login)["tasks"]} for login in told}
        assert (asked["supervisor"]["awaiting_approval"], asked["owner"]["awaiting_approval"]) == (1, 2)

    def test_not_who_sees_only_some_of_the_people(self, desk: Desk) -> None:
        id, friends = waiting(desk), desk.fitting(FRIENDS)
        own = len({person.id for person in desk.crowd.seen("supervisor")} & {person.id for person in friends})
        for act, body in (("approve", desk.looked_at(id)), ("approve", desk.looked_at(id, count=own)), ("reject", {"reason": "错"}), ("stop", {})):
            answer = desk.ask("POST", f"/{id}/{act}", "supervisor", json=body)
            assert (problem(answer), answer.json()["params"]) == ((403, "broadcast.beyond_scope"), {"people": len(friends), "seen": own}), act
        assert desk.state(id) == "awaiting_approval"

    def test_a_supervisor_decides_on_what_stays_within_the_own_scope(self, desk: Desk) -> None:
        desk.approve_above(1)
        mine, again = desk.submit(desk.draft(), "supervisor")["id"], desk.submit(desk.draft(), "supervisor")["id"]
        assert desk.ask("POST", f"/{mine}/stop", "supervisor").json()["state"] == "stopped"
        with desk.crowd.acting() as tx:  # as if a second supervisor of the shop had submitted it
            tx.execute("update broadcasts set submitted_by = 'user:another' where tenant_id = :tenant_id and id = :id", {"id": again})
            tx.connection.commit()
        assert desk.ask("POST", f"/{again}/approve", "supervisor", json=desk.looked_at(again)).json()["state"] == "scheduled"

    def test_sent_back_it_is_a_draft_with_a_reason_and_gets_a_new_list(self, desk: Desk) -> None:
        id = waiting(desk)
        for reason in ("", " "):
            assert problem(desk.ask("POST", f"/{id}/reject", "owner", json={"reason": reason})) == (422, "broadcast.invalid")
        assert problem(desk.ask("POST", f"/{id}/reject", json={"reason": "错别字"})) == (403, "forbidden")
        back = desk.ask("POST", f"/{id}/reject", "owner", json={"reason": " 错别字 "}).json()
        assert (back["state"], back["rejection"], back["frozen_count"]) == ("draft", "错别字", None)
        lists = desk.count("segment_lists")
        assert desk.ask("PATCH", f"/{id}", json={"name": "夏茶"}).status_code == 200
        again = desk.submit(id)
        assert (again["state"], again["rejection"], desk.count("segment_lists")) == ("awaiting_approval", None, lists + 1)

    def test_only_what_waits_for_it(self, desk: Desk) -> None:
        draft, scheduled = desk.draft(), desk.draft()
        desk.submit(scheduled)
        for id in (draft, scheduled):
            assert problem(desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id))) == (409, "broadcast.wrong_state")
            assert problem(desk.ask("POST", f"/{id}/reject", "owner", json={"reason": "错"})) == (409, "broadcast.wrong_state")


class TestVersion:
    """What was looked at is what is decided on."""

    def test_grows_with_each_change_and_names_who_made_it(self, desk: Desk) -> None:
        desk.approve_above(1)
        id = desk.draft()
        seen = [self.last(desk, id)]
        for act, login, body in (
            ("", "operator", {"name": "夏茶"}),
            ("", "owner", {"name": "夏茶"}),
            ("/submit", "operator", {}),
            ("/reject", "admin", {"reason": "错别字"}),
            ("", "supervisor", {"material_id": desk.material(text="夏茶到店")}),
            ("/submit", "operator", {}),
            ("/approve", "owner", desk.looked_at(id) | {"version": 6}),
        ):
            assert desk.ask("POST" if act else "PATCH", f"/{id}{act}", login, json=body).status_code == 200, act
            seen.append(self.last(desk, id))
        desk.work()
        seen.append(self.last(desk, id))
        who = [None, "operator", "operator", "operator", "admin", "supervisor", "operator", "owner"]
        assert seen == [(version, login and actor(desk, login)) for version, login in zip((1, 2, 2, 3, 4, 5, 6, 7), who, strict=True)] + [(8, "system")]

    def test_an_approver_who_has_not_seen_the_text_that_was_submitted_anew_approves_nothing(self, desk: Desk) -> None:
        id = waiting(desk)
        looked = desk.looked_at(id)
        desk.ask("POST", f"/{id}/reject", "admin", json={"reason": "错别字"})
        self.refused(desk.ask("POST", f"/{id}/approve", "owner", json=looked), 3, actor(desk, "admin"))
        desk.ask("PATCH", f"/{id}", json={"material_id": desk.material(text="别的话"), "segment_id": desk.segment(BUYERS)})
        desk.submit(id)
        self.refused(desk.ask("POST", f"/{id}/approve", "owner", json=looked), 5, actor(desk, "operator"))
        self.refused(desk.ask("POST", f"/{id}/reject", "owner", json={"reason": "错", **looked}), 5, actor(desk, "operator"))
        assert (desk.state(id), desk.count("jobs", kind="broadcasts.start")) == ("awaiting_approval", 0)
        assert desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id)).json()["state"] == "scheduled"

    def test_an_approval_says_which_version(self, desk: Desk) -> None:
        id = waiting(desk)
        for body in ({}, {"version": None}):
            answer = desk.ask("POST", f"/{id}/approve", "owner", json=body)
            assert (problem(answer), answer.json()["params"]["fields"][0]["field"]) == ((422, "invalid"), "version")
        assert desk.state(id) == "awaiting_approval"

    def test_of_two_who_change_or_submit_a_draft_the_later_looks_again(self, desk: Desk) -> None:
        id = desk.draft()
        looked = desk.looked_at(id)
        assert desk.ask("PATCH", f"/{id}", "owner", json={"name": "夏茶", **looked}).status_code == 200
        self.refused(desk.ask("PATCH", f"/{id}", json={"name": "秋茶", **looked}), 2, actor(desk, "owner"))
        self.refused(desk.ask("POST", f"/{id}/submit", json=looked), 2, actor(desk, "owner"))
        found = desk.get(f"/{id}")
        assert (found["state"], found["name"]) == ("draft", "夏茶")
        assert desk.ask("POST", f"/{id}/submit", json=desk.looked_at(id)).json()["state"] == "scheduled"

    def test_the_text_of_the_approved_version_goes_out_whatever_becomes_of_its_material(self, desk: Desk) -> None:
        desk.approve_above(1)
        material = desk.material(text="批准的话")
        id = desk.submit(desk.draft(material_id=material))["id"]
        library = desk.crowd.client("operator")
        assert {library.request(method, f"/api/materials/{material}", json={"text": "别的话"}).status_code for method in ("PATCH", "PUT")} == {405}
        assert library.delete(f"/api/materials/{material}").status_code == 204
        assert desk.ask("POST", f"/{id}/approve", "owner", json=desk.looked_at(id)).status_code == 200
        desk.work()
        assert [row.text for row in sql(desk.crowd.database, "select content ->> 'text' as text from send_actions where campaign = :id", id=id)] == ["批准的话"]

    def test_who_names_none_acts_on_what_is_there(self, desk: Desk) -> None:
        id = waiting(desk)
        assert desk.ask("POST", f"/{id}/reject", "owner", json={"reason": "错"}).status_code == 200
        assert desk.ask("PATCH", f"/{id}", json={"name": "夏茶", "version": None}).status_code == 200
        assert desk.ask("POST", f"/{id}/submit").status_code == 200

    @staticmethod
    def last(desk: Desk, id: str) -> tuple[int, str | None]:
        found = desk.get(f"/{id}")
        return found["version"], found["changed_by"]

    @staticmethod
    def refused(answer: Any, version: int, by: str) -> None:
        assert (problem(answer), answer.json()["params"]) == ((409, "broadcast.changed"), {"version": version, "by": by})


class TestStop:
    @pytest.mark.parametrize("approval", [False, True])
    def test_before_it_starts_nothing_ever_goes_out(self, desk: Desk, approval: bool) -> None:
        id = waiting(desk) if approval else desk.submit(desk.draft())["id"]
        stopped = desk.ask("POST", f"/{id}/stop").json()
        assert (stopped["state"], datetime.fromisoformat(stopped["stopped_at"])) == ("stopped", NOW)
        desk.work()
        result = desk.get(f"/{id}/result")
        assert (desk.state(id), desk.count("send_actions"), result["planned"], result["asked"]) == ("stopped", 0, 0, 0)
        assert problem(desk.ask("POST", f"/{id}/stop")) == (409, "broadcast.wrong_state")

    def test_a_draft_has_nothing_to_stop(self, desk: Desk) -> None:
        assert problem(desk.ask("POST", f"/{desk.draft()}/stop")) == (409, "broadcast.wrong_state")

    def test_in_the_midst_of_planning_nobody_is_asked(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        id, real = desk.submit(desk.draft())["id"], segments.members

        def members(tx: Any, list: Any, *, after: CustomerId | None, limit: int) -> list[CustomerId]:
            if after is not None and desk.state(id) == "sending":
                assert desk.ask("POST", f"/{id}/stop").status_code == 200
            return real(tx, list, after=after, limit=limit)

        monkeypatch.setattr(service, "CHUNK", 20)
        monkeypatch.setattr(segments, "members", members)
        desk.work()
        assert (desk.state(id), desk.count("send_calls")) == ("stopped", 0)
        ends = {("holdout", "skipped", "holdout"), ("treated", "cancelled", "stopped")}
        assert {(one["arm"], one["state"], one["reason"]) for one in desk.recipients(id)} == ends


class TestStart:
    def test_not_before_the_minute_is_over(self, desk: Desk) -> None:
        id = desk.submit(desk.draft())["id"]
        desk.work(timedelta(seconds=59))
        assert (desk.state(id), desk.count("send_actions")) == ("scheduled", 0)
        desk.work(timedelta(seconds=1))
        started = desk.get(f"/{id}")
        assert (started["state"], datetime.fromisoformat(started["started_at"])) == ("sending", NOW + MINUTE)

    def test_everybody_on_the_list_is_treated_held_out_or_refused_with_a_reason(self, desk: Desk) -> None:
        id = desk.submit(desk.draft(BUYERS))["id"]
        estimate = desk.ask("POST", f"/{id}/estimate").json()
        desk.work()
        buyers, found = desk.fitting(BUYERS), desk.recipients(id)
        out = desk.opted_out(buyers)
        assert [one["customer_id"] for one in found] == ids(buyers)
        for person, one in zip(buyers, found, strict=True):
            reason = "holdout" if held_out(id, person) else refusal(person, out)
            assert (one["arm"], one["reason"]) == ("holdout" if held_out(id, person) else "treated", reason)
            assert (one["state"], bool(one["staff"])) == (("skipped", False) if reason else ("in_call", True))
        held = [one for one in found if one["arm"] == "holdout"]
        assert any(refusal(person, out) for person in buyers if held_out(id, person))  # drawn before any rule looked
        assert [one["customer_id"] for one in desk.recipients(id, reason="holdout")] == [one["customer_id"] for one in held]

        result = desk.get(f"/{id}/result")
        refused = {row["reason"]: row["count"] for row in result["refused"]}
        assert (result["audience"], result["holdout"], result["planned"]) == (len(buyers), len(held), len(buyers) - len(held))
        assert refused == Counter(one["reason"] for one in found if one["arm"] == "treated" and one["reason"])
        assert result["waiting"] + sum(refused.values()) == result["planned"]
        assert [result[key] for key in ("asked", "delivered", "unknown", "link_opened", "orders_after")] == [0] * 5

        assert (estimate["holdout"], estimate["planned"]) == (result["holdout"], result["waiting"])
        assert {row["reason"]: row["count"] for row in estimate["refused"]} == refused
        assert estimate["calls"] == desk.count("send_calls")

    def test_recipients_are_narrowed_by_state_and_reason(self, desk: Desk) -> None:
        id = desk.submit(desk.draft(BUYERS))["id"]
        desk.work()
        everybody = desk.recipients(id)
        assert desk.recipients(id, reason="opted_out") == [one for one in everybody if one["reason"] == "opted_out"] != []
        assert desk.recipients(id, state="in_call") == [one for one in everybody if one["state"] == "in_call"] != []
        assert desk.recipients(id, state="sent") == []
        assert problem(desk.ask("GET", f"/{id}/recipients?state=%00")) == (422, "text.unprintable")
        first = desk.get(f"/{id}/recipients", limit=3)
        second = desk.get(f"/{id}/recipients", limit=3, cursor=first["next_cursor"])
        assert first["items"] + second["items"] == everybody[:6]

    def test_the_list_stays_only_objections_are_taken_from_it(self, desk: Desk) -> None:
        id = desk.submit(desk.draft(holdout_bp=0, segment_id=desk.segment(FRIENDS)))["id"]
        friends = desk.fitting(FRIENDS)
        objector = next(person for person in friends if person.id not in desk.opted_out(friends))
        assert desk.crowd.client("operator").delete(f"/api/segments/{desk.get(f'/{id}')['segment']['id']}").status_code == 204
        with desk.crowd.database.transaction(desk.crowd.tenant, SYSTEM) as tx:
            consents.opt_out(tx, objector.id, True, "said so")
        try:
            desk.work()
        finally:
            with desk.crowd.database.transaction(desk.crowd.tenant, SYSTEM) as tx:
                consents.opt_out(tx, objector.id, False, "changed their mind")
        found = {one["customer_id"]: one for one in desk.recipients(id)}
        assert sorted(found) == ids(friends)
        assert (found[str(objector.id)]["state"], found[str(objector.id)]["reason"]) == ("skipped", "opted_out")

    def test_a_worker_that_breaks_in_the_midst_goes_on_and_plans_each_once(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        id, real, asked = desk.submit(desk.draft())["id"], segments.members, []

        def members(tx: Any, list: Any, *, after: CustomerId | None, limit: int) -> list[CustomerId]:
            asked.append(after)
            if len(asked) == 3:
                raise ConnectionError("gone")
            return real(tx, list, after=after, limit=limit)

        monkeypatch.setattr(service, "CHUNK", 20)
        monkeypatch.setattr(segments, "members", members)
        desk.work()
        assert (desk.count("send_intents"), desk.count("send_calls")) == (40, 0)
        desk.work()
        assert asked[3] == asked[2] is not None
        assert [one["customer_id"] for one in desk.recipients(id)] == ids(desk.fitting(FRIENDS))
        (job,) = [job for job in desk.crowd.get("/api/jobs")["items"] if job["kind"] == "broadcasts.start"]
        assert (job["state"], job["done"], job["total"]) == ("done", len(desk.fitting(FRIENDS)), len(desk.fitting(FRIENDS)))

    def test_on_the_same_people_a_promotion_comes_once_a_week(self, desk: Desk) -> None:
        first = desk.submit(desk.draft(holdout_bp=0))["id"]
        desk.work()
        reached = len(desk.recipients(first, state="in_call"))
        this_week = desk.ask("POST", f"/{desk.draft(holdout_bp=0)}/estimate").json()
        assert (this_week["planned"], {row["reason"]: row["count"] for row in this_week["refused"]}["frequency_cap"]) == (0, reached)
        assert desk.ask("POST", f"/{desk.draft(holdout_bp=0, purpose='service')}/estimate").json()["planned"] == reached


class TestResult:
    @pytest.mark.parametrize("submitted", [False, True])
    def test_before_anything_happened_is_all_nought(self, desk: Desk, submitted: bool) -> None:
        id = desk.draft()
        state = desk.submit(id)["state"] if submitted else "draft"
        found = desk.get(f"/{id}/result")
        assert (found["state"], found["audience"], found["revenue_after"], found["as_of"]) == (state, len(desk.fitting(FRIENDS)) * submitted, "0", None)
        assert [found[key] for key in ("holdout", "planned", "waiting", "asked", "delivered", "unknown", "link_opened", "orders_after")] == [0] * 8
        assert (found["refused"], found["tasks"], desk.recipients(id)) == ([], {"open": 0, "confirmed": 0, "by_staff": []}, [])

    def test_lift_is_too_early_until_the_horizon_ends(self, desk: Desk) -> None:
        id = desk.submit(desk.draft())["id"]
        until(lambda: desk.ask("GET", f"/{id}/lift").status_code == 200)
        before = desk.get(f"/{id}/lift")
        assert (before["verdict"], before["treated"]["n"], before["holdout"]["n"], before["ends_at"]) == ("too_early", 0, 0, None)
        desk.work()
        friends = desk.fitting(FRIENDS)
        until(lambda: desk.get(f"/{id}/lift")["treated"]["n"] + desk.get(f"/{id}/lift")["holdout"]["n"] == len(friends))
        running = desk.get(f"/{id}/lift")
        assert (running["verdict"], running["point_fen"]) == ("too_early", None)
        assert running["holdout"]["n"] == sum(held_out(id, person) for person in friends)
        assert datetime.fromisoformat(running["ends_at"]) == NOW + MINUTE + 7 * DAY


class TestPermissions:
    READ = ("", "/{id}", "/{id}/result", "/{id}/recipients", "/{id}/lift")
    WRITE = (("PATCH", "/{id}"), ("POST", "/{id}/estimate"), ("POST", "/{id}/submit"), ("POST", "/{id}/stop"), ("POST", ""))
    APPROVE = (("POST", "/{id}/approve"), ("POST", "/{id}/reject"))

    @pytest.mark.parametrize(
        ("login", "may"),
        [
            ("guide", ""),
            ("community_owner", ""),
            ("analyst", "read"),
            ("operator", "read write"),
            ("supervisor", "read write approve"),
            ("admin", "read approve"),
            ("owner", "read write approve"),
        ],
    )
    def test_by_role(self, desk: Desk, login: str, may: str) -> None:
        id = desk.draft()
        until(lambda: desk.ask("GET", f"/{id}/lift").status_code == 200)
        order = desk.order()
        bodies: dict[str, Any] = {"": order, "/{id}": {"name": "夏茶"}, "/{id}/approve": {"version": 1}, "/{id}/reject": {"reason": "错"}}
        allowed = {path: desk.ask("GET", path.format(id=id), login).status_code != 403 for path in self.READ}
        assert allowed == dict.fromkeys(self.READ, "read" in may)
        for right, routes in (("write", self.WRITE), ("approve", self.APPROVE)):
            answers = [desk.ask(method, path.format(id=id), login, json=bodies.get(path, {})) for method, path in routes]
            assert {answer.status_code == 403 for answer in answers} == {right not in may}
        if "write" not in may:
            assert (desk.state(id), desk.get(f"/{id}")["name"]) == ("draft", "春茶上新")

    def test_another_brand_finds_nothing(self, desk: Desk) -> None:
        id = desk.draft()
        until(lambda: desk.ask("GET", f"/{id}/lift").status_code == 200)
        before = desk.get(f"/{id}")
        assert desk.get("", "stranger")["items"] == []
        bodies: dict[str, Any] = {"/{id}": {"name": "夏茶"}, "/{id}/approve": {"version": 1}, "/{id}/reject": {"reason": "错"}}
        routes = [("GET", path) for path in self.READ[1:]] + list(self.WRITE[:-1]) + list(self.APPROVE)
        for method, path in routes:
            answer = desk.ask(method, path.format(id=id), "stranger", json=bodies.get(path, {}))
            assert problem(answer) == (404, "broadcast.not_found"), (method, path)
        answer = desk.ask("POST", login="stranger", json=desk.order())
        assert problem(answer) == (404, "segment.not_found")
        assert desk.get(f"/{id}") == before

    def test_everybody_sees_the_recipients_and_the_figures_of_the_own_scope(self, desk: Desk) -> None:
        id, friends = desk.submit(desk.draft())["id"], desk.fitting(FRIENDS)
        desk.work()
        until(lambda: sum(desk.get(f"/{id}/lift")[arm]["n"] for arm in ("treated", "holdout")) == len(friends))
        out = desk.opted_out(friends)
        for login, least in (("analyst", len(friends)), ("supervisor", 1), ("nobody", 0)):
            own = [person for person in friends if person in desk.crowd.seen(login)]
            assert len(own) >= least and (len(own) < len(friends)) == (login != "analyst")
            assert [one["customer_id"] for one in desk.recipients(id, login)] == ids(own)
            treated = [person for person in own if not held_out(id, person)]
            refused = sum(person.id in out for person in treated)
            found, lift = desk.get(f"/{id}/result", login), desk.get(f"/{id}/lift", login)
            assert (found["audience"], found["holdout"], found["planned"]) == (len(own), len(own) - len(treated), len(treated))
            assert found["waiting"] == len(treated) - refused
            assert found["refused"] == ([{"reason": "opted_out", "count": refused}] if refused else [])
            assert (lift["treated"]["n"], lift["holdout"]["n"]) == (len(treated), len(own) - len(treated))

    def test_everybody_reads_how_many_of_the_list_are_in_the_own_scope(self, desk: Desk) -> None:
        whole, bought, draft = desk.submit(desk.draft())["id"], desk.submit(desk.draft(BUYERS))["id"], desk.draft()
        for login in ("analyst", "supervisor", "nobody"):
            people = {id: len(set(ids(desk.fitting(to))) & set(ids(desk.crowd.seen(login)))) for id, to in ((whole, FRIENDS), (bought, BUYERS))}
            assert {one["id"]: one["frozen_count"] for one in desk.get("", login)["items"]} == people | {draft: None}
            assert {id: desk.get(f"/{id}", login)["frozen_count"] for id in people} == people
            assert people[whole] == desk.get(f"/{whole}/result", login)["audience"]

    def test_a_page_counts_all_its_lists_at_once(self, desk: Desk) -> None:
        for _ in range(3):
            desk.submit(desk.draft())
        asked: list[str] = []
        with listening(desk.crowd.database.engine, asked):
            assert len(desk.get("", "supervisor")["items"]) == 3
        assert sum("from segment_members" in statement.lower() for statement in asked) == 1

    @pytest.mark.parametrize("path", ["", "/{id}/recipients"])
    @pytest.mark.parametrize("cursor", ["nonsense", "W10", "WzVd", "WyJ4Il0", "e30"])
    def test_a_cursor_of_another_list_is_refused(self, desk: Desk, path: str, cursor: str) -> None:
        answer = desk.ask("GET", path.format(id=UNKNOWN), params={"cursor": cursor})
        assert (problem(answer), answer.json()["params"]["field"]) == ((422, "invalid"), "cursor")

    @pytest.mark.parametrize("method_path", ["GET /{id}", "PATCH /{id}", "POST /{id}/estimate", "POST /{id}/submit", "POST /{id}/stop", "GET /{id}/result"])
    def test_what_is_not_there_is_not_found(self, desk: Desk, method_path: str) -> None:
        method, path = method_path.split()
        assert problem(desk.ask(method, path.format(id=uuid4()), json={})) == (404, "broadcast.not_found")


@contextmanager
def listening(database: Engine, asked: list[str]) -> Iterator[None]:
    """Notes every statement that the store is asked."""

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(database, "before_cursor_execute", note)


def actor(desk: Desk, login: str) -> str:
    """How the log names an account."""
    return f"user:{desk.crowd.accounts[login].id}"


def waiting(desk: Desk, login: str = "operator") -> str:
    """A broadcast to all friends that this account has submitted and somebody must approve."""
    desk.approve_above(1)
    id = desk.draft(login=login)
    assert desk.submit(id, login)["state"] == "awaiting_approval"
    return id


def sender(desk: Desk, person: Person) -> str:
    """Whoever has known this friend longest."""
    rows = sql(
        desk.crowd.database,
        "select s.name, c.added_at, s.userid from contacts c join staff s on s.id = c.staff_id and s.tenant_id = c.tenant_id "
        "where c.tenant_id = :tenant and c.external_userid = :external and c.relation = 'active'",
        tenant=desk.crowd.tenant,
        external=person.external,
    )
    return str(min(rows, key=lambda row: (row.added_at, row.userid)).name)


def nothing_happened(desk: Desk, id: str) -> None:
    """The broadcast is still a draft that nobody has submitted."""
    one = desk.get(f"/{id}")
    assert (one["state"], one["submitted_by"], one["frozen_count"], one["starts_at"]) == ("draft", None, None, None)
    assert (desk.count("jobs"), desk.count("audit_entries", subject=f"broadcast:{id}")) == (0, 0)


def acted_once(desk: Desk, id: str, lists_before: int) -> None:
    assert desk.count("segment_lists") == lists_before + 1
    assert desk.count("jobs", kind="broadcasts.start") == 1
    assert desk.count("audit_entries", act="broadcast.submitted", subject=f"broadcast:{id}") == 1
    assert desk.state(id) == "scheduled"
