"""The tables of orders, refunds and their lines."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, Numeric, Table, Text, Uuid

from siyu.infra.schema import metadata

orders = Table(
    "orders",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("identity_id", Uuid),
    Column("customer_no", Text),
    Column("unionid", Text),
    Column("phone", Text),
    Column("customer_name", Text),
    Column("city", Text),
    Column("province", Text),
    Column("country", Text),
    Column("asserted", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("paid_at", DateTime(timezone=True), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("refunded", Numeric, nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("sale_lines", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("import_id", Uuid),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("name", Text),
    Column("quantity", Numeric, nullable=False),
    Column("unit_price", Numeric, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("unit_cost", Numeric),
    Column("kind", Text, nullable=False),
)

refunds = Table(
    "refunds",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("shop", Text, nullable=False),
    Column("refund_no", Text, nullable=False),
    Column("identity_id", Uuid),
    Column("order_id", Uuid),
    Column("refunded_at", DateTime(timezone=True), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("matched", Numeric, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("import_id", Uuid),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

refund_lines = Table(
    "refund_lines",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("refund_id", Uuid, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("order_id", Uuid),
    Column("sku", Text, nullable=False),
    Column("name", Text),
    Column("quantity", Numeric, nullable=False),
    Column("amount", Numeric, nullable=False),
)
