"""Messages of the app to staff."""

from dataclasses import dataclass
from typing import Any

from siyu.connectors.wecom.model.cards import ButtonCard, FormCard, NoticeCard, TemplateCard, VoteCard


@dataclass(frozen=True)
class TextCard:
    """A card to staff. `title` ≤ 128 bytes, `description` ≤ 512 bytes, `button` ≤ 4 characters."""

    title: str
    description: str
    url: str
    button: str = ""


@dataclass(frozen=True)
class AppMessage:
    """A message of the app to staff: a text (≤ 2048 bytes, longer is cut by the platform), a card, or one with buttons.

    `duplicate_check_seconds`: an equal message within this time is dropped by the platform, ≤ 14,400; None switches the check off.
    """

    userids: tuple[str, ...]
    content: str | TextCard | TemplateCard
    department_ids: tuple[int, ...] = ()
    duplicate_check_seconds: int | None = 1800

    def body(self, agent_id: int) -> dict[str, Any]:
        body: dict[str, Any] = {"touser": "|".join(self.userids), "agentid": agent_id}
        if self.department_ids:
            body["toparty"] = "|".join(str(department) for department in self.department_ids)
        if isinstance(self.content, TextCard):
            card = {"title": self.content.title, "description": self.content.description, "url": self.content.url, "btntxt": self.content.button}
            body |= {"msgtype": "textcard", "textcard": {name: value for name, value in card.items() if value}}
        elif isinstance(self.content, NoticeCard | ButtonCard | VoteCard | FormCard):
            body |= {"msgtype": "template_card", "template_card": self.content.body()}
        else:
            body |= {"msgtype": "text", "text": {"content": self.content}}
        if self.duplicate_check_seconds is not None:
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": self.duplicate_check_seconds}
        return body


@dataclass(frozen=True)
class SentMessage:
    """Answer of an app message; `invalid_userids` come back in lower case.

    `response_code`: of cards with buttons, good for changing the card once, within 72 h (24 h in older texts).
    """

    msgid: str
    invalid_userids: tuple[str, ...]
    unlicensed_userids: tuple[str, ...]
    response_code: str = ""
