"""`siyu doctor`: the findings as a table in the language of the shell, or as JSON; status 1 when something is red."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from siyu.app import words
from siyu.infra import secrets
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from siyu.observe.contacts import Corp, doctor
from tests.conftest import make_tenant
from tests.connectors.wecom.conftest import Place, builder
from tests.observe.contacts.scene import connect


@dataclass
class Shell:
    """A database without a web server, a sandbox, and somebody at a terminal."""

    place: Place
    database: Database
    corp: Corp

    def run(self, *arguments: str, language: str = "en_US.UTF-8") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "LC_ALL": language, "COLUMNS": "200", "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "siyu.app.cli", "doctor", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


@pytest.fixture
def shell(database: Database, fresh_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    for name, value in {"SIYU_HOME": str(tmp_path), "SIYU_DATABASE_URL": fresh_url, "SIYU_PORT": "9"}.items():
        monkeypatch.setenv(name, value)
    contacts.use(keys=secrets.load(tmp_path))
    with builder(tmp_path) as build:
        place = build()
        with database.transaction(make_tenant(database), SYSTEM) as tx:
            corp = connect(tx, place)
        monkeypatch.setenv("SIYU_CLOCK_FILE", str(place.sandbox.clock.path))
        yield Shell(place, database, corp)
    contacts.use()


def checks(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {finding["check"] for corp in json.loads(done.stdout.splitlines()[-1]) for finding in corp["findings"]}


class TestDoctor:
    def test_nothing_red_is_status_0_and_the_callback_is_skipped(self, shell: Shell) -> None:
        done = shell.run()
        assert done.returncode == 0, done.stdout
        assert "WeCom sees this server as 127.0.0.1" in done.stdout and "so the callback is not tested" in done.stdout

    def test_a_shell_without_the_clock_of_the_demo_says_nothing_of_clocks(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        shell.place.post("clock", business="2026-12-01T00:00:00+00:00")
        monkeypatch.delenv("SIYU_CLOCK_FILE")
        assert "clock" in checks(shell.run("--json"))
        with shell.database.engine.begin() as connection:
            connection.exec_driver_sql("""update tenants set settings = settings || '{"sandbox": true}'""")
        done = shell.run("--json")
        assert "clock" not in checks(done)
        assert done.returncode == 0, done.stdout

    def test_red_is_status_1_with_what_it_means_and_where_to_mend_it(self, shell: Shell) -> None:
        shell.place.fault("ip_refused", "agent/get")
        done = shell.run(language="zh_CN.UTF-8")
        assert done.returncode == 1
        assert "异常" in done.stdout and "本机 IP 127.0.0.1 不在企业可信 IP 里" in done.stdout
        assert "企业可信IP" in done.stdout and "影响：" in done.stdout and "处理办法：" in done.stdout

    def test_as_json_there_are_codes_and_facts_and_they_are_kept_for_the_console(self, shell: Shell) -> None:
        shell.place.fault("code", "gettoken", code=40091)
        done = shell.run("--json", "--corp", "品牌")
        (one,) = json.loads(done.stdout.splitlines()[-1])
        found = {finding["check"]: finding for finding in one["findings"]}
        assert done.returncode == 1 and one["red"] and one["corp_id"] == shell.corp.corp_id
        assert found["corp"] == {"check": "corp", "state": "error", "outcome": "other_secret", "facts": {"code": 40091}}
        with shell.database.engine.begin() as connection:
            kept = set(connection.exec_driver_sql("select check_id from corp_findings").scalars())
        assert kept == {check.__name__ for check in doctor.ALL} - {"callback", "clock"}, "those hang on settings of this shell"

    def test_a_corp_that_nobody_knows_is_refused_and_without_any_there_is_nothing_to_examine(self, shell: Shell) -> None:
        unknown = shell.run("--corp", "别家")
        assert unknown.returncode == 1
        assert unknown.stderr.splitlines() == ["✗ No connection has the name, corp ID or id “别家”. There are: 品牌 [corp.no_match]"]
        with shell.database.engine.begin() as connection:
            connection.exec_driver_sql("delete from corps")
        nothing = shell.run()
        assert nothing.returncode == 0 and "WeCom" in nothing.stdout


class TestWords:
    @pytest.mark.parametrize("language", ["zh-CN", "en-US"])
    def test_every_check_has_a_name_and_a_word_for_being_well(self, language: words.Language) -> None:
        told: Any = words.contacts(language)["doctor"]
        names = {check.__name__ for check in doctor.ALL}
        assert set(told["checks"]) == names
        assert names - {check for check, outcomes in told["found"].items() if "ok" in outcomes} == set()
