"""Groups against the sandbox over HTTP: the first reading, callbacks with faults, and what the next reading mends."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from siyu.infra.tx import SYSTEM
from siyu.observe.groups import service
from tests.observe.contacts.conftest import AES_KEY, TOKEN
from tests.observe.contacts.scene import receiver
from tests.observe.groups.conftest import Town


@contextmanager
def heard(town: Town) -> Iterator[None]:
    """WeCom's callbacks come in."""
    scene = town.scene
    with receiver(scene.database) as address:
        scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
        yield


def nothing_is_due(town: Town) -> bool:
    return not town.scene.ask("select chat_id from group_chats where due_at is not null")


class TestSync:
    def test_groups_follow_the_first_reading_of_contacts_and_are_all_there(self, town: Town) -> None:
        assert town.truth() and town.ours() == town.truth()
        (job,) = town.scene.ask("select state, done, total, result from jobs where kind = 'groups.sync'")
        assert (job.state, job.done) == ("done", job.total)
        assert job.result == {"groups": len(town.chats()), "new": len(town.chats()), "joined": len(town.truth()), "left": 0, "changed": 0, "dismissed": 0}
        rows = {row.chat_id: row for row in town.scene.ask("select chat_id, name, owner, member_version, owner_id, read_at, state from group_chats")}
        for chat in town.chats():
            row = rows[chat.chat_id]
            assert (row.name, row.owner, row.member_version, row.state) == (chat.name, chat.owner, chat.version, "active")
            assert row.owner_id and row.read_at
        customers = sum(len(town.customers(chat)) for chat in town.chats())
        assert len(town.events("group.joined")) == customers  # all of them are contacts

    def test_a_second_reading_changes_nothing_but_the_time(self, town: Town) -> None:
        before = town.scene.ask("select *, xmin::text from group_members order by group_id, member")
        (job,) = town.sync()
        assert job.result == {"groups": len(town.chats()), "new": 0, "joined": 0, "left": 0, "changed": 0, "dismissed": 0}
        assert town.scene.ask("select *, xmin::text from group_members order by group_id, member") == before

    def test_what_nobody_told_is_mended_and_counted(self, town: Town) -> None:
        first, second = town.chats()[:2]
        leaver = town.customers(first)[0]
        town.act("leave", first, leaver)
        town.act("join", second, town.outsiders(second)[0])
        town.act("rename", second, name="新名字")
        inside = len(second.members) + 1
        (job,) = town.sync()
        assert town.ours() == town.truth()
        assert job.result == {"groups": len(town.chats()), "new": 0, "joined": 1, "left": 1, "changed": 1, "dismissed": 0}
        assert town.events("group.left")[0]["ended"] == "unknown"
        town.act("dismiss", second)
        (job,) = town.sync()
        assert job.result and (job.result["dismissed"], job.result["left"]) == (1, inside)
        assert town.ours() == town.truth()

    def test_a_fault_that_passes_lets_it_go_on_where_it_stopped(self, town: Town) -> None:
        chat = town.chats()[0]
        town.act("leave", chat, town.customers(chat)[0])
        town.scene.place.fault("code", "externalcontact/groupchat/get", count=1, code=45009)
        town.sync()
        for _ in range(3):
            town.scene.later(600)
        assert town.ours() == town.truth()

    def test_a_right_that_is_missing_fails_the_job_with_wecoms_words(self, town: Town) -> None:
        town.scene.place.fault("forbidden", "externalcontact/groupchat/list", count=None)
        (job,) = town.sync()
        assert job.state == "failed" and job.error and job.error["params"]["code"] == 48002

    def test_more_people_than_one_list_may_hold_are_asked_by_owner(self, town: Town) -> None:
        town.scene.place.fault("code", "externalcontact/groupchat/list", count=1, code=81017)
        (job,) = town.sync()
        assert job.state == "done" and town.ours() == town.truth()


