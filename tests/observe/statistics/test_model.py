"""Which days are asked for, and how they are cut into questions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.observe.statistics.model import CORRECTED_DAYS, SPAN_DAYS, BadDays, Days, wanted

NIGHT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # half past two on the third of March in China


class TestWanted:
    def test_first_all_that_wecom_keeps_to_yesterday_in_china(self) -> None:
        days = wanted(NIGHT, None)
        assert (days.last, len(days.each())) == (date(2026, 3, 2), 179)

    def test_then_those_since_the_last_reading_and_some_that_may_be_corrected(self) -> None:
        days = wanted(NIGHT, NIGHT - timedelta(days=1))
        assert (days.first, days.last) == (date(2026, 3, 1) - timedelta(days=CORRECTED_DAYS), date(2026, 3, 2))

    def test_after_a_long_pause_no_more_than_wecom_keeps(self) -> None:
        assert wanted(NIGHT, NIGHT - timedelta(days=400)) == wanted(NIGHT, None)


class TestDays:
    @given(first=st.dates(date(2025, 1, 1), date(2026, 1, 1)), more=st.integers(0, 179))
    def test_spans_hold_each_day_once_in_order(self, first: date, more: int) -> None:
        days = Days(first, first + timedelta(days=more))
        spans = days.spans()
        assert [day for span in spans for day in span.each()] == days.each()
        assert all(len(span.each()) <= SPAN_DAYS for span in spans)

    @pytest.mark.parametrize("more", [-1, 180])
    def test_what_is_no_period_is_refused(self, more: int) -> None:
        with pytest.raises(BadDays):
            Days(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=more))
