"""Questions about relations that ended, also when they began again later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, Text, Uuid, and_, case, cast, extract, func, literal, null, select, table, tuple_, union_all
from sqlalchemy import column as named

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, StaffId, uuid7
from siyu.observe.contacts.lost import Loss, LossCount, Losses, LossTotals
from siyu.observe.contacts.model import Change
from siyu.observe.contacts.store.tables import contacts, past_losses

SIDES = {"deleted_by_customer": "customer", "deleted_by_staff": "staff"}
"""Relations that are losses, and from whose side."""
TOP = 20
"""Values counted one by one at most."""
PEOPLE = table("identities", named("tenant_id", Uuid), named("id", Uuid), named("customer_id", Uuid))
STAFF = table("staff", named("tenant_id", Uuid), named("id", Uuid), named("name", Text))
LOST_CUSTOMER = PEOPLE.c.customer_id
"""The column on which it is decided whether the actor sees the customer."""
_SHARED = ("tenant_id", "id", "staff_id", "identity_id", "relation", "added_at", "ended_at", "add_way", "state")


def keep_returned(tx: Tx, changes: Sequence[Change]) -> None:
    """Keep losses that came to an end by these changes, each once."""
    if not changes:
        return
    pairs = [(change.before, change.after.seen.added_at) for change in changes if change.before]
    tx.execute(
        """
        insert into past_losses (tenant_id, id, staff_id, identity_id, relation, added_at, ended_at, returned_at, add_way, state)
        select :tenant_id, r.id, r.staff_id, r.identity_id, r.relation, r.added_at, least(r.ended_at, r.returned_at), r.returned_at, r.add_way, r.state
        from unnest(
            cast(:ids as uuid[]), cast(:staff as uuid[]), cast(:identities as uuid[]), cast(:relations as text[]), cast(:added as timestamptz[]),
            cast(:ended as timestamptz[]), cast(:returned as timestamptz[]), cast(:ways as bigint[]), cast(:states as text[])
        ) as r (id, staff_id, identity_id, relation, added_at, ended_at, returned_at, add_way, state)
        on conflict (tenant_id, staff_id, identity_id, added_at) do nothing
        """,
        {
            "ids": arrays.bare([uuid7(tx.now) for _ in pairs]),
            "staff": arrays.bare([before.seen.staff_id for before, _ in pairs]),
            "identities": arrays.bare([before.identity_id for before, _ in pairs]),
            "relations": arrays.texts([before.relation for before, _ in pairs]),
            "added": arrays.instants([before.seen.added_at for before, _ in pairs]),
            "ended": arrays.instants([before.ended_at for before, _ in pairs]),
            "returned": arrays.instants([returned_at for _, returned_at in pairs]),
            "ways": arrays.bare([before.seen.add_way for before, _ in pairs]),
            "states": arrays.texts([before.seen.state for before, _ in pairs]),
        },
    )


def losses(
    tx: Tx, wanted: Losses, *, members: Select[Any] | None, seen: ColumnElement[bool] | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[Loss]:
    """Losses of these members (a query of ids; None: all), the latest first, before (ended_at, id). `seen`: which customers the actor sees, None for all."""
    ended = _ended(tx, wanted, members)
    visible = LOST_CUSTOMER if seen is None else case((seen, LOST_CUSTOMER))
    same = (contacts.c.tenant_id == ended.c.tenant_id, contacts.c.identity_id == ended.c.identity_id, contacts.c.staff_id == ended.c.staff_id)
    query = (
        select(
            ended,
            visible.label("customer_id"),
            select(contacts.c.name).where(*same).order_by(contacts.c.updated_at.desc()).limit(1).scalar_subquery().label("name"),
            STAFF.c.name.label("staff_name"),
        )
        .join(PEOPLE, and_(PEOPLE.c.tenant_id == ended.c.tenant_id, PEOPLE.c.id == ended.c.identity_id))
        .join(STAFF, and_(STAFF.c.tenant_id == ended.c.tenant_id, STAFF.c.id == ended.c.staff_id))
        .order_by(ended.c.ended_at.desc(), ended.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(ended.c.ended_at, ended.c.id) < tuple_(literal(before[0]), literal(before[1], Uuid)))
    return [
        Loss(
            row.id,
            CustomerId(row.customer_id) if row.customer_id else None,
            row.name if row.customer_id else None,
            StaffId(row.staff_id),
            row.staff_name,
            SIDES[row.relation],  # type: ignore[arg-type]
            row.added_at,
            row.ended_at,
            row.returned_at,
            row.add_way,
            row.state,
        )
        for row in tx.execute(query)
    ]


def loss_totals(tx: Tx, wanted: Losses, *, members: Select[Any] | None) -> LossTotals:
    """The same losses counted, in all and by each value."""
    found = _ended(tx, wanted, members)
    names = ("relation", "staff_id", "add_way", "state")
    days = func.floor(extract("epoch", found.c.ended_at - found.c.added_at) / 86400)
    ended = select(*(found.c[name] for name in names), found.c.returned_at, days.label("days")).subquery()
    key = {name: ended.c[name] for name in names}
    query = select(
        func.grouping(*key.values()).label("level"),
        *key.values(),
        select(STAFF.c.name).where(STAFF.c.tenant_id == tx.tenant_id, STAFF.c.id == key["staff_id"]).scalar_subquery().label("staff_name"),
        func.count().label("losses"),
        func.count(ended.c.returned_at).label("returned"),
        func.percentile_disc(0.5).within_group(ended.c.days).label("median"),
    ).group_by(func.grouping_sets(*(tuple_(one) for one in key.values()), tuple_()))
    levels: dict[int, list[Any]] = {}
    for row in tx.execute(query.order_by(func.count().desc(), *key.values())):
        levels.setdefault(row.level, []).append(row)
    (total,) = levels[0b1111]

    def counted(level: int, name: str) -> Sequence[LossCount]:
        return [LossCount(str(getattr(row, name)), row.losses, row.staff_name) for row in levels.get(level, [])[:TOP]]

    by = [LossCount(SIDES[one.value], one.losses) for one in counted(0b0111, "relation")]
    median = int(total.median) if total.median is not None else None
    return LossTotals(total.losses, total.returned, median, by, counted(0b1011, "staff_id"), counted(0b1101, "add_way"), counted(0b1110, "state"))


def _ended(tx: Tx, wanted: Losses, members: Select[Any] | None) -> Subquery:
    """Losses that last and losses that came to an end, with the columns of _SHARED and `returned_at`, null for the former."""
    lasting = select(*(contacts.c[name] for name in _SHARED), cast(null(), past_losses.c.returned_at.type).label("returned_at"))
    past = select(*(past_losses.c[name] for name in _SHARED), past_losses.c.returned_at)
    parts = {False: lasting.where(*_wanted(tx, contacts.c, wanted, members)), True: past.where(*_wanted(tx, past_losses.c, wanted, members))}
    if wanted.returned is not None:
        return parts[wanted.returned].subquery("ended")
    return union_all(*parts.values()).subquery("ended")


def _wanted(tx: Tx, columns: Any, wanted: Losses, members: Select[Any] | None) -> list[ColumnElement[bool]]:
    kinds = [relation for relation, side in SIDES.items() if wanted.by in (None, side)]
    conditions = [columns.tenant_id == tx.tenant_id, columns.relation.in_(kinds)]
    if wanted.period is not None:
        conditions += [columns.ended_at >= wanted.period.start, columns.ended_at < wanted.period.end]
    if wanted.staff_id is not None:
        conditions.append(columns.staff_id == wanted.staff_id)
    if wanted.add_way is not None:
        conditions.append(columns.add_way == wanted.add_way)
    if wanted.state is not None:
        conditions.append(columns.state == wanted.state)
    if members is not None:
        conditions.append(columns.staff_id.in_(members))
    return conditions
