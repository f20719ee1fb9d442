"""Writing refunds and their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId, ImportId, OrderId, RefundId, new_id
from siyu.kernel.money import to_fen
from siyu.observe.orders.model import RefundDraft, RefundLineDraft, Status, Taken
from siyu.observe.orders.model.drafts import exact_sum
from siyu.observe.orders.store.orders import settle


def hold_refunds(tx: Tx, shop: str, refund_nos: Sequence[str]) -> dict[str, bytes]:
    """Lock the refunds that exist among these numbers; returns their content."""
    rows = tx.execute(
        """
        select r.refund_no, r.content_hash
        from unnest(cast(:refund_nos as text[])) as n (refund_no)
        join refunds r on r.tenant_id = :tenant_id and r.shop = :shop and r.refund_no = n.refund_no
        order by r.refund_no collate "C"
        for update of r
        """,
        {"shop": shop, "refund_nos": arrays.texts(refund_nos)},
    )
    return {row.refund_no: bytes(row.content_hash) for row in rows}


@dataclass(frozen=True, slots=True)
class OrderRef:
    """The order that a refund names."""

    id: OrderId
    identity_id: IdentityId | None
    amount: Decimal
    refunded: Decimal
    status: Status
    paid_at: datetime


def find_orders(tx: Tx, shop: str, order_nos: Sequence[str]) -> dict[str, OrderRef]:
    """The orders that exist among these numbers, locked."""
    rows = tx.execute(
        """
        select o.id, o.order_no, o.identity_id, o.amount, o.refunded, o.status, o.paid_at
        from unnest(cast(:order_nos as text[])) as n (order_no)
        join orders o on o.tenant_id = :tenant_id and o.shop = :shop and o.order_no = n.order_no
        order by o.order_no collate "C"
        for update of o
        """,
        {"shop": shop, "order_nos": arrays.texts(order_nos)},
    )
    return {row.order_no: OrderRef(OrderId(row.id), row.identity_id, row.amount, row.refunded, row.status, row.paid_at) for row in rows}


@dataclass(frozen=True, slots=True)
class WrittenRefund:
    """A refund that a draft made or changed."""

    id: RefundId
    version: int


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund whose buyer and order are found."""

    draft: RefundDraft
    content_hash: bytes
    identity_id: IdentityId | None
    order_id: OrderId | None


def upsert_refunds(tx: Tx, rows: Sequence[RefundRow], *, source: str, currency: str, import_id: ImportId | None) -> dict[str, WrittenRefund]:
    """Write refunds of one shop whose content is new, each line as one part of its order (or of none, until matched)."""
    ordered = sorted(rows, key=lambda row: row.draft.refund_no)
    amounts = [exact_sum([line.amount for line in row.draft.lines]) for row in ordered]
    returned = tx.execute(
        """
        insert into refunds as r (
            tenant_id, id, shop, refund_no, identity_id, order_no, order_id, refunded_at, currency, amount, amount_fen, matched, source, content_hash,
            import_id, created_at, updated_at
        )
        select :tenant_id, d.id, :shop, d.refund_no, d.identity_id, d.order_no, d.order_id, d.refunded_at, coalesce(d.currency, :currency), d.amount,
            d.amount_fen, case when d.order_id is null then 0 else d.amount end, :source, d.content_hash, :import_id, :now, :now
        from unnest(
            cast(:id as uuid[]), cast(:refund_no as text[]), cast(:identity_id as uuid[]), cast(:order_no as text[]), cast(:order_id as uuid[]),
            cast(:refunded_at as timestamptz[]), cast(:own_currency as text[]), cast(:amount as numeric[]), cast(:amount_fen as bigint[]),
            cast(:content_hash as bytea[])
        ) as d (id, refund_no, identity_id, order_no, order_id, refunded_at, currency, amount, amount_fen, content_hash)
        on conflict (tenant_id, shop, refund_no) do update
        set identity_id = excluded.identity_id,
            order_no = excluded.order_no,
            order_id = excluded.order_id,
            refunded_at = excluded.refunded_at,
            currency = excluded.currency,
            amount = excluded.amount,
            amount_fen = excluded.amount_fen,
            matched = excluded.matched,
            source = excluded.source,
            content_hash = excluded.content_hash,
            version = r.version + 1,
            import_id = excluded.import_id,
            updated_at = excluded.updated_at
        where r.content_hash <> excluded.content_hash
        returning r.id, r.refund_no, r.version
        """,
        {
            "shop": ordered[0].draft.shop,
            "source": source,
            "currency": currency,
            "import_id": import_id,
            "id": arrays.bare([new_id(RefundId, row.draft.refunded_at) for row in ordered]),
            "refund_no": arrays.texts([row.draft.refund_no for row in ordered]),
            "identity_id": arrays.bare([row.identity_id for row in ordered]),
            "order_no": arrays.texts([row.draft.order_no for row in ordered]),
            "order_id": arrays.bare([row.order_id for row in ordered]),
            "refunded_at": arrays.instants([row.draft.refunded_at for row in ordered]),
            "own_currency": arrays.texts([row.draft.currency for row in ordered]),
            "amount": arrays.bare(amounts),
            "amount_fen": arrays.bare([to_fen(amount) for amount in amounts]),
            "content_hash": arrays.hashes([row.content_hash for row in ordered]),
        },
    )
    written = {row.refund_no: WrittenRefund(RefundId(row.id), row.version) for row in returned}
    kept = [(written[row.draft.refund_no], row) for row in ordered if row.draft.refund_no in written]
    changed = [document.id for document, _ in kept if document.version > 1]
    touched = orders_of(tx, changed)
    write_parts(
        tx,
        {
            (document.id, number): (line, [Taken(row.order_id, line.quantity, line.amount)])
            for document, row in kept
            for number, line in enumerate(row.draft.lines, 1)
        },
    )
    for document, row in kept:
        if document.version > 1:
            tx.execute(
                "delete from refund_lines where tenant_id = :tenant_id and refund_id = :id and line_no > :lines",
                {"id": document.id, "lines": len(row.draft.lines)},
            )
    settle(tx, [*touched, *(row.order_id for _, row in kept if row.order_id)])
    return written


