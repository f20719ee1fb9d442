"""What `siyu user add|reset` does: accounts from the command line, for whoever holds the database."""

from siyu.access import accounts, passwords, tenants
from siyu.access.accounts import Account
from siyu.infra.database import Database
from siyu.infra.tx import Actor
from siyu.kernel.ids import TenantId

COMMAND_LINE = Actor("system", name="siyu user")


def add(database: Database, login: str, name: str, role: str, password: str | None = None, *, tenant_id: TenantId | None = None) -> tuple[Account, str]:
    """A new account and its password, which is generated when none is given. Raises NoTenant, WhichTenant, LoginTaken, Unacceptable, Invalid."""
    password = password or passwords.generate()
    with database.transaction(tenant_id or tenants.the_only(database), COMMAND_LINE) as tx:
        return accounts.add(tx, login=login, name=name, role=role, password=password), password


def reset(database: Database, login: str, password: str | None = None, *, without_totp: bool = False, tenant_id: TenantId | None = None) -> tuple[Account, str]:
    """Another password for an account, generated when none is given; its sessions end, and it is opened again when it was closed.

    `without_totp` also switches one-time codes off, for whoever lost telephone and recovery codes. Raises AccountNotFound, Unacceptable.
    """
    password = password or passwords.generate()
    with database.transaction(tenant_id or tenants.the_only(database), COMMAND_LINE) as tx:
        account = accounts.by_login(tx, login)
        accounts.change(tx, account.id, active=True)
        return accounts.reset(tx, account.id, password, without_totp=without_totp), password
