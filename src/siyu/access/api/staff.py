"""Staff and departments."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from siyu.access import staff
from siyu.access.api import edge
from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.kernel.ids import DepartmentId

plain = router("", tag="access")


class StaffOut(BaseModel):
    """A member of a corp. `corp_id` is WeCom's, `corp_name` what the corp is called here, null for one that is not connected; two corps may use one userid.

    `hindrance`: why they may not serve customers, null when they may; `read_at`: when WeCom's address book was last read.
    """

    id: UUID
    corp_id: str
    corp_name: str | None
    userid: str
    name: str
    department_ids: list[UUID]
    position: str | None
    active: bool
    status: staff.Status
    hindrance: staff.Hindrance | None
    customers: int | None
    groups: int | None
    read_at: datetime | None


class DepartmentOut(BaseModel):
    """A department of a corp. `staff` are its own active members; `depth` counts from the corp's root (0)."""

    id: UUID
    corp_id: str
    corp_name: str | None
    name: str
    parent_id: UUID | None
    staff: int
    depth: int


@plain.get("/staff", operation_id="list_staff", dependencies=[needs("staff.read")])
def list_staff(
    tx: Db,
    q: edge.Filter = None,
    corp_id: edge.Filter = None,
    department_id: UUID | None = None,
    active: bool | None = None,
    hindrance: staff.Hindrance | Literal["none"] | None = None,
    cursor: str | None = None,
    limit: edge.Limit = 50,
) -> Page[StaffOut]:
    """Staff whose customers one may see, by name. `corp_id`: WeCom's; `hindrance` `none`: those who may serve customers."""
    after = None
    if cursor:
        name, id = edge.text(decode_cursor(cursor), 2)
        after = (name, edge.uuid(id))
    department = DepartmentId(department_id) if department_id else None
    found = staff.page(tx, after=after, q=q, corp_id=corp_id, department_id=department, active=active, hindrance=hindrance, limit=limit + 1)
    shown = found[:limit]
    ids = [member.id for member in shown]
    customers, groups = staff.count(tx, "customers", ids), staff.count(tx, "groups", ids)
    corps = staff.corp_names(tx)
    items = [
        StaffOut(
            id=member.id,
            corp_id=member.corp_id,
            corp_name=corps.get(member.corp_id),
            userid=member.userid,
            name=member.name,
            department_ids=list(member.department_ids),
            position=member.position,
            active=member.active,
            status=member.status,
            hindrance=member.hindrance,
            customers=customers.get(member.id),
            groups=groups.get(member.id),
            read_at=member.read_at,
        )
        for member in shown
    ]
    return Page(items=items, next_cursor=encode_cursor(shown[-1].name, shown[-1].id) if len(found) > limit else None)


@plain.get("/departments", operation_id="list_departments", dependencies=[needs("staff.read")])
def list_departments(tx: Db) -> list[DepartmentOut]:
    """The departments that one may see, corp by corp, each after its parent."""
    corps = staff.corp_names(tx)
    return [
        DepartmentOut(
            id=department.id,
            corp_id=department.corp_id,
            corp_name=corps.get(department.corp_id),
            name=department.name,
            parent_id=department.parent_id,
            staff=department.staff,
            depth=department.depth,
        )
        for department in staff.departments(tx)
    ]
