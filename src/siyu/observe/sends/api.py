"""HTTP of group sends that were made elsewhere."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_named, encode_cursor, needs, router
from siyu.kernel.ids import CorpId
from siyu.observe.sends import service
from siyu.observe.sends.model import Shown

routes = router("/corp-sends", tag="corp-sends")


class SendCountsOut(BaseModel):
    """Of the reader's scope: members with a part, who have confirmed it; receivers reached, waiting, no friends any more, over their allowance."""

    members: int
    confirmed: int
    reached: int
    waiting: int
    gone: int
    full: int


class CorpSendOut(BaseModel):
    """A group send made elsewhere, to customers (`single`) or groups. `creator` is empty when it was made over the API."""

    corp: UUID
    msgid: str
    kind: Literal["single", "group"]
    by_member: bool
    creator: str
    created_at: datetime
    text: str
    attachments: list[str]
    read_at: datetime
    counts: SendCountsOut


class SendPartOut(BaseModel):
    """One member's part; `sent_at` is null until he has confirmed it."""

    staff_id: UUID | None
    name: str
    sent_at: datetime | None
    counts: SendCountsOut


class CorpSendDetail(CorpSendOut):
    parts: list[SendPartOut]


@routes.get("", operation_id="list_corp_sends", dependencies=[needs("corp_sends.read")])
def list_corp_sends(
    tx: Db, by: Literal["member", "corp"] | None = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[CorpSendOut]:
    """Group sends that were made elsewhere, latest first. `by`: made by members in their client, or for the corp."""
    found = service.page(tx, by_member=None if by is None else by == "member", before=None if cursor is None else decode_named(cursor), limit=limit + 1)
    more = encode_cursor(found[limit - 1].heading.created_at, found[limit - 1].heading.msgid) if len(found) > limit else None
    return Page(items=[CorpSendOut.model_validate(_fields(one)) for one in found[:limit]], next_cursor=more)


@routes.get("/{corp}/{msgid}", operation_id="get_corp_send", dependencies=[needs("corp_sends.read")])
def get_corp_send(tx: Db, corp: UUID, msgid: str) -> CorpSendDetail:
    """One group send with the members' parts."""
    found = service.get(tx, CorpId(corp), msgid)
    parts = [
        SendPartOut(staff_id=one.staff_id, name=one.name, sent_at=one.sent_at, counts=SendCountsOut(**one.counts.__dict__))
        for one in service.parts(tx, found.corp_id, msgid)
    ]
    return CorpSendDetail.model_validate({**_fields(found), "parts": parts})


def _fields(shown: Shown) -> dict[str, object]:
    told = {**shown.heading.__dict__, "creator": shown.creator_name}
    return {**told, "corp": shown.corp_id, "read_at": shown.read_at, "counts": SendCountsOut(**shown.counts.__dict__)}
