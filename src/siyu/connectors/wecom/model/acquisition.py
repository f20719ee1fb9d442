"""获客助手: links by which people outside become customers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from siyu.connectors.wecom.model.reading import Json, instant, texts

OLD_FRIENDS, WITHIN_LIST = 1, 2


@dataclass(frozen=True)
class AcquisitionLink:
    """Where a link leads. `name` ≤ 30 characters; at most 500 people, departments expanded.

    `priority`: None, OLD_FRIENDS (whoever has a member already gets that member) or WITHIN_LIST (the same among `preferred` alone).
    """

    name: str
    userids: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()
    skip_verify: bool = True
    priority: int | None = None
    preferred: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "link_name": self.name,
            "range": {"user_list": list(self.userids), "department_list": list(self.department_ids)},
            "skip_verify": self.skip_verify,
        }
        if self.priority is not None:
            body["priority_option"] = {"priority_type": self.priority, "priority_userid_list": list(self.preferred)}
        return body

    @classmethod
    def read(cls, answer: Json) -> "AcquisitionLink":
        link: Json = answer["link"]
        reach: Json = answer.get("range") or {}
        option: Json = answer.get("priority_option") or {}
        return cls(
            name=str(link.get("link_name") or ""),
            userids=texts(reach.get("user_list")),
            department_ids=tuple(int(id) for id in reach.get("department_list") or ()),
            skip_verify=bool(link.get("skip_verify", answer.get("skip_verify", True))),
            priority=int(option["priority_type"]) if option.get("priority_type") else None,
            preferred=texts(option.get("priority_userid_list")),
        )


@dataclass(frozen=True)
class MadeAcquisitionLink:
    """A link as the platform keeps it."""

    link_id: str
    url: str
    created_at: datetime | None
    link: AcquisitionLink

    def url_for(self, channel: str) -> str:
        """The address that brings `channel` (≤ 64 bytes, longer is cut) back as the state of who comes by it."""
        return f"{self.url}?{urlencode({'customer_channel': channel}, quote_via=quote)}"


@dataclass(frozen=True)
class AcquiredCustomer:
    """Who came by a link. `chat_status`: 0 has not written, 1 has, 2 unknown."""

    external_userid: str
    userid: str
    chat_status: int
    state: str


@dataclass(frozen=True)
class AcquisitionUse:
    """A link's use in some days."""

    clicks: int
    new_customers: int


@dataclass(frozen=True)
class AcquisitionQuota:
    """`lots`: (when it ends, what is left of it); quota without an end stands in `balance` alone."""

    used: int
    balance: int
    lots: tuple[tuple[datetime, int], ...]

    @classmethod
    def read(cls, answer: Json) -> "AcquisitionQuota":
        lots = [(instant(lot.get("expire_date")), int(lot.get("balance") or 0)) for lot in answer.get("quota_list") or ()]
        return cls(int(answer.get("total") or 0), int(answer.get("balance") or 0), tuple((end, left) for end, left in lots if end))


@dataclass(frozen=True)
class AcquisitionChat:
    """What a ChatKey of an event stands for."""

    userid: str
    external_userid: str
    received: int
    link_id: str
    state: str
