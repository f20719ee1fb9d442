import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.observe.imports import readers
from siyu.observe.imports.readers import refusals

HEAD = "订单号,付款时间,商品,数量,单价,客户编号\n"
ROW = "A1,2026-01-01 10:00,铁观音“特级”,2,9.90,17850\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def rows_of(path: Path) -> list[list[str]]:
    shape = readers.describe(path)
    return [list(row) for chunk in readers.read(path, shape) for row in zip(*chunk.columns, strict=True)]


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestCsv:
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
    def test_finds_the_encoding(self, tmp_path: Path, codec: str) -> None:
        path = written(tmp_path, (HEAD + ROW).encode(codec))
        assert readers.describe(path).columns[0] == "订单号"
        assert rows_of(path) == [["A1", "2026-01-01 10:00", "铁观音“特级”", "2", "9.90", "17850"]]

    def test_chinese_that_begins_late_is_found_too(self, tmp_path: Path) -> None:
        text = "order,date,name\n" + "A1,2026-01-01,tea\n" * 200_000 + "A2,2026-01-01,铁观音\n"
        assert readers.describe(written(tmp_path, text.encode("gb18030"))).encoding == "gb18030"

    def test_western_text_is_not_taken_for_chinese(self, tmp_path: Path) -> None:
        text = "InvoiceNo,Date,Description\n1,2010-12-01,CAFÉ AU LAIT £5\n2,2010-12-01,Société générale\n"
        path = written(tmp_path, text.encode("cp1252"))
        assert readers.describe(path).encoding == "cp1252"
        assert rows_of(path)[0][2] == "CAFÉ AU LAIT £5"

    @pytest.mark.parametrize(
        ("codec", "text"),
        [
            ("cp950", "訂單號,付款時間,商品\nA1,2026-01-01,茶\n"),
            ("cp950", "order,date,name\n" + "A1,2026-01-01,tea\n" * 100_000 + "A2,2026-01-01,烏龍茶禮盒\n"),
            ("cp932", "注文番号,支払日時,商品名\nA1,2026-01-01,お茶セット\n"),
            ("gb18030", "订单号,收货人\nA1,喆堃淼\n"),
            ("gb18030", "order,name\nA1,茶\n"),
        ],
    )
    def test_other_encodings_of_two_bytes_are_told_apart(self, tmp_path: Path, codec: str, text: str) -> None:
        path = written(tmp_path, text.encode(codec))
        assert readers.describe(path).encoding == codec
        assert rows_of(path)[-1] == text.splitlines()[-1].split(",")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_finds_the_delimiter(self, tmp_path: Path, delimiter: str) -> None:
        path = written(tmp_path, (HEAD + ROW).replace(",", delimiter).encode())
        assert readers.describe(path).delimiter == delimiter
        assert len(rows_of(path)[0]) == 6

    def test_numbers_rows_as_a_spreadsheet_does(self, tmp_path: Path) -> None:
        path = written(tmp_path, b'\nnote,name\n\n1,"two\nlines"\n,\n2,x\n')
        shape = readers.describe(path)
        (chunk,) = readers.read(path, shape)
        assert (shape.columns, list(chunk.numbers)) == (["note", "name"], [4, 6])

    def test_short_rows_are_filled_and_long_ones_told(self, tmp_path: Path) -> None:
        path = written(tmp_path, b"a,b,c\n1\n1,2,3,4\n1,2,3,,\n")
        (chunk,) = readers.read(path, readers.describe(path))
        assert list(zip(*chunk.columns, strict=True)) == [("1", "", ""), ("1", "2", "3"), ("1", "2", "3")]
        assert chunk.extra == {1: ["4"]}

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (b"", refusals.EmptyFile),
            (b"\n \n\n", refusals.EmptyFile),
            (b"a,b,c\n", refusals.NoRows),
            (b"a,b,a\n1,2,3\n", refusals.DuplicateHeaders),
            (b"1001,2026-01-01,tea,3\n1002,2026-01-01,tea,3\n", refusals.NoHeader),
            (b"\xd0\xcf\x11\xe0 an old workbook", refusals.NotText),
            (b"%PDF-1.7", refusals.NotText),
            (bytes(range(256)) * 10, refusals.NotText),
            (b"a,b\n1,\x81 \xff\n", refusals.EncodingUnknown),
            (b'a,b\n1,"' + b"x" * 70_000 + b"\n", refusals.BrokenQuotes),
            (b"a,b\n1,2\n3," + b"x" * 70_000 + b"\n5,6\n", refusals.CellTooLong),
            (b'a,b\n1,2\n3,"' + b"x\n" * 40_000 + b'"\n5,6\n', refusals.CellTooLong),
            (b'a,b\n1,"2\n' + b"x\n" * 40_000 + b'x,"y"\n', refusals.BrokenQuotes),
            (b"<html><body><table><tr><td>a</td></tr></table></body></html>", refusals.NotATable),
            (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<p>a,b\n1,2\n", refusals.NotATable),
            (b'<?xml version="1.0"?>\n<Workbook>\n1\n', refusals.NotATable),
            (b'[{"order_no": "A1", "paid_at": "2026-01-01"}]', refusals.NotATable),
            (b'{"order_no": "A1"}\n{"order_no": "A2"}\n', refusals.NotATable),
            (b'a,b\n1,2\n3,"four\n5,6\n7,8\n', refusals.BrokenQuotes),
            (b'a,b\n1,"2,"\n3,"4\n5,6', refusals.BrokenQuotes),
            (("," * 500 + "\n1\n").replace(",", "x,").encode(), refusals.TooManyColumns),
        ],
    )
    def test_says_clearly_why_not(self, tmp_path: Path, content: bytes, refusal: type[refusals.UnreadableFile]) -> None:
        with pytest.raises(refusal):
            rows_of(written(tmp_path, content))

    def test_says_which_row_holds_the_cell_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.CellTooLong) as refused:
            rows_of(written(tmp_path, b'a,b\n1,"2\n2"\n3,' + b"x" * 70_000 + b"\n"))
        assert refused.value.params == {"row": 3, "limit": 65536}

    def test_brackets_around_headings_are_no_json(self, tmp_path: Path) -> None:
        assert readers.describe(written(tmp_path, b"[order_no],[name]\n1,{x}\n")).columns == ["[order_no]", "[name]"]


