"""素材管理: files up and back."""

import re
import sqlite3
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.answers import Answer, Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.footage import film_seconds, voice_seconds
from siyu.connectors.wecom.sandbox.media import NewMedia, Purpose

_MIN_BYTES = 6
_ATTACHMENTS: dict[int, tuple[Purpose, tuple[str, ...]]] = {1: ("moment", ("image", "video")), 2: ("album", ("image",))}
_SPAN = re.compile(r"bytes=(\d+)-(\d*)")
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "amr": "audio/amr", "mp4": "video/mp4"}
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_CHINA = ZoneInfo("Asia/Shanghai")


def upload(call: Call) -> dict[str, Any]:
    """A temporary file for messages. `created_at` is text here."""
    kind = call.text("type", missing=40005)
    limits = call.corp.settings.limits
    sizes = {
        "image": (limits.media_image_bytes, 40009),
        "voice": (limits.media_voice_bytes, 45001),
        "video": (limits.media_video_bytes, 40011),
        "file": (limits.media_file_bytes, 45001),
    }
    if kind not in sizes:
        raise Failure(40005)
    content = _content(call, *sizes[kind])
    if not _fits(kind, content):
        raise Failure(40123 if kind == "image" else 40004)
    if kind == "voice" and voice_seconds(content) > limits.media_voice_seconds:
        raise Failure(45007)
    return {"type": kind, "media_id": _kept(call, kind, "message", content), "created_at": str(int(call.now))}


