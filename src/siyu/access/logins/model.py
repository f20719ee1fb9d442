"""Logging in: what is refused, and how often one may try. Pure."""

import hashlib
from dataclasses import dataclass

from siyu.access.accounts import Account
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import TenantId

TRIES_PER_ACCOUNT = 20
TRIES_PER_ADDRESS = 100


@dataclass(frozen=True)
class Opened:
    """A successful log-in. `token` goes into the cookie and is told this once."""

    tenant_id: TenantId
    account: Account
    token: str


class BadCredentials(Refusal):
    """Log-in name or password is wrong, or the account is closed; which of them is not told."""

    code = "session.bad_credentials"
    status = 401


class CodeNeeded(Refusal):
    """The password is right; this account also wants a one-time code."""

    code = "session.code_needed"
    status = 401


class BadCode(Refusal):
    """The password is right, the one-time code is wrong, too old, or used before."""

    code = "session.bad_code"
    status = 401


class TooMany(Refusal):
    """Too many tries within the hour for this name or from this address; `retry_after_seconds` says when the next is heard."""

    code = "session.too_many"
    status = 429


class AmbiguousLogin(Refusal):
    """The same name and password open accounts of several brands."""

    code = "session.ambiguous"


class NoAccount(Refusal):
    """Who was proved to be this member has no account of their own here; an administrator opens one and names the member on it."""

    code = "session.no_account"
    status = 403


class SetUpDone(Refusal):
    """siyu has been set up already."""

    code = "setup.done"


def subject(kind: str, value: str) -> bytes:
    """Under what tries are counted: a hash, since names and addresses of strangers are nothing to keep."""
    return hashlib.sha256(f"siyu {kind}\0{value}".encode()).digest()
