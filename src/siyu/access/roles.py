"""The seven roles, what each may do, and how far each sees.

Capabilities declare permissions with the roles that hold them (`Permission` in their wiring); the app registers all of them at start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from siyu.infra.tx import Scope
from siyu.infra.wiring import Permission
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import DepartmentId, StaffId

RoleName = Literal["owner", "operator", "supervisor", "guide", "community_owner", "analyst", "admin"]
Reach = Literal["own", "departments", "all"]


@dataclass(frozen=True)
class Role:
    """A role with its names on screen. `reach`: whose customers it sees."""

    name: RoleName
    zh: str
    en: str
    reach: Reach


ROLES: tuple[Role, ...] = (
    Role("owner", "经营者", "Owner", "all"),
    Role("operator", "运营", "Operator", "all"),
    Role("supervisor", "主管·店长", "Supervisor", "departments"),
    Role("guide", "导购·客服", "Guide", "own"),
    Role("community_owner", "群主", "Community owner", "own"),
    Role("analyst", "分析", "Analyst", "all"),
    Role("admin", "管理员·风控", "Admin", "all"),
)
NAMES: tuple[RoleName, ...] = get_args(RoleName)
_BY_NAME = {role.name: role for role in ROLES}
_held: dict[str, frozenset[str]] = {}


def register(permissions: Sequence[Permission]) -> None:
    """Take the permissions of all capabilities; those of an earlier call are forgotten. Raises ValueError for an unknown role or a name said twice."""
    names = [permission.name for permission in permissions]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"permission declared twice: {sorted(twice)}")
    if unknown := {role for permission in permissions for role in permission.roles} - set(NAMES):
        raise ValueError(f"no such role: {sorted(unknown)}")
    _held.clear()
    for role in NAMES:
        _held[role] = frozenset(permission.name for permission in permissions if role == "owner" or role in permission.roles)


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do. An owner may do everything; before `register` nobody may do anything."""
    return _held.get(role, frozenset())


def parse(name: str) -> RoleName:
    """A role by its name. Raises Invalid."""
    for known in NAMES:
        if known == name:
            return known
    raise Invalid(field="role", reason="unknown role")


def scope_of(role: str, staff_id: StaffId | None, department_ids: Sequence[DepartmentId]) -> Scope:
    """How far an account of this role sees. Own scope without a staff member and departments without any see nobody."""
    reach = _BY_NAME[parse(role)].reach
    if reach == "own":
        return Scope("own", staff_id)
    if reach == "departments":
        return Scope("departments", staff_id, tuple(department_ids))
    return Scope("all", staff_id)
