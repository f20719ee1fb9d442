"""Notices of the connection to WeCom against the sandbox over HTTP: who hears that it broke, when, and through which app."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from siyu.access import accounts, staff
from siyu.act import gateway
from siyu.act.alerts import connection, service
from siyu.act.alerts.connection import Change
from siyu.act.alerts.model import DESCRIPTION_BYTES, TITLE_BYTES, Settings
from siyu.act.alerts.wiring import capability as alerts
from siyu.act.gateway import Quiet
from siyu.app.worker import Worker
from siyu.connectors.wecom.sandbox.settings import AppSettings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import CorpId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.contacts.wiring import capability as contacts_wiring
from tests.act.alerts.conftest import Losing
from tests.conftest import NOW
from tests.crowd import PASSWORD
from tests.observe.contacts.scene import AES_KEY, TOKEN, staged
from tests.understand.oracle import ZONE

TAGS, SENDS = "externalcontact/get_corp_tag_list", "externalcontact/get_groupmsg_list_v2"


@dataclass
class Connected(Losing):
    """A brand with one app of its corp, an owner and an administrator who are members, and an operator."""

    def examine(self, corp: Corp | None = None) -> None:
        with self.scene.database.transaction(self.scene.tenant, SYSTEM) as tx:
            contacts.request_examination(tx, (corp or self.scene.corp).id)
        self.scene.worker.drain()

    def forbid(self, call: str) -> None:
        self.scene.place.fault("forbidden", call, count=None)
        self.examine()

    def mend(self) -> None:
        self.scene.place.control.delete("/sandbox/faults")
        self.examine()

    def link(self, login: str, role: str, userid: str) -> None:
        with self.scene.database.transaction(self.scene.tenant, SYSTEM) as tx:
            id = staff.ids(tx, self.scene.corp.corp_id, [userid])[userid]
            accounts.add(tx, login=login, name=login, role=role, password=PASSWORD, staff_id=id)

    def heard(self) -> list[tuple[str, str]]:
        """Who read which title, by the order of sending."""
        return [(one["userid"], one["content"]["title"]) for one in self.read()]

    def spoke(self) -> set[int]:
        return {one["agent_id"] for one in self.read()}


@pytest.fixture
def connected(fresh_url: str, tmp_path: Path) -> Iterator[Connected]:
    apps = (AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43))
    with staged(fresh_url, tmp_path, apps=apps) as scene:
        scene.worker = Worker(scene.database, [replace(wiring, schedules=()) for wiring in (contacts_wiring, alerts)])
        found = Connected(scene)
        scene.sync()
        found.tell()
        for login, role, userid in (("chief", "owner", "owner"), ("risk", "admin", "operator01"), ("ops", "operator", "region01")):
            found.link(login, role, userid)
        yield found


@pytest.fixture
def younger(connected: Connected) -> Corp:
    """Another app of the corp."""
    scene = connected.scene
    connected.later(2)
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        return contacts.connect(
            tx,
            corp_id=scene.corp.corp_id,
            agent_id=1000003,
            name="第二个应用",
            base_url=scene.corp.base_url,
            secret="b" * 43,
            callback_token=TOKEN,
            callback_aes_key=AES_KEY,
        )


def break_secret(connected: Connected) -> None:
    with connected.scene.database.transaction(connected.scene.tenant, SYSTEM) as tx:
        contacts.change(tx, connected.scene.corp.id, secret="x" * 43)
    connected.examine()


class TestTelling:
    def test_owners_and_administrators_hear_what_broke_and_that_it_is_well_again(self, connected: Connected) -> None:
        connected.forbid(TAGS)
        connected.tell()
        assert sorted(connected.heard()) == [("operator01", "企业微信接入异常：品牌"), ("owner", "企业微信接入异常：品牌")]
        (message, _) = connected.read()
        assert message["content"]["description"].endswith("企业标签权限：出现异常") and message["content"]["url"].endswith("/settings/wecom")
        assert connected.notices() == [("sent", 0, 1)] * 2
        connected.mend()
        connected.tell()
        assert len(connected.read()) == 2, "one an hour"
        connected.later(3601)
        connected.tell()
        assert {title for _, title in connected.heard()[2:]} == {"企业微信接入已恢复：品牌"} and len(connected.read()) == 4
        connected.examine()
        connected.later(3601)
        connected.tell()
        assert len(connected.read()) == 4, "nothing changed"

    def test_what_came_and_went_within_the_hour_is_not_told(self, connected: Connected) -> None:
        connected.forbid(TAGS)
        connected.mend()
        connected.tell()
        assert connected.read() == [] and connected.scene.ask("select id from connection_notes") == []

    def test_in_the_quiet_hours_only_what_stops_sending(self, connected: Connected) -> None:
        with connected.scene.database.transaction(connected.scene.tenant, SYSTEM) as tx:
            here = tx.now.astimezone(tx.tz)
            policy = gateway.policy(tx)
            gateway.set_policy(tx, gateway.Policy(**{**policy.__dict__, "quiet": Quiet(time(here.hour), time(here.hour + 4))}))
        connected.forbid(TAGS)
        connected.tell()
        assert connected.read() == [] and connected.notices() == []
        connected.forbid(SENDS)
        connected.tell()
        (message, _) = connected.read()
        assert "群发权限：出现异常，发送会停止" in message["content"]["description"] and "企业标签权限：出现异常" in message["content"]["description"]
        connected.mend()
        connected.later(3601)
        connected.tell()
        assert len(connected.read()) == 2
        connected.later(3 * 3600)
        connected.tell()
        assert len(connected.read()) == 4

    def test_a_notice_of_losses_does_not_hold_it_back(self, connected: Connected) -> None:
        leader = connected.scene.pairs()[0]
        connected.lose(leader)
        connected.tell()
        before = len(connected.read())
        assert before
        connected.forbid(TAGS)
        connected.tell()
        assert len(connected.read()) == before + 2

    def test_it_can_be_switched_off(self, connected: Connected) -> None:
        with connected.scene.database.transaction(connected.scene.tenant, SYSTEM) as tx:
            service.change_settings(tx, Settings(connection=False))
        connected.forbid(TAGS)
        connected.tell()
        assert connected.read() == []

    def test_where_nobody_is_linked_or_here_it_stays_on_the_pages(self, connected: Connected) -> None:
        for userid in ("owner", "operator01"):
            connected.scene.place.post("members", userid=userid, status=2)
        connected.scene.sync()
        connected.forbid(TAGS)
        connected.tell()
        assert connected.read() == [] and connected.notices() == [] and connected.scene.ask("select id from connection_notes") == []


class TestThroughWhichApp:
    def test_another_app_speaks_for_one_that_cannot(self, connected: Connected, younger: Corp) -> None:
        break_secret(connected)
        connected.tell()
        assert {title for _, title in connected.heard()} == {"企业微信接入异常：品牌"} and connected.spoke() == {1000003}
        assert "应用 Secret：出现异常，发送会停止" in connected.read()[0]["content"]["description"]

    def test_without_another_it_stays_on_the_pages(self, connected: Connected) -> None:
        break_secret(connected)
        connected.tell()
        assert connected.read() == [] and connected.notices() == [("failed", 0, 1)] * 2

    def test_an_app_that_is_refused_leaves_it_to_the_next(self, connected: Connected, younger: Corp) -> None:
        connected.scene.place.fault("code", "message/send", count=1, code=48002)
        connected.forbid(TAGS)
        connected.tell()
        assert connected.notices() == [("sent", 0, 1)] * 2
        assert [one["agent_id"] for one in connected.read()] == [1000003, 1000002]

    def test_when_all_are_refused_wecoms_reason_is_kept(self, connected: Connected, younger: Corp) -> None:
        connected.scene.place.fault("code", "message/send", count=None, code=48002)
        connected.forbid(TAGS)
        connected.tell()
        assert connected.notices() == [("failed", 48002, 1)] * 2 and connected.read() == []

    def test_after_a_lost_answer_the_same_app_is_asked_and_nobody_reads_it_twice(self, connected: Connected, younger: Corp) -> None:
        connected.forbid(TAGS)
        connected.scene.place.fault("timeout_after", "message/send", count=2, seconds=0)
        connected.tell()
        assert connected.notices() == [("sending", 0, 1)] * 2
        connected.scene.place.fault("code", "message/send", count=1, code=48002)
        connected.tell()
        assert sorted(connected.notices()) == [("failed", 48002, 1), ("sent", 0, 1)]
        assert len(connected.read()) == 2 and connected.spoke() == {1000002}


class TestWorded:
    def changes(self, count: int) -> list[Change]:
        corp = CorpId(UUID(int=1))
        return [Change(corp, f"check{number}", "ok", "error", NOW - timedelta(minutes=number)) for number in range(count)]

    def test_what_does_not_fit_is_counted(self) -> None:
        for language in ("zh-CN", "en-US", "fr"):
            title, description, _ = connection.worded(self.changes(30), "品" * 100, {"check0": "企业可信 IP"}, language, ZONE)
            assert len(title.encode()) <= TITLE_BYTES and len(description.encode()) <= DESCRIPTION_BYTES
            assert "企业可信 IP" in description.splitlines()[0] and "30" in description.splitlines()[-1]

    def test_a_check_is_told_once_as_it_is_now(self) -> None:
        (first,) = self.changes(1)
        later = replace(first, before="error", state="warning", at=NOW + timedelta(minutes=1))
        assert connection.told([later, first]) == []
        again = replace(first, before="warning", at=NOW + timedelta(minutes=2))
        assert connection.told([later, first, again]) == [replace(again, before="ok")]
