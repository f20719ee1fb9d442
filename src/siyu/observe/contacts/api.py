"""Corps for administrators. No decisions here."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from siyu.infra import jobs
from siyu.infra.http import Db, needs, router
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import service
from siyu.observe.contacts.model import Corp

log = structlog.get_logger(__name__)

corps = router("/corps", tag="corps")


class Stop(BaseModel):
    """Nobody asks for a token any more: WeCom refused the secret too often, last with `code`."""

    code: int
    at: datetime


class CorpOut(BaseModel):
    """A connected app of a corp, without its secrets. `callback_url` is what WeCom's settings page needs; `sync_job_id` a reading that is under way.

    `read_by`: the other app of the same corp that reads for this one too; null for an app that reads itself.
    """

    id: UUID
    corp_id: str
    agent_id: int
    name: str
    base_url: str
    callback_path: str
    callback_url: str
    active: bool
    synced_at: datetime | None
    read_by: str | None
    sync_job_id: UUID | None
    stopped: Stop | None
    old_keys_until: datetime | None


AgentId = Annotated[int, Field(ge=0, lt=2**31)]
Pasted = Annotated[str, StringConstraints(strip_whitespace=True)]
"""What is copied from the admin console comes with blanks around it."""
Name = Annotated[Pasted, Field(min_length=1, max_length=100)]
Secret = Annotated[Pasted, Field(min_length=1, max_length=200)]
Address = Annotated[str | None, Field(default=None, max_length=500, description="Address of the API; a sandbox has its own.")]


class CorpIn(BaseModel):
    """What WeCom shows of an app: corp id, agent id, secret; token and EncodingAESKey of its 接收消息 settings."""

    corp_id: Pasted = Field(min_length=1, max_length=64)
    agent_id: AgentId
    name: Name
    secret: Secret
    callback_token: Pasted
    callback_aes_key: Pasted
    base_url: Address


class CorpChange(BaseModel):
    """What is left out stays. Replaced callback keys still open callbacks for a week."""

    model_config = ConfigDict(extra="forbid")

    agent_id: AgentId | None = None
    name: Name | None = None
    secret: Secret | None = None
    callback_token: Pasted | None = None
    callback_aes_key: Pasted | None = None
    base_url: Address
    active: bool | None = None


class StartedJob(BaseModel):
    """The job that does it; the job centre tells how far it is."""

    job_id: UUID


@corps.get("", operation_id="list_corps", dependencies=[needs("corps.read")])
def list_corps(tx: Db) -> list[CorpOut]:
    """All connected corps."""
    return [_out(tx, corp) for corp in service.corps(tx)]


@corps.post("", operation_id="connect_corp", status_code=201, dependencies=[needs("corps.write")])
def connect_corp(tx: Db, body: CorpIn, request: Request) -> CorpOut:
    """Connect an app of a corp, read the corp for the first time unless another app does, and let the doctor look at it."""
    values = body.model_dump() | {"base_url": body.base_url or request.app.state.settings.wecom_base_url}
    corp = service.connect(tx, **values)
    if service.reader_of(tx, corp) == corp:
        service.request_sync(tx, corp.id)
    service.request_examination(tx, corp.id)
    return _out(tx, corp)


@corps.patch("/{id}", operation_id="change_corp", dependencies=[needs("corps.write")])
def change_corp(tx: Db, id: UUID, body: CorpChange) -> CorpOut:
    """Change an app of a corp, switch it off or on again. An app that reads the corp from now on does so at once, and the doctor looks at it too.

    The reading of an app that is switched off is stopped.
    """
    before = {one.id for one in service.readers(tx)}
    corp = service.change(tx, CorpId(id), **body.model_dump(exclude_unset=True))
    if not corp.active and (reading := jobs.unfinished(tx, service.SYNC, corp_id=corp.id)):
        jobs.cancel(tx, reading)
    taking_over = {one.id for one in service.readers(tx)} - before
    for reader in taking_over:
        service.request_sync(tx, reader)
    for looked_at in taking_over | ({corp.id} if corp.active else set()):
        service.request_examination(tx, looked_at)
    return _out(tx, corp)


@corps.post("/{id}/sync", operation_id="sync_corp", status_code=202, dependencies=[needs("corps.write")])
def sync_corp(tx: Db, id: UUID) -> StartedJob:
    """Read the whole corp anew as a job."""
    return StartedJob(job_id=service.request_sync(tx, CorpId(id)))


@corps.post("/{id}/retry", operation_id="retry_corp", status_code=202, dependencies=[needs("corps.write")])
def retry_corp(tx: Db, id: UUID) -> StartedJob:
    """Ask for a token again although the secret was refused three times; the job is the doctor's."""
    service.try_again(tx, CorpId(id))
    return StartedJob(job_id=service.request_examination(tx, CorpId(id)))


def _out(tx: Tx, corp: Corp) -> CorpOut:
    reader = service.reader_of(tx, corp)
    path = f"/callbacks/wecom/{corp.callback_key}"
    return CorpOut(
        id=corp.id,
        corp_id=corp.corp_id,
        agent_id=corp.agent_id,
        name=corp.name,
        base_url=corp.base_url,
        callback_path=path,
        callback_url=f"{Settings().address}{path}",
        active=corp.active,
        synced_at=reader.synced_at,
        read_by=reader.name if reader.id != corp.id else None,
        sync_job_id=jobs.unfinished(tx, service.SYNC, corp_id=corp.id),
        stopped=Stop(code=corp.token_refused_code, at=corp.token_refused_at) if corp.stopped and corp.token_refused_code and corp.token_refused_at else None,
        old_keys_until=corp.old_keys_until if corp.old_keys_until and tx.now < corp.old_keys_until else None,
    )


routers: list[Any] = [corps]
