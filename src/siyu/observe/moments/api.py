"""HTTP of moments."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, decode_named, encode_cursor, needs, router
from siyu.kernel.ids import CorpId
from siyu.observe.moments import service
from siyu.observe.moments.model import Shown

routes = router("/moments", tag="moments")


class MomentCountsOut(BaseModel):
    """Of the reader's scope: members with a part, who have published it, likes and comments of customers."""

    members: int
    published: int
    likes: int
    comments: int


class MomentOut(BaseModel):
    """A moment. `creator` is empty when it was made over the API; `everybody`: not only customers with some tags; `gone_at`: found deleted."""

    corp: UUID
    moment_id: str
    by_member: bool
    creator: str
    created_at: datetime
    everybody: bool
    text: str
    pictures: int
    video: bool
    link_title: str
    link_url: str
    read_at: datetime
    gone_at: datetime | None
    counts: MomentCountsOut


class MomentPartOut(BaseModel):
    """One member's part."""

    staff_id: UUID | None
    name: str
    published: bool
    counts: MomentCountsOut


class MomentDetail(MomentOut):
    parts: list[MomentPartOut]


@routes.get("", operation_id="list_moments", dependencies=[needs("moments.read")])
def list_moments(
    tx: Db, by: Literal["member", "corp"] | None = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[MomentOut]:
    """Moments, latest first. `by`: posted by members of their own accord, or for the corp."""
    found = service.page(tx, by_member=None if by is None else by == "member", before=None if cursor is None else decode_named(cursor), limit=limit + 1)
    more = encode_cursor(found[limit - 1].heading.created_at, found[limit - 1].heading.moment_id) if len(found) > limit else None
    return Page(items=[MomentOut.model_validate(_fields(one)) for one in found[:limit]], next_cursor=more)


@routes.get("/{corp}/{id}", operation_id="get_moment", dependencies=[needs("moments.read")])
def get_moment(tx: Db, corp: UUID, id: str) -> MomentDetail:
    """One moment with the members' parts."""
    found = service.get(tx, CorpId(corp), id)
    parts = [
        MomentPartOut(staff_id=one.staff_id, name=one.name, published=one.published, counts=MomentCountsOut(**one.counts.__dict__))
        for one in service.parts(tx, found.corp_id, id)
    ]
    return MomentDetail.model_validate({**_fields(found), "parts": parts})


def _fields(shown: Shown) -> dict[str, object]:
    told = {**shown.heading.__dict__, "creator": shown.creator_name, "counts": MomentCountsOut(**shown.counts.__dict__)}
    return {**told, "corp": shown.corp_id, "read_at": shown.read_at, "gone_at": shown.gone_at}
