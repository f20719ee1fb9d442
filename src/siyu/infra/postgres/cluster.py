"""The data directory: made whole or not at all, checked and cleared before each start."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import structlog

from siyu.infra.postgres import places, processes
from siyu.infra.postgres.diagnosis import explain, free_mib
from siyu.infra.postgres.places import Place
from siyu.infra.postgres.refusals import DiskFull, NotPermitted, VersionMismatch
from siyu.infra.postgres.server import OWNER
from siyu.infra.postgres.software import Software

log = structlog.get_logger()

FREE_MIB_TO_CREATE = 256
FREE_MIB_TO_START = 64


def check(place: Place, programs: Software) -> None:
    """Refuse data of another version, a foreign directory, and a disk too full to start on."""
    try:
        version = (place.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if place.data.exists():
            raise NotPermitted(path=str(place.data), reason="exists, but is not a PostgreSQL data directory") from None
        version = str(programs.major)
    if version != str(programs.major):
        raise VersionMismatch(path=str(place.data), data=version, server=programs.major)
    needed = FREE_MIB_TO_START if place.data.exists() else FREE_MIB_TO_CREATE
    volumes = [place.base, place.data / "pg_wal"] if place.data.exists() else [place.base]
    for volume in volumes:
        if (free := free_mib(volume)) < needed:
            raise DiskFull(path=str(volume), free_mib=free, needed_mib=needed)


def create(place: Place, programs: Software, *, durable: bool) -> None:
    """Make the cluster beside its final name and move it there when it is whole, so that a broken attempt leaves no half of one."""
    if not place.password.exists():
        places.write(place.password, secrets.token_urlsafe(32) + "\n", mode=0o600)
    scratch = places.make_directory(Path(tempfile.mkdtemp(dir=place.base, prefix="new-")), owner=place.user)
    try:
        password = scratch / "password"
        places.write(password, place.password.read_text(), mode=0o600)
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
            raise explain(place.base, done.stderr)
        (scratch / "data").rename(place.data)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def clear_remains(place: Place) -> None:
    """After a crash: end orphans, and drop what would make the next server balk.

    That is a pid file, or lock of the socket, whose number is a zombie or somebody else by now, or which says nothing (a crash on a full disk leaves it empty).
    One whose number is free stays: the server reads more from it.
    """
    for attempt in place.base.glob("new-*"):
        for directory in (attempt, attempt / "data"):  # initdb works in the one, the server that it feeds in the other
            processes.clear(directory)
        shutil.rmtree(attempt, ignore_errors=True)
    pushed = processes.clear(place.data)
    if pushed:
        log.warning("postgres.orphans_ended", data=str(place.data), pids=pushed)
    for file in [place.data / "postmaster.pid", *places.socket_directory(place).glob(".s.PGSQL.*.lock")]:
        if _misleads(file):
            file.unlink()


def _misleads(file: Path) -> bool:
    try:
        return processes.exists(int(file.read_text().split("\n", 1)[0]))
    except FileNotFoundError:
        return False
    except ValueError:
        return True