def uploadimg(call: Call) -> dict[str, Any]:
    """A picture that stays."""
    limits = call.corp.settings.limits
    content = _content(call, limits.image_bytes, 40009)
    if not _fits("image", content):
        raise Failure(40123)
    day = datetime.fromtimestamp(call.now, _CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    with call.corp.books.write() as db:
        for since, most in ((day, limits.images_per_day), (day.replace(day=1), limits.images_per_month)):
            found = db.execute("select count(*) from media where purpose = 'permanent' and created_at >= ?", (since.timestamp(),)).fetchone()
            if found[0] >= most:
                raise Failure(45009)
        media_id = _kept(call, "image", "permanent", content)
    return {"url": f"{call.corp.url}/media/{media_id}"}


def upload_attachment(call: Call) -> dict[str, Any]:
    """A file for moments or for the product album. `created_at` is a number here."""
    kind = call.text("media_type", missing=40058)
    purpose, kinds = _ATTACHMENTS.get(call.number("attachment_type", missing=40058) or 0, (None, ()))
    if purpose is None:
        raise Failure(40058, "attachment_type")
    if kind not in kinds:
        raise Failure(41072)
    limits = call.corp.settings.limits
    content = _content(call, limits.media_image_bytes if kind == "image" else limits.media_video_bytes, 41080)
    if not _fits(kind, content):
        raise Failure(40123 if kind == "image" else 41090)
    if kind == "video" and (film_seconds(content) or 0) > limits.moment_video_seconds:
        raise Failure(41082)
    return {"type": kind, "media_id": _kept(call, kind, purpose, content), "created_at": int(call.now)}


def get(call: Call) -> Answer:
    """The file itself, or the part that a Range header asks for."""
    media_id = call.text("media_id", missing=41006)
    with call.corp.books.read() as db:
        row = _living(call, db, media_id)
    if row["purpose"] == "permanent":
        raise Failure(40007)
    size, most = row["size"], call.corp.settings.limits.media_file_bytes
    span = _SPAN.fullmatch(call.span)
    first = int(span[1]) if span else 0
    last = min(int(span[2]) if span and span[2] else size - 1, size - 1)
    if last - first + 1 > most:
        raise Failure(830002)
    if first > last:
        return Answer(b"", status=416, headers=(("content-range", f"bytes */{size}"),), content_type="application/octet-stream")
    try:
        content = call.corp.media.content(media_id, first, last - first + 1)
    except FileNotFoundError:
        raise Failure(40007) from None
    plain = re.sub(r'[^\x20-\x7e]|["\\]', "_", row["name"])
    headers = [("content-disposition", f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(row['name'])}"), ("accept-ranges", "bytes")]
    if span:
        headers.append(("content-range", f"bytes {first}-{last}/{size}"))
    kind = _TYPES.get(row["name"].rpartition(".")[2].lower(), "application/octet-stream")
    return Answer(content, status=206 if span else 200, headers=tuple(headers), content_type=kind)


def upload_by_url(call: Call) -> dict[str, Any]:
    """The corp fetches a file by itself; an event tells that it is done."""
    kind, name, url, md5 = (call.text(field, missing=40058) for field in ("type", "filename", "url", "md5"))
    if call.number("scene", missing=40058) != 1 or kind not in ("video", "file"):
        raise Failure(40058, "scene" if kind in ("video", "file") else "type")
    if not _MD5.fullmatch(md5):
        raise Failure(40058, "md5")
    if urlsplit(url).scheme not in ("http", "https"):
        raise Failure(40094)
    with call.corp.books.write() as db:
        jobid = call.corp.draws.letters(43, "media job", call.corp.books.serial("media_job"))
        row = (jobid, call.app.agent_id, kind, name, url, md5.lower(), call.now)
        db.execute("insert into media_job (jobid, agent_id, kind, name, url, md5, created_at) values (?, ?, ?, ?, ?, ?, ?)", row)
    return {"jobid": jobid}


def get_upload_by_url_result(call: Call) -> dict[str, Any]:
    """`status`: 1 running, 2 done, 3 failed; `detail` says the rest."""
    with call.corp.books.read() as db:
        job = db.execute("select * from media_job where jobid = ?", (call.text("jobid", missing=40058),)).fetchone()
        if job is None or job["agent_id"] != call.app.agent_id:
            raise Failure(40058, "jobid")
        media = db.execute("select created_at from media where media_id = ?", (job["media_id"],)).fetchone()
    if job["code"]:
        return {"status": 3, "detail": {"errcode": job["code"], "errmsg": "failed", "media_id": "", "created_at": ""}}
    if media is None:
        return {"status": 1, "detail": {"errcode": 0, "errmsg": "ok", "media_id": "", "created_at": ""}}
    return {"status": 2, "detail": {"errcode": 0, "errmsg": "ok", "media_id": job["media_id"], "created_at": str(int(media["created_at"]))}}


def require(call: Call, db: sqlite3.Connection, media_id: str, kind: str, purpose: Purpose = "message") -> None:
    """Fails with 40007 unless the file lives and is of the kind, with 41072 when it was uploaded for another scene."""
    row = _living(call, db, media_id)
    if row["kind"] != kind:
        raise Failure(40007)
    if row["purpose"] != purpose:
        raise Failure(40007 if purpose == "message" or row["purpose"] == "message" else 41072)


def _living(call: Call, db: sqlite3.Connection, media_id: str) -> sqlite3.Row:
    row = db.execute("select * from media where media_id = ?", (media_id,)).fetchone()
    if row is None or (row["over_at"] is not None and row["over_at"] <= call.now):
        raise Failure(40007)
    return row  # type: ignore[no-any-return]


def _content(call: Call, most: int, too_large: int) -> bytes:
    if call.upload is None or not call.upload.content:
        raise Failure(44001)
    if len(call.upload.content) < _MIN_BYTES:
        raise Failure(40006)
    if len(call.upload.content) > most:
        raise Failure(too_large)
    return call.upload.content


def _fits(kind: str, content: bytes) -> bool:
    """By the first bytes, not by the name."""
    match kind:
        case "image":
            return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        case "voice":
            return content.startswith(b"#!AMR")
        case "video":
            return content[4:8] == b"ftyp"
        case _:
            return True


def _kept(call: Call, kind: str, purpose: Purpose, content: bytes) -> str:
    assert call.upload is not None
    over_at = None if purpose == "permanent" else call.now + call.corp.settings.limits.media_seconds
    with call.corp.books.write() as db:
        return call.corp.keep(db, NewMedia(kind, purpose, call.upload.name, call.app.agent_id, call.now, over_at), content)


CALLS = {
    "media/upload": Contract("POST", upload, body="multipart"),
    "media/uploadimg": Contract("POST", uploadimg, body="multipart"),
    "media/upload_attachment": Contract("POST", upload_attachment, body="multipart"),
    "media/get": Contract("GET", get),
    "media/upload_by_url": Contract("POST", upload_by_url),
    "media/get_upload_by_url_result": Contract("POST", get_upload_by_url_result),
}
