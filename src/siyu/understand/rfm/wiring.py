"""What RFM lends the app."""

from siyu.infra.wiring import Capability, EventType, Metric, Permission
from siyu.understand.rfm.api import routes

capability = Capability(
    name="rfm",
    routers=[routes],
    events=[
        EventType(
            "rfm.cutoffs_changed",
            "Operators edited what the RFM scores mean.",
            "RFM 分界值修改",
            {"version_number": "the version now in force", "mode": "quintile or fixed"},
        )
    ],
    permissions=[
        Permission("analysis.read", "查看数据分析", "See analyses", roles=("operator", "supervisor", "analyst", "admin")),
        Permission("rfm.edit", "修改 RFM 分界值", "Edit RFM cut-offs", roles=("operator", "analyst")),
    ],
    metrics=[
        Metric("rfm.recency", "最近消费(R)", "Recency", "days", "截至今天，距最近一次付款过去的整天数", "Whole days from the last paid order to today"),
        Metric("rfm.frequency", "消费频次(F)", "Frequency", "count", "付款订单数，不含取消", "Paid orders, cancelled ones left out"),
        Metric(
            "rfm.monetary",
            "消费金额(M)",
            "Monetary value",
            "fen",
            "付款订单商品行金额之和；可选扣除退款",
            "Exact sum of sale lines of paid orders; net of refunds if chosen",
        ),
    ],
)
