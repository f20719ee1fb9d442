"""Corps for administrators, and the address at which WeCom calls us. No decisions here."""

import threading
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from siyu.connectors.wecom import BadKeys, CallbackRejected, echo, open_push
from siyu.connectors.wecom.crypto import MAX_BODY
from siyu.infra.http import Db, needs, router
from siyu.kernel.errors import Invalid
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import service
from siyu.observe.contacts.intake import Door, Intake
from siyu.observe.contacts.model import Corp

log = structlog.get_logger(__name__)

corps = router("/corps", tag="corps")
_starting = threading.Lock()
callbacks = APIRouter(prefix="/callbacks/wecom", tags=["callbacks"], include_in_schema=False)


class CorpOut(BaseModel):
    """A connected app of a corp, without its secrets. `callback_path` is what WeCom's settings page needs after our public address."""

    id: UUID
    corp_id: str
    agent_id: int
    name: str
    base_url: str
    callback_path: str
    active: bool
    synced_at: datetime | None


class CorpIn(BaseModel):
    """What WeCom shows of an app: corp id, agent id, secret; token and EncodingAESKey of its 接收消息 settings."""

    corp_id: str = Field(min_length=1, max_length=64)
    agent_id: int = Field(ge=0, lt=2**31)
    name: str = Field(min_length=1, max_length=100)
    secret: str = Field(min_length=1, max_length=200)
    callback_token: str
    callback_aes_key: str
    base_url: str | None = Field(default=None, description="Address of the API; a sandbox has its own.")


class SyncOut(BaseModel):
    job_id: UUID


@corps.get("", operation_id="list_corps", dependencies=[needs("corps.read")])
def list_corps(tx: Db) -> list[CorpOut]:
    """All connected corps."""
    return [_out(corp) for corp in service.corps(tx)]


@corps.post("", operation_id="connect_corp", status_code=201, dependencies=[needs("corps.write")])
def connect_corp(tx: Db, body: CorpIn, request: Request) -> CorpOut:
    """Connect an app of a corp and read it for the first time."""
    values = body.model_dump() | {"base_url": body.base_url or request.app.state.settings.wecom_base_url}
    try:
        corp = service.connect(tx, **values)
    except BadKeys as bad:
        raise Invalid(field="callback_aes_key", reason=str(bad)) from bad
    service.request_sync(tx, corp.id)
    return _out(corp)


@corps.post("/{id}/sync", operation_id="sync_corp", status_code=202, dependencies=[needs("corps.write")])
def sync_corp(tx: Db, id: UUID) -> SyncOut:
    """Read the whole corp anew as a job."""
    return SyncOut(job_id=service.request_sync(tx, CorpId(id)))


def _out(corp: Corp) -> CorpOut:
    return CorpOut(
        id=corp.id,
        corp_id=corp.corp_id,
        agent_id=corp.agent_id,
        name=corp.name,
        base_url=corp.base_url,
        callback_path=f"/callbacks/wecom/{corp.callback_key}",
        active=corp.active,
        synced_at=corp.synced_at,
    )


async def _body(request: Request) -> bytes:
    """The pushed body, cut off when it is absurdly large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return bytes(body)


@callbacks.get("/{corp_key}", operation_id="check_callback")
def check_callback(
    request: Request,
    corp_key: str,
    msg_signature: Annotated[str, Query()],
    timestamp: Annotated[str, Query()],
    nonce: Annotated[str, Query()],
    echostr: Annotated[str, Query()],
) -> Response:
    """WeCom's check of the address: answer with the decrypted text and nothing else."""
    door = _intake(request).door(corp_key)
    if door is None:
        raise HTTPException(404)
    try:
        # A sender that forgets to encode `+` gives a space, which base64 never has.
        plain = echo(door.keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, echostr=echostr.replace(" ", "+"))
    except CallbackRejected as rejected:
        raise _refused(door, rejected) from None
    return Response(plain, media_type="text/plain")


async def receive_callback(request: Request) -> Response:
    """A push: verified, decrypted, kept and committed before the empty 200 that says "taken". Never a 500 to ask for a repeat: WeCom may not repeat."""
    intake = _intake(request)
    key = request.path_params["corp_key"]
    body = await _body(request)
    said = {name: request.query_params.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
    door = intake.known(key) or await run_in_threadpool(intake.door, key)
    if door is None:
        raise HTTPException(404)
    try:
        plain = open_push(door.keys, body, **said)
    except CallbackRejected:  # its keys may have been changed a moment ago
        door = await run_in_threadpool(intake.door, key) or door
        try:
            plain = open_push(door.keys, body, **said)
        except CallbackRejected as rejected:
            raise _refused(door, rejected) from None
    await intake.take(door, plain)
    return Response(status_code=200)


doors = [Route(callbacks.prefix + "/{corp_key}", receive_callback, methods=["POST"])]


def _intake(request: Request) -> Intake:
    state = request.app.state
    with _starting:
        if not hasattr(state, "callback_intake"):
            state.callback_intake = Intake(state.database)
        intake: Intake = state.callback_intake
    return intake


def _refused(door: Door, rejected: CallbackRejected) -> HTTPException:
    log.warning("contacts.callback_rejected", corp_id=door.keys.receive_id, reason=rejected.reason)
    return HTTPException(403)


routers: list[Any] = [corps, callbacks]
