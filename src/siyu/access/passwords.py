"""Passwords: which are accepted, how they are kept, how they are compared."""

import functools
import secrets
import threading
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

import siyu
from siyu.kernel.errors import Refusal

SHORTEST, ADVISED, LONGEST = 8, 15, 256

# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. 46 ms on the machine it was chosen on.
_hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
_few_at_once = threading.BoundedSemaphore(4)  # each takes 19 MiB and a core


class Unacceptable(Refusal):
    """This password may not be used.

    `reason` is `too_short`, `too_long`, `common` or `like_login`; `shortest`, `advised` and `longest` are lengths in characters.
    """

    code = "password.unacceptable"
    status = 422


def check(password: str, *, login: str = "") -> None:
    """Raises Unacceptable for a password that is too short, too long, on the list of common ones or made of the log-in name. Any characters will do."""
    length, plain = len(password), _plain(password)
    reason = None
    if length < SHORTEST:
        reason = "too_short"
    elif length > LONGEST:
        reason = "too_long"
    elif plain in _common() or plain.rstrip("0123456789!@#.") in _common() or len(set(plain)) < 3:
        reason = "common"
    elif login and len(login) >= 4 and login.lower() in plain and len(plain) - len(login) < 6:
        reason = "like_login"
    if reason:
        raise Unacceptable(reason=reason, shortest=SHORTEST, advised=ADVISED, longest=LONGEST)


def hash(password: str) -> str:
    """The password under a fresh salt, with the parameters that made it."""
    with _few_at_once:
        return _hasher.hash(unicodedata.normalize("NFC", password))


def verify(kept: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long when nobody is there to compare with (`kept` None)."""
    with _few_at_once:
        try:
            return _hasher.verify(kept or _nobody(), unicodedata.normalize("NFC", password[: LONGEST + 1])) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def generate() -> str:
    """A password for somebody else to change: 20 letters and digits in four groups, 98 random bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


@functools.cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


@functools.cache
def _common() -> frozenset[str]:
    package = Path(siyu.__file__).parent
    packed = package / "_data"
    folder = packed if packed.exists() else package.parents[1] / "data"
    lines = (folder / "passwords" / "common.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
