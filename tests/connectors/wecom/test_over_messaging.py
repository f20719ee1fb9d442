"""Two equal towns, one written to once a week, one three times a day: what the books show after eight weeks."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, stdev
from typing import Any

import pytest

from siyu.connectors.wecom.sandbox import Limits
from tests.connectors.wecom.conftest import START, Build, Place, builder
from tests.connectors.wecom.ledgers import books
from tests.connectors.wecom.test_scenarios import SHIPPED

WEEKS = 8
TOWN: dict[str, Any] = {
    **json.loads((SHIPPED / "quiet.json").read_text(encoding="utf-8")),
    "customers": 300,
    "regions": [{"name": "华东大区", "provinces": ["上海市"], "store_cities": ["上海市"]}],
    "second_guide_rate": 0,
    "group_rate": 0,
}
SURE = 3.5
"""Standard errors; the seed is fixed, so nothing flickers."""


def write_to_all(place: Place, *, hours: Sequence[int], every_days: int, days: int) -> Place:
    """Group sends over the interface at these hours of the town's day; members confirm in their own time."""
    begin, sender = datetime.fromisoformat(START), place.busiest()
    for day in range(0, days, every_days):
        for hour in hours:
            place.post("step", until=(begin + timedelta(days=day, hours=hour - 10)).isoformat(), coalesce=3600)
            place.client.add_msg_template(place.template("新品到店 https://brand.example/new", sender=sender))
    place.post("step", until=(begin + timedelta(days=days)).isoformat(), coalesce=3600)
    return place


@dataclass(frozen=True)
class Towns:
    calm: Place
    pressed: Place

    def by_customer(self, counted: str) -> tuple[list[int], list[int]]:
        """A count for each customer who was there from the first day, in both towns; the query names it by `c.external_userid`."""
        query = f"select ({counted}) from customer c where external_userid not in (select external_userid from referral) order by external_userid"
        found = []
        for place in (self.calm, self.pressed):
            with place.sandbox.books.read() as db:
                found.append([row[0] for row in db.execute(query)])
        return found[0], found[1]

    def excess(self, counted: str) -> float:
        """By how many standard errors the pressed town counts more per customer: the same people in both, so pair by pair."""
        calm, pressed = self.by_customer(counted)
        more = [there - here for here, there in zip(calm, pressed, strict=True)]
        return fmean(more) / (stdev(more) / math.sqrt(len(more)))


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    found = []
    with builder(tmp_path_factory.mktemp("towns")) as make:
        for name, hours, every_days in (("calm", (10,), 7), ("pressed", (10, 15, 20), 1)):
            place = make(home=tmp_path_factory.mktemp(name), scenario=TOWN, limits=Limits(group_send_rule="off"))
            found.append(write_to_all(place, hours=hours, every_days=every_days, days=7 * WEEKS))
        yield Towns(*found)


def share_of(weeks: list[dict[str, Any]]) -> tuple[float, int]:
    """(openings per delivery, deliveries)."""
    delivered = sum(week["delivered"] for week in weeks)
    return sum(week["opened"] for week in weeks) / delivered, delivered


OPENED = "select count(*) from link_opening o where o.external_userid = c.external_userid"
ORDERED = "select count(*) from shop_order o where o.external_userid = c.external_userid"
FIRST_WEEK = "< (select unixepoch(value) + 7 * 86400 from note where name = 'founded')"
FROM_THE_THIRD = ">= (select unixepoch(value) + 14 * 86400 from note where name = 'founded')"


@pytest.mark.slow
class TestOverMessaging:
    def test_both_are_the_same_town(self, towns: Towns) -> None:
        assert (
            len({tuple(sorted(row["unionid"] for row in place.get("books/people") if "-" not in row["shop_customer_id"])) for place in vars(towns).values()})
            == 1
        )

    def test_at_first_more_is_opened(self, towns: Towns) -> None:
        assert towns.excess(f"{OPENED} and opened_at {FIRST_WEEK}") > SURE

    def test_then_much_less_per_message(self, towns: Towns) -> None:
        (calm, calm_sent), (pressed, sent) = (share_of(place.get("books/weeks")[2:WEEKS]) for place in (towns.calm, towns.pressed))
        error = math.sqrt(calm * (1 - calm) / calm_sent + pressed * (1 - pressed) / sent)
        assert calm - pressed > SURE * error
        assert pressed < calm / 3

    def test_the_share_of_a_calm_town_holds(self, towns: Towns) -> None:
        weeks = towns.calm.get("books/weeks")
        (first, before), (last, after) = share_of(weeks[: WEEKS // 2]), share_of(weeks[WEEKS // 2 : WEEKS])
        assert abs(first - last) < SURE * math.sqrt(first * (1 - first) / before + last * (1 - last) / after)

    @pytest.mark.parametrize(
        "counted",
        [
            "select count(*) from mute m where m.external_userid = c.external_userid",
            "select count(*) from complaint m where m.external_userid = c.external_userid",
            "select count(*) from follow f where f.external_userid = c.external_userid and left_by_customer_at is not null",
        ],
    )
    def test_more_mute_complain_and_delete(self, towns: Towns, counted: str) -> None:
        assert towns.excess(counted) > SURE

    def test_they_order_less(self, towns: Towns) -> None:
        assert towns.excess(f"{ORDERED} and paid_at {FROM_THE_THIRD}") < -SURE
        assert towns.excess(ORDERED) < -SURE, "over all eight weeks, the first rush included"

    def test_they_bring_fewer_friends(self, towns: Towns) -> None:
        assert towns.excess("select count(*) from referral r where r.referrer = c.external_userid") < -2

    def test_the_books_name_each_complaint(self, towns: Towns) -> None:
        sends = {send["msgid"] for send in towns.pressed.get("books/sends")}
        complaints = towns.pressed.get("books/complaints")
        assert complaints and all(complaint["msgid"] in sends for complaint in complaints)
        assert sum(week["complained"] for week in towns.pressed.get("books/weeks")) == len(complaints)
        assert sum(week["muted"] for week in towns.pressed.get("books/weeks")) == len(towns.pressed.get("books/mutes"))

    def test_who_deleted_the_member_is_reached_no_more(self, towns: Towns) -> None:
        with towns.pressed.sandbox.books.read() as db:
            left = {row[0] for row in db.execute("select external_userid from follow where left_by_customer_at is not null")}
            not_friends = {row[0] for row in db.execute("select external_userid from send_recipient where status = 2")}
        assert not_friends and not_friends <= left


def test_the_same_seed_and_the_same_messages_give_the_same_books(build: Build, tmp_path_factory: pytest.TempPathFactory) -> None:
    town = {**TOWN, "customers": 60}
    once, again = (
        books(
            write_to_all(
                build(home=tmp_path_factory.mktemp("equal"), scenario=town, limits=Limits(group_send_rule="off")), hours=(10, 15, 20), every_days=1, days=5
            )
        )
        for _ in range(2)
    )
    assert once == again and once["mute"]
