"""Importing a file in a test: write it, take it in, work the jobs off."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from siyu.app.worker import Worker
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.infra.wiring import Capability
from siyu.kernel.ids import TenantId
from siyu.observe import imports
from siyu.observe.imports import Import, Options, places
from siyu.observe.imports.wiring import capability as imports_capability
from siyu.observe.orders.wiring import capability as orders_capability

CAPABILITIES: Sequence[Capability] = (imports_capability, orders_capability)
HEADINGS = ["order_no", "paid_at", "sku", "product_name", "quantity", "unit_price", "customer_no"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, for files and scratch."""
    monkeypatch.setenv("SIYU_HOME", str(tmp_path))
    return tmp_path


def as_csv(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode()


class Office:
    """Takes files in for one tenant."""

    def __init__(self, database: Database, tenant: TenantId) -> None:
        self.database = database
        self.tenant = tenant
        self.worker = Worker(database, CAPABILITIES)

    def take(self, content: bytes, name: str = "orders.csv", **options: Any) -> Import:
        """Upload, and confirm the guess with these options."""
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            one = imports.create(tx, places.files(), name, io.BytesIO(content))
            return imports.set_mapping(tx, one.id, one.mapping, Options(**{"shop": "main", "timezone": "Asia/Shanghai", **options}))

    def start(self, one: Import, act: Callable[..., Import]) -> None:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            act(tx, one.id)

    def done(self, one: Import) -> Import:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return imports.get(tx, one.id)

    def run(self, content: bytes, name: str = "orders.csv", **options: Any) -> Mapping[str, Any]:
        """Import a file to its end; the report."""
        return self._to_the_end(content, name, imports.run, options)

    def check(self, content: bytes, name: str = "orders.csv", **options: Any) -> Mapping[str, Any]:
        """Try a file; the report."""
        return self._to_the_end(content, name, imports.check, options)

    def _to_the_end(self, content: bytes, name: str, act: Callable[..., Import], options: Mapping[str, Any]) -> Mapping[str, Any]:
        one = self.take(content, name, **options)
        self.start(one, act)
        self.worker.drain()
        ended = self.done(one)
        assert ended.report is not None, ended
        return ended.report

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return [tuple(row) for row in tx.connection.execute(text(question), {"tenant_id": self.tenant} if ":tenant_id" in question else {})]

    def books(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything an import leaves behind, without ids and the times of writing."""
        questions = {
            "orders": """
                select o.shop, o.order_no, o.customer_no, i.value, o.asserted, o.status, o.paid_at, o.amount, o.total_fen, o.refunded, o.refunded_fen,
                    o.line_count, o.sale_lines, o.content_hash
                from orders o left join identities i on i.id = o.identity_id order by 1, 2
            """,
            "lines": """
                select o.order_no, l.line_no, l.sku, l.name, l.quantity, l.unit_price, l.amount, l.unit_cost, l.kind
                from order_lines l join orders o on o.id = l.order_id order by 1, 2
            """,
            "refunds": "select shop, refund_no, order_no, refunded_at, amount, amount_fen, matched, content_hash from refunds order by 1, 2",
            "refund_lines": """
                select r.refund_no, l.line_no, l.part, o.order_no, l.sku, l.quantity, l.amount
                from refund_lines l join refunds r on r.id = l.refund_id left join orders o on o.id = l.order_id order by 1, 2, 3
            """,
            "identities": "select namespace, value, verified, first_seen_at, last_seen_at from identities order by 1, 2",
            "products": "select shop, sku, name, named_at from products order by 1, 2",
            "events": "select e.name, e.key, e.occurred_at, i.value from events e left join identities i on i.id = e.identity_id order by 1, 2",
        }
        return {name: self.ask(question) for name, question in questions.items()}


@pytest.fixture
def office(database: Database, tenant: TenantId) -> Office:
    return Office(database, tenant)
