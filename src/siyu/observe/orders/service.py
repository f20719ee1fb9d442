"""Taking orders and refunds in, and showing them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from siyu import events
from siyu.infra.tx import Tx
from siyu.kernel.errors import NotFound, Refusal
from siyu.kernel.ids import IdentityId, ImportId, OrderId, RefundId
from siyu.kernel.money import to_fen
from siyu.observe import contacts, identities, products
from siyu.observe.identities import Link, Mark, Sighting
from siyu.observe.orders import model, store
from siyu.observe.orders.model import Buyer, Order, OrderDraft, Purchase, Recorded, RefundDraft, RefundLineDraft, Return, Taken
from siyu.observe.orders.store import Dealt, Filter

__all__ = [
    "Filter",
    "OrderNotFound",
    "RefundBeforeOrder",
    "RefundTooLarge",
    "amounts",
    "brought_by",
    "dealings",
    "get",
    "match_returns_of_import",
    "page",
    "preview",
    "record",
    "record_many",
    "refund",
    "refund_many",
]


class OrderNotFound(NotFound):
    """No such order."""

    code = "order.not_found"


class RefundTooLarge(Refusal):
    """More would go back than is left of the order."""

    code = "order.refund_too_large"


class RefundBeforeOrder(Refusal):
    """The refund is dated before its order was paid."""

    code = "order.refund_before_order"
    status = 422


def record(tx: Tx, draft: OrderDraft, *, source: str) -> Recorded:
    """Keep one order as its shop sends it: new, changed, or known already (then nothing is written). Raises what `model.admit` raises."""
    model.admit(draft, tx.now)
    (recorded,) = record_many(tx, [draft], source=source)
    if recorded.outcome != "unchanged":
        products.learn(tx, draft.shop, [(sku, name or None, draft.paid_at) for sku, name in zip(draft.lines.skus, draft.lines.names, strict=True)])
        _match(tx, draft.shop, _buyers(tx, [draft]))
    return recorded


def record_many(tx: Tx, drafts: Sequence[OrderDraft], *, source: str, import_id: ImportId | None = None) -> list[Recorded]:
    """Keep orders of one shop, each once, already admitted.

    Left to whoever brings many: matching returns of their buyers (`match_returns_of_import`), and what was sold under which name (`products.learn`).
    """
    if not drafts:
        return []
    shop = drafts[0].shop
    ids = _see(tx, [(draft.buyer, draft.shop, draft.paid_at, draft.order_no) for draft in drafts])
    store.lock_buyers(tx, ids.values())
    held = store.hold(tx, shop, [draft.order_no for draft in drafts])
    fresh = []
    for draft in drafts:
        content_hash = draft.content_hash
        if draft.order_no not in held or held[draft.order_no].content_hash != content_hash:
            marks = draft.buyer.marks(shop)
            fresh.append((draft, content_hash, ids[marks[0]] if marks else None))
    if not fresh:
        return [Recorded(held[draft.order_no].id, draft.order_no, "unchanged") for draft in drafts]
    currency = store.tenant_currency(tx)
    written = store.upsert(tx, fresh, source=source, currency=currency, import_id=import_id)
    waiting = store.adopt_refunds(tx, shop, [order_no for order_no, document in written.items() if document.version == 1])
    store.settle(tx, [*waiting, *(document.id for document in written.values() if document.version > 1)])
    facts = []
    for draft, _, identity_id in fresh:
        if document := written.get(draft.order_no):
            before = held[draft.order_no].asserted if draft.order_no in held else None
            facts += [(fact, key, identity_id, at) for fact, key, at in _news(tx, draft, document, before, draft.currency or currency)]
    events.append_many(tx, facts, source=f"shop:{shop}")
    raced = store.hold(tx, shop, [draft.order_no for draft, _, _ in fresh if draft.order_no not in written]) if len(written) < len(fresh) else {}
    recorded = []
    for draft in drafts:
        if document := written.get(draft.order_no):
            recorded.append(Recorded(document.id, draft.order_no, "new" if document.version == 1 else "changed"))
        else:
            recorded.append(Recorded((held.get(draft.order_no) or raced[draft.order_no]).id, draft.order_no, "unchanged"))
    return recorded


def preview(tx: Tx, drafts: Sequence[OrderDraft]) -> list[model.Outcome]:
    """What `record_many` would make of these drafts of one shop; writes nothing."""
    held = store.hashes(tx, drafts[0].shop, [draft.order_no for draft in drafts]) if drafts else {}
    return ["new" if draft.order_no not in held else "unchanged" if held[draft.order_no] == draft.content_hash else "changed" for draft in drafts]


def meet(tx: Tx, drafts: Sequence[OrderDraft], refunds: Sequence[RefundDraft]) -> None:
    """Name the buyers of orders and refunds that are written together, all in one order: two writers of the same people then wait for each other in turn."""
    if drafts and refunds:
        ordered = [(draft.buyer, draft.shop, draft.paid_at, draft.order_no) for draft in drafts]
        _see(tx, ordered + [(draft.buyer, draft.shop, draft.refunded_at, draft.refund_no) for draft in refunds])


def refund(tx: Tx, draft: RefundDraft, *, source: str) -> RefundId:
    """Keep one refund of a named order; the same refund again changes nothing.

    Raises OrderNotFound, RefundBeforeOrder, RefundTooLarge and what `model.admit_refund` raises.
    """
    model.admit_refund(draft, tx.now)
    if draft.order_no is not None:
        ref = store.find_orders(tx, draft.shop, [draft.order_no]).get(draft.order_no)
        if ref is None:
            raise OrderNotFound(shop=draft.shop, order_no=draft.order_no)
        if draft.refunded_at < ref.paid_at:
            raise RefundBeforeOrder(order_no=draft.order_no, paid_at=ref.paid_at.isoformat(), refunded_at=draft.refunded_at.isoformat())
        others = ref.refunded - store.refunded_by(tx, draft.shop, draft.refund_no, ref.id)
        if others + draft.amount > ref.amount:
            raise RefundTooLarge(order_no=draft.order_no, left=str(ref.amount - others), asked=str(draft.amount))
    refund_many(tx, [draft], source=source)
    if draft.order_no is None:
        _match(tx, draft.shop, _buyers(tx, [draft]))
    return store.refund_id(tx, draft.shop, draft.refund_no)


def refund_many(tx: Tx, drafts: Sequence[RefundDraft], *, source: str, import_id: ImportId | None = None) -> list[model.Outcome]:
    """Keep refunds of one shop, already admitted. One that names an order that is not there yet waits for it.

    Of many, dates are taken as the shop tells them, also one before the order's: files often tell days alone, and nothing that was given back may be lost.
    """
    if not drafts:
        return []
    shop = drafts[0].shop
    ids = _see(tx, [(draft.buyer, draft.shop, draft.refunded_at, draft.refund_no) for draft in drafts])
    store.lock_buyers(tx, ids.values())
    named = store.find_orders(tx, shop, sorted({draft.order_no for draft in drafts if draft.order_no}))
    held = store.hold_refunds(tx, shop, [draft.refund_no for draft in drafts])
    rows = []
    outcomes: list[model.Outcome] = []
    for draft in drafts:
        content_hash = draft.content_hash
        if held.get(draft.refund_no) == content_hash:
            outcomes.append("unchanged")
            continue
        outcomes.append("changed" if draft.refund_no in held else "new")
        ref = named.get(draft.order_no) if draft.order_no else None
        marks = draft.buyer.marks(shop)
        identity_id = ids[marks[0]] if marks else ref.identity_id if ref else None
        rows.append(store.RefundRow(draft, content_hash, identity_id, ref.id if ref else None))
    if rows:
        currency = store.tenant_currency(tx)
        written = store.upsert_refunds(tx, rows, source=source, currency=currency, import_id=import_id)
        facts = []
        for row in rows:
            if document := written.get(row.draft.refund_no):
                amount = model.drafts.exact_sum([line.amount for line in row.draft.lines])
                fact = model.Refunded(row.draft.refund_no, shop, row.order_id, row.draft.order_no, amount, to_fen(amount), row.draft.currency or currency)
                facts.append((fact, f"refunded/{row.draft.refund_no}/{document.version}", row.identity_id, row.draft.refunded_at))
        events.append_many(tx, facts, source=f"shop:{shop}")
    return outcomes


def match_returns_of_import(tx: Tx, import_id: ImportId, after: IdentityId | None, *, limit: int = 200) -> IdentityId | None:
    """Explain returns of the next buyers of an import (by identity after `after`) by their purchases; the last buyer done, None at the end."""
    buyers = store.identities_to_match(tx, import_id, after, limit)
    by_shop: dict[str, list[IdentityId]] = defaultdict(list)
    for identity_id, shop in buyers:
        by_shop[shop].append(identity_id)
    for shop, identity_ids in by_shop.items():
        _match(tx, shop, identity_ids)
    return buyers[-1][0] if len(buyers) == limit else None


def brought_by(tx: Tx, import_ids: Sequence[ImportId]) -> set[ImportId]:
    """Those of these imports that orders or refunds came from, as they stand now."""
    return store.brought_by(tx, import_ids)


def amounts(tx: Tx, shop: str, order_nos: Sequence[str], *, without: Sequence[str]) -> dict[str, tuple[Decimal | None, Decimal]]:
    """Of each order number the order's amount, None when it is not there, and what refunds naming it give back, those numbered in `without` left out."""
    return store.amounts(tx, shop, order_nos, without=without)


