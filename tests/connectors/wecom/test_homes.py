"""A sandbox's folder: for one sandbox at a time, and the same town from one start to the next."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from siyu.connectors.wecom.sandbox import Address, Sandbox, Settings, read_address, running
from siyu.connectors.wecom.sandbox.identity import OtherTown
from siyu.infra.claim import NoHome
from tests.connectors.wecom.conftest import START

FIRST = {"seed": 5, "corp_id": "ww1234567890abcdef", "agent_id": 1000009, "secret": "a secret of one's own"}
Live = Callable[..., Any]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Start a sandbox in the one home of a test; keyword arguments are settings."""

    @contextmanager
    def start(**given: Any) -> Iterator[tuple[Sandbox, Address]]:
        with running(Settings(home=tmp_path / "home", speed=0.0, start=START, **given)) as both:
            yield both

    return start


def a_scenario(folder: Path, brand: str) -> Path:
    file = folder / "scenario.json"
    file.write_text(f'{{"customers": 12, "brand": "{brand}"}}', encoding="utf-8")
    return file


class TestIdentity:
    def test_a_later_start_goes_on_with_seed_corp_app_and_scenario(self, live: Live, tmp_path: Path) -> None:
        file = a_scenario(tmp_path, "海边小店")
        with live(**FIRST, scenario=file) as (sandbox, first):
            people = sandbox.books.serial("anything")
        file.unlink()
        with live() as (sandbox, again):
            assert (again.corp_id, again.agent_id, again.secret) == (first.corp_id, first.agent_id, first.secret) == tuple(FIRST.values())[1:]
            assert (sandbox.settings.origin, sandbox.scenario.brand) == (5, "海边小店")
            assert sandbox.books.serial("anything") == people + 1
            assert read_address(tmp_path / "home") == again

    def test_what_the_seed_made_stays_too(self, live: Live) -> None:
        with live(seed=5) as (_, first):
            pass
        with live() as (_, again):
            assert (again.corp_id, again.secret, again.control_key) == (first.corp_id, first.secret, first.control_key)

    @pytest.mark.parametrize(
        ("given", "why"),
        [({"seed": 6}, "is the home of seed 5, not of 6"), ({"corp_id": "ww0000"}, "is the home of corp ww1234567890abcdef, not of ww0000")],
        ids=["seed", "corp"],
    )
    def test_another_seed_or_corp_is_refused_and_changes_nothing(self, live: Live, tmp_path: Path, given: dict[str, Any], why: str) -> None:
        with live(**FIRST) as (_, first):
            pass
        with pytest.raises(OtherTown, match=why), live(**given):
            pass
        assert read_address(tmp_path / "home") == first
        with live(**FIRST) as (_, again):
            assert again.secret == first.secret

    def test_secret_and_scenario_may_change(self, live: Live, tmp_path: Path) -> None:
        with live(**FIRST, scenario=a_scenario(tmp_path, "海边小店")):
            pass
        with live(secret="another", scenario=a_scenario(tmp_path, "山里小店")):
            pass
        with live() as (sandbox, address):
            assert (address.secret, sandbox.scenario.brand) == ("another", "山里小店")

    def test_a_first_start_that_failed_binds_nobody(self, live: Live, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text("name\n王\n", encoding="utf-8")
        with pytest.raises(ValueError, match="shop_customer_id"), live(seed=5, population=tmp_path / "people.csv"):
            pass
        with live(seed=6) as (sandbox, _):
            assert sandbox.settings.origin == 6


class TestClaim:
    def test_a_home_is_for_one_sandbox_at_a_time(self, live: Live, tmp_path: Path) -> None:
        with live() as (_, first):
            with pytest.raises(NoHome, match=f"this folder is in use by pid {os.getpid()}"), live():
                pass
            assert read_address(tmp_path / "home") == first
        with live() as (_, again):
            assert again.corp_id == first.corp_id

    def test_the_lock_of_a_dead_process_does_not_hinder(self, live: Live, tmp_path: Path) -> None:
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "lock").write_text("4194304\n")
        with live():
            assert (tmp_path / "home" / "lock").read_text() == f"{os.getpid()}\n"

    def test_a_start_that_is_refused_leaves_the_home_free(self, live: Live) -> None:
        with live(seed=5):
            pass
        with pytest.raises(OtherTown), live(seed=6):
            pass
        with live():
            pass

    def test_a_file_is_no_home(self, live: Live, tmp_path: Path) -> None:
        (tmp_path / "home").touch()
        with pytest.raises(NoHome, match="cannot use the folder"), live():
            pass
