"""`siyu up`, `serve` and `demo` where they cannot start: told in the shell's language, whatever it is that is in the way."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.app.up import HomeDenied, HomeFull, HomeNoFolder, HomeReadOnly, NoHomeHere, PortDenied, PortElsewhere, PortTaken, check_port, homeless, is_free
from siyu.infra.database import Database
from siyu.kernel.ids import TenantId
from tests.app.test_wrong_settings import said

ZH, EN = "zh_CN.UTF-8", "en_US.UTF-8"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


class TestPort:
    @pytest.mark.parametrize(("language", "told"), [(ZH, "已被其他程序占用：请用 SIYU_PORT"), (EN, "Another program listens on 127.0.0.1:")])
    def test_taken(self, tmp_path: Path, taken: int, language: str, told: str) -> None:
        done = said({"SIYU_HOME": str(tmp_path), "SIYU_PORT": str(taken)}, "up", language=language)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert told in done.stderr and "[port.taken]" in done.stderr

    def test_taken_from_a_server_alone(self, database: Database, tenant: TenantId, tmp_path: Path, taken: int) -> None:
        done = said({"SIYU_HOME": str(tmp_path), "SIYU_PORT": str(taken), "SIYU_DATABASE_URL": database.url}, "serve", language=ZH)
        assert (done.returncode, done.stderr.splitlines()) == (
            1,
            [f"✗ 127.0.0.1:{taken} 已被其他程序占用：请用 SIYU_PORT 换一个端口，或先停止那个程序 [port.taken]"],
        )

    def test_an_address_of_another_machine(self, tmp_path: Path) -> None:
        done = said({"SIYU_HOME": str(tmp_path), "SIYU_HOST": "192.0.2.7"}, "up", language=ZH)
        assert done.stderr.splitlines() == ["✗ 192.0.2.7 不是本机的地址：请改正 SIYU_HOST，例如 127.0.0.1 或 0.0.0.0 [port.elsewhere]"]

    def test_each_is_told_from_the_others(self, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(PortTaken):
            check_port(taken)
        with pytest.raises(PortElsewhere):
            check_port(taken, "192.0.2.7")
        assert not is_free(taken) and is_free(0)

        def denied(self: socket.socket, address: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(socket.socket, "bind", denied)
        with pytest.raises(PortDenied):
            check_port(80)


class TestHome:
    @pytest.mark.parametrize(("language", "told"), [(ZH, "不是目录，或它的上级不是目录："), (EN, "is not a folder. Choose another folder with SIYU_HOME")])
    @pytest.mark.parametrize("command", ["up", "demo"])
    def test_a_file_is_in_the_way(self, tmp_path: Path, command: str, language: str, told: str) -> None:
        (tmp_path / "file").touch()
        home = str(tmp_path / "file" / "home")
        done = said({"SIYU_HOME": home}, *(("up",) if command == "up" else ("demo", "--home", home)), language=language)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
        assert told in done.stderr and home in done.stderr and "[home.no_folder]" in done.stderr

    def test_a_folder_that_is_no_demo_is_not_forgotten(self, tmp_path: Path) -> None:
        (tmp_path / "precious").touch()
        done = said({}, "demo", "--reset", "--home", str(tmp_path), language=ZH)
        assert (done.returncode, done.stderr.splitlines()) == (
            1,
            [f"✗ {tmp_path} 不是演示品牌的目录：没有删除任何内容；请用 --home 指定演示品牌的目录 [home.no_demo]"],
        )
        assert (tmp_path / "precious").exists()

    @pytest.mark.parametrize(
        ("number", "refusal"), [(13, HomeDenied), (1, HomeDenied), (20, HomeNoFolder), (30, HomeReadOnly), (28, HomeFull), (5, NoHomeHere)]
    )
    def test_each_is_told_from_the_others(self, number: int, refusal: type[NoHomeHere]) -> None:
        assert type(homeless(Path("/x"), OSError(number, os.strerror(number)))) is refusal