class TestWorkbook:
    def test_reads_cells_as_typed(self, tmp_path: Path) -> None:
        at = datetime(2026, 1, 1, 10, 0)  # noqa: DTZ001
        rows: list[list[object]] = [["订单号", "时间", "数量", "单价"], [None, None], [1001, at, 3, 0.1 + 0.2], ["A2", "x", None, True]]
        assert rows_of(written(tmp_path, workbook(rows))) == [["1001", "2026-01-01T10:00:00", "3", "0.3"], ["A2", "x", "", "TRUE"]]

    def test_a_million_blank_rows_are_refused(self, tmp_path: Path) -> None:
        head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c></row>'
        blank = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(3, 1_000_000))
        path = written(tmp_path, _sheet(head + blank))
        with pytest.raises(refusals.TooManyBlankRows):
            rows_of(path)

    def test_a_bomb_is_refused_before_it_unpacks(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack, pack.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(b"0" * (1 << 20))
        with pytest.raises(refusals.UnpackedTooLarge):
            readers.describe(written(tmp_path, out.getvalue()))

    def test_other_zips_and_damage_are_told(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as pack:
            pack.writestr("a.txt", "x")
        with pytest.raises(refusals.NotText):
            readers.describe(written(tmp_path, out.getvalue()))
        with pytest.raises(refusals.BrokenFile):
            readers.describe(written(tmp_path, workbook([["a", "b"], [1, 2]])[:-50]))
        with pytest.raises(refusals.EmptyFile):
            readers.describe(written(tmp_path, workbook([[]])))


def _sheet(rows: bytes) -> bytes:
    original = workbook([["a"], ["x"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                start, end = content.index(b"<sheetData>") + len(b"<sheetData>"), content.index(b"</sheetData>")
                content = content[:start] + rows + content[end:]
            target.writestr(part.filename, content)
    return out.getvalue()


class TestParquet:
    def test_reads_typed_columns_as_text(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "no": pa.array([1, None]),
                "price": pa.array([2.55, float("nan")]),
                "exact": pa.array([Decimal("1.50"), None]),
                "local": pa.array([datetime(2010, 12, 1, 8, 26), None], pa.timestamp("us")),  # noqa: DTZ001
                "zoned": pa.array([datetime(2010, 12, 1, 8, 26, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
                "word": pa.array(["茶", None]).dictionary_encode(),
            }
        )
        path = tmp_path / "file"
        pq.write_table(table, path)
        assert rows_of(path) == [["1", "2.55", "1.50", "2010-12-01 08:26:00.000000", "2010-12-01T08:26:00+00:00", "茶"], [""] * 6]

    def test_damage_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(refusals.BrokenFile):
            readers.describe(written(tmp_path, b"PAR1 and then nothing"))
