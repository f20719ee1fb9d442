"""How fresh each kind of object of a corp is, and reading one anew. No decisions here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.kernel.ids import CorpId
from siyu.observe import readings
from siyu.observe.contacts import service

routes = router("/corps", tag="corps")
requests = router("/readings", tag="readings")


class MendedOut(BaseModel):
    """What the last full reading found otherwise than it was held here."""

    new: int
    changed: int
    gone: int


class FreshnessOut(BaseModel):
    """One kind of object: when its last full reading began, null before the first; how many there were; what was mended, null the first time.

    `job_id`: a reading that runs or waits.
    """

    object: str
    read_at: datetime | None
    total: int
    mended: MendedOut | None
    job_id: UUID | None


class RequestedOut(BaseModel):
    """The jobs that read."""

    job_ids: list[UUID]


@routes.get("/{id}/readings", operation_id="list_readings", dependencies=[needs("corps.read")])
def list_readings(tx: Db, id: UUID) -> list[FreshnessOut]:
    """How fresh each kind of object is that is read from WeCom."""
    return [_out(standing) for standing in readings.standings(tx, service.corp(tx, CorpId(id)).id)]


@requests.post("/{object}", operation_id="request_reading", status_code=202, dependencies=[needs("corps.sync")])
def request_reading(tx: Db, object: str) -> RequestedOut:
    """Read all objects of one kind anew as jobs, one for each corp that is connected."""
    return RequestedOut(job_ids=[readings.request(tx, corp.id, object, title=corp.name) for corp in service.corps(tx) if corp.active])


def _out(standing: readings.Standing) -> FreshnessOut:
    last = standing.last
    return FreshnessOut(
        object=standing.kind.name,
        read_at=last.read_at if last else None,
        total=last.total if last else 0,
        mended=MendedOut(**last.mended.__dict__) if last and last.mended else None,
        job_id=standing.job,
    )


routers: list[Any] = [routes, requests]
