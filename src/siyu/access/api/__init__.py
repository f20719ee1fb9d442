"""Routes of set-up, sessions, oneself, accounts, roles, staff, audit and the brand."""

from siyu.access.api import accounts, audit, entrance, me, staff, tenant

ROUTERS = [entrance.doorway, entrance.secret, entrance.plain, me.secret, me.plain, accounts.secret, accounts.plain, staff.plain, audit.plain, tenant.plain]

__all__ = ["ROUTERS"]
