"""Staff members and departments as WeCom's address book tells of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from siyu.kernel.ids import DepartmentId, StaffId

Status = Literal["active", "disabled", "not_activated", "left"]
Hindrance = Literal["left", "disabled", "not_activated", "no_permission", "no_licence"]
"""Why a member may not serve customers, the first that holds: left, disabled or never activated in WeCom, no customer-contact function, no licence."""
DISABLED, NOT_ACTIVATED = 2, 4
"""WeCom's numbers of a member's state."""


@dataclass(frozen=True)
class MemberRecord:
    """A member of a corp as read from WeCom; departments and `status` are WeCom's numbers, `status` None where nobody told."""

    userid: str
    name: str
    position: str | None = None
    main_department: int | None = None
    departments: Sequence[int] = ()
    leader_of: Sequence[int] = ()
    active: bool = True
    status: int | None = None


@dataclass(frozen=True)
class DepartmentRecord:
    """A department of a corp as read from WeCom."""

    wecom_id: int
    name: str
    parent_wecom_id: int | None = None


@dataclass(frozen=True)
class Staff:
    """A staff member. Whoever has left stays, inactive, as past relations name them. `hindrance` is None for who may serve customers.

    `read_at`: when the address book of the corp was last read.
    """

    id: StaffId
    corp_id: str
    userid: str
    name: str
    position: str | None
    active: bool
    department_ids: tuple[DepartmentId, ...] = ()
    status: Status = "active"
    hindrance: Hindrance | None = None
    read_at: datetime | None = None


@dataclass(frozen=True)
class Department:
    """A department; `depth` counts from the root (0), `staff` its own active members without those of departments below."""

    id: DepartmentId
    corp_id: str
    wecom_id: int
    name: str
    parent_id: DepartmentId | None
    depth: int
    staff: int


@dataclass(frozen=True)
class Changes:
    """What a synchronisation changed."""

    new: int = 0
    changed: int = 0
    gone: int = 0


def paths(departments: Sequence[DepartmentRecord]) -> Mapping[int, str]:
    """Where each department hangs: numbers from the root to itself, `/1/4/17/`, so that a subtree is all that begins with its root's path.

    One whose parent is not told of (out of the app's sight) is a root; one that is its own ancestor stops there.
    """
    parents = {department.wecom_id: department.parent_wecom_id for department in departments}
    found: dict[int, str] = {}
    for wecom_id in parents:
        line: list[int] = []
        at: int | None = wecom_id
        while at in parents and at is not None and at not in line:
            line.append(at)
            at = parents[at]
        found[wecom_id] = "/" + "".join(f"{step}/" for step in reversed(line))
    return found
