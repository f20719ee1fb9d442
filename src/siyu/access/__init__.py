"""Who may come in, what each may do, how far each sees, and the record of what was done.

`sessions.resolve(database, token)` tells the app who asks; `audit.record(tx, act, subject, detail)` writes down what was done; `fresh(tx)` asks for the
password again before a risky act; `staff.staff_in_scope(tx)` says whose customers the actor may see; `roles.register(permissions)` is told at start.
"""

from siyu.access import accounts, audit, logins, roles, sessions, staff, tenants, users
from siyu.access.sessions import fresh
from siyu.access.staff import staff_ids_in_scope, staff_in_scope

__all__ = ["accounts", "audit", "fresh", "logins", "roles", "sessions", "staff", "staff_ids_in_scope", "staff_in_scope", "tenants", "users"]
