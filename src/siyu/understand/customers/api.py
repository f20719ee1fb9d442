"""Routes of customers: the list and its export, one customer with orders and timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from siyu.access import staff
from siyu.infra import jobs
from siyu.infra.http import Db, Exact, Page, decode_cursor, decode_place, encode_cursor, needs, router
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CustomerId, EventId, FileId, OrderId, StaffId
from siyu.observe import contacts, orders
from siyu.understand import rfm
from siyu.understand.customers import exports, masks, questions, service, sheets, words
from siyu.understand.customers.exports import Language, Wish
from siyu.understand.customers.model import Direction, Filter, Sort
from siyu.understand.customers.sheets import Format

routes = router("/customers", tag="customers")
_NAMES = {name.key: name for name in rfm.NAMES}
Days = Annotated[int | None, Query(ge=1, le=10_000)]
Limit = Annotated[int, Query(ge=1, le=100)]


def wanted(
    q: str | None = None,
    stage: str | None = None,
    rfm: str | None = None,
    rfm_name: str | None = None,
    city: str | None = None,
    staff_id: UUID | None = None,
    contact: Literal["yes", "no", "lost"] | None = None,
    ordered: Literal["yes", "no"] | None = None,
    segment_id: UUID | None = None,
    list_id: UUID | None = None,
    orders_min: Days = None,
    paid_within: Days = None,
    first_paid_within: Days = None,
    added_within: Days = None,
    lost_within: Days = None,
) -> Filter:
    """The filter in a request's query."""
    return Filter.of(dict(locals()))


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

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ScoreOut | None":
        name = _NAMES.get(row["rfm_name"] or "")
        return cls(r=row["r"], f=row["f"], m=row["m"], name=name.key, zh=name.zh, en=name.en) if name else None


class CustomerRow(BaseModel):
    """One customer as the list shows it; `revenue` is exact."""

    id: UUID
    name: str | None
    masked_phone: str | None
    gender: str | None
    city: str | None
    province: str | None
    created_at: datetime
    stage: str
    rfm: ScoreOut | None
    orders: int
    revenue: Exact
    last_paid_at: datetime | None
    contact: str
    staff: list[StaffRef]

    @classmethod
    def of(cls, row: Mapping[str, Any], relations: Sequence[contacts.Relation], phone: str | None) -> "CustomerRow":
        members = {relation.staff_id: StaffRef(id=relation.staff_id, name=relation.staff_name) for relation in relations}
        return cls.model_validate({**row, "rfm": ScoreOut.of(row), "staff": list(members.values()), "masked_phone": phone})


class CustomerPage(Page[CustomerRow]):
    """One page of customers, as of the replica's watermark."""

    as_of: datetime

    @classmethod
    def showing(cls, found: service.Listing) -> "CustomerPage":
        items = [CustomerRow.of(row, found.staff.get(CustomerId(row["id"]), []), found.phones.get(CustomerId(row["id"]))) for row in found.rows]
        more = encode_cursor(found.rows[-1]["sort_key"], found.rows[-1]["id"]) if found.more else None
        return cls(items=items, next_cursor=more, total=found.total, as_of=found.as_of)


class IdentityOut(BaseModel):
    """One identity, its value masked. `corp`: what the connected corp of a WeCom id is called here."""

    namespace: str
    corp: str | None
    masked: str
    verified: bool
    first_seen_at: datetime


class TagRef(BaseModel):
    """A tag by name, and whose it is: of the corp's library, the member's own, or of a customer strategy. Personal tags have no id."""

    id: str | None

    group: str
    name: str
    by: Literal["corp", "personal", "strategy"]


class ChannelOut(BaseModel):
    """The state of the way a customer came by; `name`: what the contact way is called, null when no way we hold has this state."""

    state: str
    name: str | None


class RelationOut(BaseModel):
    """One relation to a member of staff. `add_way` is WeCom's number of the way it came about. `phones`: as the member noted them, masked.

    `looked_at`: when WeCom was last asked about this customer alone, which alone tells personal tags; null when it never was.
    """

    id: UUID
    staff: StaffRef
    since: datetime
    ended_at: datetime | None
    state: str
    add_way: int
    channel: ChannelOut | None
    remark: str
    description: str
    company: str
    phones: list[str]
    tags: list[TagRef]
    looked_at: datetime | None


class FiguresOut(BaseModel):
    """Sums in yuan, exact but for the margin. `margin_assumed`: some goods had no unit cost, so the brand's rate was taken."""

    orders: int
    revenue: Exact
    refunds: Exact
    aov: Exact | None
    first_paid_at: datetime | None
    last_paid_at: datetime | None
    days_since: int | None
    margin: Exact
    margin_assumed: bool

    @classmethod
    def of(cls, figures: Mapping[str, Any], tx: Db) -> "FiguresOut":
        last, count = figures["last_paid_at"], figures["orders"]
        since = (tx.now.astimezone(tx.tz).date() - last.astimezone(tx.tz).date()).days if last else None
        return cls(**figures, aov=figures["revenue"] / count if count else None, days_since=since)


