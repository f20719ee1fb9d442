"""What identity lends the app."""

from siyu.infra.jobs import Job, Schedule
from siyu.infra.wiring import Capability, EventType, Follower, PersonalColumn, ReplicaTable
from siyu.understand.identity import service

capability = Capability(
    name="identity",
    events=[
        EventType("customer.created", "A person was seen for the first time.", "客户建档", {"customer_id": "the customer"}),
        EventType(
            "customer.merged",
            "Two customers turned out to be one person.",
            "客户合并",
            {"merge_id": "the merge, by which it can be undone", "survivor_id": "who stands for both", "loser_id": "who was merged away"},
        ),
        EventType(
            "customer.separated",
            "Identities left a customer: a merge was undone, or contradicting evidence came.",
            "客户拆分",
            {"from_id": "who had them", "to_id": "who has them now"},
        ),
    ],
    followers=[
        Follower("identity", list(service.HEARD), service.follow),
    ],
    jobs=[Job("identity.resolve", service.resolve_all, visible=True, alone=True), Job("identity.sweep", service.sweep)],
    schedules=[Schedule("identity.sweep", "identity.sweep", every_seconds=60)],
    replica=[
        ReplicaTable(
            "customers",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "name": "varchar",
                "name_source": "varchar",
                "gender": "varchar",
                "city": "varchar",
                "province": "varchar",
                "created_at": "timestamptz",
                "merged_into": "uuid",
            },
            key=["tenant_id", "id"],
        )
    ],
    personal=[PersonalColumn("customers", "name", "name"), PersonalColumn("customers", "city", "address")],
)
