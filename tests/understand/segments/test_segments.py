"""Segments: live ones follow the facts, frozen ones stay; never a wrong list."""

from typing import Any

import pytest

from siyu import engine
from siyu.engine import EngineUnavailable, NotYetThere, Snapshot, Watermark
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import CustomerId, SegmentId
from siyu.understand import segments
from siyu.understand.customers import Filter
from siyu.understand.segments import freshness, service
from siyu.understand.segments.model import LONGEST_NAME, EverybodyNeedsCount, copy_name, digest
from tests.crowd import Crowd
from tests.understand.oracle import TODAY

RULE = {"contact": "yes", "ordered": "yes"}


def fitting(crowd: Crowd, login: str = "owner") -> set[CustomerId]:
    return {person.id for person in crowd.seen(login) if person.contact == "yes" and person.paid}


def post(crowd: Crowd, path: str, body: dict[str, Any] | None = None, login: str = "owner") -> Any:
    return crowd.client(login).post(f"/api/segments{path}", json=body)


class TestSave:
    def test_a_live_segment_holds_who_fits(self, crowd: Crowd) -> None:
        saved = post(crowd, "", {"name": " 老客好友 ", "filter": RULE}).json()
        assert (saved["name"], saved["filter"], saved["frozen"], saved["members"]) == ("老客好友", RULE, False, len(fitting(crowd)))
        listed = {one["id"]: one for one in crowd.get("/api/segments")["items"]}
        assert listed[saved["id"]]["members"] == len(fitting(crowd))
        assert crowd.get("/api/customers", segment_id=saved["id"], limit=1)["total"] == len(fitting(crowd))
        members = crowd.get(f"/api/segments/{saved['id']}/members", limit=100)
        assert members["total"] == len(fitting(crowd))

    def test_everybody_sees_the_members_of_the_own_scope(self, crowd: Crowd) -> None:
        saved = post(crowd, "", {"name": "好友", "filter": RULE}).json()
        assert crowd.get(f"/api/segments/{saved['id']}", "supervisor")["members"] == len(fitting(crowd, "supervisor"))

    def test_everybody_is_kept_only_when_the_number_was_typed(self, crowd: Crowd) -> None:
        refused = post(crowd, "", {"name": "全部", "filter": {}})
        assert (refused.status_code, refused.json()["code"], refused.json()["params"]) == (422, "segment.everybody", {"count": len(crowd.people)})
        assert post(crowd, "", {"name": "全部", "filter": {}, "everybody": len(crowd.people) - 1}).status_code == 422
        assert post(crowd, "", {"name": "全部", "filter": {}, "everybody": len(crowd.people)}).status_code == 201

    def test_nothing_hides_that_it_is_everybody(self, crowd: Crowd) -> None:
        with crowd.acting() as tx, pytest.raises(EverybodyNeedsCount):
            service.save(tx, name="空", filter=Filter.of({"q": "", "stage": None}))

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"name": "  ", "filter": RULE}, "segment.bad_name"),
            ({"name": "x" * (LONGEST_NAME + 1), "filter": RULE}, "segment.bad_name"),
            ({"name": "x", "filter": {"colour": "red"}}, "invalid"),
            ({"name": "x", "filter": {"staff_id": "ann"}}, "invalid"),
            ({"name": "x", "filter": {"orders_min": "many"}}, "invalid"),
            ({"name": "x", "filter": {"segment_id": "00000000-0000-0000-0000-000000000001"}}, "segment.not_found"),
        ],
    )
    def test_nonsense_is_refused(self, crowd: Crowd, body: dict[str, Any], code: str) -> None:
        answer = post(crowd, "", body)
        assert answer.status_code in (404, 422)
        assert answer.json()["code"] == code

    def test_a_segment_may_start_from_another(self, crowd: Crowd) -> None:
        first = post(crowd, "", {"name": "好友", "filter": {"contact": "yes"}}).json()
        second = post(crowd, "", {"name": "买过的好友", "filter": {"segment_id": first["id"], "ordered": "yes"}}).json()
        assert second["members"] == len(fitting(crowd))

    def test_preview_counts_and_shows_a_few(self, crowd: Crowd) -> None:
        found = post(crowd, "/preview", {"filter": RULE}).json()
        assert found["count"] == len(fitting(crowd))
        assert {one["id"] for one in found["sample"]} <= {str(id) for id in fitting(crowd)}
        assert len(found["sample"]) == 5
        nobody = post(crowd, "/preview", {"filter": {"q": "没有这个人"}}).json()
        assert (nobody["count"], nobody["sample"]) == (0, [])

    def test_archived_ones_are_gone_from_the_list(self, crowd: Crowd) -> None:
        saved = post(crowd, "", {"name": "旧", "filter": RULE}).json()
        assert crowd.client().delete(f"/api/segments/{saved['id']}").status_code == 204
        assert saved["id"] not in {one["id"] for one in crowd.get("/api/segments")["items"]}
        assert crowd.client().delete(f"/api/segments/{saved['id']}").status_code == 404

    def test_permissions(self, crowd: Crowd) -> None:
        assert post(crowd, "", {"name": "x", "filter": RULE}, "guide").status_code == 403
        assert crowd.client("guide").get("/api/segments").status_code == 403


