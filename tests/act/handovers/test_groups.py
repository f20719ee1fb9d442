"""Handovers of groups against the sandbox over HTTP: who gets them, what WeCom refuses, lost answers, dead workers, days that are full."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from siyu.act.handovers.groups import service
from siyu.act.handovers.wiring import capability as handovers
from siyu.app.worker import Worker
from siyu.connectors.wecom.sandbox import Limits
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import GroupHandoverId
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.observe.groups.wiring import capability as groups_wiring
from siyu.understand.identity.wiring import capability as identity
from tests.act.handovers.conftest import Raise, Scene

DAY = 86_400


@dataclass
class Groups:
    """A scene whose groups have been read. `giver` owns more of them than anybody else."""

    scene: Scene
    giver: str

    def post(self, path: str = "", *, taker: str = "", kind: str = "in_service", **more: Any) -> Any:
        scene = self.scene
        body = {"kind": kind, "giver_id": scene.members[self.giver], "taker_id": scene.members[taker or scene.taker], **more}
        return scene.client.post(f"/api/group_handovers{path}", json=body)

    def plan(self, **how: Any) -> dict[str, Any]:
        answer = self.post(**how)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def get(self, path: str = "", **query: Any) -> Any:
        answer = self.scene.client.get(f"/api/group_handovers{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counts(self, handover: dict[str, Any]) -> dict[str, int]:
        counts: dict[str, int] = self.get(f"/{handover['id']}")["counts"]
        return counts

    def follow(self) -> None:
        self.scene.do("handovers.follow_groups")

    def ours(self) -> Counter[str]:
        """Living groups by owner, as we hold them."""
        return Counter(row.owner for row in self.scene.ask("select owner from group_chats where tenant_id = :tenant_id and state = 'active'"))

    def theirs(self) -> Counter[str]:
        """The same at WeCom."""
        return Counter(row["owner"] for row in self.scene.place.get("books/groups") if not row["dismissed"])

    def asked(self) -> list[str]:
        """WeCom's books: every handover of a group that it took."""
        with sqlite3.connect(self.scene.place.sandbox.settings.home / "books.sqlite") as books:
            rows = books.execute("select chat_id from chat_handover order by rowid").fetchall()
        books.close()
        return [row[0] for row in rows]


def read(scene: Scene) -> Groups:
    """Groups are read by a worker that knows how."""
    scene.worker = Worker(scene.database, [replace(one, schedules=()) for one in (contacts_wiring, groups_wiring, identity, handovers)])
    scene.sync()
    groups = Groups(scene, "")
    groups.giver = max(sorted(groups.ours()), key=lambda owner: groups.ours()[owner])
    return groups


class TestInService:
    def test_groups_have_their_new_owner_at_once(self, raised: Raise) -> None:
        groups = read(raised())
        mine = groups.ours()[groups.giver]
        preview = groups.post("/preview").json()
        assert (preview["found"], preview["ready"], preview["hindered"], preview["days"]) == (mine, mine, {}, 1)
        handover = groups.plan(reason="换店")
        assert handover["counts"] == {"planned": mine} and groups.asked() == []
        groups.scene.worker.drain()
        assert groups.counts(handover) == {"done": mine}
        groups.scene.later(10)
        assert groups.ours() == groups.theirs() and groups.ours()[groups.scene.taker] == mine
        rows = groups.get(f"/{handover['id']}/groups")["items"]
        assert len(rows) == mine and {row["state"] for row in rows} == {"done"} and all(row["name"] for row in rows)
        assert [one["id"] for one in groups.get()["items"]] == [handover["id"]]

    def test_a_group_goes_twice_in_90_days_and_no_more(self, raised: Raise) -> None:
        groups = read(raised())
        first, mine = groups.giver, groups.ours()[groups.giver]
        for giver, taker in ((first, groups.scene.taker), (groups.scene.taker, "service02")):
            groups.giver = giver
            groups.plan(taker=taker)
            groups.scene.worker.drain()
            groups.scene.later(10)
        groups.giver = "service02"
        assert groups.post("/preview", taker=first).json()["hindered"] == {"twice_in_90_days": mine}
        assert groups.post(taker=first).json()["code"] == "handover.bad"

    def test_named_groups_only_and_a_dismissed_one_says_why(self, raised: Raise) -> None:
        groups = read(raised())
        row = groups.scene.ask("select id, chat_id from group_chats where owner = :owner order by chat_id limit 1", owner=groups.giver)[0]
        handover = groups.plan(group_ids=[str(row.id)])
        assert groups.post("/preview").json()["hindered"] == {"under_way": 1}
        groups.scene.place.post("acts", act="dismiss_group", chat_id=row.chat_id)
        groups.scene.worker.drain()
        (shown,) = groups.get(f"/{handover['id']}/groups")["items"]
        assert (shown["state"], shown["code"]) == ("failed", 49008)

    def test_a_full_day_goes_on_tomorrow(self, raised: Raise) -> None:
        groups = read(raised(limits=Limits(chat_handovers_a_day=1)))
        giver, groups.giver = groups.giver, next(owner for owner in groups.ours() if owner != groups.giver)
        groups.plan(taker=giver)
        groups.scene.worker.drain()
        groups.scene.later(10)
        groups.giver, mine = giver, groups.ours()[giver]
        assert mine > 1
        handover = groups.plan()
        groups.scene.worker.drain()
        assert groups.counts(handover) == {"done": 1, "planned": mine - 1}
        for _ in range(mine - 1):
            groups.scene.later(DAY)
        assert groups.counts(handover) == {"done": mine}

    def test_who_is_not_in_scope_sees_and_gives_nothing(self, raised: Raise) -> None:
        groups = read(raised())
        handover = groups.plan()
        account = {"login": "nobody", "name": "Nobody", "role": "supervisor", "password": "plum-blossom-at-dawn"}
        client = groups.scene.client
        assert client.post("/api/accounts", json=account).status_code == 201
        assert client.post("/api/session", json={"login": "nobody", "password": account["password"]}).status_code == 200
        assert groups.get()["items"] == [] and groups.get("/leavers") == []
        assert client.get(f"/api/group_handovers/{handover['id']}").status_code == 404
        assert groups.post().status_code == 404


