"""What the routes of access share: secret routes, request bodies, and what the app lends (`database`, `settings`, `secrets` on `app.state`)."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from siyu.access import accounts, sessions, tenants
from siyu.access.roles import RoleName
from siyu.access.sessions import Limits, NoSession
from siyu.infra import secrets as keyring
from siyu.infra.database import Database
from siyu.infra.http import SecretRoute
from siyu.infra.secrets import Secrets
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import AccountId


def secret_router() -> APIRouter:
    """A router of secret routes."""
    return APIRouter(prefix="/api", tags=["access"], route_class=SecretRoute)


Limit = Annotated[int, Query(ge=1, le=200)]
Filter = Annotated[str | None, Query(max_length=200)]
Password = Annotated[str, Field(max_length=1024)]
Code = Annotated[str, Field(max_length=32)]


class In(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ProofIn(In):
    password: Password
    code: Code | None = None


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
    """Who is logged in. `sandbox`: business time is a sandbox's; `demo`: and the brand is the demo's own."""

    account: OwnAccount
    permissions: list[str]
    scope: OwnScope
    tenant: OwnTenant
    now: datetime
    demo: bool
    sandbox: bool
    language: str | None


def database(request: Request) -> Database:
    """The store, for what happens before or beside the request's transaction."""
    return cast(Database, request.app.state.database)


def secrets(request: Request) -> Secrets:
    """The keyring, loaded from `home` at first need unless the app has loaded it."""
    state = request.app.state
    if getattr(state, "secrets", None) is None:
        state.secrets = keyring.load(settings(request).home)
    return cast(Secrets, state.secrets)


def settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def limits(request: Request) -> Limits:
    told = settings(request)
    return Limits(told.session_idle_minutes, told.session_absolute_hours)


def address(request: Request) -> str:
    return request.client.host if request.client else ""


def agent(request: Request) -> str | None:
    return request.headers.get("user-agent")


def own_id(tx: Tx) -> AccountId:
    """The account that acts. Raises NoSession for an API key, which is nobody's."""
    if tx.actor.kind != "user" or tx.actor.id is None:
        raise NoSession()
    return AccountId(tx.actor.id)


def renew(request: Request, response: Response, tx: Tx) -> None:
    """Whoever has just proved who they are goes on under another token."""
    if token := sessions.renew(tx):
        sessions.set_cookie(request, response, token)


def me(request: Request, tx: Tx, account: accounts.Account) -> Me:
    tenant = tenants.get(tx)
    return Me(
        account=OwnAccount.model_validate(account, from_attributes=True),
        permissions=sorted(tx.actor.permissions),
        scope=OwnScope(kind=tx.actor.scope.kind),
        tenant=OwnTenant.model_validate(tenant, from_attributes=True),
        now=tx.now,
        demo=tenant.demo,
        sandbox=settings(request).clock_file is not None,
        language=account.language,
    )


def text(values: list[Any], count: int) -> list[str]:
    """The values of a cursor that holds `count` texts. Raises Invalid."""
    if len(values) == count and all(isinstance(value, str) for value in values):
        return values
    raise Invalid(field="cursor", reason="not a cursor of this list")


def uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid(field="cursor", reason="not a cursor of this list") from wrong
