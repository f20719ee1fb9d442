"""Routes of handovers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from siyu.access import staff
from siyu.act.handovers import service
from siyu.act.handovers.model import Handed, Handover, Hindrance, Kind, State
from siyu.infra.http import Db, Page, decode_cursor, decode_id, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CustomerId, HandoverId, StaffId

routes = router("/handovers", tag="handovers")
Limit = Annotated[int, Query(ge=1, le=100)]


class HandoverIn(BaseModel):
    """`customer_ids` null: everybody whom the giver has. Several takers get even parts. `message`: what customers read, of a giver who stays only."""

    kind: Kind
    giver_id: UUID
    taker_ids: list[UUID] = Field(min_length=1, max_length=50)
    customer_ids: list[UUID] | None = Field(default=None, max_length=20_000)
    reason: str = ""
    message: str = ""

    def wish(self) -> service.Wish:
        customers = None if self.customer_ids is None else [CustomerId(id) for id in self.customer_ids]
        return service.Wish(self.kind, StaffId(self.giver_id), [StaffId(id) for id in self.taker_ids], customers, self.reason, self.message)


class HandoverMember(BaseModel):
    """A member of staff; whoever has left is not active."""

    id: UUID
    name: str
    active: bool


class PartOut(BaseModel):
    """What one taker would get. `full_at`: when WeCom last said, within 90 days, that they could take no more."""

    taker: HandoverMember
    share: int
    customers: int
    full_at: datetime | None


class HandoverPreview(BaseModel):
    """Who would be asked for. `more`: the giver has more customers than one request takes."""

    giver: HandoverMember
    found: int
    ready: int
    hindered: Mapping[Hindrance, int]
    more: bool
    parts: list[PartOut]


class HandoverOut(BaseModel):
    """A handover; `counts` are its customers by state."""

    id: UUID
    kind: Kind
    giver: HandoverMember
    taker: HandoverMember
    reason: str
    message: str
    created_by: str
    created_at: datetime
    customers: int
    counts: Mapping[State, int]


class HandedPerson(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class HandedOut(BaseModel):
    """A customer of a handover. `customer` is null for whom this account does not see; `code` is WeCom's, 0 for none."""

    key: str
    customer: HandedPerson | None
    state: State
    code: int
    asked_at: datetime | None
    due_at: datetime | None
    settled_at: datetime | None

    @classmethod
    def of(cls, handed: Handed, number: int) -> "HandedOut":
        person = HandedPerson(id=handed.customer_id, name=handed.name) if handed.customer_id else None
        return cls(
            key=str(number),
            customer=person,
            state=handed.state,
            code=handed.code,
            asked_at=handed.asked_at,
            due_at=handed.due_at,
            settled_at=handed.settled_at,
        )


class LeaverOut(BaseModel):
    """A member who has left customers behind; `under_way` of them are being handed over."""

    staff: HandoverMember
    left_at: datetime | None
    customers: int
    under_way: int


class ReadingOut(BaseModel):
    """The jobs that read WeCom's list, one for each corp."""

    job_ids: list[UUID]


