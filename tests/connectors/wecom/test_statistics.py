"""统计 over HTTP: every figure is the one that a count of the books gives."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from siyu.connectors.wecom import Refused
from siyu.connectors.wecom.sandbox.clock import epoch
from siyu.connectors.wecom.sandbox.days import start_of_day
from tests.connectors.wecom.conftest import START, Build, Place

DAY = timedelta(days=1)
TODAY = datetime.fromisoformat("2026-03-02T00:00:00+08:00")
TALKATIVE = {"customers": 80, "customer": {"group_messages_per_month": 30.0, "reply_rate": 0.8, "delete_rate": 0.2}, "staff": {"confirm_rate": 1.0}}


def lived(place: Place, days: int = 4) -> None:
    """Every member writes to all customers, and some days pass."""
    for userid in place.client.follow_users():
        if place.customers_of(userid):
            place.client.add_msg_template(place.template(sender=userid))
    place.post("step", seconds=days * 86_400)


def rows(place: Place, query: str, *values: Any) -> list[Any]:
    with place.sandbox.books.read() as db:
        return [tuple(row) for row in db.execute(query, values).fetchall()]


def owners(place: Place) -> list[str]:
    return sorted({row["owner"] for row in place.get("books/groups")})


class TestDays:
    def test_a_day_begins_at_midnight_in_china(self) -> None:
        assert start_of_day(epoch("2026-03-02T00:00:00+08:00")) == start_of_day(epoch("2026-03-02T23:59:59+08:00")) == epoch("2026-03-01T16:00:00+00:00")
        assert start_of_day(epoch("2026-03-01T23:59:59+08:00")) == epoch("2026-02-28T16:00:00+00:00")


class TestGroups:
    def test_figures_are_those_of_the_books(self, build: Build) -> None:
        place = build(scenario=TALKATIVE)
        lived(place)
        chat_id, owner = rows(place, "select chat_id, owner from chat order by created_at limit 1")[0]
        outside = next(id for (id,) in rows(place, "select external_userid from customer where external_userid not in (select userid from chat_member)"))
        place.post("acts", act="join_group", chat_id=chat_id, external_userid=outside)
        place.post("acts", act="speak_in_group", chat_id=chat_id, external_userid=outside)
        place.post("step", seconds=86_400)
        day = TODAY + 4 * DAY  # the day of the join
        start, end = day.timestamp(), (day + DAY).timestamp()
        (found,) = place.client.group_figures([owner], day)
        said = rows(place, "select userid from chat_message join chat using (chat_id) where owner = ? and at >= ? and at < ?", owner, start, end)
        inside = rows(place, "select joined_at from chat_member join chat using (chat_id) where owner = ? and joined_at < ? and left_at is null", owner, end)
        assert (found.owner, found.figures.messages, found.figures.active_members) == (owner, len(said), len(set(said))) and (outside,) in said
        assert (found.figures.members, found.figures.new_members) == (len(inside), 1)
        assert (found.figures.new_groups, found.figures.groups) == (0, len([row for row in place.get("books/groups") if row["owner"] == owner]))

    def test_days_add_up_to_the_span(self, build: Build) -> None:
        place = build(scenario=TALKATIVE)
        lived(place)
        everybody = owners(place)
        by_day = place.client.group_figures_by_day(everybody, TODAY, TODAY + 3 * DAY)
        assert [row.day for row in by_day] == [(TODAY + n * DAY).astimezone(UTC) for n in range(4)]
        by_owner = list(place.client.group_figures(everybody, TODAY, TODAY + 3 * DAY))
        total = rows(place, "select count(*) from chat_message where at < ?", (TODAY + 4 * DAY).timestamp())[0][0]
        assert sum(row.figures.messages for row in by_day) == sum(row.figures.messages for row in by_owner) == total > 50
        assert sum(row.figures.members for row in by_owner) == by_day[-1].figures.members
        assert sum(row.figures.groups for row in by_owner) == by_day[-1].figures.groups == len(place.get("books/groups"))

    def test_it_sorts_pages_and_leaves_out_who_owns_nothing(self, build: Build) -> None:
        place = build(scenario=TALKATIVE)
        lived(place, 2)
        everybody = [*owners(place), "service01"]
        body = {"day_begin_time": int(TODAY.timestamp()), "owner_filter": {"userid_list": everybody}, "order_by": 4, "limit": 3}
        found: list[tuple[str, int]] = []
        while True:
            answer = place.call("POST", "externalcontact/groupchat/statistic", body={**body, "offset": len(found)})
            found += [(row["owner"], row["data"]["member_total"]) for row in answer["items"]]
            assert answer["next_offset"] == len(found)
            if answer["next_offset"] == answer["total"]:
                break
        assert [owner for owner, _ in sorted(found, key=lambda row: (-row[1], row[0]))] == [owner for owner, _ in found]
        assert sorted(owner for owner, _ in found) == owners(place)
        turned = place.call("POST", "externalcontact/groupchat/statistic", body={**body, "order_asc": 1, "limit": 1})["items"][0]["data"]["member_total"]
        assert turned == min(count for _, count in found)

    @pytest.mark.parametrize(
        ("first", "last"), [(0, 0), (-181, -160), (-40, -9), (-5, -6)], ids=["today", "longer ago than 180 days", "over 30 days", "backwards"]
    )
    def test_other_spans_are_refused(self, still: Place, first: int, last: int) -> None:
        with pytest.raises(Refused) as caught:
            still.client.group_figures_by_day(["guide0101"], TODAY + first * DAY, TODAY + last * DAY)
        assert caught.value.code == 40058

    def test_owners_must_be_named(self, still: Place) -> None:
        body = {"day_begin_time": int((TODAY - DAY).timestamp())}
        filters: list[dict[str, Any]] = [{}, {"owner_filter": {"userid_list": []}}, {"owner_filter": {"userid_list": [f"u{n}" for n in range(101)]}}]
        for owner_filter in filters:
            assert still.call("POST", "externalcontact/groupchat/statistic", body=body | owner_filter)["errcode"] == 40058
        assert still.call("POST", "externalcontact/groupchat/statistic", body=body | {"owner_filter": {"userid_list": ["nobody"]}})["errcode"] == 60111


class TestOpengid:
    def test_a_group_is_found_by_what_a_mini_program_knows(self, build: Build) -> None:
        place = build()
        first, second = place.get("books/groups")[:2]
        assert place.client.chat_id_of(first["opengid"]) == first["chat_id"] and first["opengid"] != second["opengid"]
        place.post("acts", act="dismiss_group", chat_id=second["chat_id"])
        for opengid, code in (("og-none", 90511), (second["opengid"], 49008)):
            with pytest.raises(Refused) as caught:
                place.client.chat_id_of(opengid)
            assert caught.value.code == code


class TestBehaviour:
    def test_figures_are_those_of_the_books(self, build: Build) -> None:
        place = build(scenario=TALKATIVE)
        lived(place)
        newcomer = place.customers_of(place.busiest())[0]
        place.post("acts", act="add", userid="service01", external_userid=newcomer)
        place.post("step", seconds=86_400)
        member = Counter(userid for (userid,) in rows(place, "select userid from reply")).most_common(1)[0][0]
        found = place.client.behaviour([member], TODAY, TODAY + 9 * DAY)
        assert [row.day for row in found] == [(TODAY + n * DAY).astimezone(UTC) for n in range(5)]  # days that are not over are left out
        replies = rows(place, "select at, answered_at, external_userid from reply where userid = ?", member)
        for n, row in enumerate(found):
            start, end = (TODAY + n * DAY).timestamp(), (TODAY + (n + 1) * DAY).timestamp()
            answers = [reply for reply in replies if reply[1] and start <= reply[1] < end]
            asked = [reply for reply in replies if start <= reply[0] < end]
            in_time = [reply for reply in asked if reply[1] and reply[1] < end]
            assert (row.messages, row.chats) == (len(answers), len({reply[2] for reply in answers}))
            assert row.reply_rate == (round(Decimal(100 * len(in_time)) / len(asked), 2) if asked else None)
            minutes = [(reply[1] - reply[0]) / 60 for reply in in_time]
            assert row.first_reply_minutes == (round(sum(minutes) / len(minutes)) if minutes else None)
        assert any(row.messages for row in found)
        lost = rows(place, "select count(*) from follow where userid = ? and left_by_customer_at is not null", member)[0][0]
        assert sum(row.lost for row in found) == lost
        (came,) = [row for row in place.client.behaviour(["service01"], TODAY, TODAY + 4 * DAY) if row.contacts]
        assert (came.contacts, came.requests) == (1, 0)  # the customer asked

    def test_a_department_is_the_sum_of_its_members(self, build: Build) -> None:
        place = build(scenario=TALKATIVE)
        lived(place)
        people = [member.userid for member in place.client.members(100, whole_subtree=True)]
        together = place.client.behaviour([], TODAY, TODAY + 3 * DAY, departments=[100])
        assert together == place.client.behaviour(people, TODAY, TODAY + 3 * DAY)
        apart = [place.client.behaviour([userid], TODAY, TODAY + 3 * DAY) for userid in people]
        assert [row.messages for row in together] == [sum(day.messages for day in days) for days in zip(*apart, strict=True)]
        assert sum(row.messages for row in together) > 0

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({}, 40058),
            ({"userid": ["owner"]}, 0),
            ({"userid": ["nobody"]}, 60111),
            ({"userid": [f"u{n}" for n in range(101)]}, 40058),
            ({"partyid": [4711]}, 60003),
            ({"partyid": ["x"]}, 40058),
            ({"userid": ["owner"], "days": 31}, 40058),
            ({"userid": ["owner"], "days": -1}, 40058),
        ],
    )
    def test_what_is_asked_must_be_meant(self, still: Place, fields: dict[str, Any], code: int) -> None:
        end = int(epoch(START))
        given = {name: value for name, value in fields.items() if name != "days"}
        body = {**given, "start_time": end - 86_400 * fields.get("days", 1), "end_time": end}
        assert still.call("POST", "externalcontact/get_user_behavior_data", body=body)["errcode"] == code
