"""What members note about customers, over the sandbox: read in full and by callbacks, kept sealed, shown masked on the customer's page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.access import accounts
from siyu.connectors.wecom import FollowTag, Remark
from siyu.infra.tx import SYSTEM
from siyu.observe.contacts import OtherTag, notes
from tests.crowd import PASSWORD
from tests.observe.contacts.scene import Scene, receiver
from tests.observe.contacts.test_sandbox import body, push
from tests.observe.operator import TestClient, operator

PHONES = ("13800138000", "+4915112345678")


@pytest.fixture
def client(scene: Scene, tmp_path: Path) -> Iterator[TestClient]:
    scene.sync()
    with operator(scene, tmp_path) as client:
        yield client


def relation(scene: Scene, client: TestClient, pair: tuple[str, str]) -> Any:
    """One relation as the customer's page tells it."""
    (row,) = scene.ask(
        "select i.customer_id, c.staff_id from contacts c join identities i on i.id = c.identity_id join staff s on s.id = c.staff_id "
        f"where s.userid = '{pair[0]}' and c.external_userid = '{pair[1]}'"
    )
    page = client.get(f"/api/customers/{row.customer_id}").json()
    return next(one for one in page["relations"] if one["staff"]["id"] == str(row.staff_id))


def noted(scene: Scene, *, pair: tuple[str, str], own: tuple[str, ...] = (), at: int = 1772420000) -> None:
    """The member notes everything there is to note, and WeCom calls back."""
    scene.place.client.remark(*pair, Remark("王姐", "爱烛台", "茶社", PHONES))
    scene.place.post("contacts/tags", userid=pair[0], external_userid=pair[1], own=list(own))
    told(scene, pair, at)


def told(scene: Scene, pair: tuple[str, str], at: int) -> None:
    with receiver(scene.database) as address:
        push(address, scene.corp, body("edit_external_contact", *pair).replace(b"1772420000", str(at).encode()))
        for _ in range(2):
            scene.later(10)


class TestNotes:
    def test_the_page_tells_all_that_is_noted(self, scene: Scene, client: TestClient) -> None:
        pair = scene.pairs()[0]
        noted(scene, pair=pair, own=("爱喝茶",))
        shown = relation(scene, client, pair)
        assert (shown["remark"], shown["description"], shown["company"]) == ("王姐", "爱烛台", "茶社")
        assert shown["phones"] == ["138****8000", "+49****5678"]
        assert {"id": None, "group": "", "name": "爱喝茶", "by": "personal"} in shown["tags"]

    def test_a_full_reading_tells_the_same_and_leaves_personal_tags(self, scene: Scene, client: TestClient) -> None:
        first, second = scene.pairs()[:2]
        noted(scene, pair=first, own=("爱喝茶",))
        scene.place.client.remark(*first, Remark(mobiles=()))
        scene.place.client.remark(*second, Remark(company="书店", mobiles=PHONES[:1]))
        scene.sync()
        cleared, read = relation(scene, client, first), relation(scene, client, second)
        assert (cleared["phones"], [tag["name"] for tag in cleared["tags"] if tag["by"] == "personal"]) == ([], ["爱喝茶"])
        assert (read["company"], read["phones"]) == ("书店", ["138****8000"])
        before = scene.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id")
        scene.sync()
        assert scene.ask("select id, xmin::text from contacts where tenant_id = :tenant_id order by id") == before

    def test_what_is_taken_off_goes(self, scene: Scene, client: TestClient) -> None:
        pair = scene.pairs()[0]
        noted(scene, pair=pair, own=("爱喝茶",))
        noted(scene, pair=pair, at=1772420001)
        assert not [tag for tag in relation(scene, client, pair)["tags"] if tag["by"] == "personal"]

    def test_no_phone_is_in_the_store_in_the_clear(self, scene: Scene, client: TestClient) -> None:
        noted(scene, pair=scene.pairs()[0])
        rows = scene.ask("select to_jsonb(c)::text as row from contacts c where tenant_id = :tenant_id and mobiles <> ''")
        assert len(rows) == 1 and not [phone for phone in PHONES if phone in rows[0].row]
        told_by_events = scene.ask("select props::text as props from events where tenant_id = :tenant_id and name = 'contact.changed'")
        assert told_by_events and not [row for row in told_by_events if any(phone in row.props for phone in PHONES)]

    def test_the_page_names_the_corp_of_an_identity(self, scene: Scene, client: TestClient) -> None:
        (row,) = scene.ask("select i.customer_id from contacts c join identities i on i.id = c.identity_id order by c.id limit 1")
        identities = client.get(f"/api/customers/{row.customer_id}").json()["profile"]["identities"]
        assert {one["corp"] for one in identities if one["namespace"].startswith("wecom:")} == {"品牌"}


class TestLooking:
    def test_who_is_opened_is_read_alone_and_not_again_within_the_hour(self, scene: Scene, client: TestClient) -> None:
        pair = scene.pairs()[0]
        assert relation(scene, client, pair)["looked_at"] is None
        scene.place.post("contacts/tags", userid=pair[0], external_userid=pair[1], own=["爱喝茶"])  # no callback tells
        assert looked(scene, client, pair) is True
        scene.worker.drain()
        shown = relation(scene, client, pair)
        assert "爱喝茶" in [tag["name"] for tag in shown["tags"] if tag["by"] == "personal"] and shown["looked_at"]
        scene.later(3500)
        assert looked(scene, client, pair) is False
        scene.worker.drain()
        assert relation(scene, client, pair)["looked_at"] == shown["looked_at"]
        scene.later(200)
        assert looked(scene, client, pair) is True
        scene.worker.drain()
        assert relation(scene, client, pair)["looked_at"] > shown["looked_at"]

    def test_nobody_is_asked_about_whom_the_account_does_not_see(self, scene: Scene, client: TestClient) -> None:
        pair = scene.pairs()[0]
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            accounts.add(tx, login="nobody", name="无客户", role="guide", password=PASSWORD)
        assert client.post("/api/session", json={"login": "nobody", "password": PASSWORD}).status_code == 200
        assert client.post(f"/api/customers/{customer(scene, pair)}/look").status_code == 404
        assert scene.ask("select from contact_refreshes") == []


def customer(scene: Scene, pair: tuple[str, str]) -> str:
    (row,) = scene.ask(
        "select i.customer_id from contacts c join identities i on i.id = c.identity_id join staff s on s.id = c.staff_id "
        f"where s.userid = '{pair[0]}' and c.external_userid = '{pair[1]}'"
    )
    return str(row.customer_id)


def looked(scene: Scene, client: TestClient, pair: tuple[str, str]) -> bool:
    """Open a customer; whether WeCom is asked."""
    answer = client.post(f"/api/customers/{customer(scene, pair)}/look")
    assert answer.status_code == 202, answer.text
    asked: bool = answer.json()["asked"]
    return asked


class TestOtherTags:
    def test_the_kind_says_whose_a_tag_is(self) -> None:
        tags = [FollowTag("et1", "普通", "组", 1), FollowTag("", "私人", "", 2), FollowTag("et3", "规则", "规则组", 3)]
        assert notes.other_tags(tags) == (OtherTag("personal", "", "", "私人"), OtherTag("strategy", "et3", "规则组", "规则"))

    def test_a_reading_that_does_not_tell_them_leaves_what_it_cannot_know(self) -> None:
        known = (OtherTag("personal", "", "", "私人"), OtherTag("strategy", "et3", "规则组", "规则"))
        assert notes.kept(known, ["et3"]) == known and notes.kept(known, []) == known[:1]
