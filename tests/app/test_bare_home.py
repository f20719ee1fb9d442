"""Commands at a home where nothing was ever set up, and at one whose store stands still: a plain word, and everything left as it was."""

import os
import socket
from pathlib import Path

import pytest

from siyu.app.runtime import left_as_found, store_url, visited
from siyu.app.up import HomeInUse, Installation, PortTaken, claimed
from siyu.infra import postgres
from siyu.infra.database import Database
from siyu.infra.migrate import upgrade
from siyu.infra.settings import Settings
from tests.app.test_wrong_settings import said
from tests.conftest import make_tenant

pytestmark = pytest.mark.slow
TOLD = "✗ Nothing is set up here yet. Run siyu up and finish the set-up in the browser, or run siyu demo [tenant.none]"
COMMANDS = [
    ("doctor",),
    ("doctor", "--json", "--corp", "x"),
    ("user", "add", "ann"),
    ("user", "reset", "ann"),
    ("audit", "verify"),
    ("import", "orders", __file__),
    ("rebuild",),
    ("serve",),
    ("worker",),
    ("engine",),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class TestNothingThere:
    @pytest.mark.long
    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_a_command_says_so_in_a_line_and_leaves_nothing(self, home: Path, command: tuple[str, ...]) -> None:
        done = said({"SIYU_HOME": str(home)}, *command, language="en_US.UTF-8")
        assert (done.returncode, done.stdout, done.stderr.splitlines()) == (1, "", [TOLD])
        assert not home.exists()

    def test_an_outside_database_without_tables_is_no_installation_either(self, server_url: str, home: Path) -> None:
        done = said({"SIYU_HOME": str(home), "SIYU_DATABASE_URL": server_url}, "doctor", language="zh_CN.UTF-8")
        assert done.returncode == 1
        assert done.stderr.splitlines() == ["✗ 这里还没有设置过：请运行 siyu up 并在浏览器里完成首次设置，或运行 siyu demo [tenant.none]"]


class TestInUse:
    def test_a_second_start_is_refused_and_the_first_goes_on(self, home: Path) -> None:
        """Its store above all: the first would lose it."""
        first = Installation(Settings(home=home, port=0))
        try:
            with claimed(home):
                store = postgres.start(home / "postgres")
                refused = said({"SIYU_HOME": str(home), "SIYU_PORT": "0"}, "up", language="zh_CN.UTF-8")
                assert (refused.returncode, refused.stdout) == (1, "")
                assert f"数据目录 {home} 正由另一个 siyu 使用（进程 {os.getpid()}）" in refused.stderr
                with pytest.raises(HomeInUse):
                    first.start()
                first.stop()
                running = postgres.status(home / "postgres")
                assert running and running.pid == store.pid
        finally:
            postgres.erase(home / "postgres")

    def test_a_port_that_is_taken_stops_nothing(self, home: Path) -> None:
        store = postgres.start(home / "postgres")
        try:
            with socket.create_server(("127.0.0.1", 0)) as other:
                second = Installation(Settings(home=home, port=other.getsockname()[1]))
                with pytest.raises(PortTaken):
                    second.start()
                second.stop()
            running = postgres.status(home / "postgres")
            assert running and running.pid == store.pid
        finally:
            postgres.erase(home / "postgres")


class TestStandingStill:
    def test_a_store_that_a_command_started_is_stopped_again_and_one_that_others_use_is_not(self, home: Path) -> None:
        settings, store = Settings(home=home), home / "postgres"
        try:
            with left_as_found(settings):
                upgrade(store_url(settings))
            assert postgres.exists(store) and postgres.status(store) is None
            refused = said({"SIYU_HOME": str(home)}, "doctor", language="en_US.UTF-8")
            assert refused.stderr.splitlines()[-1] == TOLD and postgres.status(store) is None
            other = Database(store_url(settings))
            make_tenant(other)
            with visited(settings) as database:
                assert len(database.tenants()) == 1
            assert postgres.status(store)
            with left_as_found(settings):
                other.close()
                postgres.stop(store)
            with left_as_found(settings):
                other = Database(store_url(settings))
                other.tenants()
            assert postgres.status(store), "somebody else is connected"
            other.close()
        finally:
            postgres.erase(store)
