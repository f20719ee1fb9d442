"""The doctor against the sandbox over HTTP: each thing that can be wrong has its own finding, and nothing else turns red."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.connectors.wecom import ClientSettings, Credentials, Refused, Stopped, WeCom
from siyu.infra import jobs
from siyu.infra.clock import system_clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from siyu.observe.contacts import Corp, Finding, doctor
from siyu.observe.contacts.doctor import Visit
from siyu.observe.contacts.doctor.calling import is_private
from tests.observe.contacts.scene import Scene, receiver
from tests.tls import a_server_of_its_own


@pytest.fixture(autouse=True)
def gated(scene: Scene) -> None:
    """The store remembers wrong secrets, as in a running siyu."""
    contacts.use(keys=Secrets({"k1": b"k" * 32}), gate_of=partial(contacts.Gate, scene.database))


@pytest.fixture
def served(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Our own server at the public address."""
    with receiver(scene.database) as address:
        monkeypatch.setenv("SIYU_PUBLIC_URL", address)
        yield address


def look(scene: Scene, **how: Any) -> dict[str, Finding]:
    """What the doctor finds, by check."""
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        corp = contacts.corp(tx, scene.corp.id)
    transaction = partial(scene.database.transaction, scene.tenant, SYSTEM)
    return {one.check: one for one in contacts.look(transaction, corp, **how)}


def bad(found: dict[str, Finding]) -> dict[str, tuple[str, str]]:
    """What is neither well nor left out, however slow the machine."""
    return {check: (one.state, one.outcome) for check, one in found.items() if one.state in ("warning", "error") and check != "latency"}


def change(scene: Scene, **values: Any) -> Corp:
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        return contacts.change(tx, scene.corp.id, **values)


def only_skipped_because(found: dict[str, Finding], because: str) -> set[str]:
    return {check for check, one in found.items() if one.state == "skipped" and one.facts.get("because") == because}


class TestAWellCorp:
    def test_nothing_is_red_and_every_check_says_something(self, scene: Scene, served: str) -> None:
        scene.sync()
        found = look(scene)
        assert list(found) == [check.__name__ for check in doctor.ALL]
        assert bad(found) == {"callbacks": ("warning", "never")}
        assert found["address"].facts["ip"] == "127.0.0.1"
        assert found["agent"].facts["departments"] == 1
        assert found["customers"].facts["members"] == found["members"].facts["theirs"] == found["members"].facts["ours"]
        assert found["contacts"].facts["theirs"] == found["contacts"].facts["ours"] > 0
        assert found["unionid"].facts["percent"] == 100
        assert found["tag_quota"].facts["used"] == found["tags"].facts["tags"]

    def test_before_the_first_reading_there_is_nothing_to_compare(self, scene: Scene, served: str) -> None:
        found = look(scene)
        assert found["sync"].outcome == "never"
        assert {"members", "contacts", "unionid"} <= only_skipped_because(found, "sync")

    def test_the_end_of_the_first_reading_is_looked_at(self, scene: Scene, served: str) -> None:
        scene.sync()
        (row,) = scene.ask("select state, outcome from corp_findings where check_id = 'sync'")
        assert (row.state, row.outcome) == ("ok", "ok")
        scene.sync()
        assert len(scene.ask("select id from jobs where kind = 'contacts.doctor'")) == 1

    def test_it_changes_nothing_at_wecom(self, scene: Scene, served: str) -> None:
        before = scene.place.get("books/summary")
        look(scene)
        assert scene.place.get("books/summary") == before