class TestFreeze:
    def test_the_same_people_give_the_same_hash_read_in_pages(self, crowd: Crowd) -> None:
        with crowd.acting() as tx:
            segment = service.save(tx, name="好友", filter=Filter.of(RULE))
            first, again = segments.freeze(tx, segment.id), segments.freeze(tx, segment.id)
            assert first.id != again.id
            assert (first.count, first.hash) == (again.count, again.hash) == (len(fitting(crowd)), digest(fitting(crowd)))
            members: list[CustomerId] = []
            while page := segments.members(tx, first.id, after=members[-1] if members else None, limit=7):
                members += page
            assert members == sorted(fitting(crowd))
            assert segments.list_of(tx, first.id) == first

    def test_a_supervisor_freezes_the_own_customers(self, crowd: Crowd) -> None:
        with crowd.acting("supervisor") as tx:
            segment = service.save(tx, name="好友", filter=Filter.of(RULE))
            frozen = segments.freeze(tx, segment.id)
            assert set(segments.members(tx, frozen.id)) == fitting(crowd, "supervisor")

    def test_a_frozen_copy_is_a_segment_of_those_people(self, crowd: Crowd) -> None:
        saved = post(crowd, "", {"name": "好友", "filter": RULE}).json()
        copy = post(crowd, f"/{saved['id']}/freeze").json()
        assert (copy["name"], copy["frozen"], copy["filter"], copy["members"]) == (f"好友 · {TODAY}", True, RULE, len(fitting(crowd)))
        assert copy["hash"] == digest(fitting(crowd))
        with crowd.acting() as tx:  # the list was written a moment ago: freezing it again waits for the replica
            again = segments.freeze(tx, SegmentId(segments.get(tx, copy["id"]).id))
            assert again.hash == copy["hash"]
        assert crowd.get("/api/customers", segment_id=copy["id"], limit=1)["total"] == len(fitting(crowd))
        assert crowd.get(f"/api/segments/{copy['id']}", "supervisor")["members"] == len(fitting(crowd, "supervisor"))

    def test_a_supervisor_is_told_at_once_how_many_were_frozen(self, crowd: Crowd) -> None:
        own = len(fitting(crowd, "supervisor"))
        saved = post(crowd, "", {"name": "名单", "filter": RULE, "frozen": True}, "supervisor").json()
        copy = post(crowd, f"/{saved['id']}/freeze", login="supervisor").json()
        counted = [one["members"] for one in (saved, copy, crowd.get(f"/api/segments/{copy['id']}", "supervisor"))]
        assert counted == [own] * 3 and own > 0

    def test_saving_frozen_at_once(self, crowd: Crowd) -> None:
        saved = post(crowd, "", {"name": "名单", "filter": RULE, "frozen": True}).json()
        assert (saved["frozen"], saved["members"], saved["filter"]) == (True, len(fitting(crowd)), RULE)

    def test_without_the_engine_nothing_is_kept(self, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
        saved = post(crowd, "", {"name": "好友", "filter": RULE}).json()

        def away(*_: object, **__: object) -> engine.Answer:
            raise EngineUnavailable(state="stopped")

        monkeypatch.setattr(engine, "ask", away)
        assert post(crowd, f"/{saved['id']}/freeze").json()["code"] == "engine.unavailable"
        assert post(crowd, "", {"name": "名单", "filter": RULE, "frozen": True}).status_code == 503
        with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
            assert tx.execute("select count(*) from segment_lists where segment_id = :id and tenant_id = :tenant_id", {"id": saved["id"]}).scalar() == 0
        listed = {one["id"]: one for one in crowd.get("/api/segments")["items"]}
        assert listed[saved["id"]]["members"] is None

    def test_a_replica_that_lags_is_not_believed(self, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
        real = engine.ask

        def behind(*args: Any, **more: Any) -> engine.Answer:
            answer = real(*args, **more)
            return engine.Answer(answer.table, Watermark(answer.as_of, Snapshot(3, 3), 1), answer.ids)

        monkeypatch.setattr(engine, "ask", behind)
        with crowd.acting() as tx, pytest.raises(NotYetThere):
            service.save(tx, name="好友", filter=Filter.of(RULE), frozen=True)


class TestFreshness:
    @pytest.mark.parametrize(
        ("there", "seen", "missing"),
        [
            (Snapshot(10, 10), Snapshot(10, 10), None),
            (Snapshot(10, 10), Snapshot(12, 12), 11),
            (Snapshot(10, 10), Snapshot(10, 12, frozenset({10, 11})), None),
            (Snapshot(10, 10), Snapshot(11, 12, frozenset({11})), 10),
            (Snapshot(5, 10, frozenset({5, 7})), Snapshot(5, 10, frozenset({5})), 7),
            (Snapshot(12, 12), Snapshot(10, 11), None),
        ],
    )
    def test_names_what_the_replica_has_not_seen(self, there: Snapshot, seen: Snapshot, missing: int | None) -> None:
        assert freshness._missing(there, seen) == missing


def test_copies_keep_within_the_longest_name() -> None:
    assert len(copy_name("长" * LONGEST_NAME, TODAY)) == LONGEST_NAME
