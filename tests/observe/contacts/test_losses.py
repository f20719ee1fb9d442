"""Losses over HTTP, against the crowd's relations counted by hand."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.crowd import Crowd, sql
from tests.understand.oracle import ZONE

LOGINS = ["owner", "supervisor", "guide", "nobody"]
SIDES = {"deleted_by_customer": "customer", "deleted_by_staff": "staff"}


def rows(crowd: Crowd, login: str = "owner", **query: Any) -> list[dict[str, Any]]:
    """All losses that fit, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = crowd.get("/api/losses", login, limit=7, cursor=cursor, **query)
        found, cursor = found + page["items"], page["next_cursor"]
        if cursor is None:
            return found


def by_hand(crowd: Crowd, login: str) -> Counter[tuple[str, str, str | None]]:
    """Losses of the members in an account's scope: member, side, and the customer where the account sees them."""
    mine = crowd.scopes[login]
    seen = {person.id for person in crowd.seen(login)}
    return Counter(
        (member.title(), SIDES[relation], str(person.id) if person.id in seen else None)
        for person in crowd.people
        for member, relation in person.relations
        if relation in SIDES and (mine is None or member in mine)
    )


@pytest.fixture
def past(crowd: Crowd) -> Iterator[Counter[str]]:
    """Every friend was lost once before and came back; how many that are for each member."""
    statement = """
        insert into past_losses (tenant_id, id, staff_id, identity_id, relation, added_at, ended_at, returned_at, add_way, state)
        select tenant_id, gen_random_uuid(), staff_id, identity_id, 'deleted_by_customer', added_at - interval '9 days', added_at - interval '2 days',
            added_at, add_way, state
        from contacts
        where tenant_id = :tenant and relation = 'active'
    """
    sql(crowd.database, statement, tenant=crowd.tenant)
    yield Counter(member.title() for person in crowd.people for member, relation in person.relations if relation == "active")
    sql(crowd.database, "delete from past_losses where tenant_id = :tenant", tenant=crowd.tenant)


class TestList:
    @pytest.mark.parametrize("login", LOGINS)
    def test_shows_the_losses_of_the_members_in_scope(self, crowd: Crowd, login: str) -> None:
        found = rows(crowd, login)
        assert Counter((row["staff"]["name"], row["by"], row["customer"] and row["customer"]["id"]) for row in found) == by_hand(crowd, login)

    def test_names_nobody_whom_the_account_does_not_see(self, crowd: Crowd) -> None:
        unseen = [row for row in rows(crowd, "guide") if row["customer"] is None]
        assert unseen
        assert {row["by"] for row in unseen} == {"staff"}

    def test_comes_latest_first_each_once(self, crowd: Crowd) -> None:
        found = rows(crowd)
        places = [(datetime.fromisoformat(row["ended_at"]), row["id"]) for row in found]
        assert places == sorted(places, reverse=True)
        assert len({row["id"] for row in found}) == len(found)

    def test_days_kept_are_whole_days(self, crowd: Crowd) -> None:
        for row in rows(crowd):
            assert row["days_kept"] == (datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["added_at"])) // timedelta(days=1)

    def test_filters_narrow(self, crowd: Crowd) -> None:
        everything = rows(crowd)
        ann = str(crowd.members["ann"])
        today = NOW.astimezone(ZONE).date()
        fits: list[tuple[dict[str, Any], Any]] = [
            ({"by": "staff"}, lambda row: row["by"] == "staff"),
            ({"staff_id": ann}, lambda row: row["staff"]["id"] == ann),
            ({"add_way": 1}, lambda row: True),
            ({"add_way": 2}, lambda row: False),
            ({"state": "shop-1"}, lambda row: False),
            ({"from": str(today)}, lambda row: datetime.fromisoformat(row["ended_at"]).astimezone(ZONE).date() == today),
            ({"to": str(today - timedelta(days=3))}, lambda row: datetime.fromisoformat(row["ended_at"]).astimezone(ZONE).date() < today - timedelta(days=2)),
        ]
        for query, fit in fits:
            assert rows(crowd, **query) == [row for row in everything if fit(row)], query

    @pytest.mark.parametrize("login", LOGINS)
    def test_past_losses_stand_among_them_within_the_scope(self, crowd: Crowd, past: Counter[str], login: str) -> None:
        found = rows(crowd, login)
        mine = crowd.scopes[login]
        back = [row for row in found if row["returned_at"]]
        assert Counter(row["staff"]["name"] for row in back) == Counter({name: n for name, n in past.items() if mine is None or name.lower() in mine})
        assert all(row["customer"] for row in back) and back == rows(crowd, login, returned="yes")
        assert [row for row in found if not row["returned_at"]] == rows(crowd, login, returned="no")
        places = [(datetime.fromisoformat(row["ended_at"]), row["id"]) for row in found]
        assert places == sorted(places, reverse=True)
        totals = crowd.get("/api/losses/totals", login)
        assert (totals["losses"], totals["returned"]) == (len(found), len(back))

    def test_refuses_days_in_the_wrong_order_and_foreign_cursors(self, crowd: Crowd) -> None:
        for query in ({"from": "2026-03-02", "to": "2026-03-01"}, {"cursor": "WzFd"}):
            assert crowd.client().get("/api/losses", params=query).status_code == 422, query


class TestTotals:
    @pytest.mark.parametrize("login", LOGINS)
    @pytest.mark.parametrize("query", [{}, {"by": "customer"}, {"from": "2026-02-20"}])
    def test_equal_the_list(self, crowd: Crowd, login: str, query: dict[str, Any]) -> None:
        found = rows(crowd, login, **query)
        totals = crowd.get("/api/losses/totals", login, **query)
        kept = sorted(row["days_kept"] for row in found)
        assert totals["losses"] == len(found)
        assert totals["median_days_kept"] == (kept[(len(kept) - 1) // 2] if kept else None)
        for name, key in {
            "by": lambda row: row["by"],
            "staff": lambda row: row["staff"]["id"],
            "add_ways": lambda row: str(row["add_way"]),
            "states": lambda row: row["state"],
        }.items():
            assert {one["value"]: one["losses"] for one in totals[name]} == Counter(map(key, found)), name
        names = {row["staff"]["id"]: row["staff"]["name"] for row in found}
        assert all(one["name"] == names[one["value"]] for one in totals["staff"])
        assert [one["losses"] for one in totals["staff"]] == sorted((one["losses"] for one in totals["staff"]), reverse=True)