class ProfileOut(BaseModel):
    """Who the customer is."""

    gender: str | None
    city: str | None
    province: str | None
    created_at: datetime
    identities: list[IdentityOut]


class CustomerOut(BaseModel):
    """One customer. `stage`, `rfm` and `as_of` are null while the replica is away."""

    id: UUID
    name: str | None
    profile: ProfileOut
    stage: str | None
    rfm: ScoreOut | None
    figures: FiguresOut
    relations: list[RelationOut]
    opted_out: bool
    as_of: datetime | None


class CustomerRef(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class CustomerOrder(BaseModel):
    """One order of the customer; `lines` counts its lines."""

    id: UUID
    order_no: str
    shop: str
    customer: CustomerRef
    status: str
    paid_at: datetime
    amount: Exact
    total_fen: int
    refunded: Exact
    refunded_fen: int
    lines: int
    source: str

    @classmethod
    def of(cls, order: orders.Order, customer: UUID) -> "CustomerOrder":
        whose = CustomerRef(id=order.customer_id or customer, name=order.customer_name)
        fields = {name: getattr(order, name) for name in cls.model_fields if name not in {"customer", "lines"}}
        return cls(**fields, customer=whose, lines=order.line_count)


class TimelineItem(BaseModel):
    """One event, worded."""

    id: UUID
    name: str
    at: datetime
    text_zh: str
    text_en: str
    props: Mapping[str, Any]
    actor: str


class LookOut(BaseModel):
    """Whether WeCom is being asked: not again within the hour."""

    asked: bool


class OptOutIn(BaseModel):
    """`on`: write to this customer no more; `reason` in the words of whoever says so."""

    on: bool
    reason: str


class ExportIn(BaseModel):
    """`filter`: the keys of the list's query."""

    format: Format
    filter: dict[str, Any] = {}
    columns: list[str]
    sort: Sort = "last_paid_at"
    dir: Direction = "desc"
    language: Language = "zh-CN"


class ExportJob(BaseModel):
    """The job that makes the file; when done, its result holds the address."""

    id: UUID
    kind: str
    title: str | None
    state: str
    created_at: datetime


def listed(tx: Db, filter: Filter, *, sort: Sort = "last_paid_at", direction: Direction = "desc", cursor: str | None = None, limit: int = 50) -> CustomerPage:
    """One page of the customers who fit. Raises Invalid for a cursor of another list."""
    after = questions.cursor_of(sort, decode_cursor(cursor)) if cursor else None
    return CustomerPage.showing(service.listing(tx, filter, sort=sort, direction=direction, after=after, limit=limit))


@routes.get("", operation_id="list_customers", dependencies=[needs("customers.read")])
def list_customers(tx: Db, filter: Wanted, sort: Sort = "last_paid_at", dir: Direction = "desc", cursor: str | None = None, limit: Limit = 50) -> CustomerPage:
    """Customers, filtered and sorted."""
    return listed(tx, filter, sort=sort, direction=dir, cursor=cursor, limit=limit)


@routes.get("/export", operation_id="export_customers", dependencies=[needs("customers.export")], response_class=Response)
def export_customers(
    tx: Db, filter: Wanted, format: Format, columns: str, sort: Sort = "last_paid_at", dir: Direction = "desc", language: Language = "zh-CN"
) -> Response:
    """The list as a file, at most 5,000 customers. `columns`: keys separated by commas."""
    body = exports.at_once(tx, Wish(format, filter, _columns(columns.split(",")), sort, dir, language))
    name = f"customers-{tx.now.astimezone(tx.tz):%Y%m%d-%H%M}.{format}"
    return Response(body, media_type=sheets.MEDIA[format], headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"})


@routes.post("/exports", operation_id="request_customer_export", status_code=202, dependencies=[needs("customers.export")])
def request_customer_export(tx: Db, body: ExportIn) -> ExportJob:
    """Have a file of any size made by a job."""
    id = exports.request(tx, Wish(body.format, Filter.of(body.filter), _columns(body.columns), body.sort, body.dir, body.language))
    return ExportJob.model_validate(jobs.get(tx, id), from_attributes=True)


@routes.get("/exports/{file_id}", operation_id="download_customer_export", dependencies=[needs("customers.export")], response_class=FileResponse)
def download_customer_export(tx: Db, file_id: UUID) -> FileResponse:
    """A finished file, for whoever asked for it."""
    stored, path = exports.made(tx, FileId(file_id))
    media = sheets.MEDIA["xlsx" if stored.name.endswith(".xlsx") else "csv"]
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(stored.name)}", "cache-control": "no-store"}
    return FileResponse(path, media_type=media, headers=headers)


@routes.get("/{id}", operation_id="get_customer", dependencies=[needs("customers.read")])
def get_customer(tx: Db, id: UUID) -> CustomerOut:
    """One customer with figures and relations."""
    found = service.profile(tx, CustomerId(id))
    identities = [
        IdentityOut(
            namespace=known["namespace"],
            corp=found.corps.get(known["namespace"]),
            masked=_masked(known),
            verified=known["verified"],
            first_seen_at=known["first_seen_at"],
        )
        for known in found.identities
    ]
    return CustomerOut(
        id=found.customer["id"],
        name=found.customer["name"],
        profile=ProfileOut(identities=identities, **{name: found.customer[name] for name in ("gender", "city", "province", "created_at")}),
        stage=found.row["stage"] if found.row else None,
        rfm=ScoreOut.of(found.row) if found.row else None,
        figures=FiguresOut.of(found.figures, tx),
        relations=[_relation(found, relation) for relation in found.relations],
        opted_out=found.opted_out,
        as_of=found.as_of,
    )


@routes.post("/{id}/look", operation_id="look_at_customer", status_code=202, dependencies=[needs("customers.read")])
def look_at_customer(tx: Db, id: UUID) -> LookOut:
    """Have WeCom asked about a customer who is being looked at, unless it was within the hour. What it says is there a few seconds later."""
    return LookOut(asked=service.look_at(tx, CustomerId(id)))


@routes.get("/{id}/orders", operation_id="list_orders_of_customer", dependencies=[needs("customers.read")])
def list_orders_of_customer(tx: Db, id: UUID, cursor: str | None = None, limit: Limit = 50) -> Page[CustomerOrder]:
    """The customer's orders, latest payment first."""
    found = service.orders_of(tx, CustomerId(id), before=_before(cursor, OrderId), limit=limit + 1)
    items = [CustomerOrder.of(order, id) for order in found[:limit]]
    return Page[CustomerOrder](items=items, next_cursor=encode_cursor(items[-1].paid_at, items[-1].id) if len(found) > limit else None)


@routes.get("/{id}/timeline", operation_id="customer_timeline", dependencies=[needs("customers.read")])
def customer_timeline(tx: Db, id: UUID, kind: words.Kind | None = None, cursor: str | None = None, limit: Limit = 50) -> Page[TimelineItem]:
    """What happened around the customer, newest first."""
    found = service.timeline(tx, CustomerId(id), kind=kind, before=_before(cursor, EventId), limit=limit + 1)
    members = staff.by_ids(tx, {StaffId(UUID(event.props["staff_id"])) for event in found if event.props.get("staff_id")})
    names = {str(id): member.name for id, member in members.items()}
    items = []
    for event in found[:limit]:
        zh, en = words.sentence(event.name, event.props, names.get(str(event.props.get("staff_id"))))
        items.append(TimelineItem(id=event.id, name=event.name, at=event.occurred_at, text_zh=zh, text_en=en, props=event.props, actor=event.actor))
    return Page[TimelineItem](items=items, next_cursor=encode_cursor(items[-1].at, items[-1].id) if len(found) > limit else None)


@routes.post("/{id}/opt-out", operation_id="opt_customer_out", status_code=204, dependencies=[needs("customers.edit")])
def opt_customer_out(tx: Db, id: UUID, body: OptOutIn) -> None:
    """Write to this customer no more, or again; holds at once."""
    if not 1 <= len(body.reason.strip()) <= 200:
        raise Invalid(field="reason", reason="1 to 200 characters")
    service.opt_out(tx, CustomerId(id), on=body.on, reason=body.reason.strip())


def _columns(names: Sequence[str]) -> tuple[str, ...]:
    """Known columns in the order given, each once; what the console shows and a file cannot hold is passed over."""
    return tuple(dict.fromkeys(name for name in names if name and name != "tags"))


def _relation(found: service.Profile, relation: contacts.Relation) -> RelationOut:
    note = found.notes[relation.contact_id]
    others = [TagRef(id=tag.id or None, group=tag.group, name=tag.name, by=tag.kind) for tag in note.other_tags]
    told = {tag.id for tag in others}
    library = [TagRef(id=id, group=tag.group, name=tag.name, by="corp") for id in relation.tags if id not in told and (tag := found.tags.get(id))]
    return RelationOut(
        id=relation.contact_id,
        staff=StaffRef(id=relation.staff_id, name=relation.staff_name),
        since=relation.added_at,
        ended_at=relation.ended_at,
        state=relation.relation,
        add_way=relation.add_way,
        channel=ChannelOut(state=relation.state, name=found.ways.get((relation.corp_id, relation.state))) if relation.state else None,
        remark=relation.remark,
        description=note.description,
        company=note.company,
        phones=[masks.mask_phone(phone) for phone in note.mobiles],
        tags=[*library, *others],
        looked_at=found.looked_at.get(relation.external_userid),
    )


def _masked(identity: Mapping[str, Any]) -> str:
    return masks.mask_phone(identity["value"]) if identity["namespace"] == "phone" else masks.mask(identity["value"])


def _before(cursor: str | None, kind: Any) -> Any:
    """The instant and id of a cursor. Raises Invalid for a cursor of another list."""
    if cursor is None:
        return None
    at, id = decode_place(cursor)
    return at, kind(id)
