"""One unit of work: a transaction, the tenant, who acts, and the business instant at which everything in it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, CursorResult, Executable, TextClause, text

from siyu.kernel.errors import Forbidden
from siyu.kernel.ids import DepartmentId, SessionId, StaffId, TenantId


@dataclass(frozen=True)
class Scope:
    """Which customers an actor may see: `own` those of `staff_id`, `departments` those of all staff in the subtrees of `department_ids`, `all` everyone."""

    kind: Literal["own", "departments", "all"]
    staff_id: StaffId | None = None
    department_ids: tuple[DepartmentId, ...] = ()


EVERYONE = Scope("all")


@dataclass(frozen=True)
class Actor:
    """Who acts. `name` is what the audit log shows; the system itself may do everything."""

    kind: Literal["user", "system", "api", "customer"]
    id: UUID | None = None
    name: str = "siyu"
    role: str = "system"
    permissions: frozenset[str] = field(default=frozenset())
    scope: Scope = EVERYONE
    session_id: SessionId | None = None

    def may(self, permission: str) -> bool:
        return self.kind == "system" or permission in self.permissions

    @property
    def label(self) -> str:
        """`user:<id>`, `system` or `api:<id>`: how events and audit rows name the actor."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")


@lru_cache(maxsize=2048)
def _clause(statement: str) -> TextClause:
    return text(statement)


@dataclass(frozen=True)
class Tx:
    """An open transaction of one tenant. `now` is business time, fixed when it opened; code below never asks a clock."""

    connection: Connection
    tenant_id: TenantId
    actor: Actor
    now: datetime
    tz: ZoneInfo

    def execute(self, statement: Executable | str, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Run SQL in this transaction. A plain string may use `:tenant_id` and `:now` without passing them."""
        if isinstance(statement, str):
            clause = _clause(statement)
            if params is None or isinstance(params, Mapping):
                own = {"tenant_id": self.tenant_id, "now": self.now}
                named = {name: value for name, value in own.items() if name in clause._bindparams}
                return self.connection.execute(clause, {**named, **(params or {})})
            return self.connection.execute(clause, params)
        return self.connection.execute(statement, params)

    def require(self, permission: str) -> None:
        """Raises Forbidden unless the actor holds `permission`."""
        if not self.actor.may(permission):
            raise Forbidden(permission=permission)
