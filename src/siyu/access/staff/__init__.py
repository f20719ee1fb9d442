"""Staff members and departments, and the one answer to whose customers an actor may see."""

from siyu.access.staff.model import Changes, Department, DepartmentRecord, MemberRecord, Staff
from siyu.access.staff.service import (
    StaffNotFound,
    by_ids,
    count_customers_with,
    customers,
    departments,
    departments_upsert,
    get,
    ids,
    page,
    staff_ids_in_scope,
    staff_in_scope,
    under,
    upsert,
)

__all__ = [
    "Changes",
    "Department",
    "DepartmentRecord",
    "MemberRecord",
    "Staff",
    "StaffNotFound",
    "by_ids",
    "count_customers_with",
    "customers",
    "departments",
    "departments_upsert",
    "get",
    "ids",
    "page",
    "staff_ids_in_scope",
    "staff_in_scope",
    "under",
    "upsert",
]
