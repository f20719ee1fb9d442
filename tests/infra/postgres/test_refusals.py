"""Each expected "no" of the server: raised by the real cause, worded in both languages."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from siyu.infra import postgres
from siyu.infra.postgres import cluster, places, processes, refusals
from siyu.infra.postgres.diagnosis import explain

SENTENCES: dict[type[postgres.PostgresRefusal], dict[str, object]] = {
    refusals.WrongPlatform: {"platform": "darwin"},
    refusals.BinariesMissing: {"path": "/x"},
    refusals.VersionMismatch: {"path": "/x", "data": "17", "server": 18},
    refusals.PortTaken: {"port": 5432},
    refusals.DiskFull: {"path": "/x", "free_mib": 3, "needed_mib": 64},
    refusals.NotPermitted: {"path": "/x", "reason": "Permission denied"},
    refusals.NoServerUser: {},
    refusals.PasswordLost: {"path": "/x"},
    refusals.Busy: {"path": "/x", "seconds": 60},
    refusals.NotReady: {"seconds": 60, "log": "/x/log"},
    refusals.StartFailed: {"reason": "because", "log": "/x/log"},
    refusals.StopFailed: {"pid": 4711, "seconds": 60},
}


def _refused(home: Path, **more: object) -> postgres.PostgresRefusal:
    with pytest.raises(postgres.PostgresRefusal) as refusal:
        postgres.start(home, **more)  # type: ignore[arg-type]
    assert str(refusal.value.code).startswith("postgres.")
    return refusal.value


class TestSentence:
    def test_every_refusal_is_listed_here(self) -> None:
        assert set(SENTENCES) == set(postgres.PostgresRefusal.__subclasses__())

    @pytest.mark.parametrize("kind", SENTENCES, ids=lambda kind: kind.__name__)
    def test_both_languages_name_the_particulars(self, kind: type[postgres.PostgresRefusal]) -> None:
        refusal = kind(**SENTENCES[kind])
        for sentence in (refusal.sentence("zh-CN"), refusal.sentence("en-US")):
            assert all(str(value) in sentence for value in refusal.params.values())
        assert any("一" <= letter <= "鿿" for letter in refusal.sentence("zh-CN"))
        assert refusal.sentence("en-US").isascii()

    def test_codes_differ(self) -> None:
        assert len({kind.code for kind in SENTENCES}) == len(SENTENCES)


class TestPort:
    def test_a_port_in_use(self, home: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            refusal = _refused(home, port=port)
        assert (refusal.code, refusal.params) == ("postgres.port_taken", {"port": port})
        assert postgres.start(home, port=port, settings=postgres.THROWAWAY).port == port

    def test_a_port_that_is_taken_behind_our_back(self, home: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            refusal = _refused(home, settings={"listen_addresses": "127.0.0.1", "port": str(port)})
        assert (refusal.code, refusal.params) == ("postgres.port_taken", {"port": port})


class TestBinaries:
    def test_no_programs_there(self, bare: Path, tmp_path: Path) -> None:
        assert _refused(bare, binaries=tmp_path).code == "postgres.binaries_missing"

    def test_data_of_another_version(self, home: Path) -> None:
        version = home / "data" / "PG_VERSION"
        right = version.read_text()
        version.write_text("15\n")
        refusal = _refused(home)
        version.write_text(right)
        assert (refusal.code, refusal.params["data"], refusal.params["server"]) == ("postgres.version_mismatch", "15", 18)

    def test_programs_installed_elsewhere(self, bare: Path) -> None:
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not installed:
            pytest.skip("no other PostgreSQL is installed")
        with psycopg.connect(postgres.start(bare, binaries=installed[-1].parent, settings=postgres.THROWAWAY).dsn()) as connection:
            assert str(connection.info.server_version // 10000) == installed[-1].parent.parent.name
        assert not (bare / "software").exists()


class TestPassword:
    def test_the_file_is_gone(self, home: Path) -> None:
        (home / "owner.password").rename(home / "put-away")
        assert _refused(home).code == "postgres.password_lost"
        (home / "put-away").rename(home / "owner.password")
        assert postgres.start(home).pid > 0

    def test_it_belongs_to_other_data(self, home: Path) -> None:
        right = (home / "owner.password").read_text()
        (home / "owner.password").write_text("another\n")
        refusal = _refused(home)
        (home / "owner.password").write_text(right)
        assert refusal.code == "postgres.password_lost"


class TestPermission:
    def test_data_that_is_no_cluster(self, bare: Path) -> None:
        (bare / "data").mkdir(parents=True)
        (bare / "data" / "thesis.txt").write_text("mine")
        assert _refused(bare).code == "postgres.not_permitted"
        assert (bare / "data" / "thesis.txt").read_text() == "mine"

    def test_a_path_that_the_programs_cannot_quote(self, bare: Path) -> None:
        assert _refused(bare / "$HOME").code == "postgres.not_permitted"

    def test_data_with_a_mode_that_the_server_refuses(self, home: Path) -> None:
        (home / "data").chmod(0o777)
        refusal = _refused(home)
        (home / "data").chmod(0o700)
        assert refusal.code == "postgres.start_failed"
        assert "permissions" in refusal.sentence("en-US")

    def test_a_file_in_the_way(self, bare: Path) -> None:
        bare.write_text("a file")
        assert _refused(bare).code == "postgres.not_permitted"
        bare.unlink()

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ('FATAL:  could not open file "global/pg_control": Permission denied', "postgres.not_permitted"),
            ('FATAL:  data directory "/x" has wrong ownership', "postgres.not_permitted"),
            ('PANIC:  could not write to file "pg_wal/xlogtemp.7": No space left on device', "postgres.disk_full"),
            ("initdb: error: could not create directory: Disk quota exceeded", "postgres.disk_full"),
            ("FATAL:  something new", "postgres.start_failed"),
            ("", "postgres.start_failed"),
        ],
    )
    def test_the_last_words_of_a_server(self, tmp_path: Path, said: str, code: str) -> None:
        assert explain(tmp_path, said).code == code


@pytest.fixture
def small_disk(bare: Path) -> Iterator[Path]:
    """A volume of 400 MiB."""
    volume = bare.parent / "volume"
    volume.mkdir()
    mounted = shutil.which("mount") and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "siyu-test", str(volume)], capture_output=True)
    if not mounted or mounted.returncode != 0:
        pytest.skip("this user may not mount a small volume")
    yield volume
    postgres.erase(volume / "home")
    subprocess.run(["umount", str(volume)], check=True)


class TestDisk:
    def test_too_little_room_to_begin(self, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cluster, "FREE_MIB_TO_CREATE", 1 << 40)
        refusal = _refused(bare)
        assert refusal.code == "postgres.disk_full"
        assert refusal.params["needed_mib"] == 1 << 40
        assert not (bare / "data").exists()

    @pytest.mark.slow
    def test_a_disk_that_fills_up_under_load_loses_nothing_and_needs_no_repair(self, small_disk: Path) -> None:
        home = small_disk / "home"
        server = postgres.start(home, settings={"shared_buffers": "16MB"})
        acknowledged = 0
        with closing(psycopg.connect(server.dsn(), autocommit=True)) as connection:
            connection.execute("create table filling (key int primary key, body text)")
            connection.execute("alter table filling alter body set storage external")
            with suppress(psycopg.Error):
                while True:
                    connection.execute("insert into filling values (%s, repeat('x', 100000))", [acknowledged + 1])
                    acknowledged += 1
        if processes.belongs(server.pid, server.data_dir):
            processes.send(server.pid, server.data_dir, signal.SIGKILL)
        filler = small_disk / "other"
        with suppress(OSError), filler.open("wb") as stream:
            while True:
                stream.write(b"x" * 65536)
                stream.flush()
        refusal = _refused(home)
        assert refusal.code == "postgres.disk_full"
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=900m", str(small_disk)], check=True)
        with psycopg.connect(postgres.start(home).dsn()) as connection:
            row = connection.execute("select count(*) from filling where key <= %s and length(body) = 100000", [acknowledged]).fetchone()
        assert acknowledged > 100
        assert row == (acknowledged,)


def _as_nobody(work: Callable[[], str]) -> str:
    """What `work` returns in a child that has become nobody for good; the sentence if it is refused.

    A fork, since nobody may be unable to reach Python itself.
    """
    entry = pwd.getpwnam("nobody")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.chdir("/")
            said = work()
        except postgres.PostgresRefusal as refusal:
            said = refusal.sentence("en-US")
        except BaseException:
            said = traceback.format_exc()
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said


def _use(home: Path) -> str:
    server = postgres.start(home, settings=postgres.THROWAWAY)
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute("select 41 + 1").fetchone()
    return f"{row} {postgres.status(home) == server} {server.data_dir.stat().st_uid == os.getuid()} {postgres.stop(home)} {postgres.status(home)}"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
class TestUsers:
    def test_root_hands_the_server_to_somebody_else(self, bare: Path) -> None:
        server = postgres.start(bare, settings=postgres.THROWAWAY)
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes.of(server.data_dir)}
        assert owners == {server.data_dir.stat().st_uid}
        assert 0 not in owners
        assert bare.stat().st_uid == 0

    def test_the_owner_of_the_data_runs_it(self, bare: Path) -> None:
        bare.mkdir(mode=0o777)
        bare.chmod(0o777)
        assert _as_nobody(lambda: _use(bare)) == "(42,) True True True None"
        server = postgres.start(bare)
        assert server.data_dir.stat().st_uid == Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid

    def test_a_home_out_of_the_users_reach_lies_elsewhere(self, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "ELSEWHERE", bare.parent / "elsewhere")
        bare.mkdir()
        bare.chmod(0o700)
        server = postgres.start(bare, settings=postgres.THROWAWAY)
        assert (bare / "elsewhere").read_text() == f"{server.data_dir.parent}\n"
        assert (server.data_dir.parent / "belongs-to").read_text() == f"{bare}\n"
        assert bare.stat().st_mode & 0o777 == 0o700
        assert postgres.start(bare) == server == postgres.status(bare)
        postgres.erase(bare)
        assert not bare.exists()
        assert not server.data_dir.parent.exists()

    def test_a_home_made_again_begins_anew(self, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(places, "ELSEWHERE", bare.parent / "elsewhere")
        bare.mkdir(mode=0o700)
        first = places.choose(bare).base
        assert places.choose(bare).base == first
        shutil.rmtree(bare)
        bare.mkdir(mode=0o700)
        assert places.choose(bare).base != first

    def test_a_normal_user_runs_it_himself(self, bare: Path) -> None:
        bare.mkdir()
        os.chown(bare, pwd.getpwnam("nobody").pw_uid, -1)
        assert _as_nobody(lambda: _use(bare)) == "(42,) True True True None"
        assert {file.stat().st_uid for file in bare.rglob("*")} == {pwd.getpwnam("nobody").pw_uid}

    def test_a_normal_user_is_told_where_he_may_not_write(self, bare: Path) -> None:
        bare.mkdir(mode=0o755)
        assert _as_nobody(lambda: _use(bare)).startswith(f"No permission for {bare}")

    def test_a_normal_user_is_told_that_roots_data_are_not_his(self, home: Path) -> None:
        postgres.start(home, settings=postgres.THROWAWAY)
        assert _as_nobody(lambda: _use(home)).startswith(f"No permission for {home}")
        assert _as_nobody(lambda: str(postgres.status(home))).startswith(f"No permission for {home}")
