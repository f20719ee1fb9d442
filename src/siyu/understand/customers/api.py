"""Routes of customers: the list, one customer, the timeline, the export."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.kernel.ids import CustomerId, EventId
from siyu.observe import contacts
from siyu.understand import rfm
from siyu.understand.customers import questions, service, words
from siyu.understand.customers.model import Filter, Sort

routes = router("/customers", tag="customers")
_NAMES = {name.key: name for name in rfm.NAMES}


def wanted(
    q: str | None = None,
    stage: str | None = None,
    rfm: str | None = None,
    rfm_name: str | None = None,
    city: str | None = None,
    staff_id: UUID | None = None,
    contact: Literal["yes", "no", "lost"] | None = None,
    ordered: Literal["yes", "no"] | None = None,
    list_id: UUID | None = None,
) -> Filter:
    """The filter in a request's query."""
    return Filter(q or None, stage, rfm, rfm_name, city, staff_id, contact, ordered, list_id)


Wanted = Annotated[Filter, Depends(wanted)]


class StaffRef(BaseModel):
    """A member of staff."""

    id: UUID
    name: str


class ScoreOut(BaseModel):
    """Scores 1..5 and the group's key and names."""

    r: int
    f: int
    m: int
    name: str
    zh: str
    en: str


class CustomerRow(BaseModel):
    """One customer as the list shows it; `revenue` is exact."""

    id: UUID
    name: str | None
    gender: str | None
    city: str | None
    province: str | None
    created_at: datetime
    stage: str
    rfm: ScoreOut | None
    orders: int
    revenue: Decimal
    last_paid_at: datetime | None
    contact: str
    staff: list[StaffRef]

    @classmethod
    def of(cls, row: Mapping[str, Any], relations: Sequence[contacts.Relation]) -> "CustomerRow":
        name = _NAMES.get(row["rfm_name"] or "")
        score = ScoreOut(r=row["r"], f=row["f"], m=row["m"], name=name.key, zh=name.zh, en=name.en) if name else None
        staff = {relation.staff_id: StaffRef(id=relation.staff_id, name=relation.staff_name) for relation in relations}
        return cls.model_validate({**row, "rfm": score, "staff": list(staff.values())})


class CustomerPage(Page[CustomerRow]):
    """One page of customers, as of the replica's watermark."""

    as_of: datetime


class IdentityOut(BaseModel):
    """One identity, its value masked."""

    namespace: str
    masked: str
    verified: bool
    first_seen_at: datetime


class RelationOut(BaseModel):
    """One relation to a member of staff."""

    staff: StaffRef
    since: datetime
    ended_at: datetime | None
    state: str
    add_way: int
    remark: str


class FiguresOut(BaseModel):
    """Exact sums in yuan; `margin_assumed`: some goods had no unit cost, so the brand's rate was taken."""

    orders: int
    revenue: Decimal
    refunds: Decimal
    average_order: Decimal | None
    first_paid_at: datetime | None
    last_paid_at: datetime | None
    days_since: int | None
    margin: Decimal
    margin_assumed: bool


class CustomerOut(BaseModel):
    """One customer."""

    id: UUID
    name: str | None
    gender: str | None
    city: str | None
    province: str | None
    created_at: datetime
    stage: str | None
    rfm: ScoreOut | None
    identities: list[IdentityOut]
    figures: FiguresOut
    relations: list[RelationOut]


class TimelineItem(BaseModel):
    """One event, worded."""

    id: UUID
    name: str
    at: datetime
    text_zh: str
    text_en: str
    props: Mapping[str, Any]
    actor: str


def mask(value: str) -> str:
    """The first two and last two characters, or less of something short."""
    return value[:1] + "***" if len(value) < 6 else f"{value[:2]}***{value[-2:]}"


@routes.get("", operation_id="list_customers", dependencies=[needs("customers.read")])
def list_customers(
    tx: Db,
    filter: Wanted,
    sort: Sort = "last_paid_at",
    dir: Literal["asc", "desc"] = "desc",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> CustomerPage:
    """Customers, filtered and sorted."""
    after = questions.cursor_of(sort, decode_cursor(cursor)) if cursor else None
    found = service.listing(tx, filter, sort=sort, direction=dir, after=after, limit=limit)
    items = [CustomerRow.of(row, found.staff.get(CustomerId(row["id"]), [])) for row in found.rows]
    more = encode_cursor(found.rows[-1]["sort_key"], found.rows[-1]["id"]) if found.more else None
    return CustomerPage(items=items, next_cursor=more, total=found.total, as_of=found.as_of)


@routes.get("/{id}", operation_id="get_customer", dependencies=[needs("customers.read")])
def get_customer(tx: Db, id: UUID) -> CustomerOut:
    """One customer with figures and relations."""
    found = service.profile(tx, CustomerId(id))
    figures, row = found.figures, found.row
    orders, last = int(figures["orders"]), figures["last_paid_at"]
    base = CustomerRow.of(row, []) if row else None
    return CustomerOut(
        **found.customer,
        stage=base.stage if base else None,
        rfm=base.rfm if base else None,
        identities=[
            IdentityOut(namespace=known["namespace"], masked=mask(known["value"]), verified=known["verified"], first_seen_at=known["first_seen_at"])
            for known in found.identities
        ],
        figures=FiguresOut(
            orders=orders,
            revenue=figures["revenue"],
            refunds=figures["refunds"],
            average_order=figures["revenue"] / orders if orders else None,
            first_paid_at=figures["first_paid_at"],
            last_paid_at=last,
            days_since=(tx.now.astimezone(tx.tz).date() - last.astimezone(tx.tz).date()).days if last else None,
            margin=figures["margin"],
            margin_assumed=figures["margin_assumed"],
        ),
        relations=[
            RelationOut(
                staff=StaffRef(id=relation.staff_id, name=relation.staff_name),
                since=relation.added_at,
                ended_at=relation.ended_at,
                state=relation.relation,
                add_way=relation.add_way,
                remark=relation.remark,
            )
            for relation in found.relations
        ],
    )


@routes.get("/{id}/timeline", operation_id="customer_timeline", dependencies=[needs("customers.read")])
def customer_timeline(
    tx: Db, id: UUID, kind: Annotated[list[str] | None, Query()] = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[TimelineItem]:
    """What happened around the customer, newest first."""
    before = None
    if cursor:
        at, event = decode_cursor(cursor)
        before = (datetime.fromisoformat(at), EventId(UUID(event)))
    found = service.timeline(tx, CustomerId(id), names=kind or [], before=before, limit=limit + 1)
    items = []
    for event in found[:limit]:
        zh, en = words.sentence(event.name, event.props)
        items.append(TimelineItem(id=event.id, name=event.name, at=event.occurred_at, text_zh=zh, text_en=en, props=event.props, actor=event.actor))
    more = encode_cursor(found[limit - 1].occurred_at.isoformat(), found[limit - 1].id) if len(found) > limit else None
    return Page[TimelineItem](items=items, next_cursor=more)
