"""Order numbers that a spreadsheet has rounded: what would become one order is not taken."""

import pytest

from tests.observe.imports.conftest import HEADINGS, Office, as_csv
from tests.observe.imports.test_sheets import book

LONG = "1.23457E+17"


def row(order_no: str, day: int = 1, sku: str = "TEA", customer_no: str = "17850") -> tuple[str, ...]:
    return order_no, f"2026-02-{day:02d} 10:00", sku, sku, "1", "9.90", customer_no


class TestSpoiltNumbers:
    def test_orders_of_one_rounded_number_are_not_merged_and_overwrite_nothing(self, office: Office) -> None:
        for content in (as_csv([row(LONG, 1), row(LONG, 2, "CUP"), row("A1", 3)]), as_csv([row(LONG, 4, "POT")])):
            report = office.run(content)
            assert report["problems_by_code"]["number_spoilt"] == report["rejected"]
        assert office.ask("select order_no from orders") == [("A1",)]
        (problem,) = report["problems"]
        assert (problem["row"], problem["column"], problem["value"], problem["code"]) == (2, "order_no", LONG, "number_spoilt")

    def test_people_of_one_rounded_number_neither(self, office: Office) -> None:
        report = office.run(as_csv([row("A1", customer_no=LONG), row("A2", customer_no="2E+15")]))
        assert (report["orders"], report["problems_by_code"]) == (0, {"number_spoilt": 2})

    @pytest.mark.parametrize("heading", ["phone", "refund_of"])
    def test_nor_what_else_names_somebody_or_an_order(self, office: Office, heading: str) -> None:
        report = office.run(as_csv([(*row("A1"), "1.38E+10"), (*row("A2"), "")], [*HEADINGS, heading]))
        assert [(problem["row"], problem["column"], problem["code"]) for problem in report["problems"]] == [(2, heading, "number_spoilt")]
        assert office.ask("select order_no from orders") == [("A2",)]

    def test_numeric_cells_of_a_workbook_hold_fifteen_digits(self, office: Office) -> None:
        cells = [list(row("")) for _ in range(5)]
        for line, order_no in zip(cells, (123456789012345678, 123456789012345679, 1.23456789012345e17, 123456789012345, 12345678901234.0), strict=True):
            line[0] = order_no  # type: ignore[call-overload]
        report = office.run(book(订单=[HEADINGS, *cells]), "orders.xlsx")
        assert [(problem["row"], problem["value"], problem["code"]) for problem in report["problems"]] == [
            (2, "1.23456789012346E+17", "number_spoilt"),
            (3, "1.23456789012346E+17", "number_spoilt"),
            (4, "1.23456789012345E+17", "number_spoilt"),
        ]
        assert office.ask("select order_no from orders order by 1") == [("12345678901234",), ("123456789012345",)]

    def test_a_product_may_be_called_so(self, office: Office) -> None:
        assert office.run(as_csv([row("A1", sku="5E+05"), row("A2", sku="12E+34"), row("A3", sku=LONG)]))["problems_by_code"] == {"number_spoilt": 1}
        assert office.ask("select sku from order_lines order by 1") == [("12E+34",), ("5E+05",)]
