"""Run the tests of what has changed since the last landing: a test file itself, or the tests that mirror a changed module's folder."""

import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parents[1]


def changed() -> set[Path]:
    """Files that differ from the commit before last landing, staged, unstaged and new."""
    lines: list[str] = []
    for command in (
        ["git", "diff", "--name-only", "HEAD"],
        ["git", "diff", "--name-only", "HEAD~1..HEAD"],
        ["git", "ls-files", "--others", "--exclude-standard"],
    ):
        lines += subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout.splitlines()
    return {Path(line) for line in lines}


def tests_of(file: Path) -> Path | None:
    """Where the tests of a file lie."""
    if file.parts[:1] == ("tests",) and file.name.startswith("test_"):
        return file
    if file.parts[:2] == ("src", "siyu"):
        folder = Path("tests", *file.parent.parts[2:])
        while folder != Path("tests"):
            if (root / folder).is_dir():
                return folder
            folder = folder.parent
    return None


paths = {str(path) for path in map(tests_of, changed()) if path is not None and (root / path).exists()} | {"tests/test_architecture.py"}
sys.exit(
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "not slow and not long and not browser", *sorted(paths)], cwd=root, check=False
    ).returncode
)
