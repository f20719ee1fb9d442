"""HTTP of orders: reading them, and taking them in from shops."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from siyu.infra.http import Db, Exact, Page, days, decode_place, encode_cursor, needs
from siyu.infra.http import router as new_router
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CustomerId, OrderId
from siyu.observe import identities
from siyu.observe.orders import model, service
from siyu.observe.orders.model import Buyer, LineDraft, Lines, Order, OrderDraft, RefundDraft, RefundLineDraft, Status

router = new_router("/orders", tag="orders")

Amount = Annotated[Decimal, Field(max_digits=24, decimal_places=10)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Told = Annotated[str, StringConstraints(strip_whitespace=True)]


def _phone(text: str) -> str:
    phone = identities.namespaces.phone(text)
    if text and phone is None:
        raise ValueError("no phone number in full; leave it out when it is masked or not known")
    return phone or ""


Phone = Annotated[Told, AfterValidator(_phone)]


class CustomerRef(BaseModel):
    """The person who bought, when known; the name is the one given with the order."""

    id: UUID | None
    name: str | None


class LineOut(BaseModel):
    """One line; quantities and amounts are exact decimals as text. `refund` lines tell what went back and under which number."""

    sku: str
    name: str | None
    quantity: Exact
    unit_price: Exact
    amount: Exact
    unit_cost: Exact | None
    kind: Literal["sale", "gift", "refund"]
    refund_no: str | None


class OrderHead(BaseModel):
    """What lists and pages both show of an order."""

    id: UUID
    order_no: str
    shop: str
    customer: CustomerRef | None
    city: str | None
    status: Status
    paid_at: datetime
    currency: str
    amount: Exact
    total_fen: int
    refunded: Exact
    refunded_fen: int
    source: str


class OrderOut(OrderHead):
    """One order as a list shows it; `lines` counts its lines."""

    lines: int


class OrderDetail(OrderHead):
    """One order with its lines."""

    lines: list[LineOut]


class LineIn(BaseModel):
    """One line; `amount` defaults to quantity times unit price, `unit_cost` is what one piece cost the shop. Amounts in the brand's currency (yuan)."""

    sku: Text
    name: Told | None = Field(default=None, max_length=500)
    quantity: Amount = Field(gt=0)
    unit_price: Amount = Field(ge=0)
    amount: Amount | None = Field(default=None, ge=0)
    unit_cost: Amount | None = Field(default=None, ge=0)


class OrderIn(BaseModel):
    """An order as a shop sends it, whole. Sent again with other content it replaces the former.

    Blanks around texts do not count. `phone`: a mainland mobile, or `+` and country code; left out when it is masked.
    """

    shop: Text
    order_no: Text
    paid_at: AwareDatetime
    status: Literal["paid", "cancelled"] = "paid"
    customer_no: Told | None = Field(default=None, max_length=200)
    unionid: Told | None = Field(default=None, max_length=200)
    phone: Phone | None = Field(default=None, max_length=40)
    customer_name: Told | None = Field(default=None, max_length=200)
    city: Told | None = Field(default=None, max_length=100)
    province: Told | None = Field(default=None, max_length=100)
    country: Told | None = Field(default=None, max_length=100)
    lines: list[LineIn] = Field(min_length=1, max_length=model.LINES_LIMIT)


class RecordedOut(BaseModel):
    """What became of an order."""

    id: UUID
    outcome: model.Outcome


class RefundLineIn(BaseModel):
    """What one line gives back."""

    sku: Text
    quantity: Amount = Field(ge=0)
    amount: Amount = Field(ge=0)


class RefundIn(BaseModel):
    """A refund of one order: lines, or an amount alone."""

    shop: Text
    refund_no: Text
    refunded_at: AwareDatetime
    lines: list[RefundLineIn] = Field(default_factory=list, max_length=model.LINES_LIMIT)
    amount: Amount | None = Field(default=None, ge=0)


class RefundOut(BaseModel):
    """The refund's id."""

    id: UUID


@router.get("", operation_id="list_orders", dependencies=[needs("orders.read")])
def list_orders(
    tx: Db,
    q: str | None = None,
    customer_id: UUID | None = None,
    status: Status | None = None,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[OrderOut]:
    """Orders by payment, latest first. `q`: an order number, customer number or phone in full. `from` and `to`: days of the brand's zone, both included."""
    wanted = service.Filter(q.strip() if q else None, CustomerId(customer_id) if customer_id else None, status, days(tx, since, until))
    found = service.page(tx, wanted, before=_before(cursor), limit=limit + 1)
    items = [OrderOut(**_head(order), lines=order.line_count) for order in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].paid_at, items[-1].id) if len(found) > limit else None)


@router.get("/{order_id}", operation_id="get_order", dependencies=[needs("orders.read")])
def get_order(tx: Db, order_id: UUID) -> OrderDetail:
    """One order with its lines and what was given back of it."""
    order = service.get(tx, OrderId(order_id))
    return OrderDetail(**_head(order), lines=[LineOut(**{field: getattr(line, field) for field in LineOut.model_fields}) for line in order.lines])


@router.post("", operation_id="record_order", status_code=201, dependencies=[needs("orders.write")])
def record_order(tx: Db, body: OrderIn, response: Response) -> RecordedOut:
    """Take an order in. 201 when new, 200 when it changed or was known."""
    lines = [
        LineDraft(
            line.sku,
            line.name or None,
            line.quantity,
            line.unit_price,
            line.amount if line.amount is not None else model.drafts.exact_product(line.quantity, line.unit_price),
            line.unit_cost,
        )
        for line in body.lines
    ]
    marks = (body.customer_no, body.unionid, body.phone)
    described = (body.customer_name, body.city, body.province, body.country)
    buyer = Buyer(*(told or None for told in (*marks, *described)))
    draft = OrderDraft(body.shop, body.order_no, body.paid_at, buyer, Lines.of(lines), body.status)
    recorded = service.record(tx, draft, source=_source(tx))
    if recorded.outcome != "new":
        response.status_code = 200
    return RecordedOut(id=recorded.id, outcome=recorded.outcome)


@router.post("/{order_no}/refunds", operation_id="record_refund", status_code=201, dependencies=[needs("orders.write")])
def record_refund(tx: Db, order_no: Text, body: RefundIn) -> RefundOut:
    """Take a refund of an order in; the same refund number again replaces it."""
    lines = [RefundLineDraft(line.sku, None, line.quantity, line.amount) for line in body.lines]
    if not lines:
        if body.amount is None:
            raise Invalid(field="amount", reason="a refund needs lines or an amount")
        lines = [RefundLineDraft("", None, Decimal(0), body.amount)]
    draft = RefundDraft(body.shop, body.refund_no, body.refunded_at, Buyer(), lines, order_no)
    return RefundOut(id=service.refund(tx, draft, source=_source(tx)))


def _source(tx: Db) -> str:
    return f"{tx.actor.kind}:{tx.actor.name}" if tx.actor.kind == "api" else tx.actor.label


def _head(order: Order) -> dict[str, Any]:
    known = order.customer_id or order.customer_name
    fields = {field: getattr(order, field) for field in OrderHead.model_fields if field != "customer"}
    return {**fields, "customer": CustomerRef(id=order.customer_id, name=order.customer_name) if known else None}


def _before(cursor: str | None) -> tuple[datetime, OrderId] | None:
    if cursor is None:
        return None
    at, id = decode_place(cursor)
    return at, OrderId(id)
