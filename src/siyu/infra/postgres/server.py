"""Start, stop and find the embedded server of one home."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
import structlog
from psycopg import sql

from siyu.infra.postgres import configuration, places, processes, software
from siyu.infra.postgres.places import Place
from siyu.infra.postgres.refusals import (
    DiskFull,
    NotPermitted,
    NotReady,
    PasswordLost,
    PortTaken,
    PostgresRefusal,
    StartFailed,
    StopFailed,
    VersionMismatch,
)
from siyu.infra.postgres.software import Software

log = structlog.get_logger()

OWNER = "siyu_owner"
DATABASE = "siyu"
_MIB = 1024 * 1024
_FREE_MIB_TO_CREATE = 256
_FREE_MIB_TO_START = 64
_LOGS_KEPT = 14
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass(frozen=True)
class Server:
    """A running server. The password stays in its file until an address is asked for, so that printing a Server tells nothing."""

    data_dir: Path
    socket_dir: Path
    port: int
    pid: int

    def url(self, database: str = DATABASE, role: str = OWNER) -> str:
        """For SQLAlchemy with psycopg. A `role` other than the owner is taken on after the owner's log-in, for the whole connection."""
        return self._address("postgresql+psycopg", database, role)

    def dsn(self, database: str = DATABASE, role: str = OWNER) -> str:
        """For libpq: psycopg, ADBC, psql, pg_dump."""
        return self._address("postgresql", database, role)

    def _address(self, scheme: str, database: str, role: str) -> str:
        file = self.data_dir.parent / "owner.password"
        try:
            password = file.read_text().strip()
        except FileNotFoundError:
            raise PasswordLost(path=str(file)) from None
        except PermissionError as error:
            raise NotPermitted(path=str(file), reason=str(error.strerror)) from error
        options = "" if role == OWNER else f"&options={quote(f'-c role={role}', safe='')}"
        return (
            f"{scheme}://{OWNER}:{quote(password, safe='')}@/{quote(database, safe='')}?host={quote(str(self.socket_dir), safe='')}&port={self.port}{options}"
        )


def start(
    home: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    binaries: Path | None = None,
    wait_seconds: float = 60,
) -> Server:
    """Have the server of `home` run, with its owner and the database `siyu`; makes the cluster the first time. Raises a `PostgresRefusal`.

    A running server is adopted as it is, whoever started it; it outlives the process that did. After a crash of server or app, the remains are cleared first.
    `port`: also listen on 127.0.0.1 there (else only on the socket). `settings` go over siyu's own, at the next real start. `binaries`: a directory of
    programs other than the package's. `wait_seconds` bounds each wait: for another start, for recovery.
    """
    place = places.choose(home)
    with places.locked(place, wait_seconds=wait_seconds):
        server = _adopt(place, wait_seconds)
        if server is None:
            programs = software.provide(place, binaries)
            _check_version(place, programs)
            _check_room(place)
            if port is not None:
                _check_port(port)
            _configure(place, port, settings or {})
            if not place.data.exists():
                _create(place, programs, durable=(settings or {}).get("fsync") != "off")
            _clear_remains(place)
            server = _launch(place, programs, wait_seconds)
            _prune_logs(place)
        ensure_database(server, DATABASE)
        return server


def stop(home: Path, *, mode: Literal["smart", "fast", "immediate"] = "fast", wait_seconds: float = 60) -> bool:
    """Stop the server of `home` and wait until it is gone; False when none ran. Fast ends sessions and writes everything out; immediate is a crash."""
    place = places.find(home)
    if place is None:
        return False
    with places.locked(place, wait_seconds=wait_seconds):
        note = _read_note(place)
        ran = note is not None and processes.send(note.pid, place.data, _SIGNALS[mode])
        if note is not None and ran and not processes.gone(note.pid, place.data, within_seconds=wait_seconds):
            raise StopFailed(pid=note.pid, seconds=round(wait_seconds))
        if note is not None and note.socket_dir.parent != place.base:
            shutil.rmtree(note.socket_dir, ignore_errors=True)
        processes.clear(place.data)
        return ran


