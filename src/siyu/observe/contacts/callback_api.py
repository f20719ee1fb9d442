"""The address at which WeCom calls us. No decisions here."""

import asyncio
import threading
from typing import Annotated

import structlog
from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from siyu.connectors.wecom import CallbackRejected, echo, open_push
from siyu.connectors.wecom.crypto import MAX_BODY
from siyu.observe.contacts.intake import Door, Intake

log = structlog.get_logger(__name__)

routes = APIRouter(prefix="/callbacks/wecom", tags=["callbacks"], include_in_schema=False)
BODY_SECONDS = 10
"""Who takes longer to send a page of XML is not WeCom."""
_starting = threading.Lock()


@routes.get("/{corp_key}", operation_id="check_callback")
def check_callback(
    request: Request,
    corp_key: str,
    msg_signature: Annotated[str, Query()],
    timestamp: Annotated[str, Query()],
    nonce: Annotated[str, Query()],
    echostr: Annotated[str, Query()],
) -> Response:
    """WeCom's check of the address: answer with the decrypted text and nothing else."""
    intake = _intake(request)
    door = intake.door(corp_key)
    if door is None:
        raise HTTPException(404)
    sealed = echostr.replace(" ", "+")  # a sender that forgets to encode `+` gives a space, which base64 never has
    try:
        plain = door.unlock(lambda keys: echo(keys, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, echostr=sealed))
    except CallbackRejected as rejected:
        raise _refused(door, rejected) from None
    intake.verified(door)
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
        plain = door.unlock(lambda keys: open_push(keys, body, **said))
    except CallbackRejected:  # its keys may have been changed a moment ago
        door = await run_in_threadpool(intake.door, key) or door
        try:
            plain = door.unlock(lambda keys: open_push(keys, body, **said))
        except CallbackRejected as rejected:
            raise _refused(door, rejected) from None
    await intake.take(door, plain)
    return Response(status_code=200)


doors = [Route(routes.prefix + "/{corp_key}", receive_callback, methods=["POST"])]


async def _body(request: Request) -> bytes:
    """The pushed body, cut off when it is absurdly large or slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > MAX_BODY:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    return bytes(body)


def _intake(request: Request) -> Intake:
    state = request.app.state
    with _starting:
        if not hasattr(state, "callback_intake"):
            state.callback_intake = Intake(state.database)
        intake: Intake = state.callback_intake
    return intake


def _refused(door: Door, rejected: CallbackRejected) -> HTTPException:
    log.warning("contacts.callback_rejected", corp_id=door.keys[0].receive_id, reason=rejected.reason)
    return HTTPException(403)