class TestCredentials:
    def test_a_wrong_secret(self, scene: Scene) -> None:
        change(scene, secret="not-the-secret")
        found = look(scene, served=False)
        assert (found["secret"].outcome, found["secret"].facts) == ("wrong", {"code": 40001})
        assert {"trusted_ip", "agent", "address_book", "customers"} <= only_skipped_because(found, "secret")

    def test_a_corp_that_does_not_exist(self, scene: Scene) -> None:
        with closing(WeCom(Credentials("ww0000000000000000", "s", 1), ClientSettings(base_url=scene.corp.base_url, read_tries=1))) as client:
            found = {one.check: one for one in doctor.examine(Visit(scene.corp.base_url, client, clock=scene.database.clock), doctor.TRIAL)}
        assert bad(found) == {"corp": ("error", "mistyped")}

    def test_another_corps_secret(self, scene: Scene) -> None:
        scene.place.fault("code", "gettoken", code=40091)
        assert bad(look(scene, served=False))["corp"] == ("error", "other_secret")

    def test_a_secret_that_must_be_reset_and_an_address_that_is_blocked(self, scene: Scene) -> None:
        scene.place.fault("code", "gettoken", code=45031)
        assert look(scene, served=False)["secret"].outcome == "reset"
        scene.place.fault("code", "gettoken", code=45009)
        assert look(scene, served=False)["secret"].outcome == "blocked"

    def test_the_agent_id_of_another_app(self, scene: Scene) -> None:
        change(scene, agent_id=1000099)
        found = look(scene, served=False)
        assert (found["agent"].state, found["agent"].outcome) == ("error", "other_app")
        assert found["customers"].state == "ok"

    @pytest.mark.parametrize("path", ["gettoken", "agent/get"])
    def test_an_address_that_is_not_trusted_is_named(self, scene: Scene, path: str) -> None:
        scene.place.fault("ip_refused", path, count=None)
        found = look(scene, served=False)
        assert (found["trusted_ip"].outcome, found["trusted_ip"].facts["ip"]) == ("refused", "127.0.0.1")
        assert {"address_book", "customers", "tags"} <= only_skipped_because(found, "trusted_ip")


