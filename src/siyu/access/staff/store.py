"""The tables of staff and departments and every statement on them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from siyu.access.staff.model import DISABLED, NOT_ACTIVATED, Changes, Department, DepartmentRecord, Hindrance, MemberRecord, Staff
from siyu.infra.schema import metadata
from siyu.infra.tx import Scope, Tx
from siyu.kernel.ids import DepartmentId, StaffId, new_id

staff = Table(
    "staff",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Text, nullable=False),
    Column("userid", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Text),
    Column("main_department", BigInteger),
    Column("departments", ARRAY(BigInteger), nullable=False),
    Column("leader_of", ARRAY(BigInteger), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("status", BigInteger),
    Column("serves", Boolean),
    Column("licensed", Boolean, nullable=False),
)
address_books = Table(
    "address_books",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Text, primary_key=True),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
departments = Table(
    "departments",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Text, nullable=False),
    Column("wecom_id", BigInteger, nullable=False),
    Column("parent_wecom_id", BigInteger),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
)
_state = case((~staff.c.active, "left"), (staff.c.status == DISABLED, "disabled"), (staff.c.status == NOT_ACTIVATED, "not_activated"), else_="active")
_hindrance = case((_state != "active", _state), (staff.c.serves.is_(False), "no_permission"), (~staff.c.licensed, "no_licence"))
"""The one answer to whether a member may serve customers: null, or why not. What WeCom has not told yet hinders nobody."""


def upsert(tx: Tx, corp_id: str, members: Sequence[MemberRecord]) -> Changes:
    """Write members by userid; rows that say the same already are left alone."""
    rows = [
        {
            "id": str(new_id(StaffId, tx.now)),
            "userid": member.userid,
            "name": member.name,
            "position": member.position,
            "main_department": member.main_department,
            "departments": list(member.departments),
            "leader_of": list(member.leader_of),
            "active": member.active,
            "status": member.status,
        }
        for member in members
    ]
    written = tx.execute(
        """
        insert into staff as s (tenant_id, id, corp_id, userid, name, position, main_department, departments, leader_of, active, status)
        select :tenant_id, r.id, :corp_id, r.userid, r.name, r.position, r.main_department, r.departments, r.leader_of, r.active, r.status
        from jsonb_to_recordset(cast(:rows as jsonb)) as r (
            id uuid, userid text, name text, position text, main_department bigint, departments bigint[], leader_of bigint[], active boolean,
            status bigint
        )
        on conflict (tenant_id, corp_id, userid) do update
        set name = excluded.name, position = excluded.position, main_department = excluded.main_department, departments = excluded.departments,
            leader_of = excluded.leader_of, active = excluded.active, status = excluded.status
        where (s.name, s.position, s.main_department, s.departments, s.leader_of, s.active, s.status) is distinct from (
            excluded.name, excluded.position, excluded.main_department, excluded.departments, excluded.leader_of, excluded.active, excluded.status
        )
        returning xmax = 0 as new
        """,
        {"corp_id": corp_id, "rows": json.dumps(rows, ensure_ascii=False)},
    ).all()
    new = sum(row.new for row in written)
    return Changes(new=new, changed=len(written) - new)


def deactivate_but(tx: Tx, corp_id: str, userids: Sequence[str]) -> int:
    """Mark all members of a corp as gone except these. Returns how many were active."""
    return tx.execute(
        """
        update staff set active = false
        where tenant_id = :tenant_id and corp_id = :corp_id and active and userid <> all (cast(:userids as text[]))
        """,
        {"corp_id": corp_id, "userids": list(userids)},
    ).rowcount


def serving(tx: Tx, corp_id: str, userids: Sequence[str]) -> None:
    """Note who of a corp has the customer-contact function: these, who have not left then, and nobody else."""
    tx.execute(
        """
        update staff set serves = (userid = any (cast(:userids as text[]))), active = active or userid = any (cast(:userids as text[]))
        where tenant_id = :tenant_id and corp_id = :corp_id
            and (serves is distinct from (userid = any (cast(:userids as text[]))) or (not active and userid = any (cast(:userids as text[]))))
        """,
        {"corp_id": corp_id, "userids": list(userids)},
    )


def licences(tx: Tx, corp_id: str, userids: Sequence[str], *, licensed: bool) -> None:
    """Note whether these members have a licence."""
    tx.execute(
        """
        update staff set licensed = :licensed
        where tenant_id = :tenant_id and corp_id = :corp_id and licensed <> :licensed and userid = any (cast(:userids as text[]))
        """,
        {"corp_id": corp_id, "userids": list(userids), "licensed": licensed},
    )


def book_read(tx: Tx, corp_id: str) -> None:
    """The address book of a corp has been read now."""
    tx.execute(
        """
        insert into address_books (tenant_id, corp_id, read_at)
        values (:tenant_id, :corp_id, :now)
        on conflict (tenant_id, corp_id) do update set read_at = excluded.read_at
        """,
        {"corp_id": corp_id},
    )


def departments_upsert(tx: Tx, corp_id: str, records: Sequence[DepartmentRecord], paths: Mapping[int, str]) -> Changes:
    """Write departments by number and delete those of the corp that are not among them."""
    rows = [
        {
            "id": str(new_id(DepartmentId, tx.now)),
            "wecom_id": record.wecom_id,
            "parent_wecom_id": record.parent_wecom_id,
            "name": record.name,
            "path": paths[record.wecom_id],
        }
        for record in records
    ]
    written = tx.execute(
        """
        insert into departments as d (tenant_id, id, corp_id, wecom_id, parent_wecom_id, name, path)
        select :tenant_id, r.id, :corp_id, r.wecom_id, r.parent_wecom_id, r.name, r.path
        from jsonb_to_recordset(cast(:rows as jsonb)) as r (id uuid, wecom_id bigint, parent_wecom_id bigint, name text, path text)
        on conflict (tenant_id, corp_id, wecom_id) do update
        set parent_wecom_id = excluded.parent_wecom_id, name = excluded.name, path = excluded.path
        where (d.parent_wecom_id, d.name, d.path) is distinct from (excluded.parent_wecom_id, excluded.name, excluded.path)
        returning xmax = 0 as new
        """,
        {"corp_id": corp_id, "rows": json.dumps(rows, ensure_ascii=False)},
    ).all()
    gone = tx.execute(
        "delete from departments where tenant_id = :tenant_id and corp_id = :corp_id and wecom_id <> all (cast(:numbers as bigint[]))",
        {"corp_id": corp_id, "numbers": [record.wecom_id for record in records]},
    ).rowcount
    new = sum(row.new for row in written)
    return Changes(new=new, changed=len(written) - new, gone=gone)


def in_scope(tx: Tx, scope: Scope) -> Select[Any] | None:
    """The ids of the staff whose customers a scope covers, as a query; None for everybody's."""
    if scope.kind == "all":
        return None
    return select(staff.c.id).where(staff.c.tenant_id == tx.tenant_id, _covered(tx, scope))


