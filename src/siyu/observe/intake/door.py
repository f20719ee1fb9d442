"""The addresses at which SDKs hand in events. No decisions here."""

import asyncio
import base64
import binascii
import threading
import time
import zlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.routing import Route

from siyu.infra.room import Room
from siyu.kernel.errors import Refusal
from siyu.observe.intake import parsing, reserved
from siyu.observe.intake.keys import Keys, Known
from siyu.observe.intake.model import BODY_BYTES, Kind, Malformed, NoRoom, TooLarge, UnknownKey
from siyu.observe.intake.parsing import Arrival
from siyu.observe.intake.writer import Writer

KINDS: dict[str, Kind | None] = {
    "track": "track",
    "t": "track",
    "page": "page",
    "p": "page",
    "screen": "screen",
    "s": "screen",
    "identify": "identify",
    "i": "identify",
    "group": "group",
    "g": "group",
    "alias": "alias",
    "a": "alias",
    "batch": None,
    "b": None,
    "import": None,
}
"""What is sent to each address, Segment's short ones among them; None for batches."""
BODY_SECONDS = 20
"""Who takes longer to send half a megabyte holds up a place at the door."""
LOOK_SECONDS = 1.0
"""How often the room on the disk is looked at."""
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, content-encoding",
    "access-control-max-age": "86400",
}
_DONE = b'{"success":true}'
_GZIP = 16 + zlib.MAX_WBITS
_starting = threading.Lock()


class Intake:
    """What the door of one process knows and where it hands on."""

    def __init__(self, app: FastAPI) -> None:
        self.keys = Keys(app.state.database)
        self.writer = Writer(app.state.database)
        self.clock = app.state.database.clock
        self._room: Room = app.state.room
        self._looked, self._scarce = 0.0, False

    def scarce(self) -> bool:
        """Whether the disk has too little room for more events, as of a second ago."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked, self._scarce = time.monotonic(), self._room.level() != "ok"
        return self._scarce


async def take(request: Request) -> Response:
    """Events: read, kept and committed before the answer that says so; a refusal tells browsers too why."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS)
    name = request.path_params["kind"]
    if name not in KINDS:
        raise HTTPException(404)
    try:
        return await _take(request, KINDS[name])
    except Refusal as refusal:
        worded: Response = await request.app.exception_handlers[Refusal](request, refusal)
        worded.headers.update(CORS)
        return worded


async def _take(request: Request, kind: Kind | None) -> Response:
    intake = _intake(request.app)
    if intake.scarce():
        raise NoRoom(retry_after_seconds=60)
    key = _told(request.headers.get("authorization", ""))
    known = await _who(intake, key) if key else None  # who has no key does not get as far as having a body read
    if key and known is None:
        raise UnknownKey()
    content = await _body(request)
    batch = parsing.opened(content)
    if known is None:
        known = await _who(intake, batch.write_key) if batch.write_key else None
    if known is None:
        raise UnknownKey()
    tenant_id, sender = known
    now = intake.clock()
    reading = parsing.read(batch, Arrival(kind, sender.origin, now, now, reserved.names()))
    if reading.messages or reading.parked:
        await intake.writer.take(tenant_id, sender, reading, len(content))
    if reading.parked:
        return JSONResponse({"success": True, "parked": [one.reason for one in reading.parked]}, headers=CORS)
    return Response(_DONE, media_type="application/json", headers=CORS)


def snippet(request: Request) -> Response:
    """The script with which pages send events, without its indentation."""
    headers = {"cache-control": "public, max-age=3600", "access-control-allow-origin": "*"}
    return Response(_snippet(), media_type="text/javascript; charset=utf-8", headers=headers)


@cache
def _snippet() -> str:
    return "\n".join(line.strip() for line in Path(__file__).with_name("snippet.js").read_text(encoding="utf-8").splitlines())


doors = [
    Route("/v1/siyu.js", snippet, methods=["GET"]),
    Route("/v1/{kind}", take, methods=["POST", "OPTIONS"]),
]


async def _who(intake: Intake, key: str) -> Known | None:
    fresh, known = intake.keys.remembered(key)
    return known if fresh else await run_in_threadpool(intake.keys.look_up, key)


def _told(authorization: str) -> str | None:
    """The write key in a header: the user of Basic, or a bearer token."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


async def _body(request: Request) -> bytes:
    """The body, unpacked, cut off when it is too large on the way or unpacked. Raises TooLarge, Malformed."""
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                parts += part
                if len(parts) > BODY_BYTES:
                    raise TooLarge(limit_kb=BODY_BYTES >> 10)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding == "identity":
        return bytes(parts)
    if coding not in ("gzip", "deflate"):
        raise Malformed()
    opener = zlib.decompressobj(_GZIP if coding == "gzip" else zlib.MAX_WBITS)
    try:
        content = opener.decompress(bytes(parts), BODY_BYTES + 1)
    except zlib.error:
        raise Malformed() from None
    if len(content) > BODY_BYTES:
        raise TooLarge(limit_kb=BODY_BYTES >> 10)
    if not opener.eof:
        raise Malformed()
    return content


def _intake(app: FastAPI) -> Intake:
    state = app.state
    if not hasattr(state, "event_intake"):
        with _starting:
            if not hasattr(state, "event_intake"):
                state.event_intake = Intake(app)
    intake: Intake = state.event_intake
    return intake
