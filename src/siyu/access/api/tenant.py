"""The brand."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from siyu.access import tenants
from siyu.access.api import edge
from siyu.infra.http import Db, needs, router

plain = router("", tag="access")


class TenantOut(BaseModel):
    """`approval_above`: a broadcast to more people than this waits for approval."""

    id: UUID
    name: str
    timezone: str
    currency: str
    margin_rate_bp: int | None
    approval_above: int
    created_at: datetime


class TenantIn(edge.In):
    name: str | None = None
    timezone: str | None = None
    margin_rate_bp: int | None = None
    approval_above: int | None = None


@plain.get("/tenant", operation_id="read_tenant")
def read_tenant(tx: Db) -> TenantOut:
    """The brand."""
    return TenantOut.model_validate(tenants.get(tx), from_attributes=True)


@plain.patch("/tenant", operation_id="change_tenant", dependencies=[needs("tenant.manage")])
def change_tenant(tx: Db, body: TenantIn) -> TenantOut:
    """Change the brand's name, time zone, the gross margin assumed where an order line has no unit cost, or above how many people a broadcast is approved."""
    changed = tenants.change(tx, **body.model_dump())
    return TenantOut.model_validate(changed, from_attributes=True)