def _covered(tx: Tx, scope: Scope) -> ColumnElement[bool]:
    own = staff.c.id == scope.staff_id if scope.staff_id is not None else false()
    if scope.kind == "own":
        return own
    root, below = departments.alias("root"), departments.alias("below")
    subtree = exists().where(
        root.c.tenant_id == tx.tenant_id,
        root.c.id.in_(scope.department_ids),
        below.c.tenant_id == tx.tenant_id,
        below.c.corp_id == root.c.corp_id,
        func.starts_with(below.c.path, root.c.path),
        staff.c.corp_id == below.c.corp_id,
        below.c.wecom_id == any_(staff.c.departments),
    )
    return or_(own, subtree)


def page(
    tx: Tx,
    scope: Scope,
    *,
    after: tuple[str, UUID] | None,
    q: str | None,
    corp_id: str | None,
    department_id: DepartmentId | None,
    active: bool | None,
    hindrance: Hindrance | Literal["none"] | None,
    limit: int,
) -> list[Staff]:
    """Staff within a scope, by name."""
    statement = _members(tx)
    if scope.kind != "all":
        statement = statement.where(_covered(tx, scope))
    if corp_id is not None:
        statement = statement.where(staff.c.corp_id == corp_id)
    if department_id is not None:
        statement = statement.where(_covered(tx, Scope("departments", None, (department_id,))))
    if active is not None:
        statement = statement.where(staff.c.active == active)
    if hindrance is not None:
        statement = statement.where(_hindrance.is_(None) if hindrance == "none" else _hindrance == hindrance)
    if q:
        statement = statement.where(or_(func.strpos(func.lower(staff.c.name), q.lower()) > 0, func.strpos(func.lower(staff.c.userid), q.lower()) > 0))
    if after is not None:
        statement = statement.where(or_(staff.c.name > after[0], and_(staff.c.name == after[0], staff.c.id > after[1])))
    rows = tx.execute(statement.order_by(staff.c.name, staff.c.id).limit(limit)).all()
    numbers = _department_ids(tx)
    return [_staff(row, numbers) for row in rows]


