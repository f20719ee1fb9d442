"""Orders as lists and pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, or_, select, tuple_

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import CustomerId, IdentityId, ImportId, OrderId
from siyu.kernel.money import Fen
from siyu.kernel.time import Period
from siyu.observe import identities as people
from siyu.observe.orders.model import Line, Order, Status
from siyu.observe.orders.store.tables import orders

identities = people.table


@dataclass(frozen=True)
class Filter:
    """Which orders a list shows. `q` is an order number, a customer number or a phone, given in full."""

    q: str | None = None
    customer_id: CustomerId | None = None
    status: Status | None = None
    period: Period | None = None


_SHOWN = (
    "id",
    "shop",
    "order_no",
    "identity_id",
    "customer_name",
    "city",
    "status",
    "paid_at",
    "currency",
    "amount",
    "total_fen",
    "refunded",
    "refunded_fen",
    "line_count",
    "source",
    "updated_at",
)


def get(tx: Tx, id: OrderId, *, scope: ColumnElement[bool] | None) -> Order | None:
    """One order with its lines, and what was given back of it as lines of kind `refund`; `scope` restricts `identities.customer_id`."""
    statement = (
        select(*(orders.c[name] for name in _SHOWN), identities.c.customer_id)
        .select_from(orders.outerjoin(identities, and_(identities.c.tenant_id == orders.c.tenant_id, identities.c.id == orders.c.identity_id)))
        .where(orders.c.tenant_id == tx.tenant_id, orders.c.id == id)
    )
    row = tx.execute(statement if scope is None else statement.where(scope)).first()
    if row is None:
        return None
    lines = tx.execute(
        """
        select l.sku, l.name, l.quantity, l.unit_price, l.amount, l.unit_cost, l.kind, null as refund_no, 0 as rank, l.line_no as place
        from order_lines l
        where l.tenant_id = :tenant_id and l.order_id = :id
        union all
        select l.sku, l.name, l.quantity, case when l.quantity = 0 then l.amount else round(l.amount / l.quantity, 4) end, l.amount, null, 'refund',
            r.refund_no, 1, l.line_no
        from refund_lines l
        join refunds r on r.tenant_id = l.tenant_id and r.id = l.refund_id
        where l.tenant_id = :tenant_id and l.order_id = :id
        order by rank, refund_no, place
        """,
        {"id": id},
    )
    return _order(row, [Line(line.sku, line.name, line.quantity, line.unit_price, line.amount, line.unit_cost, line.kind, line.refund_no) for line in lines])


def page(tx: Tx, wanted: Filter, *, scope: ColumnElement[bool] | None, before: tuple[datetime, OrderId] | None, limit: int) -> list[Order]:
    """Orders, latest payment first, older than `before`; `scope` restricts `identities.customer_id`.

    Served by orders_by_time, orders_of_person, orders_by_number and identities_by_mark.
    """
    statement = (
        select(*(orders.c[name] for name in _SHOWN), identities.c.customer_id)
        .select_from(orders.outerjoin(identities, and_(identities.c.tenant_id == orders.c.tenant_id, identities.c.id == orders.c.identity_id)))
        .where(orders.c.tenant_id == tx.tenant_id)
        .order_by(orders.c.paid_at.desc(), orders.c.id.desc())
        .limit(limit)
    )
    if scope is not None:
        statement = statement.where(scope)
    if wanted.customer_id:
        statement = statement.where(orders.c.identity_id.in_(_identities_of(tx, identities.alias(), wanted.customer_id)))
    if wanted.q:
        statement = statement.where(or_(orders.c.id.in_(_numbered(tx, wanted.q)), orders.c.identity_id.in_(_marked(tx, wanted.q))))
    if wanted.status:
        statement = statement.where(orders.c.status == wanted.status)
    if wanted.period:
        statement = statement.where(orders.c.paid_at >= wanted.period.start, orders.c.paid_at < wanted.period.end)
    if before:
        statement = statement.where(tuple_(orders.c.paid_at, orders.c.id) < before)
    return [_order(row, ()) for row in tx.execute(statement)]


def _identities_of(tx: Tx, known: FromClause, customer_id: CustomerId) -> Select[tuple[UUID]]:
    return select(known.c.id).where(known.c.tenant_id == tx.tenant_id, known.c.customer_id == customer_id)


def _numbered(tx: Tx, q: str) -> Select[tuple[UUID]]:
    numbered = orders.alias()
    return select(numbered.c.id).where(numbered.c.tenant_id == tx.tenant_id, numbered.c.order_no == q)


def _marked(tx: Tx, q: str) -> Select[tuple[UUID]]:
    """All identities of the persons who bear this mark."""
    mark, same = identities.alias(), identities.alias()
    return (
        select(same.c.id)
        .join(mark, and_(mark.c.tenant_id == same.c.tenant_id, or_(mark.c.id == same.c.id, mark.c.customer_id == same.c.customer_id)))
        .where(same.c.tenant_id == tx.tenant_id, mark.c.value == q)
    )


def _order(row: Row[Any], lines: Sequence[Line]) -> Order:
    return Order(
        id=OrderId(row.id),
        shop=row.shop,
        order_no=row.order_no,
        identity_id=IdentityId(row.identity_id) if row.identity_id else None,
        customer_id=CustomerId(row.customer_id) if row.customer_id else None,
        customer_name=row.customer_name,
        city=row.city,
        status=row.status,
        paid_at=row.paid_at,
        currency=row.currency,
        amount=row.amount,
        total_fen=Fen(row.total_fen),
        refunded=row.refunded,
        refunded_fen=Fen(row.refunded_fen),
        line_count=row.line_count,
        source=row.source,
        updated_at=row.updated_at,
        lines=lines,
    )


def brought_by(tx: Tx, import_ids: Sequence[ImportId]) -> set[ImportId]:
    """Those of these imports that orders or refunds came from."""
    rows = tx.execute(
        """
        select i.id
        from unnest(cast(:ids as uuid[])) as i (id)
        where exists (select from orders o where o.tenant_id = :tenant_id and o.import_id = i.id)
            or exists (select from refunds r where r.tenant_id = :tenant_id and r.import_id = i.id)
        """,
        {"ids": arrays.bare(import_ids)},
    )
    return {ImportId(row.id) for row in rows}
