"""The embedded PostgreSQL: a server of our own for one directory, with nothing to install and nothing to configure.

`start(home)` makes and starts it, or adopts the running one; `stop(home)` ends it. It belongs to the directory, not to the process that started it.
"""

from siyu.infra.postgres.refusals import PostgresRefusal
from siyu.infra.postgres.server import Server, create_database, drop_database, ensure_database, erase, start, status, stop

__all__ = ["PostgresRefusal", "Server", "create_database", "drop_database", "ensure_database", "erase", "start", "status", "stop"]
