"""Logging in, proving oneself again, setting up.

These begin before the tenant is known and must remember a failed try, so they open transactions of their own; the slow hash runs in none of them.
"""

from typing import Any

import structlog
from sqlalchemy import Row

from siyu.access import accounts, audit, passwords, sessions, tenants
from siyu.access.accounts import WrongPassword
from siyu.access.logins import store
from siyu.access.logins.model import AmbiguousLogin, BadCode, BadCredentials, CodeNeeded, NoAccount, Opened, SetUpDone, TooMany
from siyu.access.sessions import Limits
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import AccountId, StaffId, TenantId

log = structlog.get_logger()


def log_in(
    database: Database,
    secrets: Secrets,
    *,
    login: str,
    password: str,
    code: str | None = None,
    limits: Limits,
    address: str = "",
    agent: str | None = None,
    replaces: str | None = None,
) -> Opened:
    """A session for whoever gives name, password and, where the account asks for one, a one-time or recovery code.

    An unknown name, a wrong password and a closed account get the same answer after the same work. `replaces`: the token the browser came with.
    Raises BadCredentials, CodeNeeded, BadCode, TooMany, AmbiguousLogin.
    """
    name = accounts.login_name(login)
    with database.lookup() as connection:
        wait = store.count_try(connection, name, address)
        found = store.find(connection, name if name.isprintable() else "")
    if wait:
        log.warning("session.too_many", address=address, retry_after_seconds=wait)
        raise TooMany(retry_after_seconds=wait)
    row = _proved(found, password)
    if row is None:
        log.info("session.refused", address=address, accounts=[str(one.account_id) for one in found])
        raise BadCredentials()
    tenant_id, id = TenantId(row.tenant_id), AccountId(row.account_id)
    with database.transaction(tenant_id, SYSTEM) as tx:
        account = accounts.get(tx, id, lock=True)
        if not account.active or accounts.password_hash(tx, id) != row.password_hash:  # changed while we compared
            raise BadCredentials()
        as_self = _as(tx, account)
        if account.totp:
            if not code:
                raise CodeNeeded()
            if not accounts.check_code(as_self, secrets, id, code):
                raise BadCode()
        accounts.renew_hash(tx, id, password)
        accounts.seen(tx, id)
        session_id, token = sessions.open(tx, id, limits=limits, address=address or None, agent=agent, replaces=replaces)
        failed = store.forgive(tx, name, address)
        audit.record(as_self, "session.opened", f"account:{id}", {"session_id": session_id, "address": address, "failed_before": failed})
        return Opened(tenant_id, account, token)


def admit(
    database: Database,
    tenant_id: TenantId,
    staff_id: StaffId,
    *,
    by: str,
    limits: Limits,
    address: str = "",
    agent: str | None = None,
    replaces: str | None = None,
) -> Opened:
    """A session for a staff member whose identity another house has vouched for; `by` names it in the audit log.

    An account that asks for a one-time code is not opened this way. Raises NoAccount, CodeNeeded.
    """
    with database.transaction(tenant_id, SYSTEM) as tx:
        account = accounts.by_staff(tx, staff_id)
        if account is None:
            raise NoAccount()
        if account.totp:
            raise CodeNeeded()
        accounts.seen(tx, account.id)
        session_id, token = sessions.open(tx, account.id, limits=limits, address=address or None, agent=agent, replaces=replaces)
        audit.record(_as(tx, account), "session.opened", f"account:{account.id}", {"session_id": session_id, "address": address, "by": by})
        return Opened(tenant_id, account, token)


def prove(database: Database, secrets: Secrets, tx: Tx, password: str, *, code: str | None = None, with_code: bool = True, address: str = "") -> AccountId:
    """Make sure that the holder of the acting session knows the password (and has the one-time code, when the account asks for one).

    Counted like a log-in. Raises WrongPassword, CodeNeeded, BadCode, TooMany.
    """
    if tx.actor.id is None:
        raise WrongPassword()
    id = AccountId(tx.actor.id)
    account = accounts.get(tx, id)
    with database.lookup() as connection:
        wait = store.count_try(connection, account.login, address)
    if wait:
        raise TooMany(retry_after_seconds=wait)
    if not passwords.verify(accounts.password_hash(tx, id), password):
        raise WrongPassword()
    if with_code and account.totp:
        if not code:
            raise CodeNeeded()
        if not accounts.check_code(tx, secrets, id, code):
            raise BadCode()
    store.forgive(tx, account.login, address)
    return id


def set_up(
    database: Database,
    *,
    brand: str,
    timezone: str,
    login: str,
    name: str,
    password: str,
    limits: Limits,
    address: str = "",
    agent: str | None = None,
) -> Opened:
    """The first brand and its owner, who is logged in. Of several at once one succeeds. Raises SetUpDone, Unacceptable, Invalid."""
    with database.engine.begin() as connection:
        tx = tenants.create(connection, database.clock, name=brand, timezone=timezone, first=True)
        if tx is None:
            raise SetUpDone()
        account = accounts.add(tx, login=login, name=name, role="owner", password=password)
        accounts.seen(tx, account.id)
        _, token = sessions.open(tx, account.id, limits=limits, address=address or None, agent=agent)
        audit.record(tx, "tenant.created", f"tenant:{tx.tenant_id}", {"name": brand, "timezone": timezone, "address": address})
        return Opened(tx.tenant_id, account, token)


def _proved(found: list[Row[Any]], password: str) -> Row[Any] | None:
    """The account whose password this is. One comparison always runs, against nobody's hash when there is no account."""
    right = [row for row in found if passwords.verify(row.password_hash, password)] if found else []
    if not found:
        passwords.verify(None, password)
    right = [row for row in right if row.active]
    if len(right) > 1:
        raise AmbiguousLogin()
    return right[0] if right else None


def _as(tx: Tx, account: accounts.Account) -> Tx:
    """The same transaction, acted in by the account itself."""
    actor = sessions.actor_of(account.id, account.name, account.role, account.staff_id, account.department_ids)
    return Tx(tx.connection, tx.tenant_id, actor, tx.now, tx.tz)
