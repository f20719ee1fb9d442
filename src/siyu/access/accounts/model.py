"""Accounts: people who may log in, and who may change whom. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.access.roles import RoleName
from siyu.infra.tx import Actor
from siyu.kernel.errors import Invalid, NotFound, Refusal
from siyu.kernel.ids import AccountId, DepartmentId, StaffId

LANGUAGES = ("zh-CN", "en-US")


@dataclass(frozen=True)
class Account:
    """Somebody who may log in. `department_ids` are those given by hand; a supervisor without any sees those that the linked staff member leads.

    `last_seen_at` is machine time, within a minute.
    """

    id: AccountId
    login: str
    name: str
    role: RoleName
    staff_id: StaffId | None
    department_ids: tuple[DepartmentId, ...]
    language: str | None
    active: bool
    totp: bool
    created_at: datetime
    last_seen_at: datetime | None


class AccountNotFound(NotFound):
    """No such account."""

    code = "account.not_found"


class LoginTaken(Refusal):
    """Another account of this brand has that log-in name."""

    code = "account.login_taken"


class OwnersOnly(Refusal):
    """Only an owner may make, change or reset an owner."""

    code = "account.owners_only"
    status = 403


class LastOwner(Refusal):
    """The last active owner stays one."""

    code = "account.last_owner"


class NotYourself(Refusal):
    """Nobody closes the account they act with."""

    code = "account.not_yourself"


class WrongPassword(Refusal):
    """The password is not the account's."""

    code = "password.wrong"
    status = 422


class TotpOn(Refusal):
    """One-time codes are on already."""

    code = "totp.on"


class TotpNotBegun(Refusal):
    """There is no fresh secret to confirm."""

    code = "totp.not_begun"


class WrongCode(Refusal):
    """A one-time code that is wrong, too old, or used before."""

    code = "totp.wrong_code"
    status = 422


def login_name(login: str) -> str:
    """The name as it is kept and compared: NFKC, small letters, without surrounding blanks."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def check_login(login: str) -> str:
    """A log-in name in its kept form. Raises Invalid unless it has 2 to 64 letters, digits or signs without blanks."""
    login = login_name(login)
    if not 2 <= len(login) <= 64 or any(character.isspace() or not character.isprintable() for character in login):
        raise Invalid(field="login", reason="2 to 64 characters without blanks")
    return login


def check_name(name: str) -> str:
    """A person's name without surrounding blanks. Raises Invalid unless it has 1 to 64 printable characters."""
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Invalid(field="name", reason="1 to 64 characters")
    return name


def check_language(language: str | None) -> str | None:
    """Raises Invalid for a language that the console does not speak."""
    if language is not None and language not in LANGUAGES:
        raise Invalid(field="language", reason="zh-CN or en-US")
    return language


def may_touch(actor: Actor, roles: Sequence[str]) -> None:
    """Raises OwnersOnly when one of these roles, held before or after a change, is the owner's and the actor is none."""
    if "owner" in roles and actor.role != "owner" and actor.kind != "system":
        raise OwnersOnly()
