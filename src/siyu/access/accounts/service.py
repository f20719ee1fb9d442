"""Making, changing and resetting accounts. Whatever changes who may come in is recorded."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from siyu.access import audit, passwords, roles, sessions, staff
from siyu.access.accounts import model, store
from siyu.access.accounts.model import Account, AccountNotFound, LastOwner, LoginTaken, NotYourself
from siyu.access.roles import RoleName
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import AccountId, DepartmentId, StaffId, new_id


class Keep:
    """Marks what a change leaves as it is, where None means something."""


KEEP = Keep()


def add(
    tx: Tx,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    staff_id: StaffId | None = None,
    department_ids: Sequence[DepartmentId] = (),
) -> Account:
    """A new account. Raises LoginTaken, Unacceptable, OwnersOnly, or Invalid for a bad name, role, staff member or department."""
    login, name = model.check_login(login), model.check_name(name)
    role_name = roles.parse(role)
    model.may_touch(tx.actor, [role_name])
    passwords.check(password, login=login)
    _check_place(tx, staff_id, department_ids)
    account = Account(new_id(AccountId, tx.now), login, name, role_name, staff_id, tuple(department_ids), None, True, False, tx.now, None)
    if not store.insert(tx, account, passwords.hash(password)):
        raise LoginTaken(login=login)
    audit.record(tx, "account.created", f"account:{account.id}", {"login": login, "role": role_name, "staff_id": staff_id, "department_ids": department_ids})
    return account


def change(
    tx: Tx,
    id: AccountId,
    *,
    name: str | None = None,
    role: str | None = None,
    active: bool | None = None,
    staff_id: StaffId | Keep | None = KEEP,
    department_ids: Sequence[DepartmentId] | None = None,
) -> Account:
    """Change what is given; closing an account ends its sessions at once. Raises AccountNotFound, OwnersOnly, LastOwner, NotYourself, Invalid."""
    owners = store.lock_owners(tx)
    before = get(tx, id, lock=True)
    after = replace(
        before,
        name=before.name if name is None else model.check_name(name),
        role=before.role if role is None else roles.parse(role),
        active=before.active if active is None else active,
        staff_id=before.staff_id if isinstance(staff_id, Keep) else staff_id,
        department_ids=before.department_ids if department_ids is None else tuple(department_ids),
    )
    model.may_touch(tx.actor, [before.role, after.role])
    if owners == [id] and not (after.active and after.role == "owner"):
        raise LastOwner()
    if tx.actor.id == id and not after.active:
        raise NotYourself()
    _check_place(tx, after.staff_id, after.department_ids)
    store.update(tx, after)
    if not after.active:
        sessions.end_all(tx, id)
    fields = [field for field in ("name", "role", "active", "staff_id", "department_ids") if getattr(before, field) != getattr(after, field)]
    if fields:
        audit.record(tx, "account.changed", f"account:{id}", {field: [getattr(before, field), getattr(after, field)] for field in fields})
    return after


def change_self(tx: Tx, id: AccountId, *, name: str | None = None, language: str | None = None) -> Account:
    """What everybody may change of their own account. Raises Invalid."""
    before = get(tx, id, lock=True)
    after = replace(
        before, name=before.name if name is None else model.check_name(name), language=model.check_language(language) if language else before.language
    )
    store.update(tx, after)
    if before.name != after.name:
        audit.record(tx, "account.changed", f"account:{id}", {"name": [before.name, after.name]})
    return after


def reset(tx: Tx, id: AccountId, password: str, *, without_totp: bool = False) -> Account:
    """Give an account another password and end all its sessions. One-time codes stay on unless `without_totp`.

    Raises AccountNotFound, OwnersOnly, Unacceptable.
    """
    account = get(tx, id, lock=True)
    model.may_touch(tx.actor, [account.role])
    passwords.check(password, login=account.login)
    store.set_password(tx, id, passwords.hash(password))
    if without_totp:
        store.switch_off(tx, id)
    ended = sessions.end_all(tx, id)
    audit.record(tx, "account.reset", f"account:{id}", {"sessions_ended": ended, "without_totp": without_totp})
    return get(tx, id)


def change_password(tx: Tx, id: AccountId, password: str) -> None:
    """Another password for oneself, who has just proved to know the old one; all other sessions end. Raises Unacceptable."""
    account = get(tx, id, lock=True)
    passwords.check(password, login=account.login)
    store.set_password(tx, id, passwords.hash(password))
    ended = sessions.end_all(tx, id, but=tx.actor.session_id)
    audit.record(tx, "account.password_changed", f"account:{id}", {"sessions_ended": ended})


def get(tx: Tx, id: AccountId, *, lock: bool = False) -> Account:
    """One account. Raises AccountNotFound."""
    account = store.get(tx, id, lock=lock)
    if account is None:
        raise AccountNotFound(account_id=str(id))
    return account


def seen(tx: Tx, id: AccountId) -> None:
    """The holder is here now; while the session lasts it is noted each minute."""
    store.seen(tx, id)


def by_staff(tx: Tx, staff_id: StaffId) -> Account | None:
    """The open account of a staff member, the oldest of several."""
    return store.by_staff(tx, staff_id)


def of_members(tx: Tx, roles: Collection[RoleName]) -> dict[StaffId, Account]:
    """The open accounts of these roles by the member they are linked with, the oldest of several; members who left or are disabled in WeCom are left out."""
    found: dict[StaffId, Account] = {}
    for account in store.linked(tx, roles):
        if account.staff_id is not None:
            found.setdefault(account.staff_id, account)
    return {member.id: found[member.id] for member in staff.by_ids(tx, found.keys()).values() if member.status == "active"}


def by_login(tx: Tx, login: str) -> Account:
    """One account by its log-in name. Raises AccountNotFound."""
    account = store.by_login(tx, model.login_name(login))
    if account is None:
        raise AccountNotFound(login=login)
    return account


def page(tx: Tx, *, after: str | None = None, limit: int = 50) -> list[Account]:
    """Accounts by log-in name."""
    return store.page(tx, after=after, limit=limit)


def others_may(tx: Tx, permission: str) -> bool:
    """Whether an active account other than the actor's holds a permission: then four eyes are there to look."""
    own = AccountId(tx.actor.id) if tx.actor.kind == "user" and tx.actor.id else None
    return any(permission in roles.permissions_of(role) for role in store.active_roles(tx, but=own))


def _check_place(tx: Tx, staff_id: StaffId | None, department_ids: Sequence[DepartmentId]) -> None:
    if staff_id is not None and not store.known_staff(tx, staff_id):
        raise Invalid(field="staff_id", reason="no such staff member")
    if department_ids and store.known_departments(tx, department_ids) != len(set(department_ids)):
        raise Invalid(field="department_ids", reason="no such department")
