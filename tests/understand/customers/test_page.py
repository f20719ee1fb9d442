"""One customer: figures, relations, orders, timeline, opting out; all of it in scope only."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from siyu.understand.customers import words
from siyu.understand.customers.masks import mask, mask_phone
from tests.crowd import Crowd, Person
from tests.understand.oracle import TODAY, days, expected

RATE = Decimal("0.4")


def busy(crowd: Crowd) -> Person:
    """A customer with several orders, a refund and a contact."""
    return next(one for one in crowd.people if len(one.paid) >= 3 and any(order.refunded for order in one.paid) and one.relations)


def margin(person: Person) -> Decimal:
    total = Decimal(0)
    for order in person.paid:
        earned = sum(((amount - cost if cost is not None else amount * RATE) for amount, cost in order.lines if amount), Decimal(0))
        total += earned * (1 - order.refunded / order.amount)
    return total


def test_figures_are_those_of_the_facts(crowd: Crowd) -> None:
    known = expected(crowd)
    chosen = [busy(crowd), *crowd.people[:12]]
    for person in chosen:
        page = crowd.get(f"/api/customers/{person.id}")
        figures = page["figures"]
        assert (figures["orders"], Decimal(figures["revenue"])) == (len(person.paid), person.revenue)
        assert Decimal(figures["refunds"]) == sum((order.refunded for order in person.paid), Decimal(0))
        assert Decimal(figures["margin"]) == pytest.approx(margin(person), abs=Decimal("0.01"))
        assert figures["margin_assumed"] == any(cost is None for order in person.paid for amount, cost in order.lines if amount)
        assert figures["days_since"] == ((TODAY - days(person)[-1]).days if person.paid else None)
        assert (figures["aov"] is None) == (not person.paid)
        one = known[str(person.id)]
        score = page["rfm"]
        assert (page["stage"], score and (score["r"], score["f"], score["m"])) == (one.stage, one.scores)
        assert {(relation["staff"]["name"], relation["state"]) for relation in page["relations"]} == {(who.title(), state) for who, state in person.relations}
        assert page["as_of"] is not None


def test_identities_are_masked(crowd: Crowd) -> None:
    person = next(person for person in crowd.people if person.external and person.number)
    page = crowd.get(f"/api/customers/{person.id}")
    assert {one["namespace"] for one in page["profile"]["identities"]} == {"unionid", "wecom:ww-test", "shop:main:customer"}
    assert not {person.external, person.number} & {one["masked"] for one in page["profile"]["identities"]}
    assert (mask("17850"), mask("wm_secret_1"), mask_phone("13812345678"), mask_phone("+4520")) == ("1***", "wm***_1", "138****5678", "+***")


def test_orders_come_in_pages_latest_first(crowd: Crowd) -> None:
    person = max(crowd.people, key=lambda one: len(one.bought))
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = crowd.client().get(f"/api/customers/{person.id}/orders", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(one["order_no"] for one in seen) == sorted(order.order_no for order in person.bought)
    times = [datetime.fromisoformat(one["paid_at"]) for one in seen]
    assert times == sorted(times, reverse=True)


class TestTimeline:
    def test_tells_what_happened_newest_first(self, crowd: Crowd) -> None:
        person = busy(crowd)
        seen: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = crowd.client().get(f"/api/customers/{person.id}/timeline", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len({one["id"] for one in seen}) == len(seen)
        assert [one["at"] for one in seen] == sorted((one["at"] for one in seen), reverse=True)
        paid = [one for one in seen if one["name"] == "order.paid"]
        assert len(paid) == len(person.paid)
        assert all("下单付款 ¥" in one["text_zh"] and one["text_en"].startswith("Paid ¥") for one in paid)

    def test_shows_one_kind(self, crowd: Crowd) -> None:
        person = busy(crowd)
        names = {one["name"] for one in crowd.get(f"/api/customers/{person.id}/timeline", kind="order", limit=100)["items"]}
        assert names <= set(words.KINDS["order"])
        assert "order.paid" in names
        assert crowd.client().get(f"/api/customers/{person.id}/timeline", params={"kind": "weather"}).status_code == 422

    def test_every_event_has_a_sentence_in_both_languages(self) -> None:
        for name in [name for names in words.KINDS.values() for name in names]:
            zh, en = words.sentence(name, {})
            assert name not in (zh, en)
        assert words.sentence("contact.lost", {"by": "customer"}, "Ann") == ("删除了员工 Ann", "Deleted Ann")
        assert words.sentence("contact.lost", {"by": "staff"}, "Ann") == ("被员工 Ann删除", "Was deleted by Ann")
        assert words.sentence("weather.changed", {}) == ("weather.changed", "weather.changed")


class TestScope:
    def test_a_guide_reads_only_own_customers(self, crowd: Crowd) -> None:
        mine = crowd.seen("guide")
        others = [person for person in crowd.people if person not in mine]
        assert crowd.get(f"/api/customers/{mine[0].id}", "guide")["id"] == str(mine[0].id)
        for path in ("", "/orders", "/timeline"):
            answer = crowd.client("guide").get(f"/api/customers/{others[0].id}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "customer.not_found")
        refused = crowd.client("guide").post(f"/api/customers/{others[0].id}/opt-out", json={"on": True, "reason": "试试"})
        assert refused.status_code == 404

    def test_whoever_deleted_the_customer_sees_nothing_more(self, crowd: Crowd) -> None:
        gone = [person for person in crowd.people if person.relations and all(who != "ann" or state == "deleted_by_staff" for who, state in person.relations)]
        gone = [person for person in gone if ("ann", "deleted_by_staff") in person.relations]
        assert gone
        for person in gone:
            assert crowd.client("guide").get(f"/api/customers/{person.id}").status_code == 404


class TestOptOut:
    def test_holds_at_once_and_is_written_down(self, crowd: Crowd) -> None:
        person = crowd.seen("guide")[0]
        path = f"/api/customers/{person.id}"
        assert crowd.get(path, "guide")["opted_out"] is False
        assert crowd.client("guide").post(f"{path}/opt-out", json={"on": True, "reason": "电话里说的"}).status_code == 204
        assert crowd.get(path, "guide")["opted_out"] is True
        assert crowd.get(f"{path}/timeline", kind="consent")["items"][0]["text_zh"] == "退订:电话里说的"
        assert crowd.get("/api/audit", act="customer.opted_out", limit=1)["items"][0]["subject"] == f"customer:{person.id}"
        assert crowd.client("guide").post(f"{path}/opt-out", json={"on": False, "reason": "又想要了"}).status_code == 204
        assert crowd.get(path, "guide")["opted_out"] is False

    def test_needs_a_reason_and_the_permission(self, crowd: Crowd) -> None:
        path = f"/api/customers/{crowd.people[0].id}/opt-out"
        assert crowd.client().post(path, json={"on": True, "reason": " "}).status_code == 422
        assert crowd.client("analyst").post(path, json={"on": True, "reason": "x"}).status_code == 403
