"""Workbooks of several sheets: which one is read, where its headings stand, and what is said of the others."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from siyu.observe.imports import readers
from siyu.observe.imports.model.imports import Sheet, UnreadSheet
from siyu.observe.imports.readers import refusals
from tests.observe.imports.conftest import Office
from tests.observe.imports.test_readers import rows_of, written

HEADINGS: list[object] = ["订单号", "付款时间", "商品", "数量", "单价", "客户编号"]
ORDER: list[object] = ["A1", "2026-01-01 10:00", "铁观音", 2, 9.9, "17850"]
Rows = Sequence[Sequence[object]]


def book(**sheets: Rows) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


class TestWhichSheet:
    def test_orders_behind_a_page_of_explanations(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(说明=[["本表由系统导出"]], 订单=[HEADINGS, ORDER], 空=[[]]))
        assert readers.describe(path).sheet == Sheet("订单", 1, [UnreadSheet("说明", 1)])
        assert rows_of(path) == [["A1", "2026-01-01 10:00", "铁观音", "2", "9.9", "17850"]]

    def test_of_equals_the_first_and_the_others_are_counted_without_their_blank_rows(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(一月=[HEADINGS, ORDER], 二月=[HEADINGS, ORDER, [], [None, ""], ["A2", *ORDER[1:]]]))
        assert readers.describe(path).sheet == Sheet("一月", 1, [UnreadSheet("二月", 3)])

    def test_an_empty_form_gives_way_to_a_filled_one(self, tmp_path: Path) -> None:
        sheet = readers.describe(written(tmp_path, book(模板=[HEADINGS], 订单=[HEADINGS, ORDER]))).sheet
        assert sheet and sheet.name == "订单"

    def test_an_empty_form_beside_a_note_is_said_to_be_empty(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.NoRows):
            readers.describe(written(tmp_path, book(说明=[["请填写"], ["谢谢"]], 订单=[HEADINGS])))

    def test_what_is_wrong_with_the_sheet_of_orders_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.DuplicateHeaders):
            readers.describe(written(tmp_path, book(说明=[["a", "b"], ["c", "d"]], 订单=[[*HEADINGS, "数量"], [*ORDER, 1]])))

    def test_a_long_sheet_that_is_not_read_is_counted_to_its_end(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(订单=[HEADINGS, ORDER], 明细=[["x" * 40, n, None, "<row>"] for n in range(30_000)]))
        sheet = readers.describe(path).sheet
        assert sheet and sheet.unread == [UnreadSheet("明细", 30_000)]


class TestWhichRow:
    def test_titles_above_the_headings_are_skipped_and_rows_keep_their_numbers(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(订单=[["2026 年 1 月订单商品明细"], ["导出时间:", "2026-02-01"], [], HEADINGS, ORDER]))
        shape = readers.describe(path)
        assert (shape.columns, shape.sheet) == (HEADINGS, Sheet("订单", 4, []))
        assert [list(chunk.numbers) for chunk in readers.read(path, shape)] == [[5]]

    def test_unknown_headings_are_not_left_for_words_below_them(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(a=[["Nr", "Zeit", "Ware", "Kunde"], ["A1", "2026-01-01", "phone case", "City"], ["A2", "2026-01-02", "item", "member"]]))
        assert readers.describe(path).columns == ["Nr", "Zeit", "Ware", "Kunde"]

    def test_headings_further_down_are_not_looked_for(self, tmp_path: Path) -> None:
        path = written(tmp_path, book(a=[["一段说明"]] * 10 + [HEADINGS, ORDER]))
        assert readers.describe(path).columns == ["一段说明"]


class TestImport:
    def test_it_is_kept_which_sheets_were_not_read(self, office: Office) -> None:
        one = office.take(book(说明=[["导出说明"]], 订单=[["订单表"], HEADINGS, ORDER, ["A2", *ORDER[1:]]]), "orders.xlsx")
        assert office.done(one).sheet == Sheet("订单", 2, [UnreadSheet("说明", 1)])
        report = office.run(book(说明=[["导出说明"]], 订单=[["订单表"], HEADINGS, ORDER, ["A2", *ORDER[1:]]]), "orders.xlsx")
        assert (report["rows"], report["orders"], report["rejected"]) == (2, 2, 0)

    @pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?"])
    @pytest.mark.parametrize("place", range(6))
    def test_a_failed_formula_is_a_problem_of_its_own(self, office: Office, error: str, place: int) -> None:
        broken = [*ORDER[:place], error, *ORDER[place + 1 :]]
        report = office.check(book(订单=[HEADINGS, ["A0", *ORDER[1:]], broken]), "orders.xlsx")
        assert report["orders"] == 1
        assert [(one["row"], one["column"], one["value"], one["code"]) for one in report["problems"]] == [(3, HEADINGS[place], error, "formula_error")]

    def test_a_failed_formula_in_a_column_that_means_nothing_hinders_nothing(self, office: Office) -> None:
        report = office.check(book(订单=[[*HEADINGS, "备注"], [*ORDER, "#REF!"]]), "orders.xlsx")
        assert (report["orders"], report["rejected"]) == (1, 0)
