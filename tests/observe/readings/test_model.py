"""Spans of time that are asked for."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from siyu.observe.readings import Reading, spans
from siyu.observe.readings.model import AGAIN, KEPT, SPAN

NOW = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)


class TestSpans:
    @given(ago=st.none() | st.timedeltas(timedelta(), timedelta(days=800)))
    def test_they_touch_reach_to_now_and_are_as_short_as_wecom_wants_them(self, ago: timedelta | None) -> None:
        found = spans(NOW, None if ago is None else Reading(NOW - ago, 1, None))
        assert all(start < end <= start + SPAN for start, end in found)
        assert [end for _, end in found[:-1]] == [start for start, _ in found[1:]] and found[-1][1] == NOW
        assert NOW - found[0][0] == (KEPT if ago is None else min(KEPT, ago + AGAIN))
