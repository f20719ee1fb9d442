"""Start, stop and find the server of one home."""

import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
import structlog

from siyu.infra.postgres import cluster, configuration, places, processes, software
from siyu.infra.postgres.databases import ensure_database, sessions
from siyu.infra.postgres.diagnosis import explain, worded
from siyu.infra.postgres.places import Place
from siyu.infra.postgres.refusals import NotPermitted, NotReady, PasswordLost, PortTaken, PostgresRefusal, StartFailed, StopFailed
from siyu.infra.postgres.server import DATABASE, Server
from siyu.infra.postgres.software import Software

log = structlog.get_logger()

Mode = Literal["smart", "fast", "immediate"]
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_LOGS_KEPT = 14
_LOG_SECONDS = 2.0
"""As long a log may be behind."""


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
    `port`: also listen on 127.0.0.1 there (else only on the socket). `settings` go over siyu's own; both count at the next real start. `binaries`: a
    directory of programs other than the package's. `wait_seconds` bounds each wait: for another start, for recovery.
    """
    with worded(home), places.locked(place := places.choose(home), wait_seconds=wait_seconds):
        server = _adopt(place, wait_seconds)
        if server is None:
            programs = software.provide(place, binaries)
            cluster.check(place, programs)
            if port is not None:
                _check_port(port)
            _configure(place, port, settings or {})
            cluster.clear_remains(place)
            if not place.data.exists():
                cluster.create(place, programs, durable=(settings or {}).get("fsync") != "off")
            server = _launch(place, programs, wait_seconds)
            software.forget_others(place, programs)
            prune_logs(place.log)
        elif port is not None and server.port != port:
            log.warning("postgres.port_pending", wanted=port, running=server.port)
        if _probe(place, server) == "bare":
            try:
                ensure_database(server, DATABASE)
            except psycopg.Error as error:
                raise explain(place.base, f"ERROR: {error}") from error
        return server


def stop(home: Path, *, mode: Mode = "fast", wait_seconds: float = 60) -> bool:
    """Stop the server of `home` and wait until it is gone; False when none ran. Fast ends sessions and writes everything out; immediate is a crash."""
    with worded(home):
        place = places.find(home)
    if place is None:
        return False
    with worded(home), places.locked(place, wait_seconds=wait_seconds):
        note = _read_note(place)
        ran = note is not None and processes.send(note.pid, place.data, _SIGNALS[mode])
        if note is not None and ran and not processes.gone(note.pid, place.data, within_seconds=wait_seconds):
            raise StopFailed(pid=note.pid, seconds=round(wait_seconds))
        processes.clear(place.data)
        if note is not None and note.socket_dir.parent != place.base:
            shutil.rmtree(note.socket_dir, ignore_errors=True)
        return ran


def status(home: Path) -> Server | None:
    """The running, answering server of `home`, else None. Changes nothing, waits for nothing."""
    with worded(home):
        place = places.find(home)
        note = _read_note(place) if place is not None else None
    if place is None or note is None or not note.ready or not processes.belongs(note.pid, place.data):
        return None
    server = Server(place.data, note.socket_dir, note.port, note.pid)
    return server if _probe(place, server) == "ready" else None


def exists(home: Path) -> bool:
    """Whether a cluster was ever made for `home`. Changes nothing."""
    with worded(home):
        return places.find(home) is not None


def leave(home: Path, *, wait_seconds: float = 2) -> bool:
    """Stop the server of `home` once nobody is connected; False when none ran, or somebody still is after `wait_seconds`: sessions take a moment to end."""
    server = status(home)
    deadline = time.monotonic() + wait_seconds
    while server is not None and sessions(server):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return server is not None and stop(home)


def erase(home: Path) -> None:
    """Stop the server of `home` and delete everything of it: data, logs, programs, also where it lies elsewhere. Other files in `home` stay."""
    stop(home, mode="immediate")
    with worded(home):
        place = places.find(home)
        if place is not None:
            places.delete(place)


def prune_logs(directory: Path) -> None:
    """Keep the newest logs; each holds a day or 20 MB."""
    for old in sorted(directory.glob("postgresql-*.log"))[:-_LOGS_KEPT]:
        old.unlink(missing_ok=True)


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
    try:
        return _Note(int(lines[0]), int(lines[3]), Path(lines[4]), len(lines) > 7 and lines[7].strip() == "ready")
    except (IndexError, ValueError):
        return None


def _adopt(place: Place, wait_seconds: float) -> Server | None:
    """The server that already runs in this place, once it answers; None when there is none, or the last one just left."""
    deadline = time.monotonic() + wait_seconds
    while (note := _read_note(place)) and processes.belongs(note.pid, place.data):
        server = Server(place.data, note.socket_dir, note.port, note.pid)
        if note.ready and _probe(place, server) != "silent":
            return server
        if time.monotonic() > deadline:
            raise NotReady(seconds=round(wait_seconds), log=str(place.log))
        time.sleep(0.05)
    return None


def _probe(place: Place, server: Server) -> Literal["ready", "bare", "silent"]:
    """Whether the server takes the owner's log-in; bare: yes, but the database is missing. Raises PasswordLost when the password does not fit."""
    try:
        psycopg.connect(server.dsn(), connect_timeout=3).close()
        return "ready"
    except psycopg.OperationalError as error:
        words = str(error)
    if "password authentication failed" in words:
        raise PasswordLost(path=str(place.password))
    if f'database "{DATABASE}" does not exist' in words:
        return "bare"
    return "ready" if "too many clients" in words or "connection slots" in words else "silent"


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
    memory = configuration.memory_bytes()
    chosen = configuration.settings(base=place.base, socket_directory=places.socket_directory(place), port=port, memory_bytes=memory)
    places.write(place.base / "pg_hba.conf", configuration.HOST_RULES, mode=0o644)
    places.write(place.base / "postgresql.conf", configuration.render({**chosen, **over}, local=place.base / "local.conf"), mode=0o644)


