"""What the doctor of the WeCom connection found out anew, and the words of the message about it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.access.roles import RoleName
from siyu.act.alerts.model import DESCRIPTION_BYTES
from siyu.kernel.ids import CorpId

MENDERS: Sequence[RoleName] = ("owner", "admin")
"""Roles of those who may mend a connection."""
STOPS_SENDING = frozenset({"address", "secret", "corp", "trusted_ip", "agent", "customers", "group_sends"})
"""Checks of the doctor without which nothing goes out: told at any hour."""
NAME_LENGTH = 30
"""Characters of an app's name: as many as a title holds beside its words."""
Turn = Literal["red", "stopped", "well"]


@dataclass(frozen=True)
class Change:
    """A check of one app that turned out otherwise than before; the states are the doctor's."""

    corp_id: CorpId
    check: str
    before: str
    state: str
    at: datetime

    @property
    def turn(self) -> Turn:
        if self.state != "error":
            return "well"
        return "stopped" if self.check in STOPS_SENDING else "red"


@dataclass(frozen=True)
class Words:
    """A message in one language."""

    red: str
    well: str
    turns: Mapping[Turn, str]
    more: str
    button: str


WORDS = {
    "zh-CN": Words(
        "企业微信接入异常：{name}",
        "企业微信接入已恢复：{name}",
        {"red": "{at} {check}：出现异常", "stopped": "{at} {check}：出现异常，发送会停止", "well": "{at} {check}：已恢复"},
        "……共 {count} 项变化",
        "查看",
    ),
    "en-US": Words(
        "WeCom connection in trouble: {name}",
        "WeCom connection well again: {name}",
        {"red": "{at} {check}: in trouble", "stopped": "{at} {check}: in trouble, sending stops", "well": "{at} {check}: well again"},
        "… {count} changes in all",
        "View",
    ),
}


def concerns(before: str, state: str) -> bool:
    """Whether a change is worth a message: what turns red, or was."""
    return "error" in (before, state)


def told(changes: Sequence[Change]) -> list[Change]:
    """What has come of changes, one for each check, the latest first; a check that is as red, or as well, as before them is left out."""
    spans: dict[str, Change] = {}
    for change in sorted(changes, key=lambda one: one.at):
        first = spans.get(change.check, change)
        spans[change.check] = Change(change.corp_id, change.check, first.before, change.state, change.at)
    turned = [one for one in spans.values() if (one.before == "error") != (one.state == "error")]
    return sorted(turned, key=lambda one: one.at, reverse=True)


def urgent(changes: Sequence[Change]) -> bool:
    """Whether something stops that has to go out: such a message does not wait for the end of the quiet hours."""
    return any(one.turn == "stopped" for one in changes)


def worded(changes: Sequence[Change], name: str, checks: Mapping[str, str], language: str, tz: ZoneInfo) -> tuple[str, str, str]:
    """Title, description and button about the app of this name. `checks`: what each check is called. As many changes as fit are told one by one."""
    words = WORDS.get(language, WORDS["zh-CN"])
    lines: list[str] = []
    more = words.more.format(count=len(changes))
    for change in changes:
        line = words.turns[change.turn].format(at=change.at.astimezone(tz).strftime("%m-%d %H:%M"), check=checks.get(change.check, change.check))
        if len("\n".join([*lines, line, more]).encode()) > DESCRIPTION_BYTES:
            lines.append(more)
            break
        lines.append(line)
    title = words.well if all(one.turn == "well" for one in changes) else words.red
    return title.format(name=name[:NAME_LENGTH]), "\n".join(lines), words.button
