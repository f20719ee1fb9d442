"""What customers lend the app."""

from siyu.infra.jobs import Job
from siyu.infra.wiring import Capability, Metric, Permission
from siyu.understand.customers import exports
from siyu.understand.customers.api import routes

EVERYBODY = ("operator", "supervisor", "guide", "community_owner", "analyst", "admin")

capability = Capability(
    name="customers",
    routers=[routes],
    jobs=[Job(exports.JOB, exports.run, visible=True)],
    permissions=[
        Permission("customers.read", "查看客户", "See customers", roles=EVERYBODY),
        Permission("customers.edit", "登记客户退订", "Opt customers out and in", roles=("operator", "supervisor", "guide", "admin")),
        Permission("customers.export", "导出客户", "Export customers", roles=("operator", "supervisor", "admin")),
    ],
    metrics=[
        Metric(
            "customers.orders",
            "付款订单数",
            "Paid orders",
            "count",
            "客户的已付订单，不含取消与全赠品单",
            "The customer's paid orders with at least one line sold",
        ),
        Metric(
            "customers.revenue",
            "消费金额",
            "Revenue",
            "fen",
            "客户已付订单商品行金额之和，不含取消，未扣退款",
            "Exact sum of the sale lines of the customer's paid orders, before refunds",
        ),
        Metric(
            "customers.margin",
            "毛利",
            "Margin",
            "fen",
            "商品行金额−成本，无成本的行按品牌毛利率假定；退款按订单金额比例扣除",
            "Line amounts less unit cost, at the brand's assumed rate where no cost is known; refunds take off the same share",
        ),
    ],
)
