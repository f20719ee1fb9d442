"""postgresql.conf and pg_hba.conf of the embedded server, written anew at each start."""

import os
from collections.abc import Mapping
from pathlib import Path

_MIB = 1024 * 1024

HOST_RULES = """\
# Written at each start. Nobody gets in without a password, not even through the socket.
local all         all scram-sha-256
local replication all scram-sha-256
host  all         all 127.0.0.1/32 scram-sha-256
host  all         all ::1/128      scram-sha-256
"""


def settings(*, base: Path, socket_directory: Path, port: int | None, memory_bytes: int) -> dict[str, str]:
    """What siyu sets; the rest is PostgreSQL's default. `port` None: socket only.

    Sizes assume that the engine process may take half of the machine (its own limit), so the store takes about an eighth for itself.
    """
    memory = memory_bytes // _MIB
    chosen = {
        "listen_addresses": "" if port is None else "127.0.0.1",
        "port": str(port or 5432),
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0700",
        "hba_file": str(base / "pg_hba.conf"),
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        # acknowledged means durable
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # bounds what is replayed after a crash; measured under load: 0.5 GB 1 to 4 s, 0.8 GB 5 to 12 s
        "max_wal_size": "512MB",
        "min_wal_size": "128MB",
        "checkpoint_timeout": "5min",
        "shared_buffers": f"{_within(memory // 8, 64, 4096)}MB",
        "effective_cache_size": f"{_within(memory * 3 // 8, 128, 1 << 20)}MB",
        "work_mem": f"{_within(memory // 1024, 4, 32)}MB",
        "maintenance_work_mem": f"{_within(memory // 32, 64, 1024)}MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "track_io_timing": "on",
        # an open transaction holds the replica's horizon back
        "idle_in_transaction_session_timeout": "60s",
        "client_connection_check_interval": "10s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": str(base / "log"),
        "log_filename": "postgresql-%Y%m%d-%H%M%S.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "20MB",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "log_lock_waits": "on",
        # values of rows and parameters are personal data: they stay out of the log
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    if not os.access("/dev/shm", os.W_OK | os.X_OK):
        chosen["dynamic_shared_memory_type"] = "mmap"
    return chosen


def render(chosen: Mapping[str, str], *, local: Path) -> str:
    lines = ["# Written at each start; put additions into local.conf beside this file."]
    lines += [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
    if local.exists():
        lines.append(f"include = {_quoted(str(local))}")
    return "\n".join([*lines, ""])


def memory_bytes() -> int:
    """Memory that this process may use: the machine's, or less where a container says so."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(limit).read_text().strip()
        except OSError:
            continue
        if text.isdecimal():
            found.append(int(text))
    return min(found)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _within(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))
