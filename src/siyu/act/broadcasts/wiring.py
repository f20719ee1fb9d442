"""What broadcasts lend the app."""

from siyu.act.broadcasts import service
from siyu.act.broadcasts.api import routes
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, EventType, Metric, Permission, ReplicaTable

_ID = {"broadcast_id": "the broadcast"}

capability = Capability(
    name="broadcasts",
    routers=[routes],
    events=[
        EventType("broadcast.submitted", "A broadcast was submitted with a fixed list.", "群发已提交", {**_ID, "people": "people on the list"}),
        EventType("broadcast.started", "A broadcast began to go out.", "群发已开始", _ID),
        EventType("broadcast.stopped", "Somebody stopped a broadcast.", "群发已停止", _ID),
    ],
    jobs=[Job("broadcasts.start", service.run, visible=True, cancellable=False), Job("broadcasts.settle", service.settle, alone=True)],
    schedules=[Schedule("broadcasts.settle", "broadcasts.settle", every_seconds=300)],
    permissions=[
        Permission("broadcasts.read", "查看群发", "See broadcasts", roles=("operator", "supervisor", "analyst", "admin")),
        Permission("broadcasts.write", "编写、提交和停止群发", "Write, submit and stop broadcasts", roles=("operator", "supervisor")),
        Permission("broadcasts.approve", "审批群发", "Approve broadcasts", roles=("supervisor", "admin")),
    ],
    metrics=[
        Metric(
            "broadcast.delivered",
            "已送达",
            "Delivered",
            "people",
            "员工确认后，企业微信报告已发送的人数",
            "People whom WeCom reports as sent to after staff confirmed",
        ),
        Metric(
            "broadcast.link_opened",
            "点开",
            "Link opened",
            "people",
            "打开过群发链接的去重人数；没有已读回执",
            "Distinct people who opened the link; there is no read receipt",
        ),
        Metric(
            "broadcast.orders_after",
            "群发后订单",
            "Orders after",
            "count",
            "送达之后、观察期结束之前的付款订单数；不等于群发带来的订单，增量见对照组",
            "Paid orders of receivers between delivery and the end of the horizon; not what the broadcast caused: see lift",
        ),
    ],
    replica=[
        ReplicaTable(
            "broadcasts",
            {
                "tenant_id": "uuid",
                "id": "uuid",
                "name": "varchar",
                "purpose": "varchar",
                "holdout_bp": "integer",
                "horizon_days": "integer",
                "state": "varchar",
                "frozen_id": "uuid",
                "started_at": "timestamptz",
                "stopped_at": "timestamptz",
                "done_at": "timestamptz",
            },
            ["tenant_id", "id"],
        )
    ],
)
