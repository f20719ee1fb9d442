"""Says at the end what this machine could not run; `SIYU_REQUIRE=browser,data,external,node` makes an absence a failure."""

import os
import shutil
from pathlib import Path

import pytest


def _present() -> dict[str, bool]:
    data = os.environ.get("SIYU_TEST_DATA")
    return {
        "browser": bool(os.environ.get("SIYU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")),
        "data": bool(data and Path(data).is_dir()),
        "node": bool(shutil.which("node") and shutil.which("npm")),
        "external": bool(os.environ.get("SIYU_TEST_DATABASE_URL")),
    }


_missing: dict[str, list[str]] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs something that is not here, unless it is required: then it fails."""
    required = {name for name in os.environ.get("SIYU_REQUIRE", "").split(",") if name}
    present = _present()
    unknown = required - set(present)
    if unknown:
        raise pytest.UsageError(f"SIYU_REQUIRE names what nobody knows: {', '.join(sorted(unknown))}")
    for item in items:
        for need, there in present.items():
            if item.get_closest_marker(need) and not there:
                if need in required:
                    raise pytest.UsageError(f"SIYU_REQUIRE asks for '{need}', which this machine lacks")
                _missing.setdefault(need, []).append(item.nodeid)
                item.add_marker(pytest.mark.skip(reason=f"needs {need}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The list of what was not run."""
    if _missing:
        terminalreporter.section("not run on this machine")
        for need, tests in sorted(_missing.items()):
            terminalreporter.write_line(f"{need}: {len(tests)} tests, e.g. {tests[0]}")
