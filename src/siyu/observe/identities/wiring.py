"""What identities lend the app."""

from siyu.infra.wiring import Capability, PersonalColumn, ReplicaTable

capability = Capability(
    name="identities",
    replica=[
        ReplicaTable(
            "identities",
            columns={
                "tenant_id": "uuid",
                "id": "uuid",
                "namespace": "varchar",
                "value": "varchar",
                "customer_id": "uuid",
                "verified": "boolean",
                "first_seen_at": "timestamptz",
                "last_seen_at": "timestamptz",
            },
            key=["tenant_id", "id"],
        )
    ],
    personal=[PersonalColumn("identities", "value", "identifier", erase="pseudonym")],
)
