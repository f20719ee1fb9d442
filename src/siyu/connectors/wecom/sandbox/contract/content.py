"""What goes to customers: a text and attachments."""

from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call
from siyu.connectors.wecom.sandbox.contract.media import require

_ATTACHMENTS = ("image", "link", "miniprogram", "video", "file")


def content(call: Call) -> tuple[str | None, list[dict[str, Any]]]:
    """Text and attachments of a group send or a welcome, checked."""
    limits = call.corp.settings.limits
    part = call.fields.get("text")
    if part is not None and not isinstance(part, dict):
        raise Failure(40058, "text")
    text = (part or {}).get("content")
    if text is not None and not isinstance(text, str):
        raise Failure(40058, "text.content")
    if text and len(text.encode()) > limits.send_text_bytes:
        raise Failure(40058, "text.content")
    attachments = call.fields.get("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise Failure(40058, "attachments")
    if len(attachments) > limits.send_attachments:
        raise Failure(41064)
    for item in attachments:
        check_attachment(call, item)
    if not text and not attachments:
        raise Failure(40058, "text")
    return text or None, attachments


def check_attachment(call: Call, item: dict[str, Any]) -> None:
    """One of the five kinds, with its parts; files must live."""
    url_bytes = call.corp.settings.limits.url_bytes
    kind = item.get("msgtype")
    part = item.get(str(kind))
    if kind not in _ATTACHMENTS or not isinstance(part, dict):
        raise Failure(41065)
    match kind:
        case "link":
            if not part.get("title") or not part.get("url") or len(str(part["title"]).encode()) > 128 or len(str(part.get("desc") or "").encode()) > 512:
                raise Failure(40058, "link")
            if max(len(str(part["url"]).encode()), len(str(part.get("picurl") or "").encode())) > url_bytes:
                raise Failure(40058, "link.url")
        case "miniprogram":
            if not all(part.get(name) for name in ("title", "pic_media_id", "appid", "page")) or len(str(part["title"]).encode()) > 64:
                raise Failure(40058, "miniprogram")
            _require(call, part["pic_media_id"], "image")
        case "image":
            if not part.get("pic_url") or part.get("media_id"):
                _require(call, part.get("media_id"), "image")
        case _:
            _require(call, part.get("media_id"), str(kind))


def _require(call: Call, media_id: Any, kind: str) -> None:
    with call.corp.books.read() as db:
        require(call, db, str(media_id or ""), kind)
