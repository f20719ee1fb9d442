"""Against the sandbox over HTTP: the first reading, callbacks with faults, and what the nightly reading mends."""

import secrets
from pathlib import Path

import httpx
import pytest

from siyu.connectors.wecom import CallbackKeys
from siyu.connectors.wecom.crypto import encrypt, envelope, signature
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from siyu.observe.contacts import Corp, grouping, sync
from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, receiver, staged


class TestSync:
    def test_the_first_reading_takes_over_everything_and_the_second_writes_nothing(self, scene: Scene) -> None:
        job = scene.sync()
        assert job.state == "done" and job.done == job.total
        assert scene.ours() == scene.truth()
        assert job.result and job.result["added"] == len(scene.truth())
        assert scene.ask("select synced_at from corps")[0].synced_at is not None
        people = {external for _, external in scene.truth()}
        assert scene.ask("select count(*) as n from customers where tenant_id = :tenant_id")[0].n == len(people)
        before = scene.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id")
        job = scene.sync()
        assert job.result == {"members": job.total, "added": 0, "lost": 0, "changed": 0}
        assert scene.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id") == before

    def test_unionids_tie_the_contact_to_the_shops_customer(self, scene: Scene) -> None:
        scene.sync()
        (row,) = scene.ask(
            """
            select count(*) as pairs, count(*) filter (where u.customer_id = e.customer_id) as tied
            from contacts c
            join identities e on e.id = c.identity_id
            join identities u on u.namespace = 'unionid' and u.value = c.unionid
            """
        )
        assert row.pairs == row.tied == len(scene.truth())

    def test_faults_that_pass_are_tried_again_and_the_reading_goes_on(self, scene: Scene) -> None:
        scene.place.fault("code", "externalcontact/batch/get_by_user", count=2, code=45009)
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            contacts.request_sync(tx, scene.corp.id)
        for _ in range(5):
            scene.later(600)
        assert scene.ours() == scene.truth()

    def test_pages_that_move_while_they_are_read_give_each_relation_once(self, fresh_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sync, "CHUNK", 100)  # a page each: those that meet are folded side by side
        monkeypatch.setattr(grouping, "FIRST", 100)  # one chain of all
        with staged(fresh_url, tmp_path, people=400) as scene:
            scene.place.fault("pages_move", "externalcontact/batch/get_by_user", count=None)
            job = scene.sync()
            (fault,) = scene.place.get("faults")["faults"]
            assert fault["fired"] > 3
            assert scene.ours() == scene.truth()
            assert job.result and job.result["added"] == len(scene.truth())

    def test_a_right_that_is_missing_fails_the_job_with_wecoms_words(self, scene: Scene) -> None:
        scene.place.fault("forbidden", "externalcontact/get_follow_user_list", count=None)
        job = scene.sync()
        assert job.state == "failed" and job.error
        assert (job.error["code"], job.error["params"]["code"]) == ("job.failed", 48002)

    def test_what_the_receiver_slept_through_is_mended(self, scene: Scene) -> None:
        scene.sync()
        pairs = scene.pairs()
        spare = next(userid for userid, _ in pairs if userid != pairs[0][0])
        for userid, external in pairs[:8]:
            scene.act("staff_deletes", userid, external)
        for _, external in pairs[:4]:
            scene.act("add", spare, external)
        job = scene.sync()
        assert scene.ours() == scene.truth()
        assert job.result and job.result["lost"] == 8


