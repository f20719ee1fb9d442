"""Routes of set-up, sessions, oneself, accounts, roles, staff, audit and tenant.

The app lends `app.state.database` (Database), `app.state.settings` (Settings) and `app.state.secrets` (Secrets).
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from siyu.access import accounts, audit, logins, roles, sessions, staff, tenants
from siyu.access.roles import RoleName
from siyu.access.sessions import Limits, NoSession
from siyu.infra.database import Database
from siyu.infra.http import Db, Page, TransactionRoute, decode_cursor, encode_cursor, needs, router
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import AccountId, DepartmentId, StaffId


class SecretRoute(TransactionRoute):
    """A route whose request or answer holds a secret: nothing of either is kept for a repeated `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def without_key(request: Request) -> Response:
            request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"idempotency-key"]
            return await handle(Request(request.scope, request.receive))

        return without_key


doorway = APIRouter(prefix="/api", tags=["access"])  # before there is a session; these open their own transactions
secret = APIRouter(prefix="/api", tags=["access"], route_class=SecretRoute)
plain = router("", tag="access")

Limit = Annotated[int, Query(ge=1, le=200)]
Password = Annotated[str, Field(max_length=1024)]


class In(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SetUpNeeded(BaseModel):
    needed: bool


class SetUpIn(In):
    brand: str
    timezone: str = "Asia/Shanghai"
    login: str
    name: str
    password: Password


class LogInIn(In):
    login: Annotated[str, Field(max_length=256)]
    password: Password
    code: Annotated[str, Field(max_length=32)] | None = None


class ProofIn(In):
    password: Password
    code: Annotated[str, Field(max_length=32)] | None = None


class OwnAccount(BaseModel):
    id: UUID
    login: str
    name: str
    role: RoleName
    staff_id: UUID | None
    totp: bool


class OwnScope(BaseModel):
    kind: Literal["own", "departments", "all"]


class OwnTenant(BaseModel):
    id: UUID
    name: str
    timezone: str
    currency: str


class Me(BaseModel):
    account: OwnAccount
    permissions: list[str]
    scope: OwnScope
    tenant: OwnTenant
    now: datetime
    demo: bool
    language: str | None


class MeIn(In):
    name: str | None = None
    language: str | None = None


class PasswordIn(In):
    old: Password
    new: Password


class TotpOut(BaseModel):
    secret: str
    uri: str


class CodeIn(In):
    code: Annotated[str, Field(max_length=32)]


class RecoveryCodes(BaseModel):
    recovery_codes: list[str]


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


class AccountIn(In):
    login: str
    name: str
    role: RoleName
    password: Password
    staff_id: UUID | None = None
    department_ids: Annotated[list[UUID], Field(max_length=200)] = []


class AccountChange(In):
    name: str | None = None
    role: RoleName | None = None
    active: bool | None = None
    staff_id: UUID | None = None
    department_ids: Annotated[list[UUID], Field(max_length=200)] | None = None


class ResetIn(In):
    password: Password


class RoleOut(BaseModel):
    role: RoleName
    zh: str
    en: str
    scope: Literal["own", "departments", "all"]
    permissions: list[str]


class StaffOut(BaseModel):
    id: UUID
    userid: str
    name: str
    department_ids: list[UUID]
    position: str | None
    active: bool
    customers: int | None


class DepartmentOut(BaseModel):
    id: UUID
    name: str
    parent_id: UUID | None
    staff: int
    depth: int


class AuditEntry(BaseModel):
    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_name: str
    act: str
    subject: str
    detail: dict[str, Any]
    hash: str


class VerdictOut(BaseModel):
    ok: bool
    entries: int
    broken_at: int | None = None
    reason: Literal["changed", "missing", "inserted"] | None = None


class TenantOut(BaseModel):
    id: UUID
    name: str
    timezone: str
    currency: str
    margin_rate_bp: int | None
    created_at: datetime


class TenantIn(In):
    name: str | None = None
    timezone: str | None = None
    margin_rate_bp: int | None = None


# -- set-up and sessions ----------------------------------------------------------------------------------------------------------------------------


@doorway.get("/setup", operation_id="read_setup")
def read_setup(request: Request) -> SetUpNeeded:
    """Whether siyu waits for its first brand and owner."""
    return SetUpNeeded(needed=not tenants.any_tenant(_database(request)))


@doorway.post("/setup", operation_id="set_up", status_code=201)
def set_up(request: Request, response: Response, body: SetUpIn) -> Me:
    """The first brand and its owner, who is logged in."""
    sessions.check_origin(request)
    opened = logins.set_up(_database(request), **body.model_dump(), limits=_limits(request), address=_address(request), agent=_agent(request))
    return _come_in(request, response, opened)


@doorway.post("/session", operation_id="log_in")
def log_in(request: Request, response: Response, body: LogInIn) -> Me:
    """Log in; the session is a cookie."""
    sessions.check_origin(request)
    opened = logins.log_in(
        _database(request),
        _secrets(request),
        login=body.login,
        password=body.password,
        code=body.code,
        limits=_limits(request),
        address=_address(request),
        agent=_agent(request),
        replaces=sessions.token_of(request),
    )
    return _come_in(request, response, opened)


@secret.post("/session/fresh", operation_id="refresh_session", status_code=204)
def refresh_session(request: Request, response: Response, tx: Db, body: ProofIn) -> None:
    """Give the password once more, which risky acts want to be no older than ten minutes (`session.stale`)."""
    logins.prove(_database(request), _secrets(request), tx, body.password, code=body.code, address=_address(request))
    _renew(request, response, tx)


@plain.delete("/session", operation_id="log_out", status_code=204)
def log_out(request: Request, response: Response, tx: Db) -> None:
    """End this session."""
    id = _own_id(tx)
    sessions.end(tx)
    audit.record(tx, "session.ended", f"account:{id}", {"session_id": tx.actor.session_id})
    sessions.drop_cookie(request, response)


# -- oneself ----------------------------------------------------------------------------------------------------------------------------------------


@plain.get("/me", operation_id="read_me")
def read_me(request: Request, tx: Db) -> Me:
    """Who is logged in, what they may do, for which brand, and what time it is there."""
    return _me(request, tx, accounts.get(tx, _own_id(tx)))


@plain.patch("/me", operation_id="change_me")
def change_me(request: Request, tx: Db, body: MeIn) -> Me:
    """Change one's name or language."""
    return _me(request, tx, accounts.change_self(tx, _own_id(tx), name=body.name, language=body.language))


@secret.post("/me/password", operation_id="change_password", status_code=204)
def change_password(request: Request, response: Response, tx: Db, body: PasswordIn) -> None:
    """Another password; all other sessions end."""
    id = logins.prove(_database(request), _secrets(request), tx, body.old, with_code=False, address=_address(request))
    accounts.change_password(tx, id, body.new)
    _renew(request, response, tx)


@secret.post("/me/totp", operation_id="begin_totp")
def begin_totp(request: Request, tx: Db) -> TotpOut:
    """A secret for an authenticator app; nothing changes until its first code is confirmed."""
    sessions.fresh(tx)
    text, uri = accounts.begin_totp(tx, _secrets(request), _own_id(tx), issuer=f"siyu {tenants.get(tx).name}")
    return TotpOut(secret=text, uri=uri)


@secret.post("/me/totp/confirm", operation_id="confirm_totp")
def confirm_totp(request: Request, tx: Db, body: CodeIn) -> RecoveryCodes:
    """Switch one-time codes on with a first code; answers with ten recovery codes, shown this once."""
    return RecoveryCodes(recovery_codes=accounts.confirm_totp(tx, _secrets(request), _own_id(tx), body.code))


@secret.delete("/me/totp", operation_id="remove_totp", status_code=204)
def remove_totp(request: Request, response: Response, tx: Db, body: ProofIn) -> None:
    """Switch one-time codes off."""
    id = logins.prove(_database(request), _secrets(request), tx, body.password, with_code=False, address=_address(request))
    accounts.remove_totp(tx, id)
    _renew(request, response, tx)


# -- accounts and roles -----------------------------------------------------------------------------------------------------------------------------


@plain.get("/accounts", operation_id="list_accounts", dependencies=[needs("accounts.read")])
def list_accounts(tx: Db, cursor: str | None = None, limit: Limit = 50) -> Page[AccountOut]:
    """Accounts by log-in name."""
    after = _text(decode_cursor(cursor), 1)[0] if cursor else None
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


# -- staff ------------------------------------------------------------------------------------------------------------------------------------------


@plain.get("/staff", operation_id="list_staff", dependencies=[needs("staff.read")])
def list_staff(
    tx: Db, q: str | None = None, department_id: UUID | None = None, active: bool | None = None, cursor: str | None = None, limit: Limit = 50
) -> Page[StaffOut]:
    """Staff whose customers one may see, by name."""
    after = None
    if cursor:
        name, id = _text(decode_cursor(cursor), 2)
        after = (name, _uuid(id))
    department = DepartmentId(department_id) if department_id else None
    found = staff.page(tx, after=after, q=q, department_id=department, active=active, limit=limit + 1)
    shown = found[:limit]
    counts = staff.customers(tx, [member.id for member in shown])
    items = [
        StaffOut(
            id=member.id,
            userid=member.userid,
            name=member.name,
            department_ids=list(member.department_ids),
            position=member.position,
            active=member.active,
            customers=counts.get(member.id),
        )
        for member in shown
    ]
    return Page(items=items, next_cursor=encode_cursor(shown[-1].name, shown[-1].id) if len(found) > limit else None)


@plain.get("/departments", operation_id="list_departments", dependencies=[needs("staff.read")])
def list_departments(tx: Db) -> list[DepartmentOut]:
    """All departments, each after its parent."""
    return [
        DepartmentOut(id=department.id, name=department.name, parent_id=department.parent_id, staff=department.staff, depth=department.depth)
        for department in staff.departments(tx)
    ]


# -- audit ------------------------------------------------------------------------------------------------------------------------------------------


@plain.get("/audit", operation_id="list_audit", dependencies=[needs("audit.read")])
def list_audit(
    tx: Db, cursor: str | None = None, actor: str | None = None, act: str | None = None, subject: str | None = None, limit: Limit = 50
) -> Page[AuditEntry]:
    """What was done, newest first. `actor` is a label such as `user:<id>` or the id of an account."""
    before = None
    if cursor:
        (value,) = decode_cursor(cursor)[:1] or [None]
        if not isinstance(value, int) or not 0 <= value < 1 << 63:
            raise Invalid(field="cursor", reason="not a cursor of this list")
        before = value
    if actor and ":" not in actor and actor != "system":
        actor = f"user:{actor}"
    found = audit.page(tx, before=before, actor=actor, act=act, subject=subject, limit=limit + 1)
    items = [
        AuditEntry(
            seq=entry.seq,
            at=entry.at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            actor_name=entry.actor_name,
            act=entry.act,
            subject=entry.subject,
            detail=entry.details(),
            hash=entry.hash.hex(),
        )
        for entry in found[:limit]
    ]
    return Page(items=items, next_cursor=encode_cursor(items[-1].seq) if len(found) > limit else None)


@plain.get("/audit/verify", operation_id="verify_audit", dependencies=[needs("audit.read")])
def verify_audit(tx: Db) -> VerdictOut:
    """Recompute the whole chain and say where it breaks, if it does."""
    return VerdictOut.model_validate(audit.verify(tx), from_attributes=True)


# -- the brand --------------------------------------------------------------------------------------------------------------------------------------


@plain.get("/tenant", operation_id="read_tenant")
def read_tenant(tx: Db) -> TenantOut:
    """The brand."""
    return TenantOut.model_validate(tenants.get(tx), from_attributes=True)


@plain.patch("/tenant", operation_id="change_tenant", dependencies=[needs("tenant.manage")])
def change_tenant(tx: Db, body: TenantIn) -> TenantOut:
    """Change the brand's name, time zone, or the gross margin assumed where an order line has no unit cost."""
    changed = tenants.change(tx, name=body.name, timezone=body.timezone, margin_rate_bp=body.margin_rate_bp)
    return TenantOut.model_validate(changed, from_attributes=True)


# -- helpers ----------------------------------------------------------------------------------------------------------------------------------------


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


def _secrets(request: Request) -> Secrets:
    return cast(Secrets, request.app.state.secrets)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def _limits(request: Request) -> Limits:
    settings = _settings(request)
    return Limits(settings.session_idle_minutes, settings.session_absolute_hours)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _agent(request: Request) -> str | None:
    return request.headers.get("user-agent")


def _own_id(tx: Tx) -> AccountId:
    if tx.actor.kind != "user" or tx.actor.id is None:
        raise NoSession()
    return AccountId(tx.actor.id)


def _come_in(request: Request, response: Response, opened: logins.Opened) -> Me:
    resolved = sessions.resolve(_database(request), opened.token)
    if resolved is None:
        raise NoSession()
    sessions.set_cookie(request, response, opened.token)
    with _database(request).transaction(*resolved) as tx:
        return _me(request, tx, opened.account)


def _renew(request: Request, response: Response, tx: Tx) -> None:
    if token := sessions.renew(tx):
        sessions.set_cookie(request, response, token)


def _me(request: Request, tx: Tx, account: accounts.Account) -> Me:
    return Me(
        account=OwnAccount.model_validate(account, from_attributes=True),
        permissions=sorted(tx.actor.permissions),
        scope=OwnScope(kind=tx.actor.scope.kind),
        tenant=OwnTenant.model_validate(tenants.get(tx), from_attributes=True),
        now=tx.now,
        demo=_settings(request).clock_file is not None,
        language=account.language,
    )


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


def _text(values: list[Any], count: int) -> list[str]:
    if len(values) != count or not all(isinstance(value, str) and "\0" not in value for value in values):
        raise Invalid(field="cursor", reason="not a cursor of this list")
    return values


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid(field="cursor", reason="not a cursor of this list") from wrong