class TestResigned:
    def test_leavers_groups_go_when_wecom_is_done(self, raised: Raise) -> None:
        groups = read(raised())
        scene, mine = groups.scene, groups.ours()[groups.giver]
        scene.place.post("acts", act="member_leaves", userid=groups.giver)
        scene.sync()
        (leaver,) = groups.get("/leavers")
        assert (leaver["staff"]["id"], leaver["groups"], leaver["under_way"]) == (scene.members[groups.giver], mine, 0)
        handover = groups.plan(kind="resigned")
        assert groups.get("/leavers")[0]["under_way"] == mine
        scene.worker.drain()
        assert groups.counts(handover) == {"waiting": mine}
        scene.later(200)
        groups.follow()
        assert groups.counts(handover) == {"done": mine}
        scene.later(10)
        assert groups.ours() == groups.theirs() and groups.get("/leavers") == []


class TestFaults:
    @pytest.mark.parametrize("kind", ["timeout_after", "cut_body", "timeout_before"])
    def test_after_a_lost_answer_nothing_is_asked_twice(self, raised: Raise, kind: str) -> None:
        groups = read(raised())
        mine = groups.ours()[groups.giver]
        params = {} if kind == "cut_body" else {"seconds": 0}
        groups.scene.place.fault(kind, "externalcontact/groupchat/onjob_transfer", **params)
        handover = groups.plan()
        groups.scene.worker.drain()
        assert groups.counts(handover) == {"asking": mine}
        groups.scene.later(61)
        assert groups.counts(handover) == {"done": mine}
        assert len(groups.asked()) == mine

    @pytest.mark.parametrize("called", [False, True])
    def test_a_worker_killed_around_the_call_loses_and_doubles_nothing(self, raised: Raise, called: bool) -> None:
        groups = read(raised())
        mine = groups.ours()[groups.giver]
        handover = groups.plan()
        with groups.scene.database.transaction(groups.scene.tenant, SYSTEM) as tx:
            taken = service.take(tx, service.get(tx, GroupHandoverId(UUID(handover["id"]))))
        if called:
            groups.scene.place.client.hand_over_groups([one.chat_id for one in taken], groups.scene.taker)
        groups.scene.worker.drain()
        groups.scene.later(61)
        assert groups.counts(handover) == {"done": mine} and len(groups.asked()) == mine

    def test_a_right_that_is_missing_is_shown_for_every_group(self, raised: Raise) -> None:
        groups = read(raised())
        groups.scene.place.fault("forbidden", "externalcontact/groupchat/onjob_transfer", count=None)
        handover = groups.plan()
        groups.scene.worker.drain()
        assert set(groups.counts(handover)) == {"failed"}
        assert {row["code"] for row in groups.get(f"/{handover['id']}/groups")["items"]} == {48002}

    def test_what_passes_is_tried_again(self, raised: Raise) -> None:
        groups = read(raised())
        groups.scene.place.fault("code", "externalcontact/groupchat/onjob_transfer", count=2, code=45009)
        handover = groups.plan()
        for _ in range(4):
            groups.scene.worker.drain()
            groups.scene.later(600)
        assert set(groups.counts(handover)) == {"done"}
