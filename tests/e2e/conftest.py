"""A running siyu on a sandbox, started once per run; Chromium as users have it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from siyu.app.demo import brand as brands
from siyu.app.demo.brand import Brand
from siyu.app.demo.check import BEGINS
from siyu.app.demo.stage import Sandbox, Siyu, bring_orders, connect, mark_as_sandbox, sign_in
from siyu.app.up import Installation
from siyu.infra.settings import Settings

PEOPLE = 200
PATIENCE_MS = 60_000
VOICE = {"login": "voice", "name": "接口", "role": "owner", "password": "every-test-speaks-for-itself"}
"""Who speaks for the tests: an account has ten sessions at most, so that whoever logs in browsers is logged out some day."""


@dataclass
class Running:
    """Where everything is."""

    address: str
    sandbox: Sandbox
    brand: Brand
    siyu: Siyu
    home: Path

    def open_account(self, account: Mapping[str, Any]) -> None:
        """With the password once more: the brand may have been up for long."""
        self.siyu.post("/session/fresh", {"password": VOICE["password"]})
        self.siyu.post("/accounts", account)


@pytest.fixture(scope="package")
def running() -> Iterator[Running]:
    """One for all tests that only look; `empty` is one that nobody has touched."""
    with raised() as up:
        yield up


@pytest.fixture
def empty() -> Iterator[Running]:
    """As an engineer leaves it to its first owner."""
    with raised() as up:
        yield up


@contextmanager
def raised() -> Iterator[Running]:
    """siyu, its store, worker and engine, and a sandbox whose clock stands still at a Monday half past nine."""
    scratch = Path(tempfile.mkdtemp(prefix="siyu-e2e-"))
    scratch.chmod(0o711)
    brand = brands.make(scratch / "brand", BEGINS, people=PEOPLE)
    sandbox = Sandbox.start(scratch / "sandbox", brand.population, at=BEGINS, speed=0)
    home = scratch / "siyu"
    home.mkdir(mode=0o711)
    installation = Installation(Settings(home=home, port=0, clock_file=Path(sandbox.address["clock_file"])))
    try:
        installation.start()
        with closing(Siyu(installation.address)) as siyu:
            yield Running(installation.address, sandbox, brand, siyu, home)
    finally:
        installation.stop()
        sandbox.stop()
        shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture(scope="package")
def brand(running: Running) -> Running:
    """The brand with its orders and contacts: what the first turn has not brought is brought now."""
    siyu = running.siyu
    sign_in(siyu, brand="思屿生活")
    mark_as_sandbox(Settings(home=running.home))
    if not siyu.get("/orders", limit=1)["items"]:
        bring_orders(siyu, running.brand)
    if not siyu.get("/corps"):
        connect(siyu, running.sandbox, running.address)
    siyu.wait_until_idle(seconds=300)
    siyu.post("/accounts", VOICE)
    siyu.post("/session", {name: VOICE[name] for name in ("login", "password")})
    return running


@dataclass
class Trouble:
    """What a browser complains of while a test goes on: errors of pages, answers of 400 and more. That nobody is logged in yet is none."""

    found: list[str] = field(default_factory=list)

    def none(self) -> None:
        assert self.found == []


@pytest.fixture
def trouble(page: Page) -> Trouble:
    seen = Trouble()
    page.on("pageerror", lambda error: seen.found.append(str(error)))
    page.on("response", lambda response: seen.found.append(f"{response.status} {response.url}") if is_bad(response) else None)
    return seen


def is_bad(response: Response) -> bool:
    return response.status >= 400 and not (response.status == 401 and response.url.endswith("/api/me"))


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


def log_in(page: Page, address: str, login: str, password: str) -> None:
    """By the form, as people do."""
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.goto(address)
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="您好").first).to_be_visible()