def status(home: Path) -> Server | None:
    """The running, answering server of `home`, else None. Changes nothing, waits for nothing."""
    place = places.find(home)
    note = _read_note(place) if place is not None else None
    if place is None or note is None or not note.ready or not processes.belongs(note.pid, place.data):
        return None
    server = Server(place.data, note.socket_dir, note.port, note.pid)
    return server if _answers(place, server) else None


def erase(home: Path) -> None:
    """Stop the server of `home` and delete everything of it: data, logs, programs, and the directory elsewhere if there is one."""
    place = places.find(home)
    if place is not None:
        stop(home, mode="immediate")
        shutil.rmtree(place.base)
    if home.exists():
        shutil.rmtree(home)


def ensure_database(server: Server, name: str) -> None:
    """Make the database `name` unless it is there."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def create_database(server: Server, name: str, template: str | None = None) -> None:
    """Make the database `name`, as a copy of `template` if given; nobody may be connected to the template meanwhile."""
    statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template or "template1"))
    with psycopg.connect(server.dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement)


def drop_database(server: Server, name: str) -> None:
    """Drop the database `name` if it is there, ending its sessions."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@dataclass(frozen=True)
class _Note:
    """What the server itself wrote into postmaster.pid."""

    pid: int
    port: int
    socket_dir: Path
    ready: bool


def _read_note(place: Place) -> _Note | None:
    """None when there is no such file, or the server is still writing it."""
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise NotPermitted(path=str(place.data), reason=str(error.strerror)) from error
    try:
        return _Note(int(lines[0]), int(lines[3]), Path(lines[4]), len(lines) > 7 and lines[7].strip() == "ready")
    except (IndexError, ValueError):
        return None


def _adopt(place: Place, wait_seconds: float) -> Server | None:
    """The server that already runs in this place, once it answers; None when there is none or it is on its way out."""
    deadline = time.monotonic() + wait_seconds
    while note := _read_note(place):
        if not processes.belongs(note.pid, place.data):
            return None
        server = Server(place.data, note.socket_dir, note.port, note.pid)
        if note.ready and _answers(place, server):
            return server
        if time.monotonic() > deadline:
            raise NotReady(seconds=round(wait_seconds), log=str(place.log))
        time.sleep(0.05)
    return None


def _answers(place: Place, server: Server) -> bool:
    """Whether the server takes the owner's log-in. Raises PasswordLost when it is the password that it does not take."""
    try:
        with psycopg.connect(server.dsn("postgres"), connect_timeout=3) as connection:
            connection.execute("select 1")
        return True
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PasswordLost(path=str(place.password)) from error
        return False


