"""模板卡片: what a card must hold, and what becomes of it after it was sent."""

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
_NOTICES = ("text_notice", "news_notice")
_TASK = re.compile(r"[A-Za-z0-9_@-]{1,128}")
_KEY_BYTES = 1024
_OPTION_BYTES = 128
_DAY = 86_400


def check(call: Call, card: dict[str, Any]) -> None:
    """Fails with the code of the first part that is missing, too long or repeated."""
    kind = card.get("card_type")
    if kind not in (*_NOTICES, *INTERACTIVE):
        raise Failure(42031)
    given = call.part(card)
    task_id = given.text("task_id")
    if ((kind in INTERACTIVE or card.get("action_menu")) and not task_id) or (task_id and not _TASK.fullmatch(task_id)):
        raise Failure(42014)
    _check_one_of(given.inner("source"), "desc_color", range(4))
    _check_one_of(given.inner("quote_area"), "type", range(3))
    title = given.inner("main_title")
    if (kind == "text_notice" and not title.text("title") and not given.text("sub_title_text")) or (kind == "news_notice" and not title.text("title")):
        raise Failure(42033, "main_title")
    if kind in (*_NOTICES, "button_interaction"):
        _check_menu(given)
        _check_pairs(call, given)
    if kind in _NOTICES:
        _check_jumps(given)
        _check_action(given)
    match kind:
        case "news_notice":
            _check_picture(given)
            if len(_rows(given, "vertical_content_list", 0, 4, 42036)) != len([row for row in given.rows("vertical_content_list") if row.get("title")]):
                raise Failure(42033, "vertical_content_list")
        case "button_interaction":
            _check_buttons(given)
            if card.get("button_selection"):
                _check_question(given.inner("button_selection"), 10)
        case "vote_interaction":
            _check_question(given.inner("checkbox"), 20)
        case "multiple_interaction":
            for row in _rows(given, "select_list", 1, 3, 42047):
                _check_question(given.part(row), 10)
    if kind in ("vote_interaction", "multiple_interaction"):
        _check_button(given.inner("submit_button"), no_text=42049, no_key=42046)


def _check_one_of(part: Call, name: str, known: range) -> None:
    """Fails with 40058 for a number that is given and stands for nothing."""
    number = part.number(name)
    if number is not None and number not in known:
        raise Failure(40058, name)


def _rows(given: Call, name: str, least: int, most: int, code: int) -> list[dict[str, Any]]:
    rows = given.rows(name)
    if not least <= len(rows) <= most:
        raise Failure(code, name)
    return rows


def _check_menu(given: Call) -> None:
    if not given.fields.get("action_menu"):
        return
    rows = _rows(given.inner("action_menu"), "action_list", 1, 3, 40058)
    for row in rows:
        _check_button(given.part(row), no_text=40058, no_key=40058)
    if len({row["key"] for row in rows}) != len(rows):
        raise Failure(42051)


def _check_button(button: Call, *, no_text: int, no_key: int) -> None:
    if not button.text("text"):
        raise Failure(no_text)
    if not 0 < len(button.text("key").encode()) <= _KEY_BYTES:
        raise Failure(no_key)


def _check_pairs(call: Call, given: Call) -> None:
    for row in _rows(given, "horizontal_content_list", 0, 6, 42035):
        pair = given.part(row)
        _check_one_of(pair, "type", range(4))
        if not pair.text("keyname"):
            raise Failure(42027)
        match pair.number("type") or 0:
            case 1 if not pair.address("url"):
                raise Failure(42028, "horizontal_content_list")
            case 2:
                if not pair.text("media_id"):
                    raise Failure(42029)
                with call.corp.books.read() as db:
                    require(call, db, pair.text("media_id"), "file")
            case 3:
                with call.corp.books.read() as db:
                    if pair.text("userid") not in call.corp.visible_staff(call.app, db):
                        raise Failure(42050)


def _check_jumps(given: Call) -> None:
    for row in _rows(given, "jump_list", 0, 3, 42042):
        jump = given.part(row)
        if not jump.text("title"):
            raise Failure(42033, "jump_list")
        _check_target(jump, "jump_list")


def _check_action(given: Call) -> None:
    action = given.inner("card_action")
    if action.number("type") not in (1, 2):
        raise Failure(42045)
    _check_target(action, "card_action")


def _check_target(target: Call, name: str) -> None:
    _check_one_of(target, "type", range(3))
    match target.number("type") or 0:
        case 1 if not target.address("url"):
            raise Failure(42028, name)
        case 2 if not target.text("appid"):
            raise Failure(42030, name)


def _check_picture(given: Call) -> None:
    picture = given.fields.get("card_image")
    if (picture and not given.inner("card_image").text("url")) or (not picture and not given.inner("image_text_area").text("image_url")):
        raise Failure(42044)
    ratio = given.inner("card_image").fields.get("aspect_ratio", 1.3)
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 1.3 <= ratio <= 2.25:
        raise Failure(40058, "aspect_ratio")


def _check_buttons(given: Call) -> None:
    for row in _rows(given, "button_list", 1, 6, 40058):
        button = given.part(row)
        _check_one_of(button, "style", range(1, 5))
        _check_one_of(button, "type", range(2))
        if button.number("type") == 1:
            if not button.address("url"):
                raise Failure(42028, "button_list")
            continue
        _check_button(button, no_text=42038, no_key=42039)


