"""Opening, resolving, renewing and ending sessions."""

import hashlib
import secrets
from collections.abc import Sequence

from siyu.access import roles
from siyu.access.sessions import store
from siyu.access.sessions.model import PARALLEL, Limits, Stale
from siyu.infra.database import Database
from siyu.infra.tx import Actor, Tx
from siyu.kernel.ids import AccountId, DepartmentId, SessionId, StaffId, TenantId, new_id


def resolve(database: Database, token: str) -> tuple[TenantId, Actor] | None:
    """Whose request this is, from the session cookie; None for a token that is unknown, idle too long, expired, or of a closed account."""
    with database.lookup() as connection:
        row = store.find(connection, _hash(token))
    if row is None:
        return None
    actor = actor_of(AccountId(row.account_id), row.name, row.role, row.staff_id, row.department_ids, session_id=SessionId(row.session_id))
    return TenantId(row.tenant_id), actor


def actor_of(
    account_id: AccountId, name: str, role: str, staff_id: StaffId | None, department_ids: Sequence[DepartmentId], *, session_id: SessionId | None = None
) -> Actor:
    """An account as it acts: permissions of its role, scope of its role and place."""
    return Actor("user", account_id, name, role, roles.permissions_of(role), roles.scope_of(role, staff_id, department_ids), session_id)


def open(
    tx: Tx, account_id: AccountId, *, limits: Limits, address: str | None = None, agent: str | None = None, replaces: str | None = None
) -> tuple[SessionId, str]:
    """A new session and its token, which is told this once; `replaces` is the token that the browser came with, now ended.

    An account keeps its ten most recent sessions.
    """
    if replaces:
        store.delete_token(tx, _hash(replaces))
    store.trim(tx, account_id, PARALLEL - 1)
    id, token = new_id(SessionId, tx.now), _token()
    store.insert(
        tx,
        id,
        account_id,
        _hash(token),
        idle_seconds=limits.idle_minutes * 60,
        absolute_seconds=limits.absolute_hours * 3600,
        address=address,
        agent=agent[:300] if agent else None,
    )
    return id, token


def renew(tx: Tx) -> str | None:
    """A new token for the acting session, whose holder has just proved who they are; None when there is no session."""
    token = _token()
    if tx.actor.session_id is None or not store.rotate(tx, tx.actor.session_id, _hash(token)):
        return None
    return token


def end(tx: Tx) -> None:
    """Log the acting session out."""
    if tx.actor.session_id is not None and tx.actor.id is not None:
        store.delete(tx, AccountId(tx.actor.id), only=tx.actor.session_id)


def end_all(tx: Tx, account_id: AccountId, *, but: SessionId | None = None) -> int:
    """End every session of an account, except `but`. Returns how many."""
    return store.delete(tx, account_id, but=but)


def sweep(tx: Tx) -> int:
    """Delete the tenant's sessions that have ended by themselves. Returns how many."""
    return store.sweep(tx)


def fresh(tx: Tx, minutes: int = 10) -> None:
    """Before a risky act: raises Stale unless the holder of the session gave the password within so many machine minutes.

    The system itself and API keys have no password to give and pass.
    """
    if tx.actor.kind != "user":
        return
    seconds = store.authenticated_seconds_ago(tx, tx.actor.session_id) if tx.actor.session_id else None
    if seconds is None or seconds > minutes * 60:
        raise Stale(minutes=minutes)


def _token() -> str:
    return secrets.token_urlsafe(16)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
