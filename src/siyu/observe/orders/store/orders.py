"""Writing orders and their lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from siyu.infra import arrays
from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId, ImportId, OrderId, new_id
from siyu.observe.orders.model import OrderDraft


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a document, for deciding whether a draft says anything new."""

    id: OrderId
    content_hash: bytes
    asserted: str


@dataclass(frozen=True, slots=True)
class Written:
    """A document that a draft made or changed."""

    id: OrderId
    version: int


def lock_buyers(tx: Tx, identity_ids: Iterable[IdentityId]) -> None:
    """Let nobody else write orders of these buyers meanwhile. Taken before any lock on orders, in the order in which marks are upserted."""
    tx.execute(
        """
        select id
        from identities
        where tenant_id = :tenant_id and id = any (cast(:ids as uuid[]))
        order by namespace collate "C", value collate "C"
        for no key update
        """,
        {"ids": arrays.bare(set(identity_ids))},
    )


def tenant_currency(tx: Tx) -> str:
    """The brand's currency."""
    return str(tx.execute("select currency from tenants where id = :tenant_id").scalar_one())


def hold(tx: Tx, shop: str, order_nos: Sequence[str]) -> dict[str, Held]:
    """Lock the orders that exist among these numbers, in their order (two writers never wait for each other)."""
    rows = tx.execute(
        """
        select o.id, o.order_no, o.content_hash, o.asserted
        from unnest(cast(:order_nos as text[])) as n (order_no)
        join orders o on o.tenant_id = :tenant_id and o.shop = :shop and o.order_no = n.order_no
        order by o.order_no collate "C"
        for update of o
        """,
        {"shop": shop, "order_nos": arrays.texts(order_nos)},
    )
    return {row.order_no: Held(OrderId(row.id), bytes(row.content_hash), row.asserted) for row in rows}


def hashes(tx: Tx, shop: str, order_nos: Sequence[str]) -> dict[str, bytes]:
    """Content of the orders that exist among these numbers, for a dry run."""
    rows = tx.execute(
        """
        select o.order_no, o.content_hash
        from unnest(cast(:order_nos as text[])) as n (order_no)
        join orders o on o.tenant_id = :tenant_id and o.shop = :shop and o.order_no = n.order_no
        """,
        {"shop": shop, "order_nos": arrays.texts(order_nos)},
    )
    return {row.order_no: bytes(row.content_hash) for row in rows}


def upsert(
    tx: Tx, drafts: Sequence[tuple[OrderDraft, bytes, IdentityId | None]], *, source: str, currency: str, import_id: ImportId | None
) -> dict[str, Written]:
    """Write drafts of one shop whose content is new, with their lines; returns what was written by order number."""
    ordered = sorted(drafts, key=lambda draft: draft[0].order_no)
    rows = tx.execute(
        """
        insert into orders as o (
            tenant_id, id, shop, order_no, identity_id, customer_no, unionid, phone, customer_name, city, province, country, asserted, status, paid_at,
            currency, amount, total_fen, line_count, sale_lines, source, content_hash, import_id, created_at, updated_at
        )
        select :tenant_id, d.id, :shop, d.order_no, d.identity_id, d.customer_no, d.unionid, d.phone, d.customer_name, d.city, d.province, d.country,
            d.asserted, case when d.asserted = 'cancelled' then 'cancelled' when d.sale_lines = 0 then 'gift' else 'paid' end, d.paid_at,
            coalesce(d.currency, :currency), d.amount, d.total_fen, d.line_count, d.sale_lines, :source, d.content_hash, :import_id, :now, :now
        from unnest(
            cast(:id as uuid[]), cast(:order_no as text[]), cast(:identity_id as uuid[]), cast(:customer_no as text[]), cast(:unionid as text[]),
            cast(:phone as text[]), cast(:customer_name as text[]), cast(:city as text[]), cast(:province as text[]), cast(:country as text[]),
            cast(:asserted as text[]), cast(:paid_at as timestamptz[]), cast(:own_currency as text[]), cast(:amount as numeric[]),
            cast(:total_fen as bigint[]), cast(:line_count as integer[]), cast(:sale_lines as integer[]), cast(:content_hash as bytea[])
        ) as d (
            id, order_no, identity_id, customer_no, unionid, phone, customer_name, city, province, country, asserted, paid_at, currency, amount,
            total_fen, line_count, sale_lines, content_hash
        )
        on conflict (tenant_id, shop, order_no) do update
        set identity_id = excluded.identity_id,
            customer_no = excluded.customer_no,
            unionid = excluded.unionid,
            phone = excluded.phone,
            customer_name = excluded.customer_name,
            city = excluded.city,
            province = excluded.province,
            country = excluded.country,
            asserted = excluded.asserted,
            status = excluded.status,
            paid_at = excluded.paid_at,
            currency = excluded.currency,
            amount = excluded.amount,
            total_fen = excluded.total_fen,
            line_count = excluded.line_count,
            sale_lines = excluded.sale_lines,
            source = excluded.source,
            content_hash = excluded.content_hash,
            version = o.version + 1,
            import_id = excluded.import_id,
            updated_at = excluded.updated_at
        where o.content_hash <> excluded.content_hash
        returning o.id, o.order_no, o.version
        """,
        {
            "shop": ordered[0][0].shop,
            "source": source,
            "currency": currency,
            "import_id": import_id,
            "id": arrays.bare([new_id(OrderId, draft.paid_at) for draft, _, _ in ordered]),
            "order_no": arrays.texts([draft.order_no for draft, _, _ in ordered]),
            "identity_id": arrays.bare([identity_id for _, _, identity_id in ordered]),
            "customer_no": arrays.texts([draft.buyer.customer_no for draft, _, _ in ordered]),
            "unionid": arrays.texts([draft.buyer.unionid for draft, _, _ in ordered]),
            "phone": arrays.texts([draft.buyer.phone for draft, _, _ in ordered]),
            "customer_name": arrays.texts([draft.buyer.name for draft, _, _ in ordered]),
            "city": arrays.texts([draft.buyer.city for draft, _, _ in ordered]),
            "province": arrays.texts([draft.buyer.province for draft, _, _ in ordered]),
            "country": arrays.texts([draft.buyer.country for draft, _, _ in ordered]),
            "asserted": arrays.texts([draft.asserted for draft, _, _ in ordered]),
            "paid_at": arrays.instants([draft.paid_at for draft, _, _ in ordered]),
            "own_currency": arrays.texts([draft.currency for draft, _, _ in ordered]),
            "amount": arrays.bare([draft.amount for draft, _, _ in ordered]),
            "total_fen": arrays.bare([draft.total_fen for draft, _, _ in ordered]),
            "line_count": arrays.bare([len(draft.lines) for draft, _, _ in ordered]),
            "sale_lines": arrays.bare([draft.lines.sold for draft, _, _ in ordered]),
            "content_hash": arrays.hashes([content_hash for _, content_hash, _ in ordered]),
        },
    )
    written = {row.order_no: Written(OrderId(row.id), row.version) for row in rows}
    documents = [(written[draft.order_no], draft) for draft, _, _ in ordered if draft.order_no in written]
    _write_lines(tx, [one for one in documents if one[0].version == 1], "")
    _write_lines(tx, [one for one in documents if one[0].version > 1], _OVER)
    return written


