"""`siyu sandbox` as people type it: its help, its options, what it says to those that cannot be meant."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from siyu.connectors.wecom.sandbox.command import main
from tests.connectors.wecom.test_process import started


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command sends the log to standard error, which is this test's own."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command says before it gives up."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


class TestOptions:
    def test_help_explains_every_option(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--help"])
        assert ended.value.code == 0
        told = capsys.readouterr().out
        for option in ("--port", "--seed", "--speed", "--corp", "--rules", "--send-rule", "--scenario", "--population", "--faults", "--start"):
            assert option in told
        assert "four group sends a month" in " ".join(told.split())

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (("--port", "70000"), "a port from 0 to 65535 is wanted, not 70000"),
            (("--speed", "fast"), "0, or a number from 1 to 10000, is wanted, not fast"),
            (("--speed", "-1"), "0, or a number from 1 to 10000, is wanted, not -1"),
            (("--speed", "0.5"), "0, or a number from 1 to 10000, is wanted, not 0.5"),
            (("--speed", "1e9"), "0, or a number from 1 to 10000, is wanted, not 1e9"),
            (("--speed", "nan"), "0, or a number from 1 to 10000, is wanted, not nan"),
            (("--start", "9999-12-31"), "an instant from 2000 to 2199 is wanted, not 9999-12-31"),
            (("--data", "/nowhere"), "there is no folder /nowhere"),
            (("--data", "/"), "the folder / lacks surnames.csv, given_names.csv"),
            (("--start", "tomorrow"), "an instant like 2026-03-02T10:00:00+08:00 is wanted, not tomorrow"),
            (("--scenario", "/nowhere.json"), "/nowhere.json: no such file, and none of demo, over-messaged, quiet"),
            (("--population", "/nowhere.csv"), "there is no file /nowhere.csv"),
            (("--rules", "2030"), "choose from"),
            (("--faults", "many"), "invalid int value"),
            (("--color",), "unrecognized arguments"),
        ],
        ids=lambda value: value if isinstance(value, str) else " ".join(value),
    )
    def test_what_cannot_be_meant_is_said_in_a_line(self, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str) -> None:
        assert why in said(capsys, *arguments)

    def test_a_population_without_numbers_is_named(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "p.csv").write_text("name\n王\n")
        assert "no column shop_customer_id" in said(capsys, "--home", str(tmp_path / "home"), "--population", str(tmp_path / "p.csv"))

    def test_a_scenario_with_an_unknown_field_is_named(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "s.json").write_text('{"customer": {"open": 1}}')
        assert "customer: unknown open" in said(capsys, "--scenario", str(tmp_path / "s.json"))

    def test_a_taken_port_is_said(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        with started(tmp_path / "first") as (_, address):
            port = str(httpx.URL(address.url).port)
            assert f"cannot listen on 127.0.0.1:{port}" in said(capsys, "--home", str(tmp_path / "second"), "--port", port, "--speed", "0")

    def test_a_folder_in_use_is_said_and_so_is_the_town_of_another_seed(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        with started(tmp_path / "home") as (process, _):
            assert f"this folder is in use by pid {process.pid}" in said(capsys, "--home", str(tmp_path / "home"))
        assert "is the home of seed 5, not of 6: leave --seed out" in said(capsys, "--home", str(tmp_path / "home"), "--seed", "6")


@pytest.mark.slow
def test_the_command_of_siyu_passes_its_options_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "siyu.app.cli", "sandbox"]
    helped = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    assert "--rules" in helped.stdout
    with started(tmp_path / "home", "--corp", "ww1234567890abcdef", "--rules", "2021", "--faults", "3") as (_, address):
        assert address.corp_id == "ww1234567890abcdef"
        assert address.page == f"{address.url}/sandbox/#key={address.control_key}"
        headers = {"authorization": f"Bearer {address.control_key}"}
        faults = httpx.get(f"{address.url}/sandbox/faults", headers=headers, trust_env=False).json()["faults"]
        assert len(faults) > 5
    assert json.loads((tmp_path / "home" / "sandbox.json").read_text())["corp_id"] == "ww1234567890abcdef"
