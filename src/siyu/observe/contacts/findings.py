"""What the doctor says of a corp, and what becomes news."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from siyu.events import Fact
from siyu.kernel.ids import CorpId

State = Literal["ok", "warning", "error", "skipped"]
DOCTOR_EVENT = "siyu_doctor"
"""The `Event` of the callback that the doctor sends to itself."""

SPEAKING = frozenset({"address", "secret", "corp", "trusted_ip", "agent"})
"""Checks without which an app sends no message to anybody."""


@dataclass(frozen=True)
class Finding:
    """What one check found. `outcome` is a stable code that is worded on screen together with `check`; `facts` are the parameters of those words."""

    check: str
    state: State
    outcome: str = "ok"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """A finding that is kept: it has been so `since`, and was last confirmed at `checked_at`."""

    finding: Finding
    since: datetime
    checked_at: datetime


@dataclass(frozen=True)
class Held:
    """What we hold of a corp, to be compared with what WeCom says. `listed`: by userid, relations that WeCom lists, customers who deleted the member too."""

    now: datetime
    synced_at: datetime | None
    address_verified_at: datetime | None
    last_callback_at: datetime | None
    contacts: int
    with_unionid: int
    listed: Mapping[str, int]


@dataclass(frozen=True)
class FindingChanged(Fact):
    """A check of the WeCom connection turned out otherwise than before."""

    name: ClassVar[str] = "corp.finding_changed"
    corp_id: CorpId
    check: str
    before: str
    state: str
    outcome: str


def changed(corp: CorpId, before: Mapping[str, Finding], after: Iterable[Finding]) -> Sequence[FindingChanged]:
    """What is news: a state that was another before. A check that was never made, or that was left out, is none unless it is red now."""
    news = []
    for finding in after:
        known = before.get(finding.check)
        was = known.state if known else "skipped"
        if was != finding.state and (finding.state == "error" or "skipped" not in (was, finding.state)):
            news.append(FindingChanged(corp, finding.check, was, finding.state, finding.outcome))
    return news
