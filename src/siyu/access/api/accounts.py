"""Accounts and roles."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from siyu.access import accounts, roles, sessions
from siyu.access.api import edge
from siyu.access.roles import RoleName
from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.kernel.ids import AccountId, DepartmentId, StaffId

secret = edge.secret_router()
plain = router("", tag="access")


class ScopeOut(BaseModel):
    kind: Literal["own", "departments", "all"]
    staff_id: UUID | None
    department_ids: list[UUID]


class AccountOut(BaseModel):
    id: UUID
    login: str
    name: str
    role: RoleName
    scope: ScopeOut
    totp: bool
    active: bool
    created_at: datetime
    last_seen_at: datetime | None


class AccountIn(edge.In):
    login: str
    name: str
    role: RoleName
    password: edge.Password
    staff_id: UUID | None = None
    department_ids: Annotated[list[UUID], Field(max_length=200, default_factory=list)]


class AccountChange(edge.In):
    name: str | None = None
    role: RoleName | None = None
    active: bool | None = None
    staff_id: UUID | None = None
    department_ids: Annotated[list[UUID], Field(max_length=200)] | None = None


class ResetIn(edge.In):
    password: edge.Password


class RoleOut(BaseModel):
    role: RoleName
    zh: str
    en: str
    scope: Literal["own", "departments", "all"]
    permissions: list[str]


@plain.get("/accounts", operation_id="list_accounts", dependencies=[needs("accounts.read")])
def list_accounts(tx: Db, cursor: str | None = None, limit: edge.Limit = 50) -> Page[AccountOut]:
    """Accounts by log-in name."""
    after = edge.text(decode_cursor(cursor), 1)[0] if cursor else None
    found = accounts.page(tx, after=after, limit=limit + 1)
    next_cursor = encode_cursor(found[limit - 1].login) if len(found) > limit else None
    return Page(items=[_account(account) for account in found[:limit]], next_cursor=next_cursor)


@secret.post("/accounts", operation_id="create_account", status_code=201, dependencies=[needs("accounts.manage")])
def create_account(tx: Db, body: AccountIn) -> AccountOut:
    """A new account with a first password."""
    sessions.fresh(tx)
    account = accounts.add(
        tx,
        login=body.login,
        name=body.name,
        role=body.role,
        password=body.password,
        staff_id=StaffId(body.staff_id) if body.staff_id else None,
        department_ids=[DepartmentId(id) for id in body.department_ids],
    )
    return _account(account)


@plain.patch("/accounts/{id}", operation_id="change_account", dependencies=[needs("accounts.manage")])
def change_account(tx: Db, id: UUID, body: AccountChange) -> AccountOut:
    """Change name, role, place or state of an account; closing it ends its sessions."""
    sessions.fresh(tx)
    place = (StaffId(body.staff_id) if body.staff_id else None) if "staff_id" in body.model_fields_set else accounts.KEEP
    departments = None if body.department_ids is None else [DepartmentId(department) for department in body.department_ids]
    account = accounts.change(tx, AccountId(id), name=body.name, role=body.role, active=body.active, staff_id=place, department_ids=departments)
    return _account(account)


@secret.post("/accounts/{id}/reset", operation_id="reset_account", dependencies=[needs("accounts.manage")])
def reset_account(tx: Db, id: UUID, body: ResetIn) -> AccountOut:
    """Another password for an account; its sessions end, its one-time codes stay on."""
    sessions.fresh(tx)
    return _account(accounts.reset(tx, AccountId(id), body.password))


@plain.get("/roles", operation_id="list_roles")
def list_roles(tx: Db) -> list[RoleOut]:
    """The seven roles with their permissions."""
    return [RoleOut(role=role.name, zh=role.zh, en=role.en, scope=role.reach, permissions=sorted(roles.permissions_of(role.name))) for role in roles.ROLES]


def _account(account: accounts.Account) -> AccountOut:
    reach = roles.scope_of(account.role, account.staff_id, account.department_ids)
    return AccountOut(
        id=account.id,
        login=account.login,
        name=account.name,
        role=account.role,
        scope=ScopeOut(kind=reach.kind, staff_id=account.staff_id, department_ids=list(account.department_ids)),
        totp=account.totp,
        active=account.active,
        created_at=account.created_at,
        last_seen_at=account.last_seen_at,
    )
