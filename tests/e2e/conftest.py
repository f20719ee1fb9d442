"""A running siyu on a sandbox, started once per run; Chromium as users have it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from siyu.app.demo import brand as brands
from siyu.app.demo.brand import Brand
from siyu.app.demo.check import BEGINS
from siyu.app.demo.stage import Sandbox, Siyu
from siyu.app.up import Installation
from siyu.infra.settings import Settings

PEOPLE = 200


@dataclass
class Running:
    """Where everything is. Nothing is set up yet: the first flow does that, as a new user would."""

    address: str
    sandbox: Sandbox
    brand: Brand
    siyu: Siyu
    home: Path


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """siyu, its store, worker and engine, and a sandbox whose clock stands still at a Monday half past nine."""
    scratch = Path(tempfile.mkdtemp(prefix="siyu-e2e-"))
    scratch.chmod(0o711)
    brand = brands.make(scratch / "brand", BEGINS, people=PEOPLE)
    sandbox = Sandbox.start(scratch / "sandbox", brand, at=BEGINS, speed=0)
    home = scratch / "siyu"
    home.mkdir(mode=0o711)
    installation = Installation(Settings(home=home, port=0, clock_file=Path(sandbox.address["clock_file"]), settle_seconds=5))
    try:
        installation.start()
        yield Running(installation.address, sandbox, brand, Siyu(installation.address), home)
    finally:
        installation.stop()
        sandbox.stop()
        shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, without a sandbox where root runs it, and without calls to the outside."""
    found = os.environ.get("SIYU_CHROMIUM") or shutil.which("chromium")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {**browser_type_launch_args, "executable_path": found, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """As an operator in Shanghai sees it."""
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
    }
