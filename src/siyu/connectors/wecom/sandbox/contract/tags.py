"""企业标签: the library of the corp, and what is put on relations. Changes made here send no callback."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract

_NAME = 30
_ORDER = 2**32


def get_corp_tag_list(call: Call) -> dict[str, Any]:
    """The library, whole or by ids; `group_id` wins over `tag_id`."""
    groups, tags = set(call.texts("group_id")), set(call.texts("tag_id"))
    if groups:
        tags = set()
    with call.corp.books.read() as db:
        found = []
        for group in db.execute("select * from tag_group order by sort desc, id").fetchall():
            if groups and group["id"] not in groups:
                continue
            rows = db.execute("select * from tag where group_id = ? order by sort desc, id", (group["id"],)).fetchall()
            chosen = [row for row in rows if not tags or row["id"] in tags]
            if tags and not chosen:
                continue
            asked = {"deleted": False} if groups or tags else {}
            found.append(
                {
                    "group_id": group["id"],
                    "group_name": group["name"],
                    "create_time": int(group["created_at"]),
                    "order": group["sort"],
                    **asked,
                    "tag": [{"id": row["id"], "name": row["name"], "create_time": int(row["created_at"]), "order": row["sort"], **asked} for row in chosen],
                }
            )
    return {"tag_group": found}


def add_corp_tag(call: Call) -> dict[str, Any]:
    """Into a group by id, or by name; the same name twice in one call is one tag, a name the group has already is 40071."""
    tags = _wanted(call)
    with call.corp.books.write() as db:
        group = _group(call, db)
        held = {row["name"] for row in db.execute("select name from tag where group_id = ?", (group["id"],))}
        if held & tags.keys():
            raise Failure(40071)
        if db.execute("select count(*) from tag").fetchone()[0] + len(tags) > call.corp.settings.limits.corp_tags:
            raise Failure(40126)
        rows = []
        for name, order in tags.items():
            id = "et" + call.corp.draws.letters(30, "made tag", call.corp.books.serial("tag"))
            db.execute(
                "insert into tag (id, group_id, name, sort, created_at, agent_id) values (?, ?, ?, ?, ?, ?)",
                (id, group["id"], name, order, call.now, call.app.agent_id),
            )
            rows.append({"id": id, "name": name, "create_time": int(call.now), "order": order})
    return {
        "tag_group": {"group_id": group["id"], "group_name": group["name"], "create_time": int(group["created_at"]), "order": group["sort"], "tag": rows},
    }


def _wanted(call: Call) -> dict[str, int]:
    """Names with their order."""
    given = call.fields.get("tag")
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise Failure(40058, "tag")
    wanted: dict[str, int] = {}
    for item in given:
        part = call.part(item)
        wanted.setdefault(_name(part.text("name")), _order(part))
    return wanted


def _group(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    """The group that is meant, made when it has a new name."""
    id, name = call.text("group_id"), call.text("group_name")
    if id:
        return _found(db.execute("select * from tag_group where id = ?", (id,)).fetchone())
    _name(name)
    row = db.execute("select * from tag_group where name = ?", (name,)).fetchone()
    if row is None:
        id = "et" + call.corp.draws.letters(30, "made tag group", call.corp.books.serial("tag group"))
        row = db.execute(
            "insert into tag_group (id, name, sort, created_at, agent_id) values (?, ?, ?, ?, ?) returning *",
            (id, name, _order(call), call.now, call.app.agent_id),
        ).fetchone()
    return _found(row)


def edit_corp_tag(call: Call) -> dict[str, Any]:
    id = call.text("id", missing=40068)
    name = _name(call.text("name")) if "name" in call.fields else None
    order = _order(call) if "order" in call.fields else None
    with call.corp.books.write() as db:
        table = "tag" if db.execute("select 1 from tag where id = ?", (id,)).fetchone() else "tag_group"
        row = _own(call, db.execute(f"select * from {table} where id = ?", (id,)).fetchone())  # noqa: S608  one of two words
        same = "group_id = (select group_id from tag where id = ?1)" if table == "tag" else "?1 = ?1"
        if name is not None and db.execute(f"select 1 from {table} where name = ?2 and id <> ?1 and {same}", (id, name)).fetchone():  # noqa: S608
            raise Failure(40071)
        values = (row["name"] if name is None else name, row["sort"] if order is None else order, id)
        db.execute(f"update {table} set name = ?, sort = ? where id = ?", values)  # noqa: S608
    return {}


def del_corp_tag(call: Call) -> dict[str, Any]:
    """Off every customer too; a group goes with its last tag."""
    tags, groups = call.texts("tag_id"), call.texts("group_id")
    if not tags and not groups:
        raise Failure(40058, "tag_id")
    with call.corp.books.write() as db:
        for id in groups:
            _own(call, db.execute("select * from tag_group where id = ?", (id,)).fetchone())
            tags += [row["id"] for row in db.execute("select id from tag where group_id = ?", (id,))]
        for id in dict.fromkeys(tags):
            _own(call, db.execute("select * from tag where id = ?", (id,)).fetchone())
            db.execute("delete from follow_tag where tag_id = ?", (id,))
            db.execute("delete from tag where id = ?", (id,))
        db.execute("delete from tag_group where id not in (select group_id from tag)")
    return {}


def mark_tag(call: Call) -> dict[str, Any]:
    """Adding what is there, or taking off what is not, is no error."""
    add, remove = call.texts("add_tag"), call.texts("remove_tag")
    if not add and not remove:
        raise Failure(40058, "add_tag")
    userid, external_userid = call.text("userid", missing=40058), call.text("external_userid", missing=40058)
    with call.corp.books.write() as db:
        pair = call.corp.require_follow(call.app, db, userid, external_userid)
        _all_known(db, [*add, *remove])
        db.executemany("delete from follow_tag where userid = ? and external_userid = ? and tag_id = ?", [(*pair, id) for id in remove])
        db.executemany("insert or ignore into follow_tag values (?, ?, ?)", [(*pair, id) for id in add])
        if db.execute("select count(*) from follow_tag where userid = ? and external_userid = ?", pair).fetchone()[0] > call.corp.settings.limits.pair_tags:
            raise Failure(40126)
    return {}


def _all_known(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    for id in ids:
        _found(db.execute("select * from tag where id = ?", (id,)).fetchone())


def _name(name: str) -> str:
    if not name or len(name) > _NAME:
        raise Failure(40072)
    return name


def _order(call: Call) -> int:
    order = call.number("order") or 0
    if not 0 <= order < _ORDER:
        raise Failure(40058, "order")
    return order


def _own(call: Call, row: sqlite3.Row | None) -> sqlite3.Row:
    """A tag or group that this app may change: one it made, or any when it uses the secret of 客户联系."""
    row = _found(row)
    if not call.app.edits_all_tags and row["agent_id"] != call.app.agent_id:
        raise Failure(81011)
    return row


def _found(row: sqlite3.Row | None) -> sqlite3.Row:
    if row is None:
        raise Failure(40068)
    return row


CALLS = {
    "externalcontact/get_corp_tag_list": Contract("POST", get_corp_tag_list, "customer"),
    "externalcontact/add_corp_tag": Contract("POST", add_corp_tag, "customer"),
    "externalcontact/edit_corp_tag": Contract("POST", edit_corp_tag, "customer"),
    "externalcontact/del_corp_tag": Contract("POST", del_corp_tag, "customer"),
    "externalcontact/mark_tag": Contract("POST", mark_tag, "customer"),
}