def dealings(tx: Tx, shop: str, buyers: Sequence[Buyer], skus: Sequence[str], *, without: Sequence[str]) -> list[tuple[Buyer, Dealt]]:
    """What these buyers bought and gave back so far of these things, orders and refunds numbered in `without` left out."""
    marks = {buyer.marks(shop)[0]: buyer for buyer in buyers}
    known = {identity.id: marks[mark] for mark, identity in identities.find(tx, marks).items()}
    return [(known[dealt.identity_id], dealt) for dealt in store.dealings(tx, shop, list(known), skus, without=without)]


def get(tx: Tx, id: OrderId) -> Order:
    """One order with its lines. Raises OrderNotFound, also for orders of customers whom the actor may not see."""
    order = store.get(tx, id, scope=contacts.in_scope(tx, identities.table.c.customer_id))
    if order is None:
        raise OrderNotFound(order_id=str(id))
    return order


def page(tx: Tx, wanted: Filter, *, before: tuple[datetime, OrderId] | None = None, limit: int = 50) -> list[Order]:
    """Orders (without lines), latest payment first, older than `before`; only those of customers whom the actor may see."""
    return store.page(tx, wanted, scope=contacts.in_scope(tx, identities.table.c.customer_id), before=before, limit=limit)


def _see(tx: Tx, documents: Iterable[tuple[Buyer, str, datetime, str]]) -> dict[Mark, IdentityId]:
    """Name the buyers of documents, and link the marks that one document asserts together."""
    sightings: list[Sighting] = []
    together: list[tuple[Mark, Mark, str, datetime]] = []
    shop = ""
    for buyer, shop, at, number in documents:
        marks = buyer.marks(shop)
        sightings += [Sighting(mark, at, at) for mark in marks]
        together += [(marks[0], other, number, at) for other in marks[1:]]
    ids = identities.seen_many(tx, sightings)
    if together:
        identities.link_many(tx, [Link(ids[a], ids[b], number, at) for a, b, number, at in together], source=f"shop:{shop}")
    return ids


