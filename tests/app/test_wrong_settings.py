"""A variable that cannot be meant: every command says which one, what it was and what is allowed, and never a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from siyu.infra.faults import NotOneOf, NotStoreAddress, NotWebAddress, NotWhole, WrongSettings, WrongVariable
from siyu.infra.settings import Settings

HIDDEN = "hunter2"
WRONG: list[tuple[str, str, type[WrongVariable], dict[str, object]]] = [
    ("SIYU_PORT", "abc", NotWhole, {"given": "abc", "range": "0…65535"}),
    ("SIYU_PORT", "70000", NotWhole, {"given": "70000", "range": "0…65535"}),
    ("SIYU_WORKER_THREADS", "0", NotWhole, {"given": "0", "range": "≥ 1"}),
    ("SIYU_LOG_LEVEL", "loud", NotOneOf, {"given": "loud", "choices": ["debug", "info", "warning", "error"]}),
    ("SIYU_PUBLIC_URL", "siyu.example.com", NotWebAddress, {"given": "siyu.example.com"}),
    ("SIYU_PUBLIC_URL", "https://siyu:port", NotWebAddress, {"given": "https://siyu:port"}),
    ("SIYU_WECOM_BASE_URL", "ftp://x", NotWebAddress, {"given": "ftp://x"}),
    ("SIYU_DATABASE_URL", f"mysql://siyu:{HIDDEN}@db/siyu", NotStoreAddress, {}),
    ("SIYU_DATABASE_URL", HIDDEN, NotStoreAddress, {}),
]


def said(variables: dict[str, str], *command: str, language: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SIYU_")}
    environment = {**ours, "LC_ALL": language, "COLUMNS": "400", "PYTHONUTF8": "1", **variables}
    arguments = [sys.executable, "-m", "siyu.app.cli", *command]
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


class TestSettings:
    @pytest.mark.parametrize(("variable", "value", "kind", "told"), WRONG)
    def test_a_wrong_value_is_named_with_what_is_allowed(
        self, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, kind: type[WrongVariable], told: dict[str, object]
    ) -> None:
        monkeypatch.setenv(variable, value)
        with pytest.raises(WrongSettings) as wrong:
            Settings()
        (fault,) = wrong.value.faults
        assert type(fault) is kind
        assert fault.params == {"variable": variable, **told}

    def test_a_clock_file_that_is_not_there_is_said_before_anything_starts(self, tmp_path: Path) -> None:
        done = said({"SIYU_HOME": str(tmp_path / "home"), "SIYU_CLOCK_FILE": str(tmp_path / "none")}, "up", language="zh_CN.UTF-8")
        assert done.returncode == 1 and f"SIYU_CLOCK_FILE 指向的文件 {tmp_path / 'none'} 不存在" in done.stderr
        assert not (tmp_path / "home" / "postgres").exists()

    def test_an_empty_variable_is_unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("SIYU_PORT", "SIYU_DATABASE_URL", "SIYU_CLOCK_FILE"):
            monkeypatch.setenv(name, "")
        settings = Settings()
        assert (settings.port, settings.database_url, settings.clock_file) == (8000, None, None)


class TestCommands:
    def test_all_that_is_wrong_is_said_at_once_in_english(self) -> None:
        done = said({"SIYU_PORT": "abc", "SIYU_LOG_FORMAT": "xml"}, "serve", language="en_US.UTF-8")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.splitlines() == [
            "✗ The environment variable SIYU_PORT cannot be “abc”. It takes a whole number, 0…65535 [setting.not_whole]",
            "✗ The environment variable SIYU_LOG_FORMAT cannot be “xml”. It takes one of: console, json [setting.not_one_of]",
        ]

    def test_a_secret_is_not_repeated_in_chinese(self) -> None:
        done = said({"SIYU_DATABASE_URL": f"mysql://siyu:{HIDDEN}@db/siyu"}, "audit", "verify", language="zh_CN.UTF-8")
        assert done.returncode == 1
        assert done.stderr.startswith("✗ 环境变量 SIYU_DATABASE_URL 的值不能用")
        assert HIDDEN not in done.stderr and "Traceback" not in done.stderr

    def test_a_store_that_does_not_answer(self, tmp_path: Path) -> None:
        nowhere = {"SIYU_DATABASE_URL": f"postgresql://siyu:{HIDDEN}@127.0.0.1:9/siyu", "SIYU_HOME": str(tmp_path)}
        done = said(nowhere, "user", "add", "ann", language="en_US.UTF-8")
        assert done.returncode == 1
        assert done.stderr.startswith("✗ The database does not answer: ")
        assert HIDDEN not in done.stderr and "Traceback" not in done.stderr
