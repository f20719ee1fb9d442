"""模板卡片: cards to staff, with parts as the contract names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CardButton:
    """`key` ≤ 1024 bytes comes back with a click; `style` 1 to 4. With `url` it opens a page and no click comes back."""

    text: str
    key: str = ""
    style: int = 1
    url: str = ""

    def body(self) -> dict[str, Any]:
        rest = {"type": 1, "url": self.url} if self.url else {"type": 0, "key": self.key}
        return {"text": self.text, "style": self.style, **rest}


@dataclass(frozen=True)
class CardQuestion:
    """A choice among `options` (id ≤ 128 bytes → text); `selected` are ticked beforehand."""

    key: str
    options: Mapping[str, str]
    title: str = ""
    selected: tuple[str, ...] = ()

    def select_body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"question_key": self.key, "title": self.title} if self.title else {"question_key": self.key}
        if self.selected:
            body["selected_id"] = self.selected[0]
        return {**body, "option_list": [{"id": id, "text": text} for id, text in self.options.items()]}

    def vote_body(self, *, many: bool) -> dict[str, Any]:
        options = [{"id": id, "text": text, "is_checked": id in self.selected} for id, text in self.options.items()]
        return {"question_key": self.key, "option_list": options, "mode": int(many)}


def _filled(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value not in ("", None, [], {})}


@dataclass(frozen=True)
class _Card:
    title: str
    description: str = ""
    task_id: str = ""
    source: str = ""

    def _common(self, kind: str) -> dict[str, Any]:
        main = _filled({"title": self.title, "desc": self.description})
        return _filled({"card_type": kind, "source": _filled({"desc": self.source}), "main_title": main, "task_id": self.task_id})


@dataclass(frozen=True, kw_only=True)
class NoticeCard(_Card):
    """A notice; a click opens `url`. With `picture_url` it is a picture above the text. `pairs`: up to 6 lines of name and value."""

    url: str
    pairs: Mapping[str, str] = field(default_factory=dict)
    picture_url: str = ""

    def body(self) -> dict[str, Any]:
        body = self._common("news_notice" if self.picture_url else "text_notice")
        body["card_action"] = {"type": 1, "url": self.url}
        if self.picture_url:
            body["card_image"] = {"url": self.picture_url}
        return body | _filled({"horizontal_content_list": _lines(self.pairs)})


@dataclass(frozen=True, kw_only=True)
class ButtonCard(_Card):
    """1 to 6 buttons under a text. `task_id` is needed, unique within the app: letters, digits, `_-@`, ≤ 128 bytes."""

    buttons: tuple[CardButton, ...]
    pairs: Mapping[str, str] = field(default_factory=dict)
    question: CardQuestion | None = None

    def body(self) -> dict[str, Any]:
        body = self._common("button_interaction") | {"button_list": [button.body() for button in self.buttons]}
        more = {"horizontal_content_list": _lines(self.pairs), "button_selection": self.question.select_body() if self.question else None}
        return body | _filled(more)


@dataclass(frozen=True, kw_only=True)
class VoteCard(_Card):
    """One question with 1 to 20 options and a button to hand it in. `task_id` is needed."""

    question: CardQuestion
    submit: CardButton
    many: bool = False

    def body(self) -> dict[str, Any]:
        return self._common("vote_interaction") | {"checkbox": self.question.vote_body(many=self.many), "submit_button": _submit(self.submit)}


@dataclass(frozen=True, kw_only=True)
class FormCard(_Card):
    """1 to 3 questions with 1 to 10 options each. `task_id` is needed."""

    questions: tuple[CardQuestion, ...]
    submit: CardButton

    def body(self) -> dict[str, Any]:
        questions = [question.select_body() for question in self.questions]
        return self._common("multiple_interaction") | {"select_list": questions, "submit_button": _submit(self.submit)}


TemplateCard = NoticeCard | ButtonCard | VoteCard | FormCard


def _lines(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"keyname": name, "value": value} for name, value in pairs.items()]


def _submit(button: CardButton) -> dict[str, str]:
    return {"text": button.text, "key": button.key}