def _check_version(place: Place, programs: Software) -> None:
    try:
        version = (place.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if place.data.exists():
            raise NotPermitted(path=str(place.data), reason="exists, but is not a PostgreSQL data directory") from None
        return
    except PermissionError as error:
        raise NotPermitted(path=str(place.data), reason=str(error.strerror)) from error
    if version != str(programs.major):
        raise VersionMismatch(path=str(place.data), data=version, server=programs.major)


def _check_room(place: Place) -> None:
    needed = _FREE_MIB_TO_START if place.data.exists() else _FREE_MIB_TO_CREATE
    volumes = {place.base, (place.data / "pg_wal").resolve() if place.data.exists() else place.base}
    for volume in volumes:
        info = os.statvfs(volume)
        free = info.f_bavail * info.f_frsize // _MIB
        if free < needed:
            raise DiskFull(path=str(volume), free_mib=free, needed_mib=needed)


def _check_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise NotPermitted(path=f"127.0.0.1:{port}", reason=str(error.strerror)) from error
        except OSError as error:
            raise PortTaken(port=port) from error


def _configure(place: Place, port: int | None, over: Mapping[str, str]) -> None:
    places.make_directory(place.log, owner=place.user)
    chosen = configuration.settings(base=place.base, socket_directory=places.socket_directory(place), port=port, memory_bytes=configuration.memory_bytes())
    _write(place.base / "pg_hba.conf", configuration.HOST_RULES, mode=0o644)
    _write(place.base / "postgresql.conf", configuration.render({**chosen, **over}, local=place.base / "local.conf"), mode=0o644)


def _create(place: Place, programs: Software, *, durable: bool) -> None:
    """Make the cluster beside its final name and move it there when it is whole, so that a broken attempt leaves no half of one."""
    if not place.password.exists():
        _write(place.password, secrets.token_urlsafe(32) + "\n", mode=0o600)
    scratch = places.make_directory(Path(tempfile.mkdtemp(dir=place.base, prefix="new-")), owner=place.user)
    try:
        password = scratch / "password"
        _write(password, place.password.read_text(), mode=0o600)
        os.chown(password, place.user.uid, place.user.gid)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if programs.major >= 17 else ["--locale=C.UTF-8"]
        done = programs.run(
            "initdb",
            f"--pgdata={scratch / 'data'}",
            f"--username={OWNER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            *locale,
            *([] if durable else ["--no-sync"]),
            user=place.user,
            cwd=scratch,
        )
        if done.returncode != 0:
            raise _explain(place, done.stderr)
        (scratch / "data").rename(place.data)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _clear_remains(place: Place) -> None:
    """After a crash: end orphans, and drop a pid file whose number is a zombie or somebody else by now, at which the server would balk."""
    pushed = processes.clear(place.data)
    if pushed:
        log.warning("postgres.orphans_ended", data=str(place.data), pids=pushed)
    note = place.data / "postmaster.pid"
    if _names_the_living(note):
        note.unlink()
    for lock in places.socket_directory(place).glob(".s.PGSQL.*.lock"):
        if _names_the_living(lock):
            lock.unlink()


def _names_the_living(file: Path) -> bool:
    try:
        return processes.exists(int(file.read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return False


def _launch(place: Place, programs: Software, wait_seconds: float) -> Server:
    """Start the server apart from us: it keeps running when we end, and no key pressed in our terminal reaches it."""
    before = {file: file.stat().st_size for file in place.log.iterdir()}
    places.socket_directory(place)
    try:
        done = programs.run(
            "pg_ctl",
            "start",
            f"--pgdata={place.data}",
            f"--log={place.log / 'start.log'}",
            "--silent",
            "--wait",
            f"--timeout={max(1, round(wait_seconds))}",
            "--options=" + f"-c config_file='{place.base / 'postgresql.conf'}'",
            user=place.user,
            cwd=place.base,
            timeout_seconds=wait_seconds + 30,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartFailed(reason=str(error), log=str(place.log)) from error
    server = _adopt(place, wait_seconds)
    if server is None:
        said = "".join(_tail(file, before.get(file, 0)) for file in sorted(place.log.iterdir(), key=lambda file: file.stat().st_mtime))
        raise _explain(place, said or done.stderr)
    log.info("postgres.started", data=str(place.data), pid=server.pid, port=server.port)
    return server


def _explain(place: Place, said: str) -> PostgresRefusal:
    """The refusal behind the last words of initdb or of the server."""
    lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:|could not", line)] or said.splitlines()[-1:] or ["no word of why"]
    words = " ".join(lines)
    reason = re.sub(r"^.*?(FATAL|PANIC|ERROR|error):\s*", "", lines[0])
    if "No space left on device" in words or "Disk quota exceeded" in words:
        info = os.statvfs(place.base)
        return DiskFull(path=str(place.base), free_mib=info.f_bavail * info.f_frsize // _MIB, needed_mib=_FREE_MIB_TO_START)
    if taken := re.search(r"could not bind .*\"[^\"]*\".*: Address already in use", words):
        port = re.search(r"port (\d+)", words)
        return PortTaken(port=int(port[1]) if port else taken[0])
    if "Permission denied" in words or "Operation not permitted" in words or "has wrong ownership" in words:
        return NotPermitted(path=str(place.base), reason=reason)
    return StartFailed(reason=reason, log=str(place.log))


def _tail(file: Path, offset: int) -> str:
    with file.open("rb") as stream:
        stream.seek(offset)
        return stream.read(64 * 1024).decode(errors="replace")


def _prune_logs(place: Place) -> None:
    for old in sorted(place.log.glob("postgresql-*.log"))[:-_LOGS_KEPT]:
        old.unlink(missing_ok=True)


def _write(path: Path, text: str, *, mode: int) -> None:
    """Replace `path` at once and for good."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    os.replace(scratch, path)
