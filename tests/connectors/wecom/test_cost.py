"""What a step of the town costs follows what happens in it, not how many people live there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from siyu.connectors.wecom import ContactWay, NewMoment
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Neighbour
from tests.connectors.wecom.test_town import a_link, opened_for_business

DAY = 86_400
SMALL = {"staff", "callback", "fault", "intercept_rule"}
"""Tables that do not grow with customers or with time. What is still to be done has an index that holds nothing else, and may be read through."""


@contextmanager
def overheard(place: Place) -> Iterator[set[str]]:
    """Statements on the books, each once, values left out."""
    said: dict[str, str] = {}
    with place.sandbox.books.read() as db:
        db.set_trace_callback(lambda statement: said.setdefault(re.sub(r"'[^']*'|\b[\d.]+\b", "?", statement), statement))
    found: set[str] = set()
    try:
        yield found
    finally:
        with place.sandbox.books.read() as db:
            db.set_trace_callback(None)
        found.update(said.values())


def scans(place: Place, statements: set[str]) -> set[str]:
    """Growing tables that a statement reads from end to end, with the statement."""
    found = set()
    with place.sandbox.books.read() as db:
        for statement in statements:
            if re.match(r"\s*(select|insert|update|delete|with)\b", statement, re.IGNORECASE):
                for row in db.execute(f"explain query plan {statement}").fetchall():
                    read = re.fullmatch(r"SCAN (\w+)", row["detail"])
                    if read and read[1] not in SMALL:
                        found.add(f"{row['detail']}: {statement}")
    return found


class TestStep:
    def test_no_step_reads_a_growing_table_from_end_to_end(self, build: Build, other: Neighbour) -> None:
        customer = {"orders_per_month": 5, "delete_rate": 0.1, "reply_rate": 0.3, "group_messages_per_month": 10}
        fatigue = {"tolerance": 0.5, "mute_rate": 0.3, "complain_rate": 0.3, "delete_rate": 0.2}
        rest = {"buying": {"rate_shape": 1, "dropout_a": 1, "dropout_b": 5}, "referrals": {"friend_rate": 0.5, "friend_median_days": 1, "content_load": 9}}
        place = build(scenario={"customers": 60, "customer": customer, "fatigue": fatigue, "shop": {"refund_rate": 0.3}, **rest})
        opened_for_business(place, other)
        giver = place.busiest()
        place.client.add_contact_way(ContactWay((giver,)))
        place.client.hand_over(giver, "service01", place.customers_of(giver)[:1])
        for _ in range(3):
            a_link(place, other)
            place.client.add_moment(NewMoment("新品"))
            with overheard(place) as statements:
                place.post("step", seconds=3 * DAY)
            assert len(statements) > 40
            assert scans(place, statements) == set()