class TestCallbacks:
    def test_doubled_decorated_and_interleaved_they_end_in_the_truth(self, scene: Scene) -> None:
        scene.sync()
        with receiver(scene.database) as address:
            scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
            for kind in ("push_doubled", "push_unknown_elements", "push_plain_text"):
                scene.place.fault(kind, "*", count=None, probability=0.4)
            pairs = scene.pairs()
            other = {userid for userid, _ in pairs}
            for number, (userid, external) in enumerate(pairs[:24]):
                scene.act(["customer_deletes", "staff_deletes", "add"][number % 3], min(other - {userid}) if number % 3 == 2 else userid, external)
                if number % 5 == 0:
                    scene.later(7)
            for userid, external in pairs[:24:6]:  # some come back
                scene.act("add", userid, external)
            scene.later(60)
            scene.later(60)
        assert scene.ours() == scene.truth()
        assert "deleted_by_customer" in scene.ours().values() and "deleted_by_staff" in scene.ours().values()
        pushed = scene.place.get("books/pushes")
        bodies = {push["body"] for push in pushed}
        assert scene.ask("select count(*) as n from callback_inbox")[0].n == len(bodies) < len(pushed)  # some came twice

    def test_what_wecom_does_not_answer_is_asked_again(self, scene: Scene) -> None:
        scene.sync()
        userid, external = scene.pairs()[0]
        with receiver(scene.database) as address:
            scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
            scene.place.fault("code", "externalcontact/get", count=2, code=45009)
            scene.act("customer_deletes", userid, external)
            scene.later(10)
        assert scene.ours()[userid, external] == "active"
        for _ in range(3):
            scene.later(90)
        assert scene.ours()[userid, external] == "deleted_by_customer"

    def test_a_customer_whom_wecom_refuses_to_name_is_parked_and_stops_nobody(self, scene: Scene) -> None:
        scene.sync()
        with receiver(scene.database) as address:
            scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
            scene.place.fault("code", "externalcontact/get", count=3, code=40096)
            push(address, scene.corp, body("edit_external_contact", "guide0101", "wm-nonsense"))
            for _ in range(4):
                scene.later(90)
            (parked,) = scene.ask("select external_userid, attempts, parked from contact_refreshes")
            assert (parked.external_userid, parked.attempts) == ("wm-nonsense", 3) and "40096" in parked.parked
            scene.act("customer_deletes", *scene.pairs()[0])
            scene.later(10)  # the callback comes before or after the clock has moved
            scene.later(10)
        assert scene.ours() == scene.truth()

    def test_forgeries_are_turned_away(self, scene: Scene) -> None:
        with receiver(scene.database) as address:
            genuine = body("add_external_contact", "guide0101", "wm1")
            assert push(address, scene.corp, genuine).status_code == 200
            assert push(address, scene.corp, genuine, signed_by="SomebodyElse01").status_code == 403
            assert push(address, scene.corp, genuine, receive_id="ww-somebody-else").status_code == 403
            assert httpx.post(f"{address}/callbacks/wecom/unknownkey", params=signed(scene.corp, "x"), content=b"x").status_code == 404
            assert httpx.post(f"{address}/callbacks/wecom/{scene.corp.callback_key}", params=signed(scene.corp, "x"), content=b"x" * 1100000).status_code == 413
            assert len(scene.ask("select digest from callback_inbox")) == 1
            assert push(address, scene.corp, b"signed, and no xml at all").status_code == 200  # WeCom's own, whatever it is: kept and counted
        scene.later(10)
        assert {row.event for row in scene.ask("select event from callback_inbox")} == {"change_external_contact", "unreadable"}


def body(change: str, userid: str, external: str) -> bytes:
    return (
        f"<xml><CreateTime>1772420000</CreateTime><Event>change_external_contact</Event><ChangeType>{change}</ChangeType><UserID>{userid}</UserID>"
        f"<ExternalUserID>{external}</ExternalUserID></xml>"
    ).encode()


def signed(corp: Corp, encrypted: str, token: str = TOKEN) -> dict[str, str]:
    return {"msg_signature": signature(token, "1700000000", "n", encrypted), "timestamp": "1700000000", "nonce": "n"}


def push(address: str, corp: Corp, message: bytes, *, signed_by: str = TOKEN, receive_id: str | None = None) -> httpx.Response:
    """Send a callback as the platform does, or as somebody who would like to be it."""
    encrypted = encrypt(CallbackKeys(TOKEN, AES_KEY, receive_id or corp.corp_id), message, random16=secrets.token_bytes(16))
    content = envelope(to=corp.corp_id, agent_id="1000002", encrypted=encrypted)
    return httpx.post(f"{address}/callbacks/wecom/{corp.callback_key}", params=signed(corp, encrypted, signed_by), content=content, trust_env=False)
