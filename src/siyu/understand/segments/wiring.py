"""What segments lend the app."""

from siyu.infra.wiring import Capability, EventType, Permission, ReplicaTable
from siyu.understand import customers
from siyu.understand.segments import service
from siyu.understand.segments.api import routes

customers.segments_with(service.filter_of)

capability = Capability(
    name="segments",
    routers=[routes],
    events=[
        EventType(
            "segment.frozen",
            "The members of a segment were fixed into a list.",
            "人群包已冻结",
            {"segment_id": "the segment", "list_id": "the list", "members": "how many people"},
        )
    ],
    permissions=[
        Permission("segments.read", "查看分群", "See segments", roles=("operator", "supervisor", "analyst", "admin")),
        Permission("segments.edit", "新建与冻结分群", "Make and freeze segments", roles=("operator", "supervisor", "analyst")),
    ],
    replica=[
        ReplicaTable("segment_members", {"tenant_id": "uuid", "list_id": "uuid", "customer_id": "uuid"}, ["tenant_id", "list_id", "customer_id"]),
    ],
)
