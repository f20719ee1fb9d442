"""The file of rejected rows: harmless when opened, and the same again when it comes back mended."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siyu.infra.tx import SYSTEM
from siyu.observe.imports import places, readers, rejected, service
from siyu.observe.imports.model.harmless import REASON_HEADINGS, harmless, restored
from siyu.observe.imports.model.imports import Import
from tests.observe.imports.conftest import HEADINGS, Office, as_csv
from tests.observe.imports.test_readers import written

FIRST = ("=", "+", "-", "@", "\t", "\r")
CELLS = st.text(st.one_of(st.sampled_from("=+-@\t\r'1"), st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f")), max_size=12)


@given(CELLS)
@example("'=1+1")
@example("''@K1")
@example("-K1")
@example("'")
def test_a_value_made_harmless_is_the_same_again(cell: str) -> None:
    assert restored(harmless(cell)) == cell


@given(st.sampled_from(FIRST), CELLS.map(lambda cell: cell + "x"))
def test_nothing_looks_like_a_formula(first: str, rest: str) -> None:
    assert harmless(first + rest) == f"'{first}{rest}"


@given(st.lists(st.tuples(CELLS, CELLS).filter(lambda cells: any(cell.strip() for cell in cells)), min_size=1, max_size=5), st.sampled_from(["zh-CN", "en-US"]))
def test_cells_come_back_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], language: str) -> None:
    names = REASON_HEADINGS[language[:2]]
    content = as_csv([(*map(harmless, row), "2", "", "?") for row in rows], ["名称", "'@备注", *names])
    path = written(tmp_path_factory.mktemp("back"), content)
    shape = readers.describe(path)
    assert shape.columns == ["名称", "@备注"]
    assert [row for chunk in readers.read(path, shape) for row in zip(*chunk.columns, strict=True)] == rows


def test_a_file_that_is_not_ours_keeps_its_quotes(tmp_path: Path) -> None:
    path = written(tmp_path, as_csv([("'@K1", "2")], ["名称", "行号"]))
    shape = readers.describe(path)
    assert [list(chunk.columns) for chunk in readers.read(path, shape)] == [[("'@K1",), ("2",)]]


class TestMendedAndImportedAgain:
    @pytest.mark.parametrize("language", ["zh-CN", "en-US"])
    def test_customers_and_names_are_those_of_the_shop(self, office: Office, language: str) -> None:
        rows = [("1", "2026-02-01 10:00", "-SKU", "=茶", "x", "9.90", "@K1"), ("2", "2026-02-01 10:00", "'+A", "+张三", "x", "9.90", "-K1")]
        one = self.run(office, as_csv(rows), shop="tmall")
        mended = self.of(office, one, language).replace(",x,", ",2,")
        again = self.run(office, mended.encode("utf-8"))
        assert (again.report or {})["orders"] == 2
        assert office.ask("select customer_no from orders order by order_no") == [("@K1",), ("-K1",)]
        assert office.ask("select o.shop, l.sku, l.name from orders o join order_lines l on l.order_id = o.id order by o.order_no") == [
            ("tmall", "-SKU", "=茶"),
            ("tmall", "'+A", "+张三"),
        ]

    def test_what_is_rejected_twice_has_its_reasons_once(self, office: Office) -> None:
        one = self.run(office, as_csv([("1", "2026-02-01 10:00", "A", "茶", "x", "9.90", "@K1")]))
        again = self.run(office, self.of(office, one, "zh-CN").encode("utf-8"))
        first, row = csv.reader(io.StringIO(self.of(office, again, "zh-CN").removeprefix("\ufeff")))
        assert first == [*HEADINGS, "行号", "问题列", "原因"]
        assert row[6:9] == ["'@K1", "2", "quantity"]

    def run(self, office: Office, content: bytes, **options: str) -> Import:
        """Import a file as it is guessed, or remembered; with options, as they say."""
        if options:
            one = office.take(content, **options)
        else:
            with office.database.transaction(office.tenant, SYSTEM) as tx:
                one = service.create(tx, places.files(), "orders.csv", io.BytesIO(content))
        office.start(one, service.run)
        office.worker.drain()
        return office.done(one)

    def of(self, office: Office, one: Import, language: str) -> str:
        """The file of rejected rows."""
        with office.database.transaction(office.tenant, SYSTEM) as tx:
            _, path = places.files().find(tx, service.rejected_file(tx, one.id))
        return b"".join(rejected.render(path, one.headings, language)).decode()
