"""An import from the file to the books."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from siyu.app.worker import Run
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from siyu.observe import imports
from siyu.observe.imports import places, running
from siyu.observe.imports.model.mapping import MappingIncomplete
from tests.conftest import make_tenant
from tests.observe.imports.conftest import HEADINGS, Office, as_csv

Row = tuple[str, ...]
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

days = st.integers(1, 28).map(lambda day: f"2026-02-{day:02d} 10:00")
numbers = st.one_of(st.integers(1, 8).map(str), st.integers(1, 4).map(lambda n: f"C{n}"), st.just(""))
cells = st.tuples(
    numbers,
    st.one_of(days, days, days, st.sampled_from(["", "soon", "2027-01-01"])),
    st.sampled_from(["TEA", "CUP", ""]),
    st.sampled_from(["茶", "杯", "=1+1", ""]),
    st.one_of(st.integers(-4, 9).map(str), st.sampled_from(["1", "2", "x"])),
    st.sampled_from(["9.90", "0.335", "0", "1e2", "-1"]),
    st.sampled_from(["17850", "12346", ""]),
)


def _sale(row: Row) -> Row:
    """Rows that mostly make sense: each order of one buyer; cancellations take back."""
    number, day, sku, name, quantity, price, buyer = row
    if number.startswith("C"):
        quantity = quantity if quantity.startswith("-") else f"-{quantity}"
    return number, day, sku, name, quantity, price, ("17850" if number and int(number.lstrip("C")) % 2 else "12346") if buyer else ""


UNEXPLAINED = """
    select r.refund_no, sum(l.quantity)
    from refunds r
    join refund_lines l on l.refund_id = r.id
    where l.order_id is null and l.quantity > 0
    group by r.refund_no
"""
files = st.lists(cells.map(_sale), min_size=1, max_size=25)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many transactions even in small files."""
    monkeypatch.setattr(running, "CHUNK_ORDERS", 3)
    monkeypatch.setattr(running, "CHUNK_LINES", 6)
    monkeypatch.setattr(running, "BUYERS_A_STEP", 1)


def another(database: Database) -> Office:
    return Office(database, make_tenant(database, name=str(uuid4())))