class TestTheWay:
    def test_a_port_where_nobody_listens(self, scene: Scene) -> None:
        change(scene, base_url="http://127.0.0.1:9")
        found = look(scene, served=False)
        assert found["address"].outcome == "refused"
        assert {"clock", "secret", "corp", "trusted_ip", "agent", "customers"} <= only_skipped_because(found, "address")

    def test_a_name_that_nobody_knows(self, scene: Scene) -> None:
        change(scene, base_url="https://nowhere.invalid")
        assert (found := look(scene, served=False)["address"]).outcome == "dns" and found.facts["host"] == "nowhere.invalid"

    def test_a_certificate_that_nobody_vouches_for(self, scene: Scene, tmp_path: Path) -> None:
        with a_server_of_its_own(tmp_path) as port:
            change(scene, base_url=f"https://localhost:{port}")
            assert look(scene, served=False)["address"].outcome == "tls"

    def test_a_platform_that_keeps_silent(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.observe.contacts.doctor.reaching.TIMEOUT", 0.3)
        scene.place.fault("timeout_before", "getcallbackip", seconds=5)
        assert look(scene, served=False)["address"].outcome == "timeout"

    def test_a_server_that_is_not_wecom(self, scene: Scene, served: str) -> None:
        change(scene, base_url=served)
        assert look(scene)["address"].outcome == "foreign"

    @pytest.mark.parametrize(("skew", "outcome"), [(-3600, "ahead"), (3600, "behind")])
    def test_a_clock_that_is_an_hour_off(self, scene: Scene, skew: int, outcome: str) -> None:
        scene.place.post("clock", skew=skew)
        clock = look(scene, served=False)["clock"]
        assert (clock.state, clock.outcome, clock.facts["minutes"]) == ("error", outcome, 60)

    @pytest.mark.parametrize("speed", [0, 1, 600])
    def test_who_shares_the_sandboxs_clock_is_well_at_any_pace(self, scene: Scene, speed: int) -> None:
        scene.place.post("clock", speed=speed)
        clock = look(scene, served=False)["clock"]
        assert (clock.state, clock.outcome) == ("ok", "ok")

    def test_who_forgot_the_sandboxs_clock_is_told_so(self, scene: Scene, fresh_url: str) -> None:
        with closing(Database(fresh_url, clock=system_clock)) as ours:
            transaction = partial(ours.transaction, scene.tenant, SYSTEM)
            found = {one.check: one for one in contacts.look(transaction, scene.corp, served=False)}
        assert found["clock"].state == "error"
        assert found["address"].state == "ok"

    @pytest.mark.parametrize(("skew", "outcome"), [(-90, "ahead_seconds"), (90, "behind_seconds"), (-60, "ahead_seconds")])
    def test_a_clock_that_is_some_seconds_off(self, scene: Scene, skew: int, outcome: str) -> None:
        scene.place.post("clock", skew=skew)
        clock = look(scene, served=False)["clock"]
        assert (clock.state, clock.outcome) == ("warning", outcome)

    def test_a_second_or_two_may_be_the_way(self, scene: Scene) -> None:
        scene.place.post("clock", skew=2)
        clock = look(scene, served=False)["clock"]
        assert (clock.state, clock.outcome) == ("ok", "ok")


class TestRights:
    @pytest.mark.parametrize(
        ("path", "check"),
        [
            ("department/list", "address_book"),
            ("externalcontact/get_follow_user_list", "customers"),
            ("externalcontact/get_corp_tag_list", "tags"),
            ("externalcontact/list_contact_way", "contact_ways"),
            ("externalcontact/groupchat/list", "group_chats"),
            ("externalcontact/get_groupmsg_list_v2", "group_sends"),
        ],
    )
    def test_each_missing_right_is_one_red_finding(self, scene: Scene, served: str, path: str, check: str) -> None:
        scene.sync()
        scene.place.fault("forbidden", path, count=None)
        found = look(scene)
        assert {check for check, one in found.items() if one.state == "error"} == {check}
        assert (found[check].outcome, found[check].facts["code"]) == ("forbidden", 48002)

    def test_members_out_of_range_and_a_platform_that_is_busy(self, scene: Scene) -> None:
        scene.place.fault("code", "externalcontact/groupchat/list", code=60011)
        scene.place.fault("rate_limited", "externalcontact/get_corp_tag_list", seconds=1)
        found = look(scene, served=False)
        assert found["group_chats"].outcome == "out_of_range"
        assert (found["tags"].state, found["tags"].outcome) == ("warning", "busy")

    def test_members_without_a_licence(self, scene: Scene) -> None:
        scene.place.fault("code", "externalcontact/batch/get_by_user", code=701008)
        licence = look(scene, served=False)["licence"]
        assert (licence.state, licence.outcome) == ("error", "missing") and licence.facts["members"]


class TestBothSides:
    def test_what_was_never_read_is_told_in_numbers(self, scene: Scene, served: str) -> None:
        scene.sync()
        member = min(scene.place.client.follow_users())
        gone = scene.place.customers_of(member)
        for external in gone:
            scene.act("staff_deletes", member, external)
        contacts = look(scene)["contacts"]
        assert (contacts.outcome, contacts.facts["members"]) == ("differ", member)
        assert contacts.facts["ours"] - contacts.facts["theirs"] == len(gone) > 2

    def test_the_last_reading_is_old(self, scene: Scene) -> None:
        scene.sync()
        scene.place.post("step", seconds=27 * 3600)
        assert look(scene, served=False)["sync"].outcome == "late"
        scene.place.post("step", seconds=27 * 3600)
        assert (found := look(scene, served=False)["sync"]).state == "error" and found.facts["hours"] == 54


class TestCallback:
    def test_the_test_comes_in_through_the_normal_door(self, scene: Scene, served: str) -> None:
        assert look(scene)["callback"].outcome == "ok"
        scene.later(10)
        (row,) = scene.ask("select event from callback_inbox")
        assert row.event == "siyu_doctor"

    def test_nobody_answers_at_the_public_address(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIYU_PUBLIC_URL", "http://127.0.0.1:9")
        assert look(scene)["callback"].outcome == "refused"
        assert (found := look(scene, served=False)["callback"]).state == "skipped" and found.outcome == "not_running"

    def test_another_siyu_turns_it_away(self, scene: Scene, served: str) -> None:
        with scene.database.engine.begin() as connection:
            connection.exec_driver_sql("update corps set callback_key = 'elsewhere'")
        found = {one.check: one for one in contacts.look(partial(scene.database.transaction, scene.tenant, SYSTEM), scene.corp)}
        assert (found["callback"].outcome, found["callback"].facts["status"]) == ("turned_away", 404)

    def test_an_address_that_the_internet_cannot_reach(self) -> None:
        assert is_private("http://127.0.0.1:8000") and is_private("http://10.0.0.8") and is_private("http://localhost/x")
        assert not is_private("https://8.8.8.8") and not is_private("https://nowhere.invalid")

    def test_a_real_call_is_told_from_our_own(self, scene: Scene, served: str) -> None:
        look(scene)
        assert look(scene)["callbacks"].outcome == "never"
        scene.sync()
        url = f"{served}/callbacks/wecom/{scene.corp.callback_key}"
        scene.place.post("callbacks", url=url, token=scene.corp.callback_token, aes_key=scene.corp.callback_aes_key)
        verified = look(scene)["callbacks"]
        assert (verified.state, verified.outcome) == ("ok", "verified") and datetime.fromisoformat(verified.facts["at"]).tzinfo == UTC
        scene.act("customer_deletes", *scene.pairs()[0])
        scene.later(10)
        found = look(scene)["callbacks"]
        assert found.outcome == "ok" and datetime.fromisoformat(found.facts["at"]).tzinfo == UTC
        scene.place.post("step", seconds=8 * 86_400)
        assert look(scene)["callbacks"].outcome == "quiet"

    def test_a_verified_address_is_kept_looked_at_and_doubted_after_a_week_of_silence(self, scene: Scene, served: str) -> None:
        url = f"{served}/callbacks/wecom/{scene.corp.callback_key}"
        scene.place.post("callbacks", url=url, token=scene.corp.callback_token, aes_key=scene.corp.callback_aes_key)
        scene.later(2)
        (row,) = scene.ask("select state, outcome from corp_findings where check_id = 'callbacks'")
        assert (row.state, row.outcome) == ("ok", "verified")
        scene.place.post("step", seconds=8 * 86_400)
        assert (found := look(scene)["callbacks"]).state == "warning" and found.outcome == "verified"

    def test_a_check_that_is_not_wecoms_verifies_nothing(self, scene: Scene, served: str) -> None:
        query = {"msg_signature": "x", "timestamp": "1", "nonce": "1", "echostr": "x"}
        assert httpx.get(f"{served}/callbacks/wecom/{scene.corp.callback_key}", params=query).status_code == 403
        assert look(scene)["callbacks"].outcome == "never"


class TestStopping:
    def calls(self, scene: Scene) -> int:
        return int(scene.place.get("faults")["faults"][0]["met"])

    def test_three_wrong_secrets_stop_every_job_until_the_secret_is_changed(self, scene: Scene) -> None:
        scene.place.fault("slow", "gettoken", count=None, seconds=0)
        change(scene, secret="not-the-secret")
        for _ in range(5):
            assert scene.sync().state == "failed"
        assert self.calls(scene) == 3
        found = look(scene, served=False)
        assert (found["secret"].outcome, found["secret"].facts) == ("stopped", {"code": 40001})
        assert self.calls(scene) == 3
        assert not change(scene, secret=scene.corp.secret).stopped
        assert scene.sync().state == "done"
        assert self.calls(scene) == 5  # the reading asked, and the doctor whose look follows it

    def test_a_crowd_with_a_wrong_secret_asks_three_times_in_all(self, scene: Scene) -> None:
        scene.place.fault("slow", "gettoken", count=None, seconds=0)
        client = contacts.client(change(scene, secret="not-the-secret"))

        def ask(_: int) -> bool:
            with pytest.raises(Refused) as refused:
                client.follow_users()
            return isinstance(refused.value, Stopped)

        with ThreadPoolExecutor(200) as pool:
            stopped = list(pool.map(ask, range(200)))
        assert (self.calls(scene), stopped.count(False)) == (3, 3)

    def test_somebody_says_again(self, scene: Scene) -> None:
        scene.place.fault("code", "gettoken", count=3, code=40001)
        for _ in range(3):
            look(scene, served=False)
        assert look(scene, served=False)["secret"].outcome == "stopped"
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            assert not contacts.try_again(tx, scene.corp.id).stopped
        assert look(scene, served=False)["secret"].outcome == "ok"


class TestTheJob:
    def examine(self, scene: Scene) -> None:
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            contacts.request_examination(tx, scene.corp.id)
        scene.worker.drain()

    def test_findings_are_kept_since_they_began_and_news_is_an_event(self, scene: Scene, served: str) -> None:
        self.examine(scene)
        first = {row.check_id: row for row in scene.ask("select * from corp_findings")}
        assert set(first) == {check.__name__ for check in doctor.ALL}
        scene.place.post("step", seconds=3600)
        fault = scene.place.fault("forbidden", "externalcontact/get_corp_tag_list", count=None)
        self.examine(scene)
        second = {row.check_id: row for row in scene.ask("select * from corp_findings")}
        assert second["customers"].since == first["customers"].since < second["customers"].checked_at
        assert second["tags"].state == "error" and second["tags"].since > first["tags"].since
        scene.place.control.delete("/sandbox/faults", params={"id": fault})
        self.examine(scene)
        news = [row.props for row in scene.ask("select props from events where name = 'corp.finding_changed' order by recorded_at, id")]
        assert [(one["check"], one["before"], one["state"]) for one in news if one["check"] == "tags"] == [("tags", "ok", "error"), ("tags", "error", "ok")]

    def test_every_active_corp_is_looked_at_and_no_other(self, scene: Scene) -> None:
        change(scene, active=False)
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "contacts.doctor_all")
        scene.worker.drain()
        assert scene.ask("select * from corp_findings") == []
        with scene.database.transaction(scene.tenant, SYSTEM) as tx, pytest.raises(contacts.CorpInactive):
            contacts.request_examination(tx, scene.corp.id)
