"""群发 to customer groups over HTTP: through their owner, within their allowance, told only where it was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siyu.connectors.wecom import ChatTemplate, InterceptRule, LinkAttachment, Refused
from siyu.connectors.wecom.sandbox.settings import Limits
from tests.connectors.wecom.conftest import Build, Place

TEXT = "本周团购开始了"
PATH = "externalcontact/add_msg_template"
QUIET = {"staff": {"confirm_rate": 0}}


def town(build: Build, **settings: Any) -> Place:
    """Many customers to a store, so that there are groups; nobody confirms by himself."""
    return build(scenario={"customers": 120, **QUIET, **settings.pop("scenario", {})}, **settings)


def owned(place: Place) -> tuple[str, list[str]]:
    """A member with groups, and these."""
    owner = place.client.group_chat(min(one.chat_id for one in place.client.group_chats())).owner
    return owner, sorted(one.chat_id for one in place.client.group_chats([owner]))


def another(place: Place, owner: str) -> str:
    """A group of somebody else."""
    return next(one.chat_id for one in place.client.group_chats() if place.client.group_chat(one.chat_id).owner != owner)


def a_second(place: Place, owner: str) -> str:
    """Another group of the same owner."""
    with place.sandbox.books.write() as db:
        db.execute("insert into chat (chat_id, name, owner, created_at) values ('wrSecond', '二群', ?, ?)", (owner, place.sandbox.clock.now()))
        db.execute("insert into chat_member (chat_id, userid, type, joined_at, scene) values ('wrSecond', ?, 1, ?, 1)", (owner, place.sandbox.clock.now()))
    return "wrSecond"


def asked(place: Place, template: ChatTemplate) -> str:
    """The msgid, once the task can be asked about."""
    msgid = place.client.add_msg_template(template).msgid
    place.post("step", seconds=60)
    return msgid


def code(place: Place, **body: Any) -> int:
    return int(place.call("POST", PATH, body={"chat_type": "group", "text": {"content": TEXT}, **body})["errcode"])


class TestAsking:
    def test_all_groups_of_the_sender_or_those_named(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        second = a_second(place, owner)
        for named, expected in (((), sorted([*chats, second])), ((second,), [second])):
            msgid = asked(place, ChatTemplate(owner, named, TEXT))
            place.post("confirm", msgid=msgid)
            assert [row.chat_id for row in place.client.group_send_results(msgid, owner)] == expected

    def test_what_is_not_the_senders_comes_back_and_nothing_else_is_asked(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        other = another(place, owner)
        made = place.client.add_msg_template(ChatTemplate(owner, (*chats, *chats, other, "wrNobody"), TEXT))
        assert made.failed == (other, "wrNobody")
        place.post("step", seconds=60)
        assert [task.userid for task in place.client.group_send_tasks(made.msgid)] == [owner]

    def test_refusals(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        ownerless = next(userid for userid in place.client.follow_users() if not list(place.client.group_chats([userid])))
        assert code(place, chat_id_list=chats) == 40058
        assert code(place, sender=owner, chat_id_list=[f"wr{n}" for n in range(2001)]) == 40058
        assert code(place, sender=owner, chat_id_list=["wrNobody"]) == 41048
        assert code(place, sender=ownerless) == 41048
        assert code(place, sender="nobody", chat_id_list=chats) == 60111
        assert code(place, sender=owner, chat_id_list=chats, text=None) == 40058
        assert code(place, sender=owner, external_userid=["wmAny"], tag_filter={"group_list": [{"tag_list": ["t"]}]}) == 0  # meant for customers only
        place.post("acts", act="dismiss_group", chat_id=chats[0])
        assert code(place, sender=owner, chat_id_list=chats[:1]) == 41048

    def test_right_after_it_was_made_it_is_being_dispatched(self, build: Build) -> None:
        place = town(build)
        owner, _ = owned(place)
        place.fault("listing_lag", PATH, seconds=30)
        msgid = place.client.add_msg_template(ChatTemplate(owner, (), TEXT)).msgid
        with pytest.raises(Refused) as early:
            list(place.client.group_send_tasks(msgid))
        assert early.value.code == 41063


class TestConfirming:
    def test_nothing_is_told_until_the_owner_has_confirmed(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        msgid = asked(place, ChatTemplate(owner, tuple(chats), TEXT, (LinkAttachment("团购", "https://brand.example/t"),)))
        assert [(task.userid, task.status, task.sent_at) for task in place.client.group_send_tasks(msgid)] == [(owner, 0, None)]
        assert list(place.client.group_send_results(msgid, owner)) == []
        (open_task,) = [task for task in place.get("books/tasks", userid=owner) if task["id"] == msgid]
        assert (open_task["chat_type"], open_task["receivers"], open_task["reached"]) == ("group", len(chats), 0)
        place.post("confirm", msgid=msgid)
        now = datetime.fromtimestamp(int(place.sandbox.clock.now()), UTC)
        assert [(task.status, task.sent_at) for task in place.client.group_send_tasks(msgid)] == [(2, now)]
        rows = list(place.client.group_send_results(msgid, owner))
        assert [(row.chat_id, row.external_userid, row.userid, row.status, row.sent_at) for row in rows] == [(id, "", owner, 1, now) for id in chats]
        with place.sandbox.books.read() as db:
            said = db.execute("select chat_id, userid from chat_message where at = ?", (place.sandbox.clock.now(),)).fetchall()
        assert [tuple(row) for row in said] == [(id, owner) for id in chats]

    def test_the_owner_confirms_by_habit_and_when_reminded(self, build: Build) -> None:
        place = town(build, scenario={"staff": {"confirm_rate": 1}})
        owner, chats = owned(place)
        msgid = asked(place, ChatTemplate(owner, (), TEXT))
        place.post("step", seconds=3 * 86_400)
        assert [row.chat_id for row in place.client.group_send_results(msgid, owner)] == chats
        lazy = town(build, home=place.sandbox.settings.home / "lazy", scenario={"staff": {"confirm_rate": 0, "confirm_after_reminder_rate": 1}})
        msgid = asked(lazy, ChatTemplate(owner, (), TEXT))
        lazy.post("step", seconds=3 * 86_400)
        assert list(lazy.client.group_send_results(msgid, owner)) == []
        lazy.client.remind_group_send(msgid)
        lazy.post("step", seconds=3 * 86_400)
        assert [row.chat_id for row in lazy.client.group_send_results(msgid, owner)] == chats

    def test_a_group_that_was_dismissed_handed_on_or_that_a_cancelled_send_meant_gets_nothing(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        second = a_second(place, owner)
        first, later = (asked(place, ChatTemplate(owner, (), TEXT)) for _ in range(2))
        place.client.cancel_group_send(first)
        place.post("acts", act="dismiss_group", chat_id=chats[0])
        place.post("confirm")
        assert list(place.client.group_send_results(first, owner)) == []
        assert [row.chat_id for row in place.client.group_send_results(later, owner)] == sorted([*chats[1:], second])

    def test_a_rule_about_words_keeps_it_back(self, build: Build) -> None:
        place = town(build)
        owner, _ = owned(place)
        place.client.add_intercept_rule(InterceptRule("词", ("团购",), (owner,)))
        msgid = asked(place, ChatTemplate(owner, (), TEXT))
        place.post("confirm", msgid=msgid)
        assert [task.status for task in place.client.group_send_tasks(msgid)] == [0]


class TestAllowance:
    @pytest.mark.parametrize(("rule", "most"), [("daily", 1), ("week7", 7), ("month4", 4), ("month", 31)])
    def test_over_it_the_task_is_done_and_the_group_not_listed(self, build: Build, rule: Any, most: int) -> None:
        place = town(build, limits=Limits(group_send_rule=rule))
        owner, chats = owned(place)
        got = []
        for number in range(most + 1):
            msgid = asked(place, ChatTemplate(owner, tuple(chats), f"{TEXT}{number}"))
            place.post("confirm", msgid=msgid)
            assert [task.status for task in place.client.group_send_tasks(msgid)] == [2]
            got.append([row.chat_id for row in place.client.group_send_results(msgid, owner)])
        assert got == [chats] * most + [[]]
        (full,) = [send for send in place.get("books/sends") if send["msgid"] == msgid]
        assert {chat["status"] for chat in full["chats"]} == {3}

    def test_a_new_day_is_a_new_one_and_customers_have_their_own(self, build: Build) -> None:
        place = town(build, limits=Limits(group_send_rule="daily"))
        owner, chats = owned(place)
        place.client.add_msg_template(place.template("单聊", sender=owner))
        for expected in (chats, [], chats):
            if expected is chats and place.get("books/sends")[-1]["chats"]:
                place.post("step", seconds=86_400)
            msgid = asked(place, ChatTemplate(owner, tuple(chats), TEXT))
            place.post("confirm")
            assert [row.chat_id for row in place.client.group_send_results(msgid, owner)] == expected


class TestListing:
    def test_sends_to_groups_and_to_customers_are_lists_of_their_own(self, build: Build) -> None:
        place = town(build)
        owner, _ = owned(place)
        single = place.client.add_msg_template(place.template("单聊", sender=owner)).msgid
        group = asked(place, ChatTemplate(owner, (), TEXT))
        now = datetime.fromtimestamp(place.sandbox.clock.now(), UTC)
        span = (now - timedelta(days=1), now)
        assert [one.msgid for one in place.client.group_sends(*span)] == [single]
        (listed,) = place.client.group_sends(*span, chat_type="group")
        assert (listed.msgid, listed.text, listed.creator, listed.create_type) == (group, TEXT, None, 0)

    def test_results_come_in_pages(self, build: Build) -> None:
        place = town(build)
        owner, chats = owned(place)
        second = a_second(place, owner)
        msgid = asked(place, ChatTemplate(owner, (), TEXT))
        place.post("confirm", msgid=msgid)
        told: list[dict[str, Any]] = []
        cursor = ""
        while not told or cursor:
            answer = place.call("POST", "externalcontact/get_groupmsg_send_result", body={"msgid": msgid, "userid": owner, "limit": 1, "cursor": cursor})
            told += answer["send_list"]
            cursor = answer["next_cursor"]
        assert [row["chat_id"] for row in told] == sorted([*chats, second])
        assert all(set(row) == {"chat_id", "userid", "status", "send_time"} for row in told)
        retired = place.call("POST", "externalcontact/get_group_msg_result", body={"msgid": msgid})
        assert [row["chat_id"] for row in retired["detail_list"]] == sorted([*chats, second])
