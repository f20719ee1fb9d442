"""Notices of losses against the sandbox over HTTP: to whom, how often, never in the night, never twice."""

from datetime import time

import pytest

from siyu.access import accounts, staff, supervision
from siyu.act import gateway
from siyu.act.alerts import service
from siyu.act.alerts.model import Settings
from siyu.act.gateway import Quiet
from siyu.infra.tx import SYSTEM
from tests.act.alerts.conftest import Losing
from tests.crowd import PASSWORD
from tests.observe.contacts.conftest import AES_KEY, TOKEN
from tests.observe.contacts.scene import receiver


def guides(losing: Losing) -> list[tuple[str, str]]:
    """Pairs of one guide, whose store has a leader."""
    pairs = losing.scene.pairs()
    busiest = max(sorted({userid for userid, _ in pairs if userid.startswith("guide")}), key=lambda one: sum(userid == one for userid, _ in pairs))
    return [pair for pair in pairs if pair[0] == busiest]


class TestTelling:
    def test_the_leader_of_the_department_gets_one_message_for_all(self, losing: Losing) -> None:
        mine = guides(losing)[:2]
        losing.lose(*mine)
        assert losing.read() == []
        losing.tell()
        (message,) = losing.read()
        assert message["userid"] == "store" + mine[0][0][5:7] and message["msgtype"] == "textcard"
        assert message["content"]["title"] == "客户流失提醒：2 位" and message["content"]["url"].endswith("/losses")
        assert message["content"]["description"].count("删除了一位客户") == 2
        assert losing.notices() == [("sent", 0, 2)]

    def test_at_most_one_an_hour_and_nothing_is_lost(self, losing: Losing) -> None:
        mine = guides(losing)[:3]
        losing.lose(mine[0])
        losing.tell()
        losing.lose(*mine[1:])
        losing.tell()
        assert len(losing.read()) == 1
        losing.later(3601)
        losing.tell()
        assert losing.notices() == [("sent", 0, 1), ("sent", 0, 2)] and len(losing.read()) == 2

    def test_not_in_the_quiet_hours(self, losing: Losing) -> None:
        with losing.scene.database.transaction(losing.scene.tenant, SYSTEM) as tx:
            here = tx.now.astimezone(tx.tz)
            policy = gateway.policy(tx)
            gateway.set_policy(tx, gateway.Policy(**{**policy.__dict__, "quiet": Quiet(time(here.hour), time(here.hour + 2))}))
        losing.lose(guides(losing)[0])
        losing.tell()
        assert losing.read() == [] and losing.notices() == []
        losing.later(3 * 3600)
        losing.tell()
        assert losing.notices() == [("sent", 0, 1)]

    def test_customers_who_delete_and_who_leave_groups_are_told_with_the_first_character(self, losing: Losing) -> None:
        scene = losing.scene
        pair = guides(losing)[0]
        chat = next(chat for one in scene.place.client.group_chats() if (chat := scene.place.client.group_chat(one.chat_id)).owner == pair[0])
        leaver, removed = [member.userid for member in chat.members if member.type == 2][:2]
        with receiver(scene.database) as address:
            scene.place.post("callbacks", url=f"{address}/callbacks/wecom/{scene.corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
            scene.act("customer_deletes", *pair)
            scene.place.post("acts", act="leave_group", chat_id=chat.chat_id, external_userid=leaver)
            scene.place.post("acts", act="leave_group", chat_id=chat.chat_id, external_userid=removed, removed=True)
            for _ in range(3):
                scene.later(10)
        losing.tell()
        text = "\n".join(message["content"]["description"] for message in losing.read())
        names = {row.external_userid: row.name for row in scene.ask("select external_userid, name from contacts where tenant_id = :tenant_id")}
        assert f"{names[pair[1]][0]}** 删除了" in text and f"{names[leaver][0]}** 离开了" in text and chat.name in text
        assert f"{names[removed][0]}** 被移出 " in text
        assert names[pair[1]] not in text

    def test_a_kind_that_is_switched_off_is_not_told(self, losing: Losing) -> None:
        with losing.scene.database.transaction(losing.scene.tenant, SYSTEM) as tx:
            service.change_settings(tx, Settings(by_staff=False))
        losing.lose(guides(losing)[0])
        losing.tell()
        assert losing.notices() == []


class TestFaults:
    @pytest.mark.parametrize("kind", ["timeout_after", "cut_body", "timeout_before"])
    def test_after_a_lost_answer_nobody_reads_it_twice(self, losing: Losing, kind: str) -> None:
        losing.scene.place.fault(kind, "message/send", **({} if kind == "cut_body" else {"seconds": 0}))
        losing.lose(guides(losing)[0])
        losing.tell()
        assert losing.notices() == [("sending", 0, 1)]
        losing.tell()
        assert losing.notices() == [("sent", 0, 1)] and len(losing.read()) == 1

    def test_without_an_answer_for_hours_it_is_given_up(self, losing: Losing) -> None:
        losing.scene.place.fault("timeout_before", "message/send", count=None, seconds=0)
        losing.lose(guides(losing)[0])
        losing.tell()
        losing.later(4 * 3600)
        losing.tell()
        assert losing.notices() == [("failed", 0, 1)]

    def test_who_has_no_licence_is_told_as_the_reason(self, losing: Losing) -> None:
        pair = guides(losing)[0]
        leader = "store" + pair[0][5:7]
        losing.scene.place.post("members", userid=leader, licensed=False)
        losing.lose(pair)
        losing.tell()
        assert losing.notices() == [("failed", 701008, 1)] and losing.read() == []

    def test_a_wrong_app_is_told_with_wecoms_code(self, losing: Losing) -> None:
        losing.scene.place.fault("code", "message/send", count=None, code=301002)
        losing.lose(guides(losing)[0])
        losing.tell()
        assert losing.notices() == [("failed", 301002, 1)]


class TestSupervisors:
    def test_a_leader_has_the_leader_above_and_the_role_comes_last(self, losing: Losing) -> None:
        with losing.scene.database.transaction(losing.scene.tenant, SYSTEM) as tx:
            corp = losing.scene.corp.corp_id
            ids = staff.ids(tx, corp, ["guide0101", "store01", "region01", "owner", "operator01"])

            def above(userid: str) -> list[str]:
                return [one.userid for one in staff.by_ids(tx, supervision.supervisors_of(tx, ids[userid])).values()]

            assert [above(userid) for userid in ("guide0101", "store01", "region01")] == [["store01"], ["region01"], ["owner"]]
            assert above("owner") == []
            tx.execute("update staff set status = 2 where tenant_id = :tenant_id and userid = 'store01'")
            assert above("guide0101") == ["region01"]
            tx.execute("update staff set leader_of = '{}' where tenant_id = :tenant_id")
            assert above("guide0101") == []
            root = staff.departments(tx)[0]
            accounts.add(tx, login="chief", name="主管", role="supervisor", password=PASSWORD, staff_id=ids["operator01"], department_ids=[root.id])
            assert above("guide0101") == ["operator01"]
            tx.execute("update staff set status = 2 where tenant_id = :tenant_id and userid = 'operator01'")
            assert above("guide0101") == []
