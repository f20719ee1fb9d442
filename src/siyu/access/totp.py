"""One-time codes of RFC 6238 (HMAC-SHA-1, 30 seconds, six digits), the kind that every authenticator app knows. Time is the machine's."""

import base64
import hmac
import secrets
from urllib.parse import quote

PERIOD_SECONDS = 30


def new_secret() -> str:
    """160 random bits in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int, digits: int = 6) -> str:
    """The code of one 30-second step (RFC 4226 §5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(epoch_seconds: float) -> int:
    """The step of an instant."""
    return int(epoch_seconds // PERIOD_SECONDS)


def matching_step(secret: str, given: str, epoch_seconds: float) -> int | None:
    """The step whose code this is: the current, the one before or the one after; None when it is none of them. Each step counts once, see to that."""
    now = step_at(epoch_seconds)
    matches = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(code(secret, step).encode(), given.encode())]
    return matches[-1] if matches else None


def uri(secret: str, *, issuer: str, login: str) -> str:
    """What the QR code of an authenticator app holds."""
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?secret={secret}&issuer={quote(issuer)}&algorithm=SHA1&digits=6&period={PERIOD_SECONDS}"


def recovery_codes(count: int = 10) -> list[str]:
    """Codes for the day the telephone is lost, 50 random bits each: `k7m2q-9xw4t`."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return ["-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(2)) for _ in range(count)]


def normalise(given: str) -> str:
    """A code as people type it: six digits or a recovery code, in any case, with whatever blanks and dashes between."""
    bare = "".join(given.replace("-", " ").split()).lower()
    return f"{bare[:5]}-{bare[5:]}" if len(bare) == 10 else bare
