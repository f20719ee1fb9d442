import base64

import pytest

from siyu.access import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


class TestCode:
    @pytest.mark.parametrize(
        ("seconds", "code"),
        [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130")],
    )
    def test_gives_the_vectors_of_rfc_6238(self, seconds: int, code: str) -> None:
        assert totp.code(RFC_SECRET, totp.step_at(seconds), digits=8) == code

    @pytest.mark.parametrize(("counter", "code"), [(0, "755224"), (1, "287082"), (4, "338314"), (9, "520489")])
    def test_gives_the_vectors_of_rfc_4226(self, counter: int, code: str) -> None:
        assert totp.code(RFC_SECRET, counter) == code


class TestMatchingStep:
    @pytest.mark.parametrize("shift", [-1, 0, 1])
    def test_takes_the_neighbouring_steps(self, shift: int) -> None:
        assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, 100 + shift), 100 * 30.0) == 100 + shift

    @pytest.mark.parametrize("shift", [-3, -2, 2, 3])
    def test_takes_no_others(self, shift: int) -> None:
        assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, 100 + shift), 100 * 30.0) is None

    @pytest.mark.parametrize("given", ["", "12345", "一二三四五六", "１２３４５６", "abcdef"])
    def test_anything_else_is_wrong_and_harmless(self, given: str) -> None:
        assert totp.matching_step(RFC_SECRET, given, 3000.0) is None


def test_the_uri_says_what_an_app_needs() -> None:
    uri = totp.uri("ABC", issuer="siyu 茶坊", login="boss")
    assert uri.startswith("otpauth://totp/siyu%20%E8%8C%B6%E5%9D%8A:boss?secret=ABC&issuer=siyu%20%E8%8C%B6%E5%9D%8A")


def test_recovery_codes_are_ten_different_ones() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == 10
    for typed in (f" {codes[0].upper()} ", codes[0].replace("-", " "), codes[0].replace("-", "").title()):
        assert totp.normalise(typed) == codes[0]
    assert totp.normalise("123 456") == "123456"
