from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from siyu.observe.imports.model import judging, mapping
from siyu.observe.imports.model.options import Options
from siyu.observe.imports.model.parsing import Parser, Staged

HEADINGS = ["order_no", "paid_at", "sku", "product_name", "quantity", "unit_price", "amount", "unit_cost", "customer_no", "phone", "status", "refund_of"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SOUND = {"order_no": "A1", "paid_at": "2026-02-01 10:00", "sku": "TEA", "quantity": "2", "unit_price": "9.90", "customer_no": "17850"}


def judged(*rows: dict[str, str], shop: str = "main", keep_anonymous: bool = False, money_unit: str = "yuan") -> judging.Verdict:
    """The verdict on rows of one order; each row says how it differs from a sound one."""
    columns = mapping.complete({name: name for name in HEADINGS}, HEADINGS)
    options = Options(shop, "Asia/Shanghai", keep_anonymous=keep_anonymous, money_unit="fen" if money_unit == "fen" else "yuan")
    cells = [[{**SOUND, **row}.get(name, "") for name in HEADINGS] for row in rows]
    staged = Parser(HEADINGS, columns, options, NOW).parse(range(2, 2 + len(rows)), list(zip(*cells, strict=True)), {})
    staged.pop("raw")
    return judging.judge(Staged(**staged), columns, options)  # type: ignore[arg-type]


def codes(verdict: judging.Verdict) -> Sequence[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in verdict.rejected]


class TestOrder:
    def test_lines_become_an_order(self) -> None:
        order = judged({}, {"sku": "CUP", "quantity": "1", "unit_price": "0.335"}).order
        assert order is not None
        assert (order.order_no, order.amount, order.total_fen) == ("A1", Decimal("20.135"), 2014)
        assert order.paid_at == datetime(2026, 2, 1, 2, 0, tzinfo=UTC)

    def test_cells_of_the_order_may_stand_on_its_first_row_alone(self) -> None:
        order = judged({}, {"customer_no": "", "paid_at": ""}).order
        assert order is not None
        assert (order.buyer.customer_no, len(order.lines)) == ("17850", 2)

    def test_an_amount_given_is_what_was_paid(self) -> None:
        order = judged({"amount": "15.00"}).order
        assert order is not None
        assert order.amount == 15

    def test_a_price_of_zero_is_a_gift(self) -> None:
        order = judged({"unit_price": "0"}).order
        assert order is not None
        assert (len(order.lines), order.lines.sold) == (1, 0)

    def test_fen_are_a_hundredth(self) -> None:
        order = judged({"unit_price": "990"}, money_unit="fen").order
        assert order is not None
        assert order.amount == Decimal("19.80")

    def test_nobody_bought_only_when_asked_for(self) -> None:
        assert codes(judged({"customer_no": ""})) == [(2, "missing_customer")]
        assert judged({"customer_no": ""}, keep_anonymous=True).order is not None

    def test_a_masked_phone_is_nobody(self) -> None:
        assert codes(judged({"customer_no": "", "phone": "138****0000"})) == [(2, "missing_customer")]
        order = judged({"customer_no": "", "phone": "138-0000-0000"}).order
        assert order is not None
        assert order.buyer.phone == "13800000000"


class TestRejected:
    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            ({"quantity": "many"}, "bad_number", "quantity"),
            ({"quantity": ""}, "missing_number", "quantity"),
            ({"quantity": "0"}, "negative_quantity", "quantity"),
            ({"quantity": "-1"}, "negative_quantity", "quantity"),
            ({"unit_price": "-1"}, "negative_amount", "unit_price"),
            ({"amount": "-1"}, "negative_amount", "amount"),
            ({"unit_cost": "-1"}, "negative_amount", "unit_cost"),
            ({"quantity": "10000000", "unit_price": "2"}, "absurd_amount", "amount"),
            ({"paid_at": "soon"}, "bad_date", "paid_at"),
            ({"paid_at": ""}, "missing_date", "paid_at"),
            ({"paid_at": "2027-01-01"}, "future_date", "paid_at"),
            ({"paid_at": "1999-12-31"}, "too_early", "paid_at"),
            ({"order_no": ""}, "missing_order_no", "order_no"),
            ({"sku": ""}, "missing_product", "sku"),
            ({"status": "???"}, "unknown_status", "status"),
            ({"status": "待付款"}, "not_paid", "status"),
            ({"product_name": "x" * 501}, "too_long", "product_name"),
        ],
    )
    def test_says_what_and_where(self, row: dict[str, str], code: str, column: str) -> None:
        (problem,) = judged(row).rejected
        assert (problem.row, problem.code, problem.column) == (2, code, column)

    def test_one_broken_row_keeps_the_whole_order_out(self) -> None:
        verdict = judged({}, {"quantity": "x"}, {})
        assert verdict.order is None
        assert codes(verdict) == [(2, "order_incomplete"), (3, "bad_number"), (4, "order_incomplete")]

    def test_two_buyers_of_one_order(self) -> None:
        assert codes(judged({}, {"customer_no": "2"})) == [(2, "conflicting_buyer"), (3, "conflicting_buyer")]

    def test_names_that_look_like_formulas_are_only_text(self) -> None:
        order = judged({"product_name": "=1+1"}).order
        assert order is not None
        assert order.lines.names == ["=1+1"]


class TestRefund:
    def test_a_number_with_c_that_takes_back(self) -> None:
        verdict = judged({"order_no": "C1", "quantity": "-2"})
        (refund,) = verdict.refunds
        assert (verdict.order, refund.order_no, refund.amount, refund.lines[0].quantity) == (None, None, Decimal("19.80"), Decimal(2))

    def test_a_shop_whose_numbers_begin_with_c_still_sells(self) -> None:
        assert judged({"order_no": "C1"}).order is not None

    def test_that_names_its_order(self) -> None:
        (refund,) = judged({"order_no": "R1", "refund_of": "A1"}).refunds
        assert (refund.refund_no, refund.order_no, refund.amount) == ("R1", "A1", Decimal("19.80"))

    def test_by_the_state_of_some_lines(self) -> None:
        verdict = judged({}, {"sku": "CUP", "status": "退款成功"})
        assert verdict.order is not None
        (refund,) = verdict.refunds
        assert (verdict.order.amount, refund.order_no, [line.sku for line in refund.lines]) == (Decimal("39.60"), "A1", ["CUP"])

    def test_a_cancelled_order(self) -> None:
        order = judged({"status": "已取消"}).order
        assert order is not None
        assert order.asserted == "cancelled"
        assert codes(judged({"status": "已取消"}, {})) == [(2, "conflicting_status"), (3, "conflicting_status")]
