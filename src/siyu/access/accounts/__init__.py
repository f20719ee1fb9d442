"""Accounts: people who may log in, and what proves that it is they."""

from siyu.access.accounts.factors import begin_totp, check_code, confirm_totp, password_hash, remove_totp, renew_hash
from siyu.access.accounts.model import (
    Account,
    AccountNotFound,
    LastOwner,
    LoginTaken,
    NotYourself,
    OwnersOnly,
    TotpNotBegun,
    TotpOn,
    WrongCode,
    WrongPassword,
    login_name,
)
from siyu.access.accounts.service import KEEP, add, by_login, by_staff, change, change_password, change_self, get, others_may, page, reset, seen

__all__ = [
    "KEEP",
    "Account",
    "AccountNotFound",
    "LastOwner",
    "LoginTaken",
    "NotYourself",
    "OwnersOnly",
    "TotpNotBegun",
    "TotpOn",
    "WrongCode",
    "WrongPassword",
    "add",
    "begin_totp",
    "by_login",
    "by_staff",
    "change",
    "change_password",
    "change_self",
    "check_code",
    "confirm_totp",
    "get",
    "login_name",
    "others_may",
    "page",
    "password_hash",
    "remove_totp",
    "renew_hash",
    "reset",
    "seen",
]
