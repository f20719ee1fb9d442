"""Proving who one is: the password, then a one-time code where the account asks for one."""

from siyu.access import audit, passwords, totp
from siyu.access.accounts import store
from siyu.access.accounts.model import TotpNotBegun, TotpOn, WrongCode
from siyu.access.accounts.service import get
from siyu.infra.secrets import Secrets
from siyu.infra.tx import Tx
from siyu.kernel.ids import AccountId


def password_hash(tx: Tx, id: AccountId) -> str:
    """What the password is compared with."""
    return store.factors(tx, id).password_hash


def renew_hash(tx: Tx, id: AccountId, password: str) -> None:
    """Hash a password that has just been proved right with today's parameters, when it was hashed with others."""
    if passwords.outdated(password_hash(tx, id)):
        store.set_password(tx, id, passwords.hash(password))


def begin_totp(tx: Tx, secrets: Secrets, id: AccountId, *, issuer: str) -> tuple[str, str]:
    """A fresh secret and the text of its QR code; nothing changes until `confirm_totp`. Raises TotpOn."""
    account = get(tx, id)
    if account.totp:
        raise TotpOn()
    secret = totp.new_secret()
    store.set_pending(tx, id, secrets.encrypt(secret, context=_context(id)))
    return secret, totp.uri(secret, issuer=issuer, login=account.login)


def confirm_totp(tx: Tx, secrets: Secrets, id: AccountId, code: str) -> list[str]:
    """Switch one-time codes on with a first code, and give ten recovery codes, told this once. Raises TotpNotBegun, WrongCode."""
    pending = store.factors(tx, id).totp_pending
    if pending is None:
        raise TotpNotBegun()
    step = totp.matching_step(secrets.decrypt(pending, context=_context(id)), totp.normalise(code), store.machine_seconds(tx))
    if step is None:
        raise WrongCode()
    store.switch_on(tx, id, step)
    codes = totp.recovery_codes()
    store.add_recovery_codes(tx, id, [secrets.mark(code, context=_context(id)) for code in codes])
    audit.record(tx, "account.totp_on", f"account:{id}")
    return codes


def remove_totp(tx: Tx, id: AccountId) -> None:
    """Switch one-time codes off; the caller has proved the password."""
    store.switch_off(tx, id)
    audit.record(tx, "account.totp_off", f"account:{id}")


def check_code(tx: Tx, secrets: Secrets, id: AccountId, code: str) -> bool:
    """Use up a one-time code of now, 30 seconds before or after, or a recovery code; False for any other and for one used before."""
    sealed, given = store.factors(tx, id).totp_secret, totp.normalise(code)
    if sealed is None:
        return False
    step = totp.matching_step(secrets.decrypt(sealed, context=_context(id)), given, store.machine_seconds(tx))
    if step is not None:
        return store.use_step(tx, id, step)
    if not store.use_recovery_code(tx, id, secrets.marks(given, context=_context(id))):
        return False
    audit.record(tx, "account.recovery_code_used", f"account:{id}")
    return True


def _context(id: AccountId) -> str:
    return f"accounts.totp:{id}"
