"""身份验证: who came back from a log-in."""

from dataclasses import dataclass, field

from siyu.connectors.wecom.model.reading import Json


@dataclass(frozen=True)
class Visitor:
    """A member (`userid`), or somebody outside (`openid`, and `external_userid` when they are a customer of a member in the app's range).

    `user_ticket` comes with the private scope and opens the details for 30 minutes.
    """

    userid: str
    openid: str
    external_userid: str
    user_ticket: str = field(repr=False)

    @classmethod
    def read(cls, row: Json) -> "Visitor":
        return cls(*(str(row.get(name) or "") for name in ("userid", "openid", "external_userid", "user_ticket")))


@dataclass(frozen=True)
class MemberDetail:
    """What a member agreed to show; each text empty otherwise. `gender`: 0 unknown, 1 man, 2 woman."""

    userid: str
    gender: int
    avatar: str
    qr_code: str
    mobile: str = field(repr=False)
    email: str = field(repr=False)
    work_email: str = field(repr=False)
    address: str = field(repr=False)

    @classmethod
    def read(cls, row: Json) -> "MemberDetail":
        def text(name: str) -> str:
            return str(row.get(name) or "")

        return cls(
            text("userid"), int(row.get("gender") or 0), text("avatar"), text("qr_code"), text("mobile"), text("email"), text("biz_mail"), text("address")
        )
