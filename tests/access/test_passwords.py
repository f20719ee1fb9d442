import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.access import passwords
from siyu.access.passwords import Unacceptable


class TestCheck:
    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("short12", "too_short"),
            ("", "too_short"),
            ("x" * 257, "too_long"),
            ("password", "common"),
            ("PassWord123", "common"),
            ("12345678", "common"),
            ("1qaz2wsx", "common"),
            ("woaini1314", "common"),
            ("zhangwei123456", "common"),
            ("20260101", "common"),
            ("ｐａｓｓｗｏｒｄ", "common"),
            ("aaaaaaaabbbb", "common"),
            ("qwertyuiop2026!", "common"),
            ("boss-2026", "like_login"),
        ],
    )
    def test_refuses_with_the_reason(self, password: str, reason: str) -> None:
        with pytest.raises(Unacceptable) as refused:
            passwords.check(password, login="boss")
        assert refused.value.params["reason"] == reason

    @pytest.mark.parametrize(
        "password", ["plum blossom at dawn", "春眠不觉晓处处闻啼鸟", "x7!kQ2#m", "correct horse battery staple " * 8, "bossanova in the evening"]
    )
    def test_takes_anything_else_whatever_its_characters(self, password: str) -> None:
        passwords.check(password, login="boss")

    def test_the_list_has_three_thousand_that_length_alone_would_let_pass(self) -> None:
        assert len([word for word in passwords._common() if len(word) >= passwords.SHORTEST]) >= 3000


class TestHash:
    def test_the_right_password_verifies_and_no_other(self) -> None:
        kept = passwords.hash("plum-blossom")
        assert passwords.verify(kept, "plum-blossom")
        assert not passwords.verify(kept, "plum-blossom ")
        assert not passwords.verify(None, "plum-blossom")
        assert not passwords.verify("not a hash", "plum-blossom")

    def test_is_argon2id_with_todays_parameters_and_a_salt(self) -> None:
        kept = passwords.hash("plum-blossom")
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert kept != passwords.hash("plum-blossom")
        assert not passwords.outdated(kept)

    def test_composed_and_decomposed_letters_are_the_same_password(self) -> None:
        assert passwords.verify(passwords.hash("caf\u00e9-au-lait"), "cafe\u0301-au-lait")


class TestGenerate:
    @given(st.none())
    def test_generates_what_it_would_accept(self, _: None) -> None:
        passwords.check(passwords.generate())
