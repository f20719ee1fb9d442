"""Identifiers: in order, and each once."""

from datetime import UTC, datetime, timedelta

from siyu.kernel.ids import OrderId, made_at, new_ids

AT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


class TestNewIds:
    def test_are_different_and_in_order(self) -> None:
        made = new_ids(OrderId, AT, 5_000)
        assert made == sorted(set(made)) and len(made) == 5_000

    def test_keep_their_order_though_others_are_made_for_another_instant_between(self) -> None:
        made = []
        for elsewhere in range(50):
            made += new_ids(OrderId, AT, 2)
            new_ids(OrderId, AT + timedelta(seconds=elsewhere), 1)
        assert made == sorted(made)

    def test_bear_their_instant(self) -> None:
        at = AT + timedelta(hours=1)
        made = new_ids(OrderId, at, 100)
        assert {(id.version, id.variant) for id in made} == {(7, "specified in RFC 4122")}
        assert all(at <= made_at(id) <= at + timedelta(milliseconds=1) for id in made)  # the next millisecond when this one's are used up

    def test_none_are_none(self) -> None:
        assert new_ids(OrderId, AT, 0) == []