class TestRun:
    def test_brings_orders_refunds_and_what_could_not_be_taken(self, office: Office) -> None:
        report = office.run(
            as_csv(
                [
                    ("1", "2026-02-01 10:00", "TEA", "茶", "5", "9.90", "17850"),
                    ("1", "2026-02-01 10:00", "TEA", "茶", "5", "9.90", "17850"),
                    ("2", "2026-02-02 10:00", "CUP", "=cmd()", "1", "0.335", "17850"),
                    ("3", "2026-02-02 10:00", "CUP", "", "1", "0", "12346"),
                    ("C4", "2026-02-03 10:00", "TEA", "茶", "-6", "9.90", "17850"),
                    ("C5", "2026-02-03 10:00", "POT", "壶", "-1", "20", "17850"),
                    ("6", "2026-02-03 10:00", "TEA", "茶", "1", "9.90", ""),
                    ("7", "2026-02-03 10:00", "TEA", "茶", "x", "9.90", "17850"),
                    ("7", "2026-02-03 10:00", "TEA", "茶", "1", "9.90", "17850"),
                ]
            )
        )
        assert {name: report[name] for name in ("rows", "orders", "gift_orders", "customers", "refunds", "rejected", "new_orders", "revenue")} == {
            "rows": 9,
            "orders": 3,
            "gift_orders": 1,
            "customers": 1,
            "refunds": 2,
            "rejected": 3,
            "new_orders": 3,
            "revenue": "99.335",
        }
        assert report["problems_by_code"] == {"bad_number": 1, "missing_customer": 1, "order_incomplete": 1}
        assert [(problem["row"], problem["code"]) for problem in report["problems"]] == [(8, "missing_customer"), (9, "bad_number"), (10, "order_incomplete")]
        assert office.ask("select order_no, status, amount, total_fen, refunded from orders order by order_no") == [
            ("1", "partly_refunded", Decimal("99.00"), 9900, Decimal("59.40")),
            ("2", "paid", Decimal("0.335"), 34, Decimal(0)),
            ("3", "gift", Decimal(0), 0, Decimal(0)),
        ]
        assert office.ask("select refund_no, amount, matched from refunds order by 1") == [
            ("C4", Decimal("59.40"), Decimal("59.40")),
            ("C5", Decimal("20"), Decimal(0)),
        ]
        assert office.ask("select name from products where sku = 'CUP'") == [("=cmd()",)]

    def test_a_check_writes_no_order_and_foretells_the_run(self, office: Office) -> None:
        content = as_csv([("1", "2026-02-01", "TEA", "茶", "5", "9.90", "17850"), ("C2", "2026-02-01", "TEA", "茶", "-1", "9.90", "17850")])
        foretold = office.check(content)
        assert not any(office.books().values())
        assert office.run(content) == foretold

    def test_what_is_rounded_is_told_and_taken(self, office: Office) -> None:
        content = as_csv(
            [
                ("1", "2026-02-01", "TEA", "茶", "1", "9.123456789012", "17850"),
                ("2", "2026-02-01", "TEA", "茶", "1", "0.30000000000000004", "17850"),
                ("3", "2026-02-01", "TEA", "茶", "1.00000000001", "2", ""),
            ]
        )
        foretold, report = office.check(content), office.run(content)
        assert foretold == report
        assert (report["orders"], report["problems_by_code"], report["notices_by_code"]) == (2, {"missing_customer": 1}, {"rounded": 1})
        (notice,) = report["notices"]
        assert (notice["row"], notice["column"], notice["value"]) == (2, "unit_price", "9.123456789012")
        assert notice["params"] == {"limit": 10, "kept": "9.123456789"}
        assert office.ask("select amount from orders order by order_no") == [(Decimal("9.123456789"),), (Decimal("0.3"),)]

    def test_what_was_not_bought_and_is_given_back_is_told(self, office: Office) -> None:
        earlier = as_csv([("1", "2026-02-01", "TEA", "茶", "3", "10", "17850"), ("C2", "2026-02-02", "TEA", "茶", "-1", "10", "17850")])
        office.run(earlier)
        content = as_csv(
            [
                ("3", "2026-02-03", "TEA", "茶", "1", "10", "17850"),
                ("C4", "2026-02-04", "TEA", "茶", "-5", "10", "17850"),
                ("C5", "2026-02-05", "CUP", "杯", "-1", "10", "17850"),
                ("6", "2026-02-06", "CUP", "杯", "9", "10", "17850"),
                ("C7", "2026-02-07", "CUP", "杯", "-2", "10", "17850"),
            ]
        )
        foretold = office.check(content)
        assert foretold["notices_by_code"] == {"returned_more": 2}
        assert [(notice["row"], notice["value"], notice["params"]) for notice in foretold["notices"]] == [
            (3, "TEA", {"quantity": "5", "over": "2"}),
            (4, "CUP", {"quantity": "1", "over": "1"}),
        ]
        report = office.run(content)
        assert report["notices"] == foretold["notices"]
        assert office.run(content)["notices"] == foretold["notices"]
        assert office.ask("select refund_no, amount, matched from refunds order by 1") == [
            ("C2", 10, 10),
            ("C4", 50, 30),
            ("C5", 10, 0),
            ("C7", 20, 20),
        ]

    def test_refunds_beyond_the_order_they_name_are_told(self, office: Office) -> None:
        headings = [*HEADINGS, "refund_of"]
        rows = [
            ("1", "2026-02-01", "TEA", "茶", "2", "10", "17850", ""),
            ("R1", "2026-02-02", "TEA", "茶", "1", "15", "17850", "1"),
            ("R2", "2026-02-03", "TEA", "茶", "1", "6", "17850", "1"),
            ("R3", "2026-02-03", "TEA", "茶", "1", "6", "17850", "elsewhere"),
        ]
        foretold = office.check(as_csv(rows, headings))
        assert [(notice["row"], notice["code"], notice["params"]) for notice in foretold["notices"]] == [
            (3, "refunded_more", {"order_no": "1", "refunded": "21", "amount": "20"})
        ]
        assert office.run(as_csv(rows, headings))["notices"] == foretold["notices"]
        later = as_csv([("R4", "2026-02-04", "TEA", "茶", "1", "1", "17850", "1")], headings)
        assert [notice["params"]["refunded"] for notice in office.check(later)["notices"]] == ["22"]
        assert office.run(later)["notices_by_code"] == {"refunded_more": 1}

    def test_other_content_of_an_order_replaces_it(self, office: Office) -> None:
        office.run(as_csv([("1", "2026-02-01", "TEA", "茶", "5", "9.90", "17850"), ("1", "2026-02-01", "CUP", "杯", "1", "3", "17850")]))
        report = office.run(as_csv([("1", "2026-02-01", "TEA", "茶", "4", "9.90", "17850")]))
        assert (report["new_orders"], report["changed_orders"]) == (0, 1)
        assert office.ask("select o.amount, l.sku, l.quantity from orders o join order_lines l on l.order_id = o.id") == [(Decimal("39.60"), "TEA", Decimal(4))]

    def test_a_shop_is_a_world_of_its_own(self, office: Office) -> None:
        content = as_csv([("1", "2026-02-01", "TEA", "茶", "5", "9.90", "17850")])
        office.run(content, shop="tmall")
        assert office.run(content, shop="jd")["new_orders"] == 1
        assert len(office.ask("select id from identities")) == 2

    def test_weeks_move_every_time(self, office: Office) -> None:
        report = office.run(as_csv([("1", "2010-12-01 08:26", "TEA", "茶", "5", "9.90", "17850")]), shift_weeks=790)
        assert report["first_paid_at"] == "2026-01-21T00:26:00+00:00"

    def test_a_mapping_is_remembered_for_the_same_headings(self, office: Office) -> None:
        first = office.take(as_csv([("1", "2026-02-01", "TEA", "茶", "5", "9.90", "17850")]), shop="tmall", day_first=True)
        with office.database.transaction(office.tenant, SYSTEM) as tx:
            imports.set_mapping(tx, first.id, {**first.mapping, "product_name": None}, first.options)
            second = imports.create(tx, places.files(), "again.csv", BytesIO(as_csv([("2", "2026-02-01", "TEA", "茶", "5", "9.90", "17850")])))
        assert (second.guessed, second.mapping["product_name"], second.options) == (False, None, first.options)

    def test_needs_a_whole_mapping(self, office: Office) -> None:
        with pytest.raises(MappingIncomplete):
            office.take(b"a,b\n1,2\n")

    def test_a_file_that_breaks_midway_fails_clearly_and_keeps_nothing(self, office: Office) -> None:
        rows = [(str(n), "2026-02-01", "TEA", "茶", "5", "9.90", "17850") for n in range(5000)]
        one = office.take(as_csv(rows) + b'9,2026-02-01,"' + b"x" * 70_000)
        office.start(one, imports.run)
        office.worker.drain()
        ended = office.done(one)
        assert (ended.state, ended.error and ended.error["code"]) == ("failed", "import.broken_quotes")
        assert not any(office.books().values())

    def test_can_be_stopped_and_taken_up(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        content = as_csv([(str(n), "2026-02-01", "TEA", "茶", "1", "9.90", "17850") for n in range(12)])
        one = office.take(content)
        office.start(one, imports.run)
        saves = [0]
        save = Run.save

        def stop_at_the_fourth(self: Run, tx: Tx, *given: Any, **named: Any) -> None:
            save(self, tx, *given, **named)
            saves[0] += 1
            if saves[0] == 4:
                tx.execute("update jobs set cancel_requested = true where tenant_id = :tenant_id")

        monkeypatch.setattr(Run, "save", stop_at_the_fourth)
        office.worker.drain()
        assert office.done(one).state == "cancelled"
        written = len(office.books()["orders"])
        assert 0 < written < 12
        (stopped,) = office.ask("select done, total, result from jobs where kind = 'imports.run'")
        assert stopped[1:] == (12, {"new_orders": written, "changed_orders": 0, "unchanged_orders": 0})
        assert 6 < stopped[0] < 12
        office.start(one, imports.run)
        office.worker.drain()
        assert office.done(one).state == "done"
        assert len(office.books()["orders"]) == 12
        assert office.ask("select done, total, result ->> 'new_orders' from jobs where kind = 'imports.run'") == [(12, 12, "12")]


class TestLaws:
    @FEW
    @given(rows=files)
    def test_a_second_import_changes_nothing(self, database: Database, rows: Sequence[Row]) -> None:
        office = another(database)
        first = office.run(as_csv(rows))
        before = office.books()
        again = office.run(as_csv(rows))
        assert office.books() == before
        assert again["unchanged_orders"] == first["orders"] == first["new_orders"]
        assert again["new_orders"] == again["changed_orders"] == 0

    @FEW
    @given(rows=files, earlier=files)
    def test_returns_beyond_what_was_bought_are_foretold_and_told(self, database: Database, rows: Sequence[Row], earlier: Sequence[Row]) -> None:
        office = another(database)
        office.run(as_csv([("0" + number if not number.startswith("C") else "C0" + number[1:], *rest) for number, *rest in earlier if number] or [earlier[0]]))
        before = office.ask(UNEXPLAINED)
        foretold = office.check(as_csv(rows))
        report = office.run(as_csv(rows))
        assert report["notices"] == foretold["notices"]
        mine = {row[0] for row in rows}
        if not before:
            assert sum(Decimal(notice["params"]["over"]) for notice in report["notices"]) == sum(q for number, q in office.ask(UNEXPLAINED) if number in mine)

    @FEW
    @given(rows=files)
    def test_the_books_are_what_a_plain_reading_gives(self, database: Database, rows: Sequence[Row]) -> None:
        office = another(database)
        report = office.run(as_csv(rows))
        assert {(number, amount) for number, amount in office.ask("select order_no, amount from orders")} == _plain_reading(rows)
        assert sum(amount for (amount,) in office.ask("select amount from orders")) == Decimal(report["revenue"])
        assert sum(q for (q,) in office.ask("select coalesce(sum(quantity), 0) from order_lines")) == sum(
            Decimal(row[4]) for row in rows if row[0] in {number for number, _ in _plain_reading(rows)}
        )
        assert office.ask("select count(*) from orders o where refunded <> (select coalesce(sum(amount), 0) from refund_lines where order_id = o.id)") == [(0,)]

    @FEW
    @given(rows=files, cut=st.integers(0, 7))
    def test_it_does_not_matter_in_which_order_files_come(self, database: Database, rows: Sequence[Row], cut: int) -> None:
        early = [row for row in rows if row[0].lstrip("C") <= str(cut)]
        late = [row for row in rows if row[0].lstrip("C") > str(cut)]
        whole, forward, backward = another(database), another(database), another(database)
        whole.run(as_csv(rows))
        for office, parts in ((forward, (early, late)), (backward, (late, early))):
            for part in parts:
                if part:
                    office.run(as_csv(part))
        assert whole.books() == forward.books() == backward.books()

    @FEW
    @given(rows=files, data=st.data())
    def test_a_run_that_is_killed_anywhere_ends_as_one_that_was_not(self, database: Database, rows: Sequence[Row], data: st.DataObject) -> None:
        smooth = another(database)
        smooth_report = smooth.run(as_csv(rows))
        killed = another(database)
        one = killed.take(as_csv(rows))
        killed.start(one, imports.run)
        for _ in range(3):
            with _dying(data.draw(st.integers(1, 9)), after=data.draw(st.booleans())):
                killed.worker.work_once()
            _lapse(database, killed.tenant)
        killed.worker.drain()
        ended = killed.done(one)
        assert (ended.state, ended.report) == ("done", smooth_report)
        assert killed.books() == smooth.books()


class _Death(BaseException):
    """The process is gone."""


class _dying:
    """Kills the job at its `nth` save: before the transaction commits, or right `after`."""

    def __init__(self, nth: int, *, after: bool) -> None:
        self.nth = nth
        self.after = after

    def __enter__(self) -> None:
        self.save, self.transaction = Run.save, Run.transaction
        left = [self.nth]
        original_save, original_transaction, after = self.save, self.transaction, self.after

        def save(run: Run, tx: Tx, *given: Any, **named: Any) -> None:
            original_save(run, tx, *given, **named)
            left[0] -= 1
            if left[0] == 0 and not after:
                raise _Death

        @contextmanager
        def transaction(run: Run) -> Iterator[Tx]:
            if left[0] <= 0:
                raise _Death
            with original_transaction(run) as tx:
                yield tx

        Run.save, Run.transaction = save, transaction  # type: ignore[method-assign, assignment]

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        Run.save, Run.transaction = self.save, self.transaction  # type: ignore[method-assign]
        return kind is _Death


def _lapse(database: Database, tenant: TenantId) -> None:
    """The lease of a dead worker runs out."""
    with database.engine.begin() as connection:
        connection.execute(text("update jobs set leased_until = now() - interval '1 second' where tenant_id = :id and state = 'leased'"), {"id": tenant})


def _plain_reading(rows: Sequence[Row]) -> set[tuple[str, Decimal]]:
    """Orders and their amounts, read as simply as one can."""
    groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        cells = dict(zip(HEADINGS, row, strict=True))
        if not (cells["order_no"].startswith("C") and _takes_back(cells)):
            groups[cells["order_no"]].append(cells)
    return {
        (number, sum((Decimal(cells["quantity"]) * Decimal(cells["unit_price"]) for cells in lines), Decimal(0)))
        for number, lines in groups.items()
        if number and all(_sound(cells) for cells in lines) and any(cells["paid_at"] for cells in lines) and any(cells["customer_no"] for cells in lines)
    }


def _takes_back(cells: Mapping[str, str]) -> bool:
    return "x" not in cells["quantity"] and (Decimal(cells["quantity"]) < 0 or Decimal(cells["quantity"]) * Decimal(cells["unit_price"]) < 0)


def _sound(cells: Mapping[str, str]) -> bool:
    return (
        "x" not in cells["quantity"]
        and Decimal(cells["quantity"]) > 0
        and Decimal(cells["unit_price"]) >= 0
        and cells["paid_at"] not in ("soon", "2027-01-01")
        and bool(cells["sku"] or cells["product_name"])
    )
