"""Time that is ordered: never without end, and ended when the sandbox is told to stop."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.inputs import MOST_SECONDS
from tests.connectors.wecom.conftest import START, Build, Place

BUSY = {"customers": 40, "customer": {"orders_per_month": 900}}
"""Half a million orders in 400 days: more than anybody waits for."""


class TestBounds:
    @pytest.mark.parametrize(
        ("path", "field", "value"),
        [
            ("step", "seconds", 1e12),
            ("step", "seconds", MOST_SECONDS + 1),
            ("step", "seconds", -1),
            ("step", "until", "9999-12-31T23:59:59+00:00"),
            ("step", "until", "2150-01-01T00:00:00+08:00"),
            ("step", "until", "soon"),
            ("step", "until", 1_772_416_800),
            ("step", "events", 10**30),
            ("step", "coalesce", 1e300),
            ("clock", "business", "2150-01-01T00:00:00+08:00"),
            ("clock", "business", "0001-01-01T00:00:00+08:00"),
        ],
    )
    def test_what_would_not_end_or_leads_nowhere_is_refused_by_name(self, still: Place, path: str, field: str, value: Any) -> None:
        before = still.get("clock")
        answer = still.control.post(f"/sandbox/{path}", json={field: value})
        assert answer.status_code == 422
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", field]]
        assert still.get("clock") == before

    def test_an_edge_that_is_no_instant_is_refused(self, still: Place) -> None:
        answer = still.control.get("/sandbox/pending", params={"until": "tomorrow"})
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "until"])

    def test_the_longest_step(self, build: Build) -> None:
        place = build(scenario={"customers": 1, "group_rate": 0.0})
        until = place.sandbox.clock.now() + MOST_SECONDS
        assert place.post("step", seconds=MOST_SECONDS)["business"] == iso(until)


class TestLeavingOff:
    def test_a_long_step_ends_where_it_stands_and_its_caller_is_answered(self, build: Build) -> None:
        place = build(scenario=BUSY)
        start = place.sandbox.clock.now()
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(place.post, "step", seconds=MOST_SECONDS)
            while place.sandbox.clock.now() == start:
                time.sleep(0.01)
                assert not asked.done()
            place.sandbox.stop()
            told = asked.result()
        place.sandbox.wait()
        assert iso(start) < told["business"] < iso(start + MOST_SECONDS)
        assert told["business"] == iso(place.sandbox.clock.now())
        assert told["next_at"] >= told["business"]


class TestDate:
    def test_every_answer_bears_the_date_of_the_platform_once(self, build: Build) -> None:
        place = build()
        for path in ("/cgi-bin/getcallbackip", "/cgi-bin/user/get?access_token=none", "/cgi-bin/nowhere", "/sandbox/health", "/sandbox/"):
            dates = place.raw.get(path).headers.get_list("date")
            assert [parsedate_to_datetime(date) for date in dates] == [datetime.fromisoformat(START)]
        place.post("clock", skew=3600)
        place.post("step", seconds=86_400)
        (date,) = place.raw.get("/cgi-bin/getcallbackip").headers.get_list("date")
        assert parsedate_to_datetime(date) == datetime.fromisoformat(START) + timedelta(days=1, hours=1)
