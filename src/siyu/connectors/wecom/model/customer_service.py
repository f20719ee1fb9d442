"""微信客服: accounts, sessions and what is written in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.connectors.wecom.model.reading import Json, instant

NEW, BOT, QUEUE, PERSON, OVER = range(5)
FROM_CUSTOMER, FROM_SYSTEM, FROM_SERVICER = 3, 4, 5


@dataclass(frozen=True)
class ServiceAccount:
    open_kfid: str
    name: str
    avatar: str
    managed: bool

    @classmethod
    def read(cls, row: Json) -> "ServiceAccount":
        return cls(str(row["open_kfid"]), str(row.get("name") or ""), str(row.get("avatar") or ""), bool(row.get("manage_privilege")))


@dataclass(frozen=True)
class Servicer:
    """A member (`receiving` or not), or a whole department."""

    userid: str
    department_id: int | None
    receiving: bool

    @classmethod
    def read(cls, row: Json) -> "Servicer":
        department = row.get("department_id")
        return cls(str(row.get("userid") or ""), None if department is None else int(department), int(row.get("status") or 0) == 0)


@dataclass(frozen=True)
class ServicerResult:
    """What became of one member or department; `code` 0 is success."""

    userid: str
    department_id: int | None
    code: int

    @classmethod
    def read(cls, row: Json) -> "ServicerResult":
        department = row.get("department_id")
        return cls(str(row.get("userid") or ""), None if department is None else int(department), int(row.get("errcode") or 0))


@dataclass(frozen=True)
class ServiceState:
    """`state`: NEW, BOT, QUEUE, PERSON (`servicer` has it) or OVER."""

    state: int
    servicer: str


@dataclass(frozen=True)
class ServiceMessage:
    """One message or event. `origin`: FROM_CUSTOMER, FROM_SYSTEM, FROM_SERVICER. `body` is the part named by `kind`, as the platform sent it."""

    msgid: str
    open_kfid: str
    external_userid: str
    sent_at: datetime | None
    origin: int
    servicer: str
    kind: str
    body: Mapping[str, Any]

    @classmethod
    def read(cls, row: Json) -> "ServiceMessage":
        kind = str(row.get("msgtype") or "")
        body: Json = row.get(kind) or {}
        inner = body if kind == "event" else {}
        return cls(
            msgid=str(row.get("msgid") or ""),
            open_kfid=str(row.get("open_kfid") or inner.get("open_kfid") or ""),
            external_userid=str(row.get("external_userid") or inner.get("external_userid") or ""),
            sent_at=instant(row.get("send_time")),
            origin=int(row.get("origin") or 0),
            servicer=str(row.get("servicer_userid") or ""),
            kind=kind,
            body=body,
        )

    @property
    def text(self) -> str:
        """What a text says, empty for all else."""
        return str(self.body.get("content") or "") if self.kind == "text" else ""

    @property
    def event(self) -> str:
        """`enter_session`, `session_status_change` …, empty for a message."""
        return str(self.body.get("event_type") or "") if self.kind == "event" else ""


@dataclass(frozen=True)
class ServiceCustomer:
    """Somebody who was there within 48 hours; `scene` and `scene_param` say by which address."""

    external_userid: str
    nickname: str
    avatar: str
    gender: int
    unionid: str | None
    scene: str
    scene_param: str

    @classmethod
    def read(cls, row: Json) -> "ServiceCustomer":
        entry: Json = row.get("enter_session_context") or {}
        return cls(
            external_userid=str(row["external_userid"]),
            nickname=str(row.get("nickname") or ""),
            avatar=str(row.get("avatar") or ""),
            gender=int(row.get("gender") or 0),
            unionid=str(row["unionid"]) if row.get("unionid") else None,
            scene=str(entry.get("scene") or ""),
            scene_param=str(entry.get("scene_param") or ""),
        )


@dataclass(frozen=True)
class ServiceReply:
    """What goes to the customer. `kind`: text, image, voice, video, file, link, miniprogram, msgmenu, location, business_card, ca_link.

    `msgid` ≤ 32 bytes of the app's own, unique within the account; empty lets the platform choose.
    """

    kind: str
    part: Mapping[str, Any]
    msgid: str = ""

    @classmethod
    def text(cls, content: str, *, msgid: str = "") -> "ServiceReply":
        """A text of up to 2048 bytes."""
        return cls("text", {"content": content}, msgid)

    def body(self) -> dict[str, Any]:
        return {"msgtype": self.kind, self.kind: dict(self.part)} | ({"msgid": self.msgid} if self.msgid else {})
