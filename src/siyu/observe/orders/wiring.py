"""What orders lend the app."""

from siyu.infra.wiring import Capability, EventType, Permission, PersonalColumn, ReplicaTable
from siyu.observe.orders.api import router

_ORDER_FIELDS = {
    "order_id": "the order's id",
    "shop": "the shop that sold",
    "order_no": "the shop's number of the order",
    "amount": "exact sum of the sale lines in the order's currency, gross of refunds",
    "total_fen": "that sum in fen, rounded once",
    "currency": "ISO 4217 code",
}
_MONEY = "decimal(38,10)"

capability = Capability(
    name="orders",
    routers=[router],
    events=[
        EventType("order.paid", "A customer paid for goods.", "客户付款", {**_ORDER_FIELDS, "lines": "number of sale lines"}),
        EventType("order.changed", "A shop sent an order again with other content.", "订单变更", {**_ORDER_FIELDS, "lines": "number of sale lines"}),
        EventType("order.cancelled", "An order was called off and counts as never paid.", "订单取消", _ORDER_FIELDS),
        EventType(
            "order.refunded",
            "Money went back to a customer.",
            "订单退款",
            {
                "refund_no": "the shop's number of the refund",
                "shop": "the shop that refunds",
                "order_id": "the order named by the shop, null when none was named",
                "order_no": "its number as the shop named it",
                "amount": "exact amount given back",
                "amount_fen": "that amount in fen, rounded once",
                "currency": "ISO 4217 code",
            },
        ),
    ],
    permissions=[
        Permission("orders.read", "查看订单", "See orders", roles=("operator", "analyst", "admin", "supervisor", "guide")),
        Permission("orders.write", "录入订单与退款", "Hand in orders and refunds", roles=("operator", "admin")),
    ],
    replica=[
        ReplicaTable(
            "orders",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "shop": "varchar",
                "order_no": "varchar",
                "identity_id": "uuid",
                "customer_name": "varchar",
                "city": "varchar",
                "province": "varchar",
                "country": "varchar",
                "status": "varchar",
                "paid_at": "timestamptz",
                "currency": "varchar",
                "amount": _MONEY,
                "total_fen": "bigint",
                "refunded": _MONEY,
                "refunded_fen": "bigint",
                "line_count": "integer",
                "sale_lines": "integer",
                "source": "varchar",
            },
            key=["tenant_id", "id"],
        ),
        ReplicaTable(
            "order_lines",
            columns={
                "tenant_id": "uuid",
                "order_id": "uuid",
                "line_no": "integer",
                "sku": "varchar",
                "name": "varchar",
                "quantity": _MONEY,
                "unit_price": _MONEY,
                "amount": _MONEY,
                "unit_cost": _MONEY,
                "kind": "varchar",
            },
            key=["tenant_id", "order_id", "line_no"],
        ),
        ReplicaTable(
            "refunds",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "shop": "varchar",
                "refund_no": "varchar",
                "identity_id": "uuid",
                "order_id": "uuid",
                "refunded_at": "timestamptz",
                "currency": "varchar",
                "amount": _MONEY,
                "amount_fen": "bigint",
                "matched": _MONEY,
            },
            key=["tenant_id", "id"],
        ),
        ReplicaTable(
            "refund_lines",
            columns={
                "tenant_id": "uuid",
                "refund_id": "uuid",
                "line_no": "integer",
                "part": "integer",
                "order_id": "uuid",
                "sku": "varchar",
                "name": "varchar",
                "quantity": _MONEY,
                "amount": _MONEY,
            },
            key=["tenant_id", "refund_id", "line_no", "part"],
        ),
    ],
    personal=[
        PersonalColumn("orders", "customer_no", "identifier", erase="pseudonym"),
        PersonalColumn("orders", "unionid", "identifier", erase="null"),
        PersonalColumn("orders", "phone", "phone"),
        PersonalColumn("orders", "customer_name", "name"),
        PersonalColumn("orders", "city", "address"),
    ],
)
