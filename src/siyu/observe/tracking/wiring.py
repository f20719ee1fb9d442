"""What tracking lends the app."""

from siyu.infra.wiring import Capability, EventType, ReplicaTable
from siyu.observe.tracking.api import links

capability = Capability(
    name="tracking",
    routers=[links],
    events=[
        EventType(
            "link.opened",
            "A known person opened a tracked link for the first time. Not a read receipt: WeCom has none.",
            "点开链接",
            {"link_id": "the link", "ref": "what the link was made for"},
        )
    ],
    replica=[
        ReplicaTable(
            "link_opens",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "link_id": "uuid",
                "visitor": "varchar",
                "identity_id": "uuid",
                "ref": "varchar",
                "opens": "bigint",
                "first_at": "timestamptz",
                "last_at": "timestamptz",
            },
            key=["tenant_id", "id"],
        )
    ],
)
