"""Who may serve customers, as WeCom tells it, against the sandbox over HTTP."""

from siyu.access import staff
from siyu.access.staff import Hindrance
from siyu.infra import jobs
from siyu.infra.tx import SYSTEM
from tests.observe.contacts.scene import AES_KEY, TOKEN, Scene, receiver


def change(scene: Scene, userid: str, **how: object) -> None:
    scene.place.post("members", userid=userid, **how)


def hindrances(scene: Scene) -> dict[str, Hindrance | None]:
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        return {member.userid: member.hindrance for member in staff.page(tx, limit=200)}


class TestReading:
    def test_each_reason_is_read_and_forgotten_when_it_is_over(self, scene: Scene) -> None:
        first, second, third = sorted({userid for userid, _ in scene.pairs()})[:3]
        scene.sync()
        before = hindrances(scene)
        assert {before[userid] for userid in (first, second, third)} == {None}
        assert before["operator01"] == "no_permission"
        change(scene, first, status=2)
        change(scene, second, follows_customers=False)
        change(scene, third, licensed=False)
        scene.sync()
        assert hindrances(scene) == before | {first: "disabled", second: "no_permission", third: "no_licence"}
        change(scene, first, status=1)
        change(scene, second, follows_customers=True)
        change(scene, third, licensed=True)
        scene.sync()
        assert hindrances(scene) == before

    def test_one_without_a_licence_neither_stops_the_reading_nor_loses_customers(self, scene: Scene) -> None:
        scene.sync()
        before = scene.ours()
        without = max({userid for userid, _ in scene.pairs()}, key=lambda one: sum(userid == one for userid, _ in scene.pairs()))
        lost = next(pair for pair in scene.pairs() if pair[0] != without)
        change(scene, without, licensed=False)
        scene.act("staff_deletes", *lost)
        job = scene.sync()
        assert job.state == "done"
        assert scene.ours() == before | {lost: "deleted_by_staff"}
        assert hindrances(scene)[without] == "no_licence"

    def test_a_callback_tells_of_a_disabled_member(self, scene: Scene) -> None:
        scene.sync()
        userid = scene.pairs()[0][0]
        with receiver(scene.database) as address:
            scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
            change(scene, userid, status=2)
            scene.later(10)
            scene.later(10)
        assert hindrances(scene)[userid] == "disabled"

    def test_without_the_right_to_customers_the_address_book_is_read_all_the_same(self, scene: Scene) -> None:
        scene.place.fault("forbidden", "externalcontact/get_follow_user_list", count=None)
        with scene.database.transaction(scene.tenant, SYSTEM) as tx:
            jobs.enqueue(tx, "contacts.sync_staff", corp_id=str(scene.corp.id))
        scene.worker.drain()
        assert set(hindrances(scene).values()) == {None}
        assert scene.ask("select read_at from address_books")
