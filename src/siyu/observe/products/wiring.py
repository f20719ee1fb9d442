"""What products lend the app."""

from siyu.infra.wiring import Capability, ReplicaTable

capability = Capability(
    name="products",
    replica=[
        ReplicaTable(
            "products",
            columns={"tenant_id": "uuid", "shop": "varchar", "sku": "varchar", "name": "varchar", "category": "varchar", "named_at": "timestamptz"},
            key=["tenant_id", "shop", "sku"],
        )
    ],
)
