from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.observe.imports.model import statuses, values

SHANGHAI = ZoneInfo("Asia/Shanghai")


class TestNumber:
    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("12", "12"),
            ("12.50", "12.50"),
            ("-3", "-3"),
            ("1,234.5", "1234.5"),
            ("12,5", "12.5"),
            ("¥1,234.00", "1234.00"),
            ("￥ 12 元", "12"),
            ("(3.00)", "-3.00"),
            ("１２．５", "12.5"),
            ("1e3", "1000"),
            ("0.30000000000000004", "0.3"),
            ("−5", "-5"),
        ],
    )
    def test_reads_what_people_write(self, text: str, read: str) -> None:
        assert values.number(text) == Decimal(read)

    @pytest.mark.parametrize("text", ["", " ", "abc", "1.2.3", "nan", "inf", "1e400", "12%", "--", "1,23,4"])
    def test_refuses_the_rest(self, text: str) -> None:
        assert values.number(text) is None

    @given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
    def test_keeps_every_digit(self, number: Decimal) -> None:
        assert str(values.number(str(number))) == format(number, "f")


class TestRounded:
    @pytest.mark.parametrize("text", ["1.12345678901", "¥9.123456789012", "0.3333333333333333", "1e-12", "(1.00000000001)"])
    def test_tells_what_is_lost(self, text: str) -> None:
        assert values.rounded(text)

    @pytest.mark.parametrize(
        "text", ["", "x" * 20, "1.1234567890", "12.340000000000000000", "0.30000000000000004", "2.5500000000000003", "123456789012.5", "1e400"]
    )
    def test_noise_is_no_loss(self, text: str) -> None:
        assert not values.rounded(text)


class TestInstant:
    @pytest.mark.parametrize(
        ("text", "local"),
        [
            ("2010-12-01 08:26:00", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("2010-12-01T08:26", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("2010-12-01 08:26:00.123456789", datetime(2010, 12, 1, 8, 26, 0, 123456)),  # noqa: DTZ001
            ("2010/12/1 8:26", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("2010年12月1日 8时26分", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("2010年12月1日下午3:05", datetime(2010, 12, 1, 15, 5)),  # noqa: DTZ001
            ("20101201", datetime(2010, 12, 1)),  # noqa: DTZ001
            ("20101201082600", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("12/1/2010 8:26", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("12/1/10 8:26", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("12/1/2010 8:26 PM", datetime(2010, 12, 1, 20, 26)),  # noqa: DTZ001
            ("1 Dec 2010", datetime(2010, 12, 1)),  # noqa: DTZ001
            ("Dec 1, 2010 08:26:00", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
            ("40513.351388888892", datetime(2010, 12, 1, 8, 26)),  # noqa: DTZ001
        ],
    )
    def test_reads_what_people_write(self, text: str, local: datetime) -> None:
        assert values.instant(text, tz=SHANGHAI, day_first=False) == local.replace(tzinfo=SHANGHAI)

    def test_a_named_zone_wins(self) -> None:
        at = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
        for text in ("2010-12-01T08:26:00Z", "2010-12-01 16:26:00+08:00", "2010-12-01 16:26:00 +0800", "1291191960", "1291191960000"):
            assert values.instant(text, tz=SHANGHAI, day_first=False) == at, text

    def test_day_first(self) -> None:
        assert values.local_time("3/12/2010", day_first=True) == datetime(2010, 12, 3)  # noqa: DTZ001
        assert values.local_time("13/12/2010", day_first=False) is None

    def test_weeks_move_the_calendar_not_the_clock(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        moved = values.instant("2026-03-25 10:00", tz=berlin, day_first=False, shift_weeks=1)
        assert moved is not None
        assert moved.astimezone(berlin) == datetime(2026, 4, 1, 10, 0, tzinfo=berlin)

    @pytest.mark.parametrize("text", ["", "soon", "2010-13-01", "2010-02-30", "25:00", "2010-12-01 25:00", "0000-00-00", "99999999"])
    def test_refuses_the_rest(self, text: str) -> None:
        assert values.instant(text, tz=SHANGHAI, day_first=False) is None

    @given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001
    def test_iso_comes_back(self, at: datetime) -> None:
        assert values.local_time(at.isoformat(sep=" "), day_first=False) == at


class TestIdentifier:
    @pytest.mark.parametrize(
        ("text", "read"), [(" 17850 ", "17850"), ("17850.0", "17850"), ("007", "007"), ("NaN", ""), ("null", ""), ("-", ""), ("A.0", "A.0")]
    )
    def test_reads(self, text: str, read: str) -> None:
        assert values.identifier(text) == read


class TestStatus:
    @pytest.mark.parametrize(
        ("text", "state"), [("交易成功", "paid"), ("Paid", "paid"), ("", "paid"), ("已退款", "refunded"), ("已取消", "cancelled"), ("待付款", "unpaid")]
    )
    def test_reads(self, text: str, state: str) -> None:
        assert statuses.read(text) == state

    def test_refuses_the_rest(self) -> None:
        assert statuses.read("whatever") is None


class TestSpoilt:
    @pytest.mark.parametrize("text", ["1.23457E+17", "1.2345678901234568e+17", "1,23457E+17", " 2.0E+18 ", "1.38E+10"])
    def test_what_a_spreadsheet_leaves_of_a_long_number(self, text: str) -> None:
        assert values.spoilt(text, strict=True)
        assert values.spoilt(text, strict=False)

    def test_a_digit_alone_may_be_the_code_of_a_product(self) -> None:
        assert values.spoilt("5E+05", strict=True)
        assert not values.spoilt("5E+05", strict=False)

    @pytest.mark.parametrize("text", ["", "123456789012345678", "1E5", "12E+34", "1.5E-05", "A1.2E+17", "1.23457E+17-1", "+8613800000000", "E+17"])
    def test_other_identifiers_are_left_alone(self, text: str) -> None:
        assert not values.spoilt(text, strict=True)
