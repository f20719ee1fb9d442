"""模板卡片 in the hands of members: what they see, and a click that calls back."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.pushes import Element


class Unclickable(ValueError):
    """There is nothing to click: the text says why."""


@dataclass(frozen=True)
class Click:
    """`key`: of a button, of the submit button or of the menu. `chosen`: option ids by question_key."""

    userid: str
    task_id: str
    key: str
    chosen: Mapping[str, Sequence[str]]


class Cards:
    """Members' acts on cards; part of the running transaction."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp

    def click(self, db: sqlite3.Connection, click: Click, at: float) -> str:
        """The fresh response code that the app hears. Raises Unclickable."""
        row = db.execute(
            """
            select c.msgid, c.agent_id, coalesce(v.card, c.card) as card, coalesce(v.replaced, '') as replaced
            from app_card c
            join app_message m using (msgid)
            join app_message_receiver r on r.msgid = c.msgid and r.userid = ?1 and r.delivered = 1
            left join app_card_view v on v.msgid = c.msgid and v.userid = ?1
            where c.task_id = ?2 and m.recalled_at is null
            """,
            (click.userid, click.task_id),
        ).fetchone()
        if row is None:
            raise Unclickable("the member has no such card")
        card = json.loads(row["card"])
        menu = click.key in {action["key"] for action in (card.get("action_menu") or {}).get("action_list", ())}
        if row["replaced"] and not menu:
            raise Unclickable("its buttons are grey")
        if not menu and click.key not in _keys(card):
            raise Unclickable("it has no such button")
        questions = _questions(card)
        if any(not set(ids) <= questions.get(question, set()) for question, ids in click.chosen.items()):
            raise Unclickable("it has no such option")
        code = self._corp.response_code(db, row["msgid"], row["agent_id"], at)
        elements: dict[str, Element] = {
            "FromUserName": click.userid,
            "EventKey": click.key,
            "TaskId": click.task_id,
            "CardType": str(card["card_type"]),
            "ResponseCode": code,
            "AgentID": str(row["agent_id"]),
        }
        if click.chosen and not menu:
            chosen: list[Element] = [{"QuestionKey": key, "OptionIds": {"OptionId": list(ids)}} for key, ids in click.chosen.items()]
            elements["SelectedItems"] = {"SelectedItem": chosen}
        event = "template_card_menu_event" if menu else "template_card_event"
        self._corp.pushes.send(event, elements, business=at, agent_id=row["agent_id"])
        return code


def _keys(card: Mapping[str, Any]) -> set[str]:
    keys = {str(button["key"]) for button in card.get("button_list") or () if button.get("type") != 1}
    return keys | ({str(card["submit_button"]["key"])} if card.get("submit_button") else set())


def _questions(card: Mapping[str, Any]) -> dict[str, set[str]]:
    parts = [card.get("button_selection"), card.get("checkbox"), *(card.get("select_list") or ())]
    return {str(part["question_key"]): {str(option["id"]) for option in part["option_list"]} for part in parts if part}
