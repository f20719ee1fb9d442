"""Where a server lies and who runs it.

Under `home`, or elsewhere when root must hand the server to a user who cannot reach `home`:

    data/             the cluster, nothing else
    owner.password    of the role siyu_owner, readable by its owner only
    postgresql.conf   pg_hba.conf   written at each start; additions of the operator in local.conf
    log/  run/        logs, socket
    software/18.6.3/  the programs, copied so that an upgrade of the package never changes a running server
    lock              held while something starts or stops
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from siyu.infra.postgres.refusals import Busy, NoServerUser, NotPermitted, WrongPlatform

log = structlog.get_logger()

ELSEWHERE = Path("/var/lib/siyu")
_ODD = set('"$`\\\n')  # its programs call each other through a shell, quoted by " only
_LONGEST_SOCKET_PATH = 107  # bytes of sun_path without the closing zero
_SOCKET_NAME = ".s.PGSQL.65535"


@dataclass(frozen=True)
class User:
    """Whom the server runs as."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_me(self) -> bool:
        return self.uid == os.geteuid()

    def run_as(self) -> dict[str, Any]:
        """Arguments for `subprocess`: nothing when it is us, else the user, his group and his other groups."""
        return {} if self.is_me else {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}


@dataclass(frozen=True)
class Place:
    """The directories of one server. `base` is `home` unless the server's user cannot reach it."""

    home: Path
    base: Path
    user: User

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def password(self) -> Path:
        return self.base / "owner.password"

    @property
    def software(self) -> Path:
        return self.base / "software"


def choose(home: Path) -> Place:
    """Decide where the server of `home` lies, and make that directory. Once decided, it stays: `home/elsewhere` remembers it."""
    if sys.platform != "linux":
        raise WrongPlatform(platform=sys.platform)
    home = home.absolute()
    if odd := sorted(set(str(home)) & _ODD):
        raise NotPermitted(path=str(home), reason=f"PostgreSQL cannot live under a path with {' '.join(odd)}")
    user = _server_user(home / "data")
    base = _remembered(home) or (home if reachable(home, user) else _settle_elsewhere(home, user))
    make_directory(base)
    return Place(home, base, _server_user(base / "data"))


def find(home: Path) -> Place | None:
    """The place of a home that was chosen before; None when there is no cluster yet. Changes nothing."""
    home = home.absolute()
    base = _remembered(home) or home
    return Place(home, base, _server_user(base / "data")) if (base / "data").exists() else None


def _remembered(home: Path) -> Path | None:
    pointer = home / "elsewhere"
    return Path(pointer.read_text().strip()) if pointer.exists() else None


def _settle_elsewhere(home: Path, user: User) -> Path:
    """A new directory for `home` under ELSEWHERE. Always a new one: whoever deleted a home and makes it again wants to begin anew."""
    with _held(make_directory(home) / "lock", wait_seconds=60):
        if (settled := _remembered(home)) is not None:
            return settled
        base = ELSEWHERE / f"{home.name}-{secrets.token_hex(6)}"
        if not reachable(base, user):
            raise NotPermitted(path=str(base), reason=f"user {user.name} cannot reach it")
        make_directory(base)
        write(base / "belongs-to", f"{home}\n", mode=0o644)
        write(home / "elsewhere", f"{base}\n", mode=0o644)
        log.warning("postgres.placed_elsewhere", home=str(home), base=str(base), user=user.name)
        return base


def reachable(directory: Path, user: User) -> bool:
    """Whether `user` may enter `directory`, counting what does not exist yet as ours to make open."""
    if user.is_me:
        return True
    for step in (directory, *directory.parents):
        try:
            info = step.stat()
        except FileNotFoundError:
            continue
        if info.st_uid == user.uid:
            allowed = info.st_mode & stat.S_IXUSR
        elif info.st_gid in {user.gid, *user.groups}:
            allowed = info.st_mode & stat.S_IXGRP
        else:
            allowed = info.st_mode & stat.S_IXOTH
        if not allowed:
            return False
    return True


def make_directory(directory: Path, *, owner: User | None = None) -> Path:
    """Make `directory` and missing parents, private to a normal user, enterable when root makes them. With `owner`: his alone, and checked when it is there."""
    mode = 0o755 if os.geteuid() == 0 else 0o700
    for step in reversed((directory, *directory.parents)):
        if not step.exists():
            step.mkdir()
            step.chmod(mode)
    if owner is not None:
        info = directory.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid not in {owner.uid, os.geteuid()}:
            raise NotPermitted(path=str(directory), reason=f"belongs to user {info.st_uid}")
        os.chown(directory, owner.uid, owner.gid, follow_symlinks=False)
        directory.chmod(0o700)
    return directory


def socket_directory(place: Place) -> Path:
    """A directory of the server's user with a path short enough for a socket: `run`, else under /run (root) or /tmp."""
    near = place.base / "run"
    if len(os.fsencode(near / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        return make_directory(near, owner=place.user)
    short = Path("/run" if os.geteuid() == 0 and os.access("/run", os.W_OK) else "/tmp")
    return make_directory(short / f"siyu-{_digest(place.base)}", owner=place.user)


@contextmanager
def locked(place: Place, *, wait_seconds: float) -> Iterator[None]:
    """Only one start or stop of a place at a time."""
    with _held(place.base / "lock", wait_seconds=wait_seconds):
        yield


@contextmanager
def _held(file: Path, *, wait_seconds: float) -> Iterator[None]:
    """A lock that the kernel frees when its process dies."""
    deadline = time.monotonic() + wait_seconds
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(path=str(file.parent), seconds=round(wait_seconds)) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def write(path: Path, text: str, *, mode: int) -> None:
    """Replace the file `path` at once and for good; ours to read, and others' as far as `mode` says."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    Path(scratch).replace(path)


def delete(place: Place) -> None:
    """Delete everything of a stopped server and nothing else: what else lies in the home stays."""
    for name in ("data", "log", "run", "software"):
        shutil.rmtree(place.base / name, ignore_errors=True)
    for name in ("owner.password", "postgresql.conf", "pg_hba.conf", "local.conf", "belongs-to", "lock"):
        (place.base / name).unlink(missing_ok=True)
    for name in ("elsewhere", "lock"):
        (place.home / name).unlink(missing_ok=True)
    for directory in (place.base, place.home):
        with suppress(OSError):  # not empty, or gone with the base
            directory.rmdir()


def _server_user(data: Path) -> User:
    """Ourselves, or for root the owner of the data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return User(str(os.geteuid()), os.geteuid(), os.getegid(), ())
    if data.exists() and (info := data.stat()).st_uid != 0:
        try:
            entry = pwd.getpwuid(info.st_uid)
        except KeyError:  # a container's number without a name
            return User(str(info.st_uid), info.st_uid, info.st_gid, ())
        return _user(entry)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return _user(entry)
    raise NoServerUser()


def _user(entry: pwd.struct_passwd) -> User:
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(os.getgrouplist(entry.pw_name, entry.pw_gid)))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
