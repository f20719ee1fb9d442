"""The three rules for group sends that the platform has had, each as a pack."""

import pytest

from siyu.connectors.wecom import MsgTemplate
from siyu.connectors.wecom.sandbox.rules import RULE_PACKS
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_pushes import listening, somebody_leaves

FEBRUARY_10 = "2026-02-10T02:00:00+00:00"


def under(build: Build, name: str) -> Place:
    pack = RULE_PACKS[name]
    return build(start=FEBRUARY_10, limits=pack.limits, push=pack.push)


def sent_on(place: Place, *days: int) -> list[int]:
    """What becomes of one group send on each of these days of February 2026 (29 is the first of March)."""
    sender = place.busiest()
    somebody = place.customers_of(sender)[:1]
    statuses: list[int] = []
    for day in days:
        when = f"2026-02-{day:02d}" if day <= 28 else f"2026-03-{day - 28:02d}"
        place.post("clock", business=f"{when}T12:00:00+08:00")
        msgid = place.client.add_msg_template(MsgTemplate(sender, somebody, f"{when} {len(statuses)}")).msgid
        place.post("confirm", msgid=msgid)
        statuses += [row.status for row in place.client.group_send_results(msgid, sender)]
    return statuses


class TestGroupSends:
    def test_now_as_many_a_month_as_it_has_days_even_on_one_day(self, build: Build) -> None:
        assert sent_on(under(build, "now"), *[10] * 29, 29) == [1] * 28 + [3, 1]

    def test_2021_one_a_day(self, build: Build) -> None:
        assert sent_on(under(build, "2021"), 10, 10, 11, 11) == [1, 3, 1, 3]

    def test_2018_four_a_month(self, build: Build) -> None:
        assert sent_on(under(build, "2018"), 10, 11, 12, 13, 14, 28, 29) == [1, 1, 1, 1, 3, 3, 1]


class TestPacks:
    def test_each_time_follows_the_other(self) -> None:
        assert [(pack.since, pack.until) for pack in RULE_PACKS.values()] == [(2023, None), (2021, 2023), (None, 2021)]

    @pytest.mark.parametrize(("name", "tries"), [("now", 1), ("2018", 3)])
    def test_callbacks_are_repeated_by_the_rule_of_the_time(self, build: Build, other: Neighbour, name: str, tries: int) -> None:
        place = under(build, name)
        receiver = listening(place, other)
        receiver.statuses = iter([500] * 9)
        place.sandbox.pushes._settings = type(place.sandbox.pushes._settings)(wait_seconds=0.01, repeat_on_status=RULE_PACKS[name].push.repeat_on_status)
        somebody_leaves(place)
        assert len(receiver.bodies) == tries