def _check_question(question: Call, most: int) -> None:
    if not 0 < len(question.text("question_key").encode()) <= _KEY_BYTES:
        raise Failure(42043)
    _check_one_of(question, "mode", range(2))
    options = [question.part(row) for row in _rows(question, "option_list", 1, most, 42037)]
    if any(not 0 < len(option.text("id").encode()) <= _OPTION_BYTES for option in options) or len({option.text("id") for option in options}) != len(options):
        raise Failure(42040)
    if not all(option.text("text") for option in options):
        raise Failure(42041)


def keep(call: Call, db: sqlite3.Connection, msgid: str, card: dict[str, Any]) -> str:
    """Enter a card that was sent; the code by which it may be changed, empty for notices. Fails with 42014 when the app has used the task_id."""
    task_id = str(card.get("task_id") or "")
    if task_id and db.execute("select 1 from app_card where agent_id = ? and task_id = ?", (call.app.agent_id, task_id)).fetchone():
        raise Failure(42014, "task_id")
    db.execute("insert into app_card values (?, ?, ?, ?)", (msgid, call.app.agent_id, task_id, json.dumps(card, ensure_ascii=False)))
    return call.corp.response_code(db, msgid, call.app.agent_id, call.now) if card["card_type"] in INTERACTIVE else ""


def update_template_card(call: Call) -> dict[str, Any]:
    """By the code of the send or of a click, once: grey the buttons out, or put another card in its place."""
    if call.number("agentid", missing=41011) != call.app.agent_id:
        raise Failure(301002)
    code = call.text("response_code", missing=60140)
    users, everybody = call.texts("userids"), call.switch("atall", False)
    parties, tags = call.numbers("partyids"), call.numbers("tagids")
    limits = call.corp.settings.limits
    if len(users) > limits.message_users or len(parties) > limits.message_parties or len(tags) > limits.message_tags:
        raise Failure(40058)
    name, card = call.inner("button").text("replace_name"), dict(call.inner("template_card").fields)
    if bool(name) == bool(card):
        raise Failure(40058, "button")
    if card:
        check(call, card)
    with call.corp.books.write() as db:
        row = db.execute("select * from card_code where code = ?", (code,)).fetchone()
        if row is None or row["used"] or call.now - row["given_at"] > limits.response_code_seconds:
            raise Failure(60140)
        if row["agent_id"] != call.app.agent_id:
            raise Failure(42015)
        receivers = _receivers(db, row["msgid"])
        within = call.corp.members_within(db, parties)
        wanted = receivers if everybody else [one for one in receivers if one in users or one in within]
        invalid = [] if everybody else [user for user in users if user not in receivers]
        if not wanted:
            raise Failure(81013)
        db.execute("update card_code set used = 1 where code = ?", (code,))
        _show(db, row["msgid"], wanted, name=name, card=card)
    return {"invaliduser": invalid} if invalid else {}


def update_taskcard(call: Call) -> dict[str, Any]:
    """The retired way: by task_id, the clicked button only."""
    if call.number("agentid", missing=41011) != call.app.agent_id:
        raise Failure(301002)
    users, task_id, name = call.texts("userids"), call.text("task_id", missing=42014), call.text("replace_name", missing=40058)
    if not 0 < len(users) <= call.corp.settings.limits.message_users:
        raise Failure(40031)
    with call.corp.books.write() as db:
        row = db.execute("select msgid from app_card where agent_id = ? and task_id = ?", (call.app.agent_id, task_id)).fetchone()
        if row is None:
            raise Failure(42016)
        receivers = _receivers(db, row["msgid"])
        _show(db, row["msgid"], [user for user in users if user in receivers], name=name, card={})
        invalid = [user for user in users if user not in receivers]
    return {"invaliduser": invalid} if invalid else {}


def recall(call: Call) -> dict[str, Any]:
    """Take a message back within a day, whether it was a card or not."""
    msgid = call.text("msgid", missing=40058)
    with call.corp.books.write() as db:
        row = db.execute("select * from app_message where msgid = ?", (msgid,)).fetchone()
        if row is None or row["agent_id"] != call.app.agent_id:
            raise Failure(40058, "msgid")
        if call.now - row["at"] > _DAY:
            raise Failure(42052)
        db.execute("update app_message set recalled_at = coalesce(recalled_at, ?) where msgid = ?", (call.now, msgid))
    return {}


def _receivers(db: sqlite3.Connection, msgid: str) -> list[str]:
    return [row["userid"] for row in db.execute("select userid from app_message_receiver where msgid = ? order by userid", (msgid,))]


def _show(db: sqlite3.Connection, msgid: str, users: Sequence[str], *, name: str, card: dict[str, Any]) -> None:
    rows = [(msgid, user, name, json.dumps(card, ensure_ascii=False) if card else None) for user in users]
    db.executemany(
        """
        insert into app_card_view values (?, ?, ?, ?)
        on conflict (msgid, userid) do update set replaced = excluded.replaced, card = coalesce(excluded.card, card)
        """,
        rows,
    )


CALLS = {
    "message/update_template_card": Contract("POST", update_template_card),
    "message/recall": Contract("POST", recall),
    "message/update_taskcard": Contract("POST", update_taskcard),
}
