"""Routes of sources. The answer that shows a key is never kept for a repeated request."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from siyu.infra.http import Db, SecretRoute, needs
from siyu.kernel.ids import SourceId
from siyu.observe.sources import service
from siyu.observe.sources.model import Kind, Source

routes = APIRouter(prefix="/api/sources", tags=["sources"], route_class=SecretRoute)


class SourceIn(BaseModel):
    """What the machine or page is called, and whether its key is kept by a server or stands in a page."""

    name: str
    kind: Kind = "secret"


class SourceOut(BaseModel):
    """A source without its key."""

    id: UUID
    name: str
    key_hint: str
    kind: Kind
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, source: Source) -> "SourceOut":
        return cls.model_validate(source, from_attributes=True)


class NewSource(SourceOut):
    """A source with its key, shown this once."""

    key: str


@routes.post("", operation_id="make_source", status_code=201, dependencies=[needs("sources.manage")])
def make_source(tx: Db, body: SourceIn) -> NewSource:
    """A secret key with which a server hands in orders and events, or a public one with which a page or an app hands in events."""
    source, key = service.make(tx, body.name, body.kind)
    return NewSource(**SourceOut.of(source).model_dump(), key=key)


@routes.get("", operation_id="list_sources", dependencies=[needs("sources.manage")])
def list_sources(tx: Db) -> list[SourceOut]:
    """All sources."""
    return [SourceOut.of(source) for source in service.listed(tx)]


@routes.delete("/{id}", operation_id="revoke_source", status_code=204, dependencies=[needs("sources.manage")])
def revoke_source(tx: Db, id: UUID) -> None:
    """Let a key open nothing any more."""
    service.revoke(tx, SourceId(id))
