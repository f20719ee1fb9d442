"""What the gateway lends the app."""

from datetime import time

from siyu.act.gateway import store
from siyu.act.gateway.api import routes
from siyu.act.gateway.service import work
from siyu.act.gateway.service.requests import FOLLOW_UP, PREPARE, SEND
from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, EventType, Follower, Permission, PersonalColumn, ReplicaTable
from siyu.observe import sends

sends.own(store.tasks.owners)

capability = Capability(
    name="gateway",
    routers=[routes],
    permissions=[Permission("sending_rules.manage", "修改发送规则", "Change the sending rules", roles=("owner", "admin"))],
    events=[
        EventType(
            "message.sent",
            "A member has sent a message to a customer.",
            "消息已发送",
            {
                "action_id": "the action that asked for it",
                "customer_id": "the person as known when it was planned",
                "staff_id": "the member who confirmed it",
                "msgid": "WeCom's task",
            },
        ),
        EventType(
            "send.settled", "Everybody in an action has reached a final state.", "发送已结清", {"action_id": "the action", "campaign": "who asked for it"}
        ),
    ],
    followers=[Follower("gateway", ["consent.withdrawn"], work.hear_withdrawals)],
    jobs=[
        Job(PREPARE, work.prepare, alone=True),
        Job(SEND, work.send, alone=True),
        Job(FOLLOW_UP, work.follow_up, alone=True),
        Job("gateway.tick", work.tick, alone=True),
        Job("gateway.sweep", work.sweep, alone=True),
    ],
    schedules=[
        Schedule("gateway.tick", "gateway.tick", every_seconds=20, missed="skip"),
        Schedule("gateway.follow_up", FOLLOW_UP, every_seconds=30, missed="skip"),
        Schedule("gateway.sweep", "gateway.sweep", daily_at=time(8, 30)),
    ],
    replica=[
        ReplicaTable(
            "send_actions",
            {
                "tenant_id": "uuid",
                "id": "uuid",
                "campaign": "uuid",
                "step": "integer",
                "round": "integer",
                "purpose": "varchar",
                "not_before": "timestamptz",
                "expires_at": "timestamptz",
                "holdout_bp": "integer",
                "stopped_at": "timestamptz",
                "settled_at": "timestamptz",
            },
            ["tenant_id", "id"],
        ),
        ReplicaTable(
            "send_intents",
            {
                "tenant_id": "uuid",
                "action_id": "uuid",
                "customer_id": "uuid",
                "arm": "varchar",
                "state": "varchar",
                "reason": "varchar",
                "staff_id": "uuid",
                "sent_at": "timestamptz",
                "updated_at": "timestamptz",
            },
            ["tenant_id", "action_id", "customer_id"],
        ),
    ],
    personal=[
        PersonalColumn("send_intents", "external_userid", "identifier", erase="pseudonym"),
        PersonalColumn("send_calls", "recipients", "identifier", erase="pseudonym"),
    ],
)
