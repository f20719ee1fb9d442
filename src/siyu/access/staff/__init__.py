"""Staff members and departments, and the one answer to whose customers an actor may see."""

from siyu.access.staff.model import Changes, Department, DepartmentRecord, MemberRecord, Staff
from siyu.access.staff.service import (
    StaffNotFound,
    by_userid,
    count_customers_with,
    customers,
    departments,
    departments_upsert,
    get,
    page,
    staff_ids_in_scope,
    staff_in_scope,
    upsert,
)

__all__ = [
    "Changes",
    "Department",
    "DepartmentRecord",
    "MemberRecord",
    "Staff",
    "StaffNotFound",
    "by_userid",
    "count_customers_with",
    "customers",
    "departments",
    "departments_upsert",
    "get",
    "page",
    "staff_ids_in_scope",
    "staff_in_scope",
    "upsert",
]
