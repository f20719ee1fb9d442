"""SDKs of Segment as they come from PyPI and npm say everything they can say."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siyu.infra.tx import SYSTEM
from siyu.observe.intake import writer
from siyu.observe.intake.model import Busy
from siyu.understand import identity
from tests.observe.intake.conftest import Brand
from tests.observe.intake.sdk import EVENTS
from tests.observe.intake.served import served

ROOT = Path(__file__).parents[3]
NPM = Path(__file__).parent / "npm"
SAID = {"customer.identified": 1, "customer.aliased": 1, "organisation.joined": 1, "page.viewed": 1, "screen.viewed": 1, "Order Completed": EVENTS}

pytestmark = pytest.mark.slow


@pytest.fixture
def address(brand: Brand) -> Iterator[str]:
    with served(brand.http.app) as address:  # type: ignore[arg-type]  # it is the FastAPI that it was made with
        yield address


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def arrived(brand: Brand) -> None:
    """Everything that was said is in the log once, nothing is parked, and both ids are one person."""
    assert brand.parked() == []
    events = brand.events()
    assert Counter(event.name for event in events) == SAID
    assert sorted(event.props["n"] for event in events if event.name == "Order Completed") == list(range(EVENTS))
    ids = brand.ask("select id from identities where tenant_id = :tenant_id")
    with brand.database.transaction(brand.tenant, SYSTEM) as tx:
        identity.resolve(tx, [row.id for row in ids])
    found: list[Any] = brand.ask(
        "select distinct customer_id from identities where tenant_id = :tenant_id and value in ('u1', 'device', '13800138000', 'before')"
    )
    assert len(found) == 1


class TestPython:
    def test_all_of_it_arrives(self, brand: Brand, address: str) -> None:
        run([sys.executable, "-m", "tests.observe.intake.sdk", address, brand.secret], ROOT)
        arrived(brand)
        assert brand.events()[-1].props["$context"]["library"]["name"] == "analytics-python"

    def test_who_is_asked_to_come_again_comes_again(self, brand: Brand, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        refused: list[Busy] = []

        class Noted(Busy):
            def __init__(self, **params: Any) -> None:
                super().__init__(**params)
                refused.append(self)
                if len(refused) == 2:
                    monkeypatch.setattr(writer, "WAITING_BYTES", 1 << 20)

        monkeypatch.setattr(writer, "Busy", Noted)
        monkeypatch.setattr(writer, "WAITING_BYTES", 10)
        run([sys.executable, "-m", "tests.observe.intake.sdk", address, brand.secret], ROOT)
        assert len(refused) >= 2
        arrived(brand)


@pytest.mark.node
class TestNode:
    def test_all_of_it_arrives(self, brand: Brand, address: str, tmp_path: Path) -> None:
        folder = tmp_path / "sdk"
        shutil.copytree(NPM, folder, ignore=shutil.ignore_patterns("node_modules"))
        subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True, timeout=300)
        run(["node", "send.cjs", address, brand.secret], folder)
        arrived(brand)
