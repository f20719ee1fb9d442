"""The embedded PostgreSQL: a server of our own for one directory, with nothing to install and nothing to configure.

`start(home)` makes and starts it, or adopts the running one; `stop(home)` ends it. It belongs to the directory, not to the process that started it.
"""

from siyu.infra.postgres.control import erase, exists, leave, start, status, stop
from siyu.infra.postgres.databases import create_database, drop_database, ensure_database
from siyu.infra.postgres.refusals import PostgresRefusal
from siyu.infra.postgres.server import Server
from siyu.infra.postgres.supervisor import Supervisor

THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB", "max_connections": "200"}
"""Settings for a server whose data nobody will miss: quick, small, and lost with the machine's power."""

__all__ = [
    "THROWAWAY",
    "PostgresRefusal",
    "Server",
    "Supervisor",
    "create_database",
    "drop_database",
    "ensure_database",
    "erase",
    "exists",
    "leave",
    "start",
    "status",
    "stop",
]