def _launch(place: Place, programs: Software, wait_seconds: float) -> Server:
    """Start the server apart from us: it keeps running when we end, and no key pressed in our terminal reaches it."""
    before = {file: file.stat().st_size for file in place.log.iterdir()}
    try:
        done = programs.run(
            "pg_ctl",
            "start",
            f"--pgdata={place.data}",
            f"--log={place.log / 'start.log'}",
            "--silent",
            "--wait",
            f"--timeout={max(1, round(wait_seconds))}",
            "--options=" + shlex.join(["-c", f"config_file={place.base / 'postgresql.conf'}"]),  # pg_ctl hands it to a shell
            user=place.user,
            cwd=place.base,
            timeout_seconds=wait_seconds + 30,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartFailed(reason=str(error), log=str(place.log)) from error
    server = _adopt(place, wait_seconds)
    if server is None:
        raise _why_not(place, before, done.stderr)
    log.info("postgres.started", data=str(place.data), pid=server.pid, port=server.port)
    return server


def _why_not(place: Place, before: Mapping[Path, int], said: str) -> PostgresRefusal:
    """What the logs say of a start that failed. The server's log is written by a process of its own, which may be a little behind the end of the server."""
    deadline = time.monotonic() + _LOG_SECONDS
    while True:
        written = sorted(place.log.iterdir(), key=lambda file: file.stat().st_mtime)
        refusal = explain(place.base, "".join(_since(file, before.get(file, 0)) for file in written) or said)
        if not isinstance(refusal, StartFailed) or time.monotonic() > deadline:
            return refusal
        time.sleep(0.1)


def _since(file: Path, offset: int) -> str:
    with file.open("rb") as stream:
        stream.seek(offset)
        return stream.read(64 * 1024).decode(errors="replace")
