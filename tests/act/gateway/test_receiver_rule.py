"""WeCom's own limit per receiver is kept beforehand, against the sandbox over HTTP."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from siyu.act import gateway
from siyu.act.gateway.model.policy import ReceiverRule
from siyu.act.gateway.service import books
from siyu.act.gateway.service.books import SqlBooks
from siyu.act.gateway.service.knowledge import Knowledge
from siyu.connectors.wecom.sandbox import Limits
from tests.act.gateway.conftest import House

pytestmark = pytest.mark.slow
DAILY, OF_OLD = Limits(group_send_rule="daily"), Limits(group_send_rule="month4")


def told(house: House, rule: ReceiverRule) -> None:
    with house.tx() as tx:
        gateway.set_policy(tx, replace(gateway.policy(tx), receiver_rule=rule))


def confirmed(house: House) -> None:
    house.place.post("confirm")
    house.work("gateway.follow_up", "gateway.tick")


@pytest.mark.parametrize(("house", "rule", "most"), [(DAILY, "daily", 1), (OF_OLD, "month4", 4)], indirect=["house"])
def test_service_messages_stop_where_wecom_would_swallow_them(house: House, rule: ReceiverRule, most: int) -> None:
    told(house, rule)
    people = house.customers()
    for campaign in range(1, most + 1):
        asked = house.ask(people, campaign=campaign, purpose="service")
        confirmed(house)
        assert house.tally(asked) == {"sent": len(people)}
    tasks = len(house.sends())
    assert house.tally(house.ask(people, campaign=9, purpose="service")) == {"skipped: over_limit": len(people)}
    assert len(house.sends()) == tasks
    house.wait(days=1 if rule == "daily" else 31)
    assert house.tally(house.ask(people, campaign=10, purpose="service")) == {"task": len(people)}


@pytest.mark.parametrize("house", [DAILY], indirect=True)
def test_what_waits_with_staff_counts(house: House) -> None:
    told(house, "daily")
    people = house.customers()
    assert house.tally(house.ask(people, campaign=1, purpose="service")) == {"task": len(people)}
    assert house.tally(house.ask(people, campaign=2, purpose="service")) == {"skipped: over_limit": len(people)}


@pytest.mark.parametrize("house", [DAILY], indirect=True)
def test_who_is_told_another_rule_hears_of_it_from_wecom(house: House) -> None:
    people = house.customers()
    for campaign, end in ((1, "sent"), (2, "skipped: over_limit")):
        asked = house.ask(people, campaign=campaign, purpose="service")
        confirmed(house)
        assert house.tally(asked) == {end: len(people)}
    assert len(house.standing()) == len(people)


@pytest.mark.parametrize("house", [DAILY], indirect=True)
def test_two_judges_side_by_side_do_not_both_ask(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told(house, "daily")
    people = house.customers()
    asked = [house.ask(people, campaign=campaign, purpose="service", go=False) for campaign in (1, 2)]
    real = books.reaches

    def slowly(*given: Any) -> Any:
        known = real(*given)
        time.sleep(0.5)
        return known

    monkeypatch.setattr(books, "reaches", slowly)
    judges = [threading.Thread(target=lambda: SqlBooks(house.tx, Knowledge()).judge(len(people))) for _ in asked]
    for judge in judges:
        judge.start()
    for judge in judges:
        judge.join()
    assert sorted(map(str, map(house.tally, asked))) == [str({"reserved": len(people)}), str({"skipped: over_limit": len(people)})]
