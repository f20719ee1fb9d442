"""UCI Online Retail as the replica would hold it, for golden tests of expressions (data/online_retail, CC BY 4.0)."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import duckdb
import ibis
from ibis.expr import types as ir

from siyu import engine
from siyu.infra.tx import Tx
from siyu.understand.purchases import paid_orders

ROOT = Path(__file__).parents[1]
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "golden" / "online_retail.json").read_text())
ZONE = ZoneInfo("Europe/London")


ORDERS = ibis.schema(
    {
        "id": "uuid",
        "shop": "string",
        "order_no": "string",
        "customer_id": "uuid",
        "country": "string",
        "status": "string",
        "paid_at": "timestamp('UTC')",
        "amount": "decimal(38, 10)",
        "refunded": "decimal(38, 10)",
        "sale_lines": "int32",
    }
)
IDENTITIES = ibis.schema({"id": "uuid", "namespace": "string", "value": "string", "customer_id": "uuid"})


class Shop:
    """A DuckDB with `orders` and `identities` made of the clean lines; times are local to the shop. Expressions are compiled as the engine compiles them."""

    def __init__(self) -> None:
        self.db = duckdb.connect()
        file = ROOT / "data" / "online_retail" / "online_retail.parquet"
        self.db.execute("set timezone = 'UTC'")
        self.db.execute(
            f"""
            create table orders as
            select md5(InvoiceNo)::uuid as id, 'uk' as shop, InvoiceNo as order_no, md5('c' || any_value(CustomerID))::uuid as customer_id,
                any_value(Country) as country, 'paid' as status, timezone('Europe/London', min(InvoiceDate)) as paid_at,
                sum(cast(Quantity as decimal(18, 3)) * cast(UnitPrice as decimal(18, 3)))::decimal(38, 10) as amount, 0::decimal(38, 10) as refunded,
                count(*)::integer as sale_lines
            from read_parquet('{file}')
            where CustomerID is not null and InvoiceNo not like 'C%' and Quantity > 0 and UnitPrice > 0
            group by InvoiceNo
            """
        )
        self.db.execute(
            f"""
            create table identities as
            select distinct md5(CustomerID::text)::uuid as id, 'shop:uk:customer' as namespace, CustomerID::text as value,
                md5('c' || CustomerID)::uuid as customer_id
            from read_parquet('{file}') where CustomerID is not null
            """
        )
        self.orders: ir.Table = ibis.table(ORDERS, name="orders")
        self.identities: ir.Table = ibis.table(IDENTITIES, name="identities")

    def paid(self) -> ir.Table:
        """Paid orders, days on the shop's own calendar."""
        return paid_orders(self.orders, engine.local_time(cast(Tx, SimpleNamespace(tz=ZONE)), self.orders.paid_at).date())

    def rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        """The answer to an expression."""
        cursor = self.db.execute(ibis.to_sql(expression, dialect="duckdb"))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """The answer as a table, so that several questions about it are asked quickly."""
        self.db.execute(f"create table {name} as {ibis.to_sql(expression, dialect='duckdb')}")
        return ibis.table(expression.schema(), name=name)
