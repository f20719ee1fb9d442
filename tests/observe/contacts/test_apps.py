"""Several apps of one corp, each of which has read it for itself: the next reading leaves one relation for each member and customer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from siyu.connectors.wecom.sandbox.settings import AppSettings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import ContactId
from siyu.observe import contacts
from siyu.observe.contacts import Corp, model, service
from siyu.observe.contacts.model import Contact
from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, staged
from tests.observe.contacts.test_model import as_held, as_listed, days

APPS = (AppSettings(1000002, "a" * 43), AppSettings(1000003, "b" * 43))


@pytest.fixture
def pair(fresh_url: str, tmp_path: Path) -> Iterator[tuple[Scene, Corp]]:
    """A brand with two apps of its corp, and the younger."""
    with staged(fresh_url, tmp_path, apps=APPS) as scene:
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            younger = contacts.connect(
                tx,
                corp_id=scene.place.address.corp_id,
                agent_id=1000003,
                name="第二个应用",
                base_url=scene.place.address.url,
                secret="b" * 43,
                callback_token=TOKEN,
                callback_aes_key=AES_KEY,
            )
        yield scene, younger


def read_by(scene: Scene, app: Corp) -> None:
    """What an app lists is folded into relations of its own, as when each read for itself."""
    client = contacts.client(app)
    rows = list(client.contacts(client.follow_users()))
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        service.fold_read(tx, app, rows, read_at=tx.now)


def relations(scene: Scene) -> list[Any]:
    return scene.ask(
        """
        select c.id, c.corp_id, s.userid, c.external_userid, c.relation, c.ended_at, c.last_talked_at, c.xmin::text
        from contacts c join staff s on s.id = c.staff_id where c.tenant_id = :tenant_id order by c.id
        """
    )


def learn(scene: Scene, app: Corp, pair: tuple[str, str], what: str) -> None:
    """One app alone hears something of a relation."""
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        tx.execute(
            f"""
            update contacts c set {what} from staff s
            where c.tenant_id = :tenant_id and s.id = c.staff_id and c.corp_id = :app and s.userid = :userid and c.external_userid = :external
            """,
            {"app": app.id, "userid": pair[0], "external": pair[1]},
        )


def facts(scene: Scene) -> int:
    """What has been said of relations."""
    return int(scene.ask("select count(*) as n from events where tenant_id = :tenant_id and name like 'contact.%'")[0].n)


class TestTakeOver:
    def test_one_relation_is_left_with_what_either_knew(self, pair: tuple[Scene, Corp]) -> None:
        scene, younger = pair
        scene.sync()
        read_by(scene, younger)
        held = relations(scene)
        assert len(held) == 2 * len(scene.truth())
        oldest = {(row.userid, row.external_userid): row.id for row in reversed(held)}
        lost, talked, deleted = sorted(oldest)[:3]
        for who in (lost, deleted):
            scene.act("customer_deletes" if who == lost else "staff_deletes", *who)
        learn(scene, younger, lost, "relation = 'deleted_by_customer', ended_at = :now")
        learn(scene, younger, talked, "last_talked_at = :now")
        before = facts(scene)
        job = scene.sync()
        after = relations(scene)
        assert {(row.userid, row.external_userid): row.id for row in after} == oldest
        assert len(after) == len(oldest) and {row.corp_id for row in after} == {scene.corp.id}
        assert scene.ours() == scene.truth()
        assert scene.ours()[lost] == "deleted_by_customer" and scene.ours()[deleted] == "deleted_by_staff"
        assert next(row for row in after if (row.userid, row.external_userid) == talked).last_talked_at
        assert job.result and (job.result["added"], job.result["lost"]) == (0, 1)
        assert facts(scene) == before + 1
        scene.sync()
        assert relations(scene) == after

    def test_another_app_that_reads_from_now_on_doubles_nobody(self, pair: tuple[Scene, Corp]) -> None:
        scene, younger = pair
        scene.sync()
        ids = [row.id for row in relations(scene)]
        before = facts(scene)
        scene.act("customer_deletes", *scene.pairs()[0])
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            contacts.change(tx, scene.corp.id, active=False)
            contacts.request_sync(tx, younger.id)
        scene.worker.drain()
        assert [(row.id, row.corp_id) for row in relations(scene)] == [(one, younger.id) for one in ids]
        assert facts(scene) == before
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            contacts.change(tx, scene.corp.id, active=True)
            assert service.take_over(tx, service.corp(tx, younger.id), 10) == 0
        scene.sync()
        assert [(row.id, row.corp_id) for row in relations(scene)] == [(one, scene.corp.id) for one in ids]

    def test_in_portions(self, pair: tuple[Scene, Corp]) -> None:
        scene, younger = pair
        read_by(scene, younger)
        count = len(relations(scene))
        taken: list[int] = []
        while not taken or taken[-1]:
            with scene.database.transaction(scene.tenant, SYSTEM) as tx:
                taken.append(service.take_over(tx, scene.corp, 7))
        assert sum(taken) == count and max(taken) == 7
        assert {row.corp_id for row in relations(scene)} == {scene.corp.id}


class TestJoined:
    def row(self, number: int, contact: Contact) -> Contact:
        return replace(contact, id=ContactId(UUID(int=number)))

    def ends(self, *same: Contact) -> tuple[str, datetime | None]:
        found = {model.joined([self.row(place, one) for place, one in order]) for order in (list(enumerate(same, 1)), list(enumerate(same, 1))[::-1])}
        (one,) = found
        assert one.id.int == 1 and one.revision == 2
        return one.relation, one.ended_at

    def test_the_customers_end_counts_wherever_it_is_held(self) -> None:
        assert self.ends(as_held(updated_at=days(9)), as_held(ended_at=days(3), updated_at=days(3))) == ("deleted_by_customer", days(3))

    def test_of_the_members_end_the_row_that_changed_last_knows(self) -> None:
        assert self.ends(as_held(updated_at=days(1)), as_held(ended_at=days(3), by="staff", updated_at=days(3))) == ("deleted_by_staff", days(3))
        assert self.ends(as_held(updated_at=days(9)), as_held(ended_at=days(3), by="staff", updated_at=days(3))) == ("active", None)

    def test_of_two_ends_the_earlier_counts(self) -> None:
        by_staff = as_held(ended_at=days(5), by="staff", updated_at=days(5))
        assert self.ends(by_staff, as_held(ended_at=days(3), updated_at=days(3))) == ("deleted_by_customer", days(3))
        assert self.ends(by_staff, as_held(ended_at=days(7), updated_at=days(4))) == ("deleted_by_staff", days(5))

    def test_what_was_before_the_latest_adding_is_old(self) -> None:
        again = as_held(as_listed(added_at=days(6)), updated_at=days(6))
        assert self.ends(as_held(ended_at=days(3), updated_at=days(8)), again) == ("active", None)
