"""kill -9 of the server and what it leaves behind. Victims are chosen by what they are, never by name: see `processes`."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from siyu.infra import postgres
from siyu.infra.postgres import processes


class Writer(threading.Thread):
    """Commits one keyed row after the other and remembers which were acknowledged; reconnects for ever."""

    def __init__(self, dsn: str, table: str) -> None:
        super().__init__(daemon=True)
        self.dsn, self.table = dsn, table
        self.acknowledged: list[int] = []
        self.doubtful: list[int] = []
        self.ending = threading.Event()

    def run(self) -> None:
        key = 0
        while not self.ending.is_set():
            try:
                with psycopg.connect(self.dsn, autocommit=True, connect_timeout=2) as connection:
                    while not self.ending.is_set():
                        key += 1
                        self.doubtful.append(key)
                        connection.execute(f"insert into {self.table} values (%s, repeat('x', 200))", [key])
                        self.doubtful.pop()
                        self.acknowledged.append(key)
            except psycopg.OperationalError:
                self.ending.wait(0.02)


def _until(condition: Callable[[], bool], *, within_seconds: float) -> float:
    """Seconds until `condition` held; fails after `within_seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within_seconds, "waited in vain"
        time.sleep(0.005)
    return time.monotonic() - began


def _kill(server: postgres.Server) -> None:
    assert processes.send(server.pid, server.data_dir, signal.SIGKILL)


@pytest.mark.slow
class TestKilledUnderLoad:
    def test_three_kills_lose_nothing_acknowledged_and_last_less_than_ten_seconds(self, bare: Path) -> None:
        outages = []
        with postgres.Supervisor(bare) as supervisor:
            with psycopg.connect(supervisor.server.dsn()) as connection:
                connection.execute("create table w0 (key int primary key, body text)")
                connection.execute("create table w1 (key int primary key, body text)")
            writers = [Writer(supervisor.server.dsn(), table) for table in ("w0", "w1")]
            for writer in writers:
                writer.start()
            for _ in range(3):
                before = [len(writer.acknowledged) for writer in writers]
                _until(lambda before=before: all(len(w.acknowledged) > n + 200 for w, n in zip(writers, before, strict=True)), within_seconds=60)  # type: ignore[misc]
                restarts = supervisor.restarts
                _kill(supervisor.server)
                outages.append(_until(lambda restarts=restarts: supervisor.restarts > restarts, within_seconds=10))  # type: ignore[misc]
            before = [len(writer.acknowledged) for writer in writers]
            _until(lambda: all(len(w.acknowledged) > n for w, n in zip(writers, before, strict=True)), within_seconds=10)
            for writer in writers:
                writer.ending.set()
                writer.join(timeout=10)
            with psycopg.connect(supervisor.server.dsn()) as connection:
                kept = {writer.table: {key for (key,) in connection.execute(f"select key from {writer.table}")} for writer in writers}
        for writer in writers:
            lost = set(writer.acknowledged) - kept[writer.table]
            assert not lost
            assert kept[writer.table] - set(writer.acknowledged) <= set(writer.doubtful)
        acknowledged = sum(len(writer.acknowledged) for writer in writers)
        sys.stdout.write(f"0 of {acknowledged} acknowledged rows lost, back after {', '.join(f'{s:.2f}' for s in outages)} s" + "\n")  # pytest -rP shows it
        assert not processes.of(bare / "data")


class TestRemains:
    @pytest.mark.slow
    def test_a_session_that_computes_on_is_ended(self, home: Path) -> None:
        server = postgres.start(home, settings={"client_connection_check_interval": "0"})
        busy = threading.Thread(target=_compute, args=[server.dsn()])
        busy.start()
        _until(lambda: _computing(server), within_seconds=10)
        _kill(server)
        again = postgres.start(home)
        busy.join(timeout=10)
        assert again.pid != server.pid
        assert postgres.status(home) == again

    def test_a_pid_file_that_names_somebody_else_now(self, home: Path) -> None:
        server = postgres.start(home)
        _kill(server)
        assert processes.gone(server.pid, server.data_dir, within_seconds=10)
        note = server.data_dir / "postmaster.pid"
        stranger = subprocess.Popen(["sleep", "600"])
        try:
            for file in (note, server.socket_dir / f".s.PGSQL.{server.port}.lock"):
                file.write_text(file.read_text().replace(str(server.pid), str(stranger.pid), 1))
            assert postgres.status(home) is None
            assert postgres.start(home).pid != stranger.pid
            assert postgres.stop(home) is True
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    def test_a_stop_leaves_a_stranger_with_the_old_number_alone(self, home: Path) -> None:
        server = postgres.start(home)
        _kill(server)
        assert processes.gone(server.pid, server.data_dir, within_seconds=10)
        stranger = subprocess.Popen(["sleep", "600"])
        try:
            note = server.data_dir / "postmaster.pid"
            note.write_text(note.read_text().replace(str(server.pid), str(stranger.pid), 1))
            assert postgres.stop(home) is False
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    @pytest.mark.parametrize("text", ["", "12", "rubbish\n" * 9])
    def test_a_pid_file_that_says_nothing(self, home: Path, text: str) -> None:
        server = postgres.start(home)
        _kill(server)
        assert processes.gone(server.pid, server.data_dir, within_seconds=10)
        (server.data_dir / "postmaster.pid").write_text(text)
        assert postgres.start(home).pid != server.pid


class TestSupervisor:
    def test_check_is_quiet_while_all_is_well(self, served: Path) -> None:
        supervisor = postgres.Supervisor(served)
        supervisor.start(watch=False)
        assert supervisor.check() is False
        assert supervisor.restarts == 0

    def test_the_address_stays_the_same(self, served: Path) -> None:
        supervisor = postgres.Supervisor(served)
        before = supervisor.start(watch=False)
        _kill(before)
        assert processes.gone(before.pid, before.data_dir, within_seconds=10)
        assert supervisor.check() is True
        assert supervisor.server.url() == before.url()
        assert supervisor.server.pid != before.pid

    @pytest.mark.slow
    def test_a_refusal_is_reported_until_its_cause_is_gone(self, home: Path) -> None:
        refusals: list[str] = []
        back = threading.Event()
        with postgres.Supervisor(home, on_refusal=lambda refusal: refusals.append(refusal.code), on_restart=lambda _: back.set()) as supervisor:
            version = home / "data" / "PG_VERSION"
            right = version.read_text()
            version.write_text("9.4\n")
            _kill(supervisor.server)
            _until(lambda: bool(refusals), within_seconds=10)
            version.write_text(right)
            assert back.wait(timeout=20)
        assert set(refusals) == {"postgres.version_mismatch"}


def _compute(dsn: str) -> None:
    with pytest.raises(psycopg.OperationalError), psycopg.connect(dsn) as connection:
        connection.execute("select count(*) from generate_series(1, 3000000) a, generate_series(1, 100000) b")


def _computing(server: postgres.Server) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("select 1 from pg_stat_activity where query like 'select count%' and state = 'active'").fetchone() is not None
