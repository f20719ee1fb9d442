"""The tables of accounts and recovery codes and every statement on them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKeyConstraint, Row, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from siyu.access.accounts.model import Account
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import AccountId, DepartmentId, StaffId

accounts = Table(
    "accounts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("staff_id", Uuid),
    Column("department_ids", ARRAY(Uuid), nullable=False),
    Column("language", Text),
    Column("active", Boolean, nullable=False),
    Column("totp_secret", Text),
    Column("totp_pending", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "staff_id"], ["staff.tenant_id", "staff.id"]),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("used_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
)

_COLUMNS = "id, login, name, role, staff_id, department_ids, language, active, totp_secret is not null as totp, created_at, last_seen_at"


@dataclass(frozen=True)
class Factors:
    """What proves an account's holder: the password's hash, the encrypted TOTP secrets in use and to be confirmed, the last code step used."""

    password_hash: str
    totp_secret: str | None
    totp_pending: str | None


def insert(tx: Tx, account: Account, password_hash: str) -> bool:
    """Add an account; False when its log-in name is taken."""
    return (
        tx.execute(
            """
            insert into accounts (tenant_id, id, login, name, role, password_hash, staff_id, department_ids, language, active, created_at)
            values (:tenant_id, :id, :login, :name, :role, :password_hash, :staff_id, cast(:department_ids as uuid[]), :language, :active, :created_at)
            on conflict (tenant_id, login) do nothing
            """,
            {
                "id": account.id,
                "login": account.login,
                "name": account.name,
                "role": account.role,
                "password_hash": password_hash,
                "staff_id": account.staff_id,
                "department_ids": list(account.department_ids),
                "language": account.language,
                "active": account.active,
                "created_at": account.created_at,
            },
        ).rowcount
        == 1
    )


def update(tx: Tx, account: Account) -> None:
    """Write name, role, place, language and state."""
    tx.execute(
        """
        update accounts
        set name = :name, role = :role, staff_id = :staff_id, department_ids = cast(:department_ids as uuid[]), language = :language, active = :active
        where tenant_id = :tenant_id and id = :id
        """,
        {
            "id": account.id,
            "name": account.name,
            "role": account.role,
            "staff_id": account.staff_id,
            "department_ids": list(account.department_ids),
            "language": account.language,
            "active": account.active,
        },
    )


def seen(tx: Tx, id: AccountId) -> None:
    tx.execute("update accounts set last_seen_at = clock_timestamp() where tenant_id = :tenant_id and id = :id", {"id": id})


def get(tx: Tx, id: AccountId, *, lock: bool = False) -> Account | None:
    row = tx.execute(
        f"select {_COLUMNS} from accounts where tenant_id = :tenant_id and id = :id {'for update' if lock else ''}",  # noqa: S608 (constant text)
        {"id": id},
    ).first()
    return _account(row) if row else None


def by_staff(tx: Tx, staff_id: StaffId) -> Account | None:
    row = tx.execute(
        f"select {_COLUMNS} from accounts where tenant_id = :tenant_id and staff_id = :staff and active order by created_at, id limit 1",  # noqa: S608
        {"staff": staff_id},
    ).first()
    return _account(row) if row else None


def linked(tx: Tx, roles: Collection[str]) -> list[Account]:
    """Active accounts of these roles that name a member, the oldest first."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from accounts
        where tenant_id = :tenant_id and active and staff_id is not null and role = any (cast(:roles as text[]))
        order by created_at, id
        """,  # noqa: S608 (constant columns)
        {"roles": list(roles)},
    )
    return [_account(row) for row in rows]


def by_login(tx: Tx, login: str) -> Account | None:
    row = tx.execute(
        f"select {_COLUMNS} from accounts where tenant_id = :tenant_id and login = :login",  # noqa: S608 (constant columns)
        {"login": login},
    ).first()
    return _account(row) if row else None


def page(tx: Tx, *, after: str | None, limit: int) -> list[Account]:
    """Accounts by log-in name, after `after`."""
    rows = tx.execute(
        f"""
        select {_COLUMNS}
        from accounts
        where tenant_id = :tenant_id and (cast(:after as text) is null or login > :after)
        order by login
        limit :limit
        """,  # noqa: S608 (constant columns)
        {"after": after, "limit": limit},
    )
    return [_account(row) for row in rows]


def active_roles(tx: Tx, *, but: AccountId | None) -> set[str]:
    """Roles of active accounts other than one."""
    rows = tx.execute("select distinct role from accounts where tenant_id = :tenant_id and active and (cast(:but as uuid) is null or id <> :but)", {"but": but})
    return {row.role for row in rows}


def lock_owners(tx: Tx) -> list[AccountId]:
    """The active owners, none of whom changes until the transaction ends."""
    rows = tx.execute("select id from accounts where tenant_id = :tenant_id and role = 'owner' and active order by id for update")
    return [AccountId(row.id) for row in rows]


def known_staff(tx: Tx, id: StaffId) -> bool:
    return bool(tx.execute("select exists (select from staff where tenant_id = :tenant_id and id = :id)", {"id": id}).scalar())


def known_departments(tx: Tx, ids: Collection[DepartmentId]) -> int:
    """How many of these exist."""
    return int(tx.execute("select count(*) from departments where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))", {"ids": list(ids)}).scalar_one())


def factors(tx: Tx, id: AccountId) -> Factors:
    row = tx.execute(
        "select password_hash, totp_secret, totp_pending from accounts where tenant_id = :tenant_id and id = :id for update",
        {"id": id},
    ).one()
    return Factors(**row._mapping)


def set_password(tx: Tx, id: AccountId, password_hash: str) -> None:
    tx.execute("update accounts set password_hash = :hash where tenant_id = :tenant_id and id = :id", {"id": id, "hash": password_hash})


def set_pending(tx: Tx, id: AccountId, sealed: str) -> None:
    """Keep a TOTP secret that waits for its first code."""
    tx.execute("update accounts set totp_pending = :sealed where tenant_id = :tenant_id and id = :id", {"id": id, "sealed": sealed})


def switch_on(tx: Tx, id: AccountId, step: int) -> None:
    """Make the waiting TOTP secret the one in use; `step` is used up."""
    tx.execute(
        "update accounts set totp_secret = totp_pending, totp_pending = null, totp_step = :step where tenant_id = :tenant_id and id = :id",
        {"id": id, "step": step},
    )


def switch_off(tx: Tx, id: AccountId) -> None:
    """Forget TOTP secrets and recovery codes. The last step used is kept."""
    tx.execute("update accounts set totp_secret = null, totp_pending = null where tenant_id = :tenant_id and id = :id", {"id": id})
    tx.execute("delete from recovery_codes where tenant_id = :tenant_id and account_id = :id", {"id": id})


def use_step(tx: Tx, id: AccountId, step: int) -> bool:
    """Use a code's step up; False when it or a later one was used before."""
    return (
        tx.execute(
            "update accounts set totp_step = :step where tenant_id = :tenant_id and id = :id and totp_step < :step",
            {"id": id, "step": step},
        ).rowcount
        == 1
    )


def add_recovery_codes(tx: Tx, id: AccountId, hashes: Sequence[str]) -> None:
    tx.execute("delete from recovery_codes where tenant_id = :tenant_id and account_id = :id", {"id": id})
    tx.execute(
        "insert into recovery_codes (tenant_id, account_id, hash) select :tenant_id, :id, unnest(cast(:hashes as text[]))", {"id": id, "hashes": list(hashes)}
    )


def use_recovery_code(tx: Tx, id: AccountId, hashes: Sequence[str]) -> bool:
    """Use a recovery code up, told by its marks; False when there is none such that is unused."""
    return (
        tx.execute(
            """
            update recovery_codes set used_at = :now
            where tenant_id = :tenant_id and account_id = :id and hash = any (cast(:hashes as text[])) and used_at is null
            """,
            {"id": id, "hashes": list(hashes)},
        ).rowcount
        == 1
    )


def machine_seconds(tx: Tx) -> float:
    """Seconds since 1970 by the database server's clock, which no client can move."""
    return float(tx.execute("select extract(epoch from clock_timestamp())").scalar_one())


def _account(row: Row[Any]) -> Account:
    values = dict(row._mapping)
    return Account(**{**values, "department_ids": tuple(DepartmentId(id) for id in row.department_ids)})
