"""The first page against a count by hand, and each figure against the list that it links to."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from siyu import engine
from siyu.engine import EngineUnavailable
from siyu.kernel.money import to_fen
from tests.crowd import Bought, Crowd, Person, sql
from tests.understand.oracle import TODAY, ZONE, days, expected


def figures(crowd: Crowd, login: str = "owner") -> dict[str, Any]:
    return {one["id"]: one for one in crowd.get("/api/today", login)["figures"]}


def by_hand(people: list[Person], ago: int) -> dict[str, float | int | None]:
    """The figures of the 30 days that ended `ago` days before today."""

    def within(order: Bought) -> bool:
        return ago <= (TODAY - order.at.astimezone(ZONE).date()).days < ago + 30

    last = TODAY - timedelta(days=ago)
    paid = [order for person in people for order in person.paid if within(order)]
    buyers = [person for person in people if any(within(order) for order in person.paid)]
    revenue = sum((order.amount for order in paid), Decimal(0))
    return {
        "revenue": to_fen(revenue),
        "orders": len(paid),
        "buyers": len(buyers),
        "new_buyers": sum(within(person.paid[0]) for person in people if person.paid),
        "repeat_share": sum(sum(day <= last for day in days(person)) >= 2 for person in buyers) / len(buyers) if buyers else None,
        "average_order": to_fen(revenue / len(paid)) if paid else None,
    }


@pytest.mark.parametrize("login", ["owner", "supervisor", "guide", "nobody"])
def test_figures_of_both_periods(crowd: Crowd, login: str) -> None:
    found = figures(crowd, login)
    now, before = by_hand(crowd.seen(login), 0), by_hand(crowd.seen(login), 30)
    for name, value in now.items():
        assert found[name]["value"] == value, name
        assert found[name]["compare"]["value"] == before[name], name
    assert found["contacts"]["value"] == sum(person.contact == "yes" for person in crowd.seen(login))


@pytest.mark.parametrize("login", ["owner", "guide"])
def test_figures_of_people_equal_the_lists_that_they_link_to(crowd: Crowd, login: str) -> None:
    found = figures(crowd, login)
    for name in ("buyers", "new_buyers", "contacts", "contacts_added", "contacts_lost"):
        link = urlsplit(found[name]["link"])
        assert link.path == "/customers"
        assert crowd.get("/api/customers", login, limit=1, **dict(parse_qsl(link.query)))["total"] == found[name]["value"], name
    repeat = urlsplit(found["repeat_share"]["link"])
    repeaters = crowd.get("/api/customers", login, limit=1, **dict(parse_qsl(repeat.query)))["total"]
    assert found["repeat_share"]["value"] == pytest.approx(repeaters / found["buyers"]["value"])
    assert found["contacts_lost"]["value"] > 0


def test_each_figure_says_what_it_means(crowd: Crowd) -> None:
    for one in figures(crowd).values():
        assert one["definition_zh"] and one["definition_en"] and one["zh"] and one["en"] and one["link"]


def test_tasks_are_those_that_the_account_can_do(crowd: Crowd) -> None:
    owner = {task["id"]: task for task in crowd.get("/api/today")["tasks"]}
    assert owner["at_risk"]["count"] == sum(one.stage == "at_risk" for one in expected(crowd).values())
    assert {"awaiting_approval", "open_tasks", "unknown_calls", "failed_imports", "failed_jobs"} <= set(owner)
    guide = {task["id"]: task for task in crowd.get("/api/today", "guide")["tasks"]}
    assert not {"awaiting_approval", "failed_imports"} & set(guide)


def test_what_is_wrong_with_wecom_is_counted_for_those_who_see_the_connection(crowd: Crowd) -> None:
    finding = "select tenant_id, id, 'tags', 'error', 'forbidden', '{}', created_at, created_at from corps where tenant_id = :tenant"
    sql(crowd.database, f"insert into corp_findings {finding}", tenant=crowd.tenant)
    try:
        counted = {login: {task["id"]: task["count"] for task in crowd.get("/api/today", login)["tasks"]} for login in ("owner", "guide")}
    finally:
        sql(crowd.database, "delete from corp_findings")
    assert counted["owner"]["corp_errors"] == 1 and "corp_errors" not in counted["guide"]


@pytest.mark.parametrize(("until", "code", "shown"), [("1 hour", "60020", 1), ("-1 second", "60020", 0), ("1 hour", None, 0)])
def test_sending_that_rests_is_told_while_it_does(crowd: Crowd, until: str, code: str | None, shown: int) -> None:
    paused = "select tenant_id, corp_id, 1, clock_timestamp() + cast(:until as interval), :code, 1 from corps where tenant_id = :tenant"
    told = "on conflict (tenant_id, corp_id) do update set paused_until = excluded.paused_until, pause_code = excluded.pause_code"
    sql(crowd.database, f"insert into send_corps {paused} {told}", tenant=crowd.tenant, until=until, code=code)
    try:
        tasks = {task["id"]: task["count"] for task in crowd.get("/api/today")["tasks"]}
    finally:
        sql(crowd.database, "update send_corps set paused_until = null, pause_code = null")
    assert tasks["resting_corps"] == shown


def test_alarms_name_the_corp_and_the_reason_to_whoever_may_know(crowd: Crowd) -> None:
    assert crowd.get("/api/today/alarms") == {"corp_errors": 0, "resting": []}
    paused = "select tenant_id, corp_id, 1, clock_timestamp() + interval '30 seconds', '60020', 1 from corps where tenant_id = :tenant"
    told = "on conflict (tenant_id, corp_id) do update set paused_until = excluded.paused_until, pause_code = excluded.pause_code"
    sql(crowd.database, f"insert into send_corps {paused} {told}", tenant=crowd.tenant)
    try:
        seen = {login: crowd.get("/api/today/alarms", login)["resting"] for login in ("owner", "supervisor", "guide")}
    finally:
        sql(crowd.database, "update send_corps set paused_until = null, pause_code = null")
    assert seen == {"owner": [{"corp": "店", "code": "60020"}], "supervisor": [{"corp": "店", "code": "60020"}], "guide": []}


def test_first_steps_show_what_is_done(crowd: Crowd) -> None:
    steps = {step["id"]: step["done"] for step in crowd.get("/api/today")["checklist"]}
    assert steps["connect"] and steps["orders"] and steps["team"] and steps["broadcast"]
    assert crowd.get("/api/today", "guide")["checklist"] == []


def test_without_the_replica_there_are_tasks_and_no_figures(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> engine.Answer:
        raise EngineUnavailable(state="stopped")

    monkeypatch.setattr(engine, "ask", away)
    found = crowd.get("/api/today")
    assert (found["figures"], found["as_of"]) == ([], None)
    assert found["tasks"]


class TestSearch:
    def test_finds_by_part_of_a_name_and_by_whole_numbers(self, crowd: Crowd) -> None:
        person = next(person for person in crowd.people if person.number and person.paid)
        by_number = crowd.get("/api/search", q=f" {person.number} ")["customers"]
        assert str(person.id) in {one["id"] for one in by_number}
        order = person.paid[0]
        found = crowd.get("/api/search", q=order.order_no)
        assert [one["order_no"] for one in found["orders"]] == [order.order_no]
        assert {one["id"] for one in found["customers"]} == {str(person.id)}
        assert all("王" in one["name"] for one in crowd.get("/api/search", q="王")["customers"])

    def test_finds_nobody_outside_the_scope(self, crowd: Crowd) -> None:
        mine = {person.id for person in crowd.seen("guide")}
        other = next(person for person in crowd.people if person.id not in mine and person.paid and person.number)
        found = crowd.get("/api/search", "guide", q=other.paid[0].order_no)
        assert (found["customers"], found["orders"]) == ([], [])
        assert str(other.id) not in {one["id"] for one in crowd.get("/api/search", "guide", q=other.number)["customers"]}

    def test_a_blank_finds_nothing(self, crowd: Crowd) -> None:
        assert crowd.get("/api/search", q="  ") == {"customers": [], "orders": []}