class TestCallbacks:
    def test_doubled_decorated_and_shuffled_they_end_in_the_truth(self, town: Town) -> None:
        with heard(town):
            for kind in ("push_doubled", "push_unknown_elements"):
                town.scene.place.fault(kind, "*", count=None, probability=0.4)
            for number, chat in enumerate(town.chats()):
                out, fresh = town.customers(chat)[:3], town.outsiders(chat)[:3]
                for leaver in out:
                    town.act("leave", chat, leaver, removed=number % 2 == 1)
                for comer in [*fresh, out[0]]:
                    town.act("join", chat, comer)
            town.act("rename", town.chats()[0], name="新名字")
            town.act("dismiss", town.chats()[-1])
            for _ in range(3):
                town.scene.later(30)
        assert town.ours() == town.truth() and nothing_is_due(town)
        assert {row.name for row in town.scene.ask("select name from group_chats where state = 'active'")} == {chat.name for chat in town.chats()}
        ended = {row.ended for row in town.scene.ask("select distinct ended from group_members where ended is not null")}
        assert ended == {"left", "removed", "dismissed"}

    def test_a_group_that_nobody_ever_saw_leaves_nothing_behind(self, town: Town) -> None:
        with town.scene.database.transaction(town.scene.tenant, SYSTEM) as tx:
            service.read_again(tx, town.scene.corp.id, ["wrNobodyEverSaw"])
        town.scene.later(30)
        assert nothing_is_due(town)
        assert not town.scene.ask("select from group_chats where chat_id = 'wrNobodyEverSaw'")

    def test_who_left_how_and_when_comes_from_the_callback(self, town: Town) -> None:
        chat = town.chats()[0]
        gone, thrown = town.customers(chat)[:2]
        with heard(town):
            town.act("leave", chat, gone)
            town.act("leave", chat, thrown, removed=True)
            town.scene.later(10)
            town.scene.later(10)
        rows = town.scene.ask("select member, ended, left_at, joined_at from group_members where left_at is not null")
        assert {row.member: row.ended for row in rows} == {gone: "left", thrown: "removed"}
        assert sorted(str(event["ended"]) for event in town.events("group.left")) == ["left", "removed"]

    def test_a_group_made_while_we_listen_is_read(self, town: Town) -> None:
        chat = town.chats()[0]
        with town.scene.database.transaction(town.scene.tenant, SYSTEM) as tx:
            tx.execute("delete from group_members where tenant_id = :tenant_id")
            tx.execute("delete from group_chats where tenant_id = :tenant_id")
        with heard(town):
            town.act("rename", chat, name="新开的群")
            town.scene.later(10)
            town.scene.later(10)
        assert town.ours() == {(id, member) for id, member in town.truth() if id == chat.chat_id}

    def test_members_that_we_hold_already_cost_no_call(self, town: Town) -> None:
        chat = town.chats()[0]
        with heard(town):
            town.act("leave", chat, town.customers(chat)[0])
            town.scene.place.post("step", seconds=5)
            town.sync()
            town.scene.worker.drain()
        assert nothing_is_due(town)

    def test_a_group_that_wecom_refuses_to_show_stops_nobody(self, town: Town) -> None:
        first, second = town.chats()[:2]
        with heard(town):
            town.scene.place.fault("code", "externalcontact/groupchat/get", count=1, code=60011)
            town.act("rename", first, name="一群")
            town.act("rename", second, name="二群")
            for _ in range(2):
                town.scene.later(10)

        def told() -> set[str]:
            return {row.name for row in town.scene.ask("select name from group_chats")} & {"一群", "二群"}

        assert len(told()) == 1 and nothing_is_due(town)
        town.sync()
        assert told() == {"一群", "二群"}


class TestDays:
    def test_comings_and_goings_by_way_add_up(self, town: Town) -> None:
        chat = town.chats()[0]
        town.act("leave", chat, town.customers(chat)[0])
        town.sync()
        with town.scene.database.transaction(town.scene.tenant, SYSTEM) as tx:
            (group,) = [one for one in service.page(tx, service.Filter(), before=None, limit=50) if one.chat_id == chat.chat_id]
            since = max((tx.now - member.joined_at for member in chat.members if member.joined_at), default=timedelta())
            moves = service.by_day(tx, group.id, since.days + 2)
        assert sum(move.joined for move in moves) == len(town.customers(chat))
        assert (sum(move.left for move in moves), group.left_today, group.customers) == (1, 1, len(town.customers(chat)) - 1)
