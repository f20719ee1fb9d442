"""应用消息: what the app tells its own staff."""

import hashlib
import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract import cards
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require
from siyu.connectors.wecom.sandbox.corp import subtree

_KINDS = ("text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown", "miniprogram_notice", "template_card")
_SWITCHES = {"safe": 2, "enable_id_trans": 1, "enable_duplicate_check": 1}
"""Each with its largest value."""
_ARTICLES, _BUTTON = 8, 4


def send(call: Call) -> dict[str, Any]:
    """Receivers out of range are listed when others are in it. More than 30 a minute or 1000 an hour to one member are dropped in silence."""
    limits = call.corp.settings.limits
    kind = call.text("msgtype", missing=40008)
    if kind not in _KINDS:
        raise Failure(40008)
    if call.number("agentid", missing=41011) != call.app.agent_id:
        raise Failure(301002)
    content = _content(call, kind)
    for name, most in _SWITCHES.items():
        if not 0 <= (call.number(name) or 0) <= most:
            raise Failure(40058, name)
    users, parties, tags = (_joined(call, name) for name in ("touser", "toparty", "totag"))
    if not users and not parties and not tags:
        raise Failure(82001)
    if len(users) > limits.message_users:
        raise Failure(40031)
    if len(parties) > limits.message_parties:
        raise Failure(82002)
    if len(tags) > limits.message_tags:
        raise Failure(82003)
    with call.corp.books.write() as db:
        receivers, invalid_users, invalid_parties = _receivers(call, db, users, parties)
        if not receivers:
            raise Failure(81013)
        fingerprint = hashlib.sha256(json.dumps([kind, content, users, parties, tags], sort_keys=True).encode()).hexdigest()
        msgid = call.corp.draws.letters(64, "app message", call.corp.books.serial("app_message"))
        repeated = _repeated(call, db, fingerprint)
        db.execute(
            "insert into app_message (msgid, agent_id, msgtype, content, fingerprint, at, at_machine) values (?, ?, ?, ?, ?, ?, ?)",
            (msgid, call.app.agent_id, kind, json.dumps(content, ensure_ascii=False), fingerprint, call.now, call.machine),
        )
        unlicensed = sorted({row["userid"] for row in db.execute("select userid from unlicensed")} & set(receivers))
        for userid in receivers:
            delivered = not repeated and userid not in unlicensed and not _over_rate(call, db, userid)
            db.execute("insert into app_message_receiver values (?, ?, ?, ?)", (msgid, userid, int(delivered), call.machine))
        code = cards.keep(call, db, msgid, content) if kind == "template_card" and not repeated else ""
    result: dict[str, Any] = {"msgid": msgid} | ({"response_code": code} if code else {})
    if invalid_users:
        result["invaliduser"] = "|".join(user.lower() for user in invalid_users)
    if unlicensed:
        result["unlicenseduser"] = "|".join(unlicensed)
    if invalid_parties:
        result["invalidparty"] = "|".join(invalid_parties)
    if tags:
        result["invalidtag"] = "|".join(tags)
    return result


def _joined(call: Call, name: str) -> list[str]:
    return list(dict.fromkeys(part for part in call.text(name).split("|") if part))


def _content(call: Call, kind: str) -> dict[str, Any]:
    part = call.fields.get(kind)
    if not isinstance(part, dict):
        raise Failure(44004 if kind in ("text", "markdown") else 40058, kind)
    if kind in ("text", "markdown"):
        whole = call.part(part).text("content", missing=44004).encode()
        return {"content": whole[: call.corp.settings.limits.message_text_bytes].decode(errors="ignore")}
    if kind in ("image", "voice", "video", "file"):
        with call.corp.books.read() as db:
            require(call, db, str(part.get("media_id") or ""), kind)
    if kind == "template_card":
        cards.check(call, part)
    if kind == "textcard":
        _check_text_card(call.part(part))
    if kind == "news":
        _check_articles(call.part(part))
    return part


def _check_text_card(card: Call) -> None:
    for name, code in (("title", 41016), ("description", 41033), ("url", 41010)):
        card.text(name, missing=code)
    if len(card.text("title").encode()) > 128 or len(card.text("description").encode()) > 512:
        raise Failure(45002)
    if len(card.address("url").encode()) > card.corp.settings.limits.url_bytes:
        raise Failure(40039)
    if len(card.text("btntxt")) > _BUTTON:
        raise Failure(40058, "btntxt")


def _check_articles(news: Call) -> None:
    """One to eight, each with a title and somewhere to lead: an address, or a page of a mini-program."""
    articles = [news.part(row) for row in news.rows("articles")]
    if not articles:
        raise Failure(40058, "news.articles")
    if len(articles) > _ARTICLES:
        raise Failure(45008)
    for article in articles:
        article.text("title", missing=41016)
        article.address("picurl")
        if not article.address("url") and not (article.text("appid") and article.text("pagepath")):
            raise Failure(41010)


def _receivers(call: Call, db: sqlite3.Connection, users: list[str], parties: list[str]) -> tuple[list[str], list[str], list[str]]:
    visible = call.corp.visible_staff(call.app, db)
    by_lower = {userid.lower(): userid for userid in visible}
    if users == ["@all"]:
        return sorted(visible), [], []
    found = {by_lower[user.lower()] for user in users if user.lower() in by_lower}
    invalid_users = [user for user in users if user.lower() not in by_lower]
    departments = call.corp.visible_departments(call.app, db)
    invalid_parties = []
    for party in parties:
        below = set(subtree(db, int(party))) & departments if party.isdigit() else set()
        if not below:
            invalid_parties.append(party)
        found |= call.corp.members_within(db, below) & visible
    return sorted(found), invalid_users, invalid_parties


def _repeated(call: Call, db: sqlite3.Connection, fingerprint: str) -> bool:
    if not call.number("enable_duplicate_check"):
        return False
    limits = call.corp.settings.limits
    seconds = min(call.number("duplicate_check_interval") or limits.message_duplicate_seconds, limits.message_duplicate_seconds_max)
    row = db.execute("select 1 from app_message where fingerprint = ? and at_machine > ?", (fingerprint, call.machine - seconds)).fetchone()
    return row is not None


def _over_rate(call: Call, db: sqlite3.Connection, userid: str) -> bool:
    limits = call.corp.settings.limits
    for seconds, most in ((60, limits.message_member_per_minute), (3600, limits.message_member_per_hour)):
        count = db.execute(
            "select count(*) from app_message_receiver where userid = ? and at_machine > ? and delivered = 1", (userid, call.machine - seconds)
        ).fetchone()[0]
        if count >= most:
            return True
    return False


CALLS = {"message/send": Contract("POST", send)}
