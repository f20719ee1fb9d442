"""Answers in the platform's words."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from siyu.connectors.wecom.errors import meaning_of

_REASONS = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40007: "invalid media_id",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40058: "invalid args",
    40063: "some parameters are empty",
    40068: "invalid tagid",
    40071: "tag name exist",
    40072: "invalid tag name",
    40088: "invalid jobid",
    40096: "invalid external userid",
    40097: "user has not resigned",
    40099: "customer count over limit",
    40100: "customer is being transferred",
    40126: "tag count over limit",
    40128: "customer transferred too often",
    40129: "customer is being transferred already",
    40130: "handover user and takeover user are the same",
    40131: "handover user does not follow the customer",
    40205: "user has not logged in for long",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41035: "missing external userid",
    41037: "missing or invalid type",
    41038: "missing or invalid scene",
    41040: "invalid style",
    41041: "user count over limit",
    41043: "missing config_id",
    41044: "invalid config_id",
    41045: "contact way count over limit",
    41046: "missing msgid",
    41047: "invalid msgid",
    41048: "no customer to send",
    41049: "missing welcome_code",
    41050: "invalid or expired welcome_code",
    41051: "conversation already started",
    41054: "user not activated",
    41059: "missing moment_id",
    41060: "invalid moment_id",
    41061: "moment does not belong to the user",
    41062: "moment has not been published by the user",
    41067: "invalid type of moment_id",
    41078: "too many moment jobs",
    41079: "moment is being dispatched",
    41063: "group msg is being dispatched",
    41091: "chat count over limit",
    41093: "group msg has been canceled",
    41094: "remind group msg over limit",
    42001: "access_token expired",
    43004: "require subscribe",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    45034: "url without scheme",
    46004: "user no exist",
    48001: "api unauthorized",
    48002: "api forbidden",
    49008: "group chat has been dismissed",
    50100: "invalid cursor",
    60003: "department not found",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60136: "record not found",
    81011: "no privilege to access/modify the tag",
    81013: "user & party & tag all invalid",
    81017: "too many users",
    84061: "not external contact",
    84074: "no privilege of external contact",
    90500: "the owner of this chat is not resigned",
    90501: "chat is not external group chat",
    90502: "the owner of this chat is resigned",
    90504: "the owner of this chat is not changed",
    90507: "the chat is being transferred",
    90511: "invalid opengid",
    90508: "the chat has been transferred",
    95008: "menu item count over limit",
}


class Failure(Exception):
    """A call answers with a return code instead of a result."""

    def __init__(self, code: int, note: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.note = note


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=UTF-8"
    shown_bytes: int | None = field(default=None)
    """How many bytes really leave, None for all: a cut body promises more than it gives."""


def success(result: dict[str, Any] | Answer) -> Answer:
    """A result in the platform's words; a file goes as it is."""
    return result if isinstance(result, Answer) else Answer(msgspec.json.encode({"errcode": 0, "errmsg": "ok", **result}))


def reason_of(code: int) -> str:
    return _REASONS.get(code) or meaning_of(code) or "unknown error"


def failure(code: int, *, note: str, caller_ip: str, machine: float, number: int) -> Answer:
    """`<reason>, hint: [<unix>_<n>_<hex>], from ip: <ip>, more info at <url>`, also as headers."""
    reason = reason_of(code)
    if note:
        reason = f"{note} {reason}" if note.startswith("Warning") else f"{reason}: {note}"
    text = (
        f"{reason}, hint: [{int(machine)}_{number % 1000}_{number * 2654435761 % (1 << 128):032x}], from ip: {caller_ip}, "
        f"more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    )
    headers = (("error-code", str(code)), ("error-msg", text.encode("ascii", "replace").decode()))
    return Answer(msgspec.json.encode({"errcode": code, "errmsg": text}), headers=headers)