def adopt_refunds(tx: Tx, shop: str, order_nos: Sequence[str]) -> list[OrderId]:
    """Give new orders the refunds that came before them and name them; returns the orders that had any waiting."""
    if not order_nos:
        return []
    rows = tx.execute(
        """
        with adopted as (
            update refunds r
            set order_id = o.id, matched = r.amount, identity_id = coalesce(r.identity_id, o.identity_id)
            from orders o
            where r.tenant_id = :tenant_id
                and r.shop = :shop
                and r.order_no = any (cast(:order_nos as text[]))
                and r.order_id is null
                and o.tenant_id = :tenant_id
                and o.shop = :shop
                and o.order_no = r.order_no
            returning r.id, r.order_id
        )
        update refund_lines l
        set order_id = a.order_id
        from adopted a
        where l.tenant_id = :tenant_id and l.refund_id = a.id
        returning l.order_id
        """,
        {"shop": shop, "order_nos": arrays.texts(order_nos)},
    )
    return [OrderId(row.order_id) for row in rows]


def orders_of(tx: Tx, refund_ids: Sequence[RefundId]) -> list[OrderId]:
    """Orders that these refunds give parts of back."""
    if not refund_ids:
        return []
    rows = tx.execute(
        "select distinct order_id from refund_lines where tenant_id = :tenant_id and refund_id = any (cast(:ids as uuid[])) and order_id is not null",
        {"ids": arrays.bare(refund_ids)},
    )
    return [OrderId(row.order_id) for row in rows]


def write_parts(tx: Tx, lines: Mapping[tuple[RefundId, int], tuple[RefundLineDraft, Sequence[Taken]]]) -> None:
    """Write which parts of which orders each refund line gives back, in place of what was there."""
    parts = [(refund_id, line_no, part, line, taken) for (refund_id, line_no), (line, all) in lines.items() for part, taken in enumerate(all)]
    if not parts:
        return
    tx.execute(
        """
        insert into refund_lines as l (tenant_id, refund_id, line_no, part, order_id, sku, name, quantity, amount)
        select :tenant_id, p.refund_id, p.line_no, p.part, p.order_id, p.sku, p.name, p.quantity, p.amount
        from unnest(
            cast(:refund_id as uuid[]), cast(:line_no as integer[]), cast(:part as integer[]), cast(:order_id as uuid[]), cast(:sku as text[]),
            cast(:name as text[]), cast(:quantity as numeric[]), cast(:amount as numeric[])
        ) as p (refund_id, line_no, part, order_id, sku, name, quantity, amount)
        on conflict (tenant_id, refund_id, line_no, part) do update
        set order_id = excluded.order_id, sku = excluded.sku, name = excluded.name, quantity = excluded.quantity, amount = excluded.amount
        where (l.order_id, l.sku, l.name, l.quantity, l.amount)
            is distinct from (excluded.order_id, excluded.sku, excluded.name, excluded.quantity, excluded.amount)
        """,
        {
            "refund_id": arrays.bare([refund_id for refund_id, _, _, _, _ in parts]),
            "line_no": arrays.bare([line_no for _, line_no, _, _, _ in parts]),
            "part": arrays.bare([part for _, _, part, _, _ in parts]),
            "order_id": arrays.bare([taken.order_id for _, _, _, _, taken in parts]),
            "sku": arrays.texts([line.sku for _, _, _, line, _ in parts]),
            "name": arrays.texts([line.name for _, _, _, line, _ in parts]),
            "quantity": arrays.bare([taken.quantity for _, _, _, _, taken in parts]),
            "amount": arrays.bare([taken.amount for _, _, _, _, taken in parts]),
        },
    )
    tx.execute(
        """
        delete from refund_lines l
        using unnest(cast(:refund_id as uuid[]), cast(:line_no as integer[]), cast(:parts as integer[])) as p (refund_id, line_no, parts)
        where l.tenant_id = :tenant_id and l.refund_id = p.refund_id and l.line_no = p.line_no and l.part >= p.parts
        """,
        {
            "refund_id": arrays.bare([refund_id for refund_id, _ in lines]),
            "line_no": arrays.bare([line_no for _, line_no in lines]),
            "parts": arrays.bare([len(all) for _, all in lines.values()]),
        },
    )


def refunded_by(tx: Tx, shop: str, refund_no: str, order_id: OrderId) -> Decimal:
    """What one refund already gives back of an order."""
    amount = tx.execute(
        """
        select coalesce(sum(l.amount), 0)
        from refunds r
        join refund_lines l on l.tenant_id = r.tenant_id and l.refund_id = r.id
        where r.tenant_id = :tenant_id and r.shop = :shop and r.refund_no = :refund_no and l.order_id = :order_id
        """,
        {"shop": shop, "refund_no": refund_no, "order_id": order_id},
    ).scalar_one()
    return Decimal(amount)


def refund_id(tx: Tx, shop: str, refund_no: str) -> RefundId:
    """The id of a refund that exists."""
    return RefundId(
        tx.execute(
            "select id from refunds where tenant_id = :tenant_id and shop = :shop and refund_no = :refund_no", {"shop": shop, "refund_no": refund_no}
        ).scalar_one()
    )
