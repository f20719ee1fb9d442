"""The list against facts counted by hand: what it shows, whom filters choose, pages, scope."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.understand.customers.model import Filter
from siyu.understand.lifecycle import STAGES
from siyu.understand.rfm import NAMES
from tests.crowd import CITIES, Crowd
from tests.understand.oracle import TODAY, ZONE, Expected, days, expected

LOGINS = ["owner", "supervisor", "guide", "nobody"]


def everyone(crowd: Crowd, login: str = "owner", **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = crowd.get("/api/customers", login, cursor=cursor, limit=100, **query)
        rows += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["total"] == len(rows)
            return rows


def fits(one: Expected, wanted: Filter, crowd: Crowd) -> bool:
    """The filter, read slowly."""
    person, bought = one.person, days(one.person)
    tests = [
        wanted.stage is None or one.stage == wanted.stage,
        wanted.rfm_name is None or one.rfm_name == wanted.rfm_name,
        wanted.cell is None or (one.scores is not None and one.scores[:2] == wanted.cell),
        wanted.city is None or person.city == wanted.city,
        wanted.contact is None or person.contact == wanted.contact,
        wanted.ordered is None or bool(person.paid) == (wanted.ordered == "yes"),
        wanted.orders_min is None or len(person.paid) >= wanted.orders_min,
        wanted.paid_within is None or (bool(bought) and (TODAY - bought[-1]).days < wanted.paid_within),
        wanted.first_paid_within is None or (bool(bought) and (TODAY - bought[0]).days < wanted.first_paid_within),
        wanted.staff_id is None or any(crowd.members[member] == wanted.staff_id and relation == "active" for member, relation in person.relations),
        wanted.q is None
        or wanted.q.lower() in (person.name or "").lower()
        or (bool(person.relations) and wanted.q in person.remark)
        or wanted.q == person.number
        or any(wanted.q == order.order_no for order in person.bought),
    ]
    return all(tests)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.none() | values


@st.composite
def filters(draw: st.DrawFn, crowd: Crowd) -> Filter:
    numbers = [person.number for person in crowd.people if person.number] + [order.order_no for person in crowd.people for order in person.bought]
    return Filter(
        q=draw(maybe(st.sampled_from(["王", "=", "zo", "张", "老客", "没有", *numbers[:40], *numbers[-40:]]))),
        stage=draw(maybe(st.sampled_from([stage.key for stage in STAGES]))),
        rfm=draw(maybe(st.builds("{}-{}".format, st.integers(1, 5), st.integers(1, 5)))),
        rfm_name=draw(maybe(st.sampled_from([name.key for name in NAMES]))),
        city=draw(maybe(st.sampled_from([city for city in CITIES if city]))),
        staff_id=draw(maybe(st.sampled_from(sorted(crowd.members.values())))),
        contact=draw(maybe(st.sampled_from(["yes", "no", "lost"]))),
        ordered=draw(maybe(st.sampled_from(["yes", "no"]))),
        orders_min=draw(maybe(st.integers(1, 10))),
        paid_within=draw(maybe(st.integers(1, 400))),
        first_paid_within=draw(maybe(st.integers(1, 400))),
    )


def test_each_row_says_what_the_facts_say(crowd: Crowd) -> None:
    known = expected(crowd)
    rows = everyone(crowd)
    assert {row["id"] for row in rows} == set(known)
    for row in rows:
        one = known[row["id"]]
        person, score = one.person, row["rfm"]
        assert (row["name"], row["city"], row["contact"], row["stage"]) == (person.name, person.city, person.contact, one.stage)
        assert (row["orders"], Decimal(row["revenue"])) == (len(person.paid), person.revenue)
        assert (datetime.fromisoformat(row["last_paid_at"]) if row["last_paid_at"] else None) == (person.paid[-1].at if person.paid else None)
        assert ((score["r"], score["f"], score["m"]) if score else None, score["name"] if score else None) == (one.scores, one.rfm_name)
        assert {one["name"] for one in row["staff"]} == {member.title() for member, relation in person.relations if relation == "active"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_filters_choose_whom_a_slow_reading_chooses(crowd: Crowd, data: st.DataObject) -> None:
    wanted = data.draw(filters(crowd))
    login = data.draw(st.sampled_from(["owner", "owner", "guide"]))
    visible = {str(person.id) for person in crowd.seen(login)}
    chosen = {id for id, one in expected(crowd).items() if id in visible and fits(one, wanted, crowd)}
    assert {row["id"] for row in everyone(crowd, login, **wanted.given())} == chosen


@pytest.mark.parametrize("sort", ["last_paid_at", "revenue", "orders", "created_at"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_show_everybody_once_in_order(crowd: Crowd, sort: str, direction: str) -> None:
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = crowd.get("/api/customers", sort=sort, dir=direction, cursor=cursor, limit=90)
        assert page["total"] == len(crowd.people)
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids)) == len(crowd.people)

    def key(row: dict[str, Any]) -> Any:
        return (
            Decimal(row[sort]) if sort == "revenue" else datetime.fromisoformat(row[sort] or "1970-01-01T00:00:00+00:00") if sort.endswith("_at") else row[sort]
        )

    assert [key(row) for row in seen] == sorted((key(row) for row in seen), reverse=direction == "desc")


@pytest.mark.parametrize("login", LOGINS)
def test_an_account_sees_the_customers_of_its_scope(crowd: Crowd, login: str) -> None:
    mine = {str(person.id) for person in crowd.seen(login)}
    assert {row["id"] for row in everyone(crowd, login)} == mine
    stages = crowd.get("/api/lifecycle", login)["stages"]
    known = expected(crowd)
    assert {one["key"]: one["customers"] for one in stages} == {stage.key: sum(known[id].stage == stage.key for id in mine) for stage in STAGES}


def test_customers_of_another_brand_are_not_there(crowd: Crowd) -> None:
    with crowd.database.reader() as connection:
        theirs = connection.exec_driver_sql(f"select id from customers where tenant_id = '{crowd.stranger}'").scalars().all()
    assert theirs
    assert not {str(id) for id in theirs} & {row["id"] for row in everyone(crowd)}
    for path in ("", "/orders", "/timeline"):
        answer = crowd.client().get(f"/api/customers/{theirs[0]}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "customer.not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"stage": "gone"}, "stage"),
        ({"rfm": "6-1"}, "rfm"),
        ({"rfm_name": "vip"}, "rfm_name"),
        ({"q": "x" * 101}, "q"),
        ({"cursor": "bm8"}, "cursor"),
        ({"cursor": "WyIyMDI2IiwgMV0"}, "cursor"),
    ],
)
def test_nonsense_is_refused_with_its_field(crowd: Crowd, query: dict[str, str], field: str) -> None:
    answer = crowd.client().get("/api/customers", params=query)
    assert (answer.status_code, answer.json()["params"]["field"]) == (422, field)


def test_an_unknown_segment_is_not_found(crowd: Crowd) -> None:
    answer = crowd.client().get("/api/customers", params={"segment_id": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (404, "segment.not_found")


def test_days_are_those_of_the_brand(crowd: Crowd) -> None:
    """Orders a second before and after midnight in Shanghai belong to different days."""
    edges = [person for person in crowd.people if person.paid and person.paid[-1].at.astimezone(ZONE).hour in (0, 23)]
    assert edges
    for person in edges[:2]:
        silent = (TODAY - days(person)[-1]).days
        within = {row["id"] for row in everyone(crowd, paid_within=silent + 1)}
        assert str(person.id) in within
        if silent:
            assert str(person.id) not in {row["id"] for row in everyone(crowd, paid_within=silent)}