_OVER = """
on conflict (tenant_id, order_id, line_no) do update
set sku = excluded.sku,
    name = excluded.name,
    quantity = excluded.quantity,
    unit_price = excluded.unit_price,
    amount = excluded.amount,
    unit_cost = excluded.unit_cost,
    kind = excluded.kind
"""


def _write_lines(tx: Tx, documents: Sequence[tuple[Written, OrderDraft]], over: str) -> None:
    """`over`: what to do about lines that are there; a new order has none, and asking costs a quarter."""
    if not documents:
        return
    ids: list[str] = []
    numbers: list[str] = []
    columns: list[list[str]] = [[], [], [], [], [], []]
    for written, draft in documents:
        ids += [str(written.id)] * len(draft.lines)
        numbers += map(str, range(1, len(draft.lines) + 1))
        for column, told in zip(columns, draft.lines.columns(), strict=True):
            column += told
    skus, names, quantities, prices, amounts, costs = columns
    tx.execute(
        f"""
        insert into order_lines (tenant_id, order_id, line_no, sku, name, quantity, unit_price, amount, unit_cost, kind)
        select :tenant_id, l.order_id, l.line_no, l.sku, nullif(l.name, ''), l.quantity, l.unit_price, l.amount, l.unit_cost,
            case when l.amount = 0 then 'gift' else 'sale' end
        from unnest(
            cast(:order_id as uuid[]), cast(:line_no as integer[]), cast(:sku as text[]), cast(:name as text[]), cast(:quantity as numeric[]),
            cast(:unit_price as numeric[]), cast(:amount as numeric[]), cast(:unit_cost as numeric[])
        ) as l (order_id, line_no, sku, name, quantity, unit_price, amount, unit_cost)
        {over}
        """,  # noqa: S608 (constant)
        {
            "order_id": arrays.bare(ids),
            "line_no": arrays.bare(numbers),
            "sku": arrays.texts(skus),
            "name": arrays.texts(names),
            "quantity": arrays.bare(quantities),
            "unit_price": arrays.bare(prices),
            "amount": arrays.bare(amounts),
            "unit_cost": arrays.bare([cost or None for cost in costs]),
        },
    )
    shortened = [(written.id, len(draft.lines)) for written, draft in documents if written.version > 1]
    if shortened:
        tx.execute(
            """
            delete from order_lines l
            using unnest(cast(:order_id as uuid[]), cast(:lines as integer[])) as d (order_id, lines)
            where l.tenant_id = :tenant_id and l.order_id = d.order_id and l.line_no > d.lines
            """,
            {"order_id": arrays.bare([id for id, _ in shortened]), "lines": arrays.bare([count for _, count in shortened])},
        )


def settle(tx: Tx, order_ids: Sequence[OrderId]) -> None:
    """Recompute what was given back of these orders, and their status."""
    if not order_ids:
        return
    tx.execute(
        """
        update orders o
        set refunded = s.refunded, refunded_fen = round(s.refunded * 100), status = s.status, updated_at = :now
        from (
            select t.id, t.refunded,
                case
                    when t.asserted = 'cancelled' then 'cancelled'
                    when t.sale_lines = 0 then 'gift'
                    when t.refunded = 0 then 'paid'
                    when t.refunded < t.amount then 'partly_refunded'
                    else 'refunded'
                end as status
            from (
                select x.id, x.asserted, x.sale_lines, x.amount,
                    coalesce((select sum(l.amount) from refund_lines l where l.tenant_id = :tenant_id and l.order_id = x.id), 0) as refunded
                from orders x
                where x.tenant_id = :tenant_id and x.id = any (cast(:ids as uuid[]))
            ) t
        ) s
        where o.tenant_id = :tenant_id and o.id = s.id and (o.refunded, o.status) is distinct from (s.refunded, s.status)
        """,
        {"ids": arrays.bare(sorted(set(order_ids)))},
    )
