"""What goes to customers: a text and attachments."""

from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call
from siyu.connectors.wecom.sandbox.contract.media import require

_ATTACHMENTS = ("image", "link", "miniprogram", "video", "file")


def content(call: Call) -> tuple[str | None, list[dict[str, Any]]]:
    """Text and attachments of a group send or a welcome, checked."""
    limits = call.corp.settings.limits
    text, attachments = call.inner("text").text("content"), call.rows("attachments")
    if len(text.encode()) > limits.send_text_bytes:
        raise Failure(40058, "text.content")
    if len(attachments) > limits.send_attachments:
        raise Failure(41064)
    for item in attachments:
        check_attachment(call, item)
    if not text and not attachments:
        raise Failure(40058, "text")
    return text or None, attachments


def check_attachment(call: Call, item: dict[str, Any]) -> None:
    """One of the five kinds, with its parts; files must live, and addresses have a scheme (45034)."""
    kind = str(item.get("msgtype"))
    if kind not in _ATTACHMENTS or not isinstance(item.get(kind), dict):
        raise Failure(41065)
    part = call.part(item[kind])
    match kind:
        case "link":
            _within(part, "title", 128, needed=True)
            _within(part, "desc", 512)
            for name in ("url", "picurl"):
                _within(part, name, call.corp.settings.limits.url_bytes, needed=name == "url")
                part.address(name)
        case "miniprogram":
            _within(part, "title", 64, needed=True)
            if not all(part.text(name) for name in ("pic_media_id", "appid", "page")):
                raise Failure(40058, "miniprogram")
            _require(call, part.text("pic_media_id"), "image")
        case "image" if not part.text("media_id") and part.address("pic_url"):
            pass
        case _:
            _require(call, part.text("media_id"), kind)


def _within(part: Call, name: str, most: int, *, needed: bool = False) -> None:
    """Fails with 40058 for a text of more than so many bytes, or a blank one that is needed."""
    text = part.text(name)
    if len(text.encode()) > most or (needed and not text.strip()):
        raise Failure(40058, name)


def _require(call: Call, media_id: str, kind: str) -> None:
    with call.corp.books.read() as db:
        require(call, db, media_id, kind)
