"""HTTP of ways: what there are, who came by each, and entering a join way."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field

from siyu.infra.http import Db, Page, asks, decode_id, encode_cursor, needs, opener, router
from siyu.kernel.ids import CorpId
from siyu.observe import contacts
from siyu.observe.ways import service
from siyu.observe.ways.model import Listed, Stray, UnknownWay, checked_config_id
from siyu.observe.ways.reading import shows_join_way

routes = router("/ways", tag="ways")
Limit = Annotated[int, Query(ge=1, le=100)]
Search = Annotated[str | None, Query(max_length=100, description="Part of remark or state.")]
Out = TypeVar("Out", bound=BaseModel)


class ComingsOut(BaseModel):
    """Within the reader's scope: who ever came under the state, in the last 30 days, and who is still a friend or in the group."""

    ever: int
    lately: int
    standing: int


class WayOut(BaseModel):
    """What both kinds have. `state` comes back with whoever comes by the way; `read_at`: when WeCom was last asked."""

    corp: UUID
    config_id: str
    state: str
    remark: str
    qr_code: str
    read_at: datetime | None
    deleted_at: datetime | None
    comings: ComingsOut


class ContactWayOut(WayOut):
    """A contact way. `scene`: 1 a button in a mini-program, 2 a QR code; `exclusive`: a customer can add only one of its members."""

    scene: int
    userids: list[str]
    departments: list[int]
    skip_verify: bool
    exclusive: bool


class JoinWayOut(WayOut):
    """A join way; `read_at` is null until it has been read. When its groups are full and `auto_create`, another one is opened."""

    chat_ids: list[str]
    auto_create: bool
    base_name: str
    base_id: int


class StrayOut(BaseModel):
    """A state that no way here explains."""

    state: str
    comings: ComingsOut


class JoinWayIn(BaseModel):
    """A join way whose config_id is known; WeCom lists none, and shows one only to the app that made it."""

    corp: UUID
    config_id: str = Field(max_length=100)


class EnteredOut(BaseModel):
    """The job that reads it."""

    job_id: UUID


@routes.get("/contact", operation_id="list_contact_ways", dependencies=[needs("ways.read")])
def list_contact_ways(tx: Db, q: Search = None, deleted: bool = False, cursor: str | None = None, limit: Limit = 50) -> Page[ContactWayOut]:
    """Contact ways, the latest known first, with the relations that began by each."""
    found = service.contact_ways(tx, q=q.strip() if q else None, deleted=deleted, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return _page(found, limit, lambda way: ContactWayOut(**_fields(way)))


@routes.get("/join", operation_id="list_join_ways", dependencies=[needs("ways.read")])
def list_join_ways(tx: Db, q: Search = None, deleted: bool = False, cursor: str | None = None, limit: Limit = 50) -> Page[JoinWayOut]:
    """Join ways, the latest known first, with the joinings by each."""
    found = service.join_ways(tx, q=q.strip() if q else None, deleted=deleted, before=decode_id(cursor) if cursor else None, limit=limit + 1)
    return _page(found, limit, lambda way: JoinWayOut(**_fields(way)))


@routes.get("/strays", operation_id="list_stray_states", dependencies=[needs("ways.read")])
def list_stray_states(tx: Db, kind: Literal["contact", "join"]) -> list[StrayOut]:
    """States under which people came and that no way here explains, those by which most came first."""
    return [_stray(one) for one in service.strays(tx, service.CONTACT if kind == "contact" else service.JOIN)]


@routes.post("/join", operation_id="enter_join_way", status_code=202, dependencies=[asks("ways.write")])
def enter_join_way(request: Request, body: JoinWayIn) -> EnteredOut:
    """Keep a join way by its config_id, for which WeCom is asked at once, and have it read as a job."""
    transaction, config_id, corp_id = opener(request), checked_config_id(body.config_id), CorpId(body.corp)
    with transaction() as tx:
        client = contacts.client(contacts.corp(tx, corp_id))
    if not shows_join_way(client, config_id):
        raise UnknownWay(config_id=config_id)
    with transaction() as tx:
        return EnteredOut(job_id=service.enter(tx, corp_id, config_id))


def _page(found: Sequence[Listed[Any]], limit: int, out: Callable[[Listed[Any]], Out]) -> Page[Out]:
    return Page(items=[out(way) for way in found[:limit]], next_cursor=encode_cursor(found[limit - 1].place) if len(found) > limit else None)


def _fields(listed: Listed[Any]) -> dict[str, Any]:
    own = {"corp": listed.corp_id, "config_id": listed.config_id, "read_at": listed.read_at, "deleted_at": listed.deleted_at}
    return {**own, **listed.way.__dict__, "comings": ComingsOut(**listed.comings.__dict__)}


def _stray(stray: Stray) -> StrayOut:
    return StrayOut(state=stray.state, comings=ComingsOut(**stray.comings.__dict__))