def _news(tx: Tx, draft: OrderDraft, document: store.Written, before: str | None, currency: str) -> list[tuple[events.Fact, str, datetime]]:
    amount, total, sold = draft.amount, draft.total_fen, draft.lines.sold
    news: list[tuple[events.Fact, str, datetime]] = []
    if draft.asserted == "paid" and sold:
        paid = model.Paid(document.id, draft.shop, draft.order_no, amount, total, currency, sold)
        news.append((paid, f"paid/{draft.order_no}", draft.paid_at))
    if before is not None:
        changed = model.Changed(document.id, draft.shop, draft.order_no, amount, total, currency, sold)
        news.append((changed, f"changed/{draft.order_no}/{document.version}", tx.now))
    if draft.asserted == "cancelled" and before != "cancelled":
        cancelled = model.Cancelled(document.id, draft.shop, draft.order_no, amount, total, currency)
        news.append((cancelled, f"cancelled/{draft.order_no}/{document.version}", draft.paid_at if before is None else tx.now))
    return news


def _buyers(tx: Tx, drafts: Iterable[OrderDraft | RefundDraft]) -> list[IdentityId]:
    marks = [marks[0] for draft in drafts if (marks := draft.buyer.marks(draft.shop))]
    return [identity.id for identity in identities.find(tx, marks).values()]


def _match(tx: Tx, shop: str, identity_ids: Sequence[IdentityId]) -> None:
    """Explain the returns of these buyers anew from all that is kept of them."""
    identity_ids = store.with_open_refunds(tx, shop, identity_ids) if identity_ids else []
    if not identity_ids:
        return
    store.lock_buyers(tx, identity_ids)
    store.lock_orders(tx, identity_ids)
    returns: dict[IdentityId, list[Return]] = defaultdict(list)
    lines: dict[tuple[str, int], tuple[RefundId, RefundLineDraft]] = {}
    for identity_id, refund_id, back, name in store.returns_of(tx, shop, identity_ids):
        returns[identity_id].append(back)
        lines[back.key] = (refund_id, RefundLineDraft(back.sku, name, back.quantity, back.amount))
    purchases: dict[IdentityId, list[Purchase]] = defaultdict(list)
    for identity_id, purchase in store.purchases_of(tx, shop, identity_ids):
        purchases[identity_id].append(purchase)
    parts: dict[tuple[RefundId, int], tuple[RefundLineDraft, list[Taken]]] = {}
    for identity_id, backs in returns.items():
        for key, taken in model.match(purchases[identity_id], backs).items():
            refund_id, line = lines[key]
            parts[refund_id, key[1]] = (line, taken)
    refund_ids = sorted({refund_id for refund_id, _ in lines.values()})
    before = store.orders_of(tx, refund_ids)
    store.write_parts(tx, parts)
    store.settle_refunds(tx, refund_ids)
    store.settle(tx, [*before, *(part.order_id for _, taken in parts.values() for part in taken if part.order_id)])
