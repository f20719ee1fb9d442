import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.infra import secrets
from siyu.infra.faults import NotKeys
from siyu.infra.secrets import Secrets, SecretUnreadable

OLD, NEW = b"o" * 32, b"n" * 32


class TestEncrypt:
    @given(st.text(), st.text(max_size=20))
    def test_reads_back_what_it_wrote(self, plain: str, context: str) -> None:
        keys = Secrets({"k1": OLD})
        assert keys.decrypt(keys.encrypt(plain, context=context), context=context) == plain

    def test_never_writes_the_same_twice_nor_the_plain_text(self) -> None:
        keys = Secrets({"k1": OLD})
        first, second = keys.encrypt("13800138000", context="c"), keys.encrypt("13800138000", context="c")
        assert first != second
        assert "13800138000" not in first and b"13800138000" not in base64.b64decode(first.partition(":")[2])

    def test_a_new_key_reads_what_the_old_one_wrote_and_writes_under_its_own(self) -> None:
        old = Secrets({"k1": OLD}).encrypt("text", context="c")
        both = Secrets({"k2": NEW, "k1": OLD})
        assert both.decrypt(old, context="c") == "text"
        assert both.encrypt("text", context="c").startswith("k2:")

    @pytest.mark.parametrize("keys", [{"k1": NEW}, {"k2": OLD}])
    def test_a_wrong_key_reads_nothing(self, keys: dict[str, bytes]) -> None:
        with pytest.raises(SecretUnreadable):
            Secrets(keys).decrypt(Secrets({"k1": OLD}).encrypt("text", context="c"), context="c")

    def test_a_value_moved_elsewhere_or_changed_is_not_read(self) -> None:
        keys = Secrets({"k1": OLD})
        value = keys.encrypt("text", context="account:1")
        with pytest.raises(SecretUnreadable):
            keys.decrypt(value, context="account:2")
        with pytest.raises(SecretUnreadable):
            keys.decrypt(value[:-4] + ("AAA=" if value[-4:] != "AAA=" else "BBB="), context="account:1")
        with pytest.raises(SecretUnreadable):
            keys.decrypt("k1:***", context="account:1")


class TestMark:
    def test_is_equal_for_equal_values_of_one_context_only(self) -> None:
        keys = Secrets({"k1": OLD})
        assert keys.mark("13800138000", context="phone") == keys.mark("13800138000", context="phone")
        assert keys.mark("13800138000", context="phone") != keys.mark("13800138000", context="card")
        assert keys.mark("13800138000", context="phone") != Secrets({"k1": NEW}).mark("13800138000", context="phone")

    def test_after_rotation_old_marks_are_still_found(self) -> None:
        old = Secrets({"k1": OLD}).mark("x", context="phone")
        assert old in Secrets({"k2": NEW, "k1": OLD}).marks("x", context="phone")


class TestLoad:
    def test_makes_a_key_that_only_the_owner_may_read_and_keeps_it(self, tmp_path: Path) -> None:
        first = secrets.load(tmp_path / "home", {})
        path = tmp_path / "home" / secrets.FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = secrets.load(tmp_path / "home", {})
        assert again.decrypt(first.encrypt("text", context="c"), context="c") == "text"
        assert [entry.name for entry in path.parent.iterdir()] == [secrets.FILE]

    def test_many_starting_at_once_use_one_key(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(16) as pool:
            rings = list(pool.map(lambda _: secrets.load(tmp_path, {}), range(16)))
        value = rings[0].encrypt("text", context="c")
        assert {ring.decrypt(value, context="c") for ring in rings} == {"text"}

    def test_the_environment_goes_before_the_file(self, tmp_path: Path) -> None:
        ring = secrets.load(tmp_path, {"SIYU_SECRET": f"k9:{base64.b64encode(NEW).decode()},k1:{base64.b64encode(OLD).decode()}"})
        assert ring.current == "k9"
        assert not (tmp_path / secrets.FILE).exists()

    @pytest.mark.parametrize("told", ["k1:short", "k1", "k1:" + base64.b64encode(b"x" * 16).decode(), "no good:" + base64.b64encode(OLD).decode()])
    def test_a_bad_key_is_refused(self, tmp_path: Path, told: str) -> None:
        with pytest.raises(NotKeys):
            secrets.load(tmp_path, {"SIYU_SECRET": told})
