"""Routes of handovers of groups."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from siyu.act.handovers.api import HandoverMember, Limit, fields, member_out
from siyu.act.handovers.groups import service
from siyu.act.handovers.groups.model import GroupHandover, Handed, Hindrance, State
from siyu.act.handovers.model import Kind
from siyu.infra.http import Db, Page, decode_cursor, decode_id, encode_cursor, needs, router
from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import GroupHandoverId, GroupId, StaffId

routes = router("/group_handovers", tag="handovers")


class GroupHandoverIn(BaseModel):
    """`group_ids` null: all living groups that the giver owns."""

    kind: Kind
    giver_id: UUID
    taker_id: UUID
    group_ids: list[UUID] | None = Field(default=None, max_length=1000)
    reason: str = ""

    def wish(self) -> service.Wish:
        groups = None if self.group_ids is None else [GroupId(id) for id in self.group_ids]
        return service.Wish(self.kind, StaffId(self.giver_id), StaffId(self.taker_id), groups, self.reason)


class GroupHandoverPreview(BaseModel):
    """What would be asked for. `days`: WeCom gives no more than 300 groups of one owner away in a day."""

    giver: HandoverMember
    taker: HandoverMember
    found: int
    ready: int
    hindered: Mapping[Hindrance, int]
    days: int


class GroupHandoverOut(BaseModel):
    """A handover of groups; `counts` are its groups by state."""

    id: UUID
    kind: Kind
    giver: HandoverMember
    taker: HandoverMember
    reason: str
    created_by: str
    created_at: datetime
    groups: int
    counts: Mapping[State, int]


class HandedGroupOut(BaseModel):
    """A group of a handover; `code` is WeCom's, 0 for none."""

    group_id: UUID
    name: str
    customers: int
    state: State
    code: int
    asked_at: datetime | None
    settled_at: datetime | None

    @classmethod
    def of(cls, handed: Handed) -> "HandedGroupOut":
        return cls.model_validate(handed, from_attributes=True)


class GroupLeaverOut(BaseModel):
    """An owner who has left groups behind; `under_way` of them are being handed over."""

    staff: HandoverMember
    groups: int
    under_way: int


@routes.get("", operation_id="list_group_handovers", dependencies=[needs("handovers.read")])
def list_group_handovers(tx: Db, cursor: str | None = None, limit: Limit = 50) -> Page[GroupHandoverOut]:
    """Handovers of groups of members in the account's scope, newest first."""
    found = service.page(tx, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return Page[GroupHandoverOut](items=_out(tx, found[:limit]), next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@routes.post("", operation_id="plan_group_handover", status_code=201, dependencies=[needs("handovers.write")])
def plan_group_handover(tx: Db, body: GroupHandoverIn) -> GroupHandoverOut:
    """Hand groups over, asked of WeCom as a job."""
    return _out(tx, [service.plan(tx, body.wish())])[0]


@routes.post("/preview", operation_id="preview_group_handover", dependencies=[needs("handovers.write")])
def preview_group_handover(tx: Db, body: GroupHandoverIn) -> GroupHandoverPreview:
    """Which groups would be asked for, and which not and why."""
    seen = service.preview(tx, body.wish())
    return GroupHandoverPreview(
        giver=member_out(seen.giver), taker=member_out(seen.taker), found=seen.found, ready=seen.ready, hindered=seen.hindered, days=seen.days
    )


@routes.get("/leavers", operation_id="list_group_leavers", dependencies=[needs("handovers.read")])
def list_group_leavers(tx: Db) -> list[GroupLeaverOut]:
    """Members who have left groups behind, those with the most first."""
    return [
        GroupLeaverOut(staff=HandoverMember(id=one.staff_id, name=one.name, active=False), groups=one.groups, under_way=one.under_way)
        for one in service.leavers(tx)
    ]


@routes.get("/{id}", operation_id="get_group_handover", dependencies=[needs("handovers.read")])
def get_group_handover(tx: Db, id: UUID) -> GroupHandoverOut:
    """One handover of groups and how far it is."""
    return _out(tx, [service.get(tx, GroupHandoverId(id))])[0]


@routes.get("/{id}/groups", operation_id="list_handed_groups", dependencies=[needs("handovers.read")])
def list_handed_groups(tx: Db, id: UUID, state: State | None = None, cursor: str | None = None, limit: Limit = 50) -> Page[HandedGroupOut]:
    """Groups of a handover and where each stands."""
    found = service.handed(tx, GroupHandoverId(id), state=state, after=_after(cursor), limit=limit + 1)
    more = encode_cursor(found[limit - 1].chat_id) if len(found) > limit else None
    return Page[HandedGroupOut](items=[HandedGroupOut.of(one) for one in found[:limit]], next_cursor=more)


@routes.post("/{id}/stop", operation_id="stop_group_handover", dependencies=[needs("handovers.write")])
def stop_group_handover(tx: Db, id: UUID) -> GroupHandoverOut:
    """Ask WeCom for no other group; what was asked for goes on."""
    return _out(tx, [service.stop(tx, GroupHandoverId(id))])[0]


def _out(tx: Tx, handovers: Sequence[GroupHandover]) -> list[GroupHandoverOut]:
    shown = fields(tx, handovers, service.counts(tx, [one.id for one in handovers]))
    return [GroupHandoverOut(**told, groups=sum(told["counts"].values())) for told in shown]


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        (chat_id,) = decode_cursor(cursor)
    except (TypeError, ValueError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
    return str(chat_id)