def by_ids(tx: Tx, ids: Collection[StaffId]) -> list[Staff]:
    rows = tx.execute(_members(tx).where(staff.c.id.in_(ids))).all()
    numbers = _department_ids(tx)
    return [_staff(row, numbers) for row in rows]


def hindrances(tx: Tx, ids: Collection[StaffId]) -> dict[StaffId, Hindrance]:
    """Those of these members who may not serve customers, and why."""
    rows = tx.execute(select(staff.c.id, _hindrance.label("hindrance")).where(staff.c.tenant_id == tx.tenant_id, staff.c.id.in_(ids), _hindrance.is_not(None)))
    return {StaffId(row.id): row.hindrance for row in rows}


def ids(tx: Tx, corp_id: str, userids: Collection[str]) -> dict[str, StaffId]:
    """The ids of a corp's members by WeCom's userid."""
    rows = tx.execute(
        "select userid, id from staff where tenant_id = :tenant_id and corp_id = :corp_id and userid = any (cast(:userids as text[]))",
        {"corp_id": corp_id, "userids": list(userids)},
    )
    return {row.userid: StaffId(row.id) for row in rows}


def in_sight(tx: Tx, scope: Scope) -> list[Department]:
    """Departments within a scope, each after its parent: those of the subtrees, those of the actor's own member."""
    rows = tx.execute(
        """
        select d.id, d.corp_id, d.wecom_id, d.name, p.id as parent_id, length(d.path) - length(replace(d.path, '/', '')) - 2 as depth,
            (
                select count(*) from staff s
                where s.tenant_id = d.tenant_id and s.corp_id = d.corp_id and s.active and d.wecom_id = any (s.departments)
            ) as staff
        from departments d
        left join departments p on p.tenant_id = d.tenant_id and p.corp_id = d.corp_id and p.wecom_id = d.parent_wecom_id
        where d.tenant_id = :tenant_id and (
            :everything
            or exists (
                select from departments r
                where r.tenant_id = d.tenant_id and r.corp_id = d.corp_id and r.id = any (cast(:roots as uuid[])) and starts_with(d.path, r.path)
            )
            or exists (select from staff m where m.tenant_id = d.tenant_id and m.corp_id = d.corp_id and m.id = :own and d.wecom_id = any (m.departments))
        )
        order by d.corp_id, cast(string_to_array(trim(both '/' from d.path), '/') as bigint[])
        """,
        {
            "everything": scope.kind == "all",
            "roots": list(scope.department_ids) if scope.kind == "departments" else [],
            "own": scope.staff_id,
        },
    )
    return [Department(**row._mapping) for row in rows]


def _members(tx: Tx) -> Select[Any]:
    read = and_(address_books.c.tenant_id == staff.c.tenant_id, address_books.c.corp_id == staff.c.corp_id)
    state = (_state.label("state"), _hindrance.label("hindrance"), address_books.c.read_at)
    return select(staff, *state).outerjoin(address_books, read).where(staff.c.tenant_id == tx.tenant_id)


def _department_ids(tx: Tx) -> dict[tuple[str, int], DepartmentId]:
    rows = tx.execute("select corp_id, wecom_id, id from departments where tenant_id = :tenant_id")
    return {(row.corp_id, row.wecom_id): DepartmentId(row.id) for row in rows}


def _staff(row: Row[Any], numbers: Mapping[tuple[str, int], DepartmentId]) -> Staff:
    known = tuple(numbers[row.corp_id, number] for number in row.departments if (row.corp_id, number) in numbers)
    return Staff(StaffId(row.id), row.corp_id, row.userid, row.name, row.position, row.active, known, row.state, row.hindrance, row.read_at)