@routes.get("", operation_id="list_handovers", dependencies=[needs("handovers.read")])
def list_handovers(tx: Db, kind: Kind | None = None, cursor: str | None = None, limit: Limit = 50) -> Page[HandoverOut]:
    """Handovers of members in the account's scope, newest first."""
    found = service.page(tx, kind=kind, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return Page[HandoverOut](items=_out(tx, found[:limit]), next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@routes.post("", operation_id="plan_handover", status_code=201, dependencies=[needs("handovers.write")])
def plan_handover(tx: Db, body: HandoverIn) -> list[HandoverOut]:
    """Hand customers over: a handover for each taker, asked of WeCom as jobs."""
    return _out(tx, service.plan(tx, body.wish()))


@routes.post("/preview", operation_id="preview_handover", dependencies=[needs("handovers.write")])
def preview_handover(tx: Db, body: HandoverIn) -> HandoverPreview:
    """Who would be asked for, who not and why, and what each taker would get."""
    seen = service.preview(tx, body.wish())
    parts = [PartOut(taker=member_out(part.taker), share=part.share, customers=part.customers, full_at=part.full_at) for part in seen.parts]
    return HandoverPreview(
        giver=member_out(seen.giver),
        found=seen.found,
        ready=seen.ready,
        hindered=seen.hindered,
        more=seen.more,
        parts=parts,
    )


@routes.get("/leavers", operation_id="list_leavers", dependencies=[needs("handovers.read")])
def list_leavers(tx: Db) -> list[LeaverOut]:
    """Members who have left customers behind, as WeCom last listed them, the latest first."""
    return [
        LeaverOut(staff=HandoverMember(id=one.staff_id, name=one.name, active=False), left_at=one.left_at, customers=one.customers, under_way=one.under_way)
        for one in service.leavers(tx)
    ]


@routes.post("/leavers/read", operation_id="read_leavers", status_code=202, dependencies=[needs("handovers.write")])
def read_leavers(tx: Db) -> ReadingOut:
    """Read WeCom's list anew."""
    return ReadingOut(job_ids=list(service.request_unassigned(tx)))


@routes.get("/{id}", operation_id="get_handover", dependencies=[needs("handovers.read")])
def get_handover(tx: Db, id: UUID) -> HandoverOut:
    """One handover and how far it is."""
    return _out(tx, [service.get(tx, HandoverId(id))])[0]


@routes.get("/{id}/customers", operation_id="list_handed_customers", dependencies=[needs("handovers.read")])
def list_handed_customers(tx: Db, id: UUID, state: State | None = None, cursor: str | None = None, limit: Limit = 50) -> Page[HandedOut]:
    """Customers of a handover and where each stands."""
    after, number = _after(cursor)
    found = service.customers(tx, HandoverId(id), state=state, after=after, limit=limit + 1)
    items = [HandedOut.of(one, number + place) for place, one in enumerate(found[:limit])]
    more = encode_cursor(found[limit - 1].external_userid, number + limit) if len(found) > limit else None
    return Page[HandedOut](items=items, next_cursor=more)


@routes.post("/{id}/stop", operation_id="stop_handover", dependencies=[needs("handovers.write")])
def stop_handover(tx: Db, id: UUID) -> HandoverOut:
    """Ask WeCom for nobody else; who was asked for goes on."""
    return _out(tx, [service.stop(tx, HandoverId(id))])[0]


def _out(tx: Tx, handovers: Sequence[Handover]) -> list[HandoverOut]:
    shown = fields(tx, handovers, service.counts(tx, [one.id for one in handovers]))
    return [HandoverOut(**told, message=one.message, customers=sum(told["counts"].values())) for one, told in zip(handovers, shown, strict=True)]


class Given(Protocol):
    """A handover of customers or of groups."""

    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def giver_id(self) -> StaffId: ...
    @property
    def taker_id(self) -> StaffId: ...
    @property
    def reason(self) -> str: ...
    @property
    def created_by(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


def fields(tx: Tx, handovers: Sequence[Given], counts: Mapping[Any, Mapping[Any, int]]) -> list[dict[str, Any]]:
    """What handovers of customers and of groups show alike. `counts`: by id and state."""
    members = staff.by_ids(tx, {id for one in handovers for id in (one.giver_id, one.taker_id)})
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "giver": member_out(members[one.giver_id]),
            "taker": member_out(members[one.taker_id]),
            "reason": one.reason,
            "created_by": one.created_by,
            "created_at": one.created_at,
            "counts": counts[one.id],
        }
        for one in handovers
    ]


def member_out(member: staff.Staff) -> HandoverMember:
    """A member as handovers show them."""
    return HandoverMember(id=member.id, name=member.name, active=member.active)


def _after(cursor: str | None) -> tuple[str | None, int]:
    """The last customer shown and how many were before the next. Raises Invalid for a cursor of another list."""
    if cursor is None:
        return None, 0
    try:
        after, number = decode_cursor(cursor)
        return str(after), int(number)
    except (TypeError, ValueError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
