"""What retention lends the app."""

from siyu.infra.wiring import Capability, Metric
from siyu.measure.retention.api import retention_routes, revenue_routes

capability = Capability(
    name="retention",
    routers=[retention_routes, revenue_routes],
    metrics=[
        Metric(
            "retention.returned",
            "留存人数",
            "Returning customers",
            "people",
            "首单在同一自然月的客户中，第 k 个月又有付款订单的人数(k=0 为当月人数)",
            "Of the customers whose first paid order lies in the same calendar month, those with a paid order k months later (k = 0 is their number)",
        ),
        Metric(
            "revenue.gross",
            "销售额",
            "Revenue",
            "fen",
            "已知客户的已付订单商品行金额之和，不含取消，未扣退款",
            "Exact sum of the sale lines of paid orders whose payer is known; without cancelled ones, before refunds",
        ),
        Metric(
            "revenue.orders",
            "付款订单数",
            "Paid orders",
            "count",
            "已知客户的已付订单，不含取消与全赠品单",
            "Paid orders whose payer is known, at least one line sold",
        ),
        Metric("revenue.customers", "购买人数", "Buyers", "people", "当月有已付订单的客户数", "Customers with a paid order in the month"),
        Metric("revenue.new_customers", "新客数", "New buyers", "people", "首个已付订单在当月的客户数", "Customers whose first paid order lies in the month"),
        Metric(
            "revenue.repeat_share", "复购占比", "Repeat share", "rate", "有两单及以上的客户占全部购买客户的比例", "Share of all buyers with two or more orders"
        ),
        Metric("revenue.average_order", "客单价", "Average order", "fen", "销售额 ÷ 付款订单数", "Revenue divided by paid orders"),
    ],
)
