"""继承: customers and groups that go from one member to another."""

from dataclasses import dataclass
from datetime import datetime

from siyu.connectors.wecom.model.reading import Json, instant


@dataclass(frozen=True)
class StartedHandover:
    """One customer of a request. `code` 0: under way; else why not, to be read by `action_of`."""

    external_userid: str
    code: int

    @classmethod
    def read(cls, row: Json) -> "StartedHandover":
        return cls(str(row["external_userid"]), int(row.get("errcode") or 0))


@dataclass(frozen=True)
class HandoverResult:
    """What became of one customer. `status`: 1 done, 2 waiting (`at` lies ahead), 3 refused, 4 the new member is full, 5 no record."""

    external_userid: str
    status: int
    at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "HandoverResult":
        return cls(str(row["external_userid"]), int(row.get("status") or 0), instant(row.get("takeover_time")))


@dataclass(frozen=True)
class UnassignedCustomer:
    """A customer whose member has left."""

    handover_userid: str
    external_userid: str
    left_at: datetime | None

    @classmethod
    def read(cls, row: Json) -> "UnassignedCustomer":
        return cls(str(row["handover_userid"]), str(row["external_userid"]), instant(row.get("dimission_time")))


@dataclass(frozen=True)
class FailedGroup:
    """A group that keeps its owner, and why, as a code to be read by `action_of`."""

    chat_id: str
    code: int
    reason: str

    @classmethod
    def read(cls, row: Json) -> "FailedGroup":
        return cls(str(row["chat_id"]), int(row.get("errcode") or 0), str(row.get("errmsg") or ""))
