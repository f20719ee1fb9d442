"""Tags and their groups as the books hold them: those of the corp, and those of each rule group (规则组). All count against one ceiling."""

import sqlite3
from collections.abc import Callable, Sequence, Set
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call

CORP = None
"""In place of a rule group's id: the corp's own tags."""
_NAME = 30
_ORDER = 2**32
_LIVING = {
    "group": "select id, name, sort, created_at, strategy_id, 0 as gone from tag_group",
    "tag": "select id, group_id, name, sort, created_at, 0 as gone from tag",
}
_KNOWN = {
    "group": f"{_LIVING['group']} union all select id, name, sort, created_at, strategy_id, 1 from tag_group_gone",  # noqa: S608  of ours
    "tag": f"{_LIVING['tag']} union all select id, group_id, name, sort, created_at, 1 from tag_gone",  # noqa: S608  of ours
}

Shelf = Callable[[int | None], bool]
"""Whether a rule group's id, or CORP, is among those that a call is about."""
Owned = Callable[[Call, sqlite3.Row], None]
"""Fails unless the call is about this tag or group and its app may change it."""


def listed(db: sqlite3.Connection, shelf: Shelf, groups: Set[str], tags: Set[str]) -> list[dict[str, Any]]:
    """Groups with their tags, the largest order first; groups asked for win over tags asked for, neither means all.

    What was deleted is told of only when it is asked for by its own id: a group with all its tags, or a tag in its group.
    """
    asked = bool(groups or tags)
    group_rows = db.execute(f"select * from ({(_KNOWN if asked else _LIVING)['group']}) order by sort desc, id").fetchall()  # noqa: S608
    tag_rows: dict[str, list[sqlite3.Row]] = {}
    for row in db.execute(f"select * from ({(_KNOWN if asked else _LIVING)['tag']}) order by sort desc, id"):  # noqa: S608
        tag_rows.setdefault(row["group_id"], []).append(row)
    found = []
    for group in group_rows:
        if not shelf(group["strategy_id"]) or (groups and group["id"] not in groups):
            continue
        inside = tag_rows.get(group["id"], [])
        if groups:
            inside = [row for row in inside if row["gone"] == group["gone"]]
        elif tags:
            inside = [row for row in inside if row["id"] in tags]
        if groups or not tags or inside:
            found.append(_told(group, inside, asked=asked))
    return found


def _told(group: sqlite3.Row, tags: Sequence[sqlite3.Row], *, asked: bool) -> dict[str, Any]:
    """`deleted` stands there only when ids were asked for."""
    told = {"group_id": group["id"], "group_name": group["name"], "create_time": int(group["created_at"]), "order": group["sort"]}
    told |= {"deleted": bool(group["gone"])} if asked else {}
    told |= {"strategy_id": group["strategy_id"]} if group["strategy_id"] is not CORP else {}
    told["tag"] = [
        {"id": row["id"], "name": row["name"], "create_time": int(row["created_at"]), "order": row["sort"]} | ({"deleted": bool(row["gone"])} if asked else {})
        for row in tags
    ]
    return told


def added(call: Call, db: sqlite3.Connection, strategy_id: int | None) -> dict[str, Any]:
    """The group with the tags of this call, made. Fails with 40071 for a name that the group has, 40126 at the ceiling."""
    tags, prefix = _wanted(call), "et" if strategy_id is CORP else "st"
    group = _group(call, db, strategy_id, prefix)
    held = {row["name"] for row in db.execute("select name from tag where group_id = ?", (group["id"],))}
    if held & tags.keys():
        raise Failure(40071)
    if db.execute("select count(*) from tag").fetchone()[0] + len(tags) > call.corp.settings.limits.corp_tags:
        raise Failure(40126)
    rows = []
    for name, order in tags.items():
        id = prefix + call.corp.draws.letters(30, "made tag", call.corp.books.serial("tag"))
        db.execute(
            "insert into tag (id, group_id, name, sort, created_at, agent_id) values (?, ?, ?, ?, ?, ?)",
            (id, group["id"], name, order, call.now, call.app.agent_id),
        )
        rows.append({"id": id, "name": name, "create_time": int(call.now), "order": order})
    told = {"group_id": group["id"], "group_name": group["name"], "create_time": int(group["created_at"]), "order": group["sort"], "tag": rows}
    return told | ({"strategy_id": strategy_id} if strategy_id is not CORP else {})


def _wanted(call: Call) -> dict[str, int]:
    """Names with their order."""
    given = call.rows("tag")
    if not given:
        raise Failure(40058, "tag")
    wanted: dict[str, int] = {}
    for item in given:
        part = call.part(item)
        wanted.setdefault(_name(part.text("name")), _order(part))
    return wanted


def _group(call: Call, db: sqlite3.Connection, strategy_id: int | None, prefix: str) -> sqlite3.Row:
    """The group that is meant, made when it has a new name."""
    id, name = call.text("group_id"), call.text("group_name")
    if id:
        return _found(db.execute("select * from tag_group where id = ? and strategy_id is ?", (id, strategy_id)).fetchone())
    _name(name)
    row = db.execute("select * from tag_group where name = ? and strategy_id is ?", (name, strategy_id)).fetchone()
    if row is None:
        id = prefix + call.corp.draws.letters(30, "made tag group", call.corp.books.serial("tag group"))
        row = db.execute(
            "insert into tag_group (id, name, sort, created_at, agent_id, strategy_id) values (?, ?, ?, ?, ?, ?) returning *",
            (id, name, _order(call), call.now, call.app.agent_id, strategy_id),
        ).fetchone()
    return _found(row)


def edit(call: Call, db: sqlite3.Connection, owned: Owned) -> None:
    """A tag's or a group's name and order. Fails with 40071 for a name that stands beside it already."""
    id = call.text("id", missing=40068)
    name = _name(call.text("name")) if "name" in call.fields else None
    order = _order(call) if "order" in call.fields else None
    row = tag(db, id)
    table, beside = ("tag", "group_id = ?3") if row is not None else ("tag_group", "strategy_id is ?3")
    row = _found(row or _group_of(db, id))
    owned(call, row)
    within = row["group_id"] if table == "tag" else row["strategy_id"]
    if name is not None and db.execute(f"select 1 from {table} where name = ?2 and id <> ?1 and {beside}", (id, name, within)).fetchone():  # noqa: S608
        raise Failure(40071)
    values = (row["name"] if name is None else name, row["sort"] if order is None else order, id)
    db.execute(f"update {table} set name = ?, sort = ? where id = ?", values)  # noqa: S608  one of two words


def delete(call: Call, db: sqlite3.Connection, owned: Owned) -> None:
    """Tags and whole groups, off every customer too; a group goes with its last tag."""
    tags, groups = call.texts("tag_id"), call.texts("group_id")
    if not tags and not groups:
        raise Failure(40058, "tag_id")
    for id in groups:
        owned(call, _found(_group_of(db, id)))
        tags += [row["id"] for row in db.execute("select id from tag where group_id = ?", (id,))]
    chosen = list(dict.fromkeys(tags))
    for id in chosen:
        owned(call, _found(tag(db, id)))
    bury(db, chosen)


def bury(db: sqlite3.Connection, tags: Sequence[str]) -> None:
    """Take tags off every customer and out of the library, groups without tags too; the books remember that they were."""
    for id in tags:
        db.execute("delete from follow_tag where tag_id = ?", (id,))
        db.execute("insert into tag_gone select id, group_id, name, sort, created_at from tag where id = ?", (id,))
        db.execute("delete from tag where id = ?", (id,))
    empty = "from tag_group where id not in (select group_id from tag)"
    db.execute(f"insert into tag_group_gone select id, name, sort, created_at, strategy_id {empty}")
    db.execute(f"delete {empty}")


def tag(db: sqlite3.Connection, id: str) -> sqlite3.Row | None:
    """A living tag with the rule group it belongs to."""
    found = "select t.*, g.strategy_id from tag t join tag_group g on g.id = t.group_id where t.id = ?"
    row: sqlite3.Row | None = db.execute(found, (id,)).fetchone()
    return row


def _group_of(db: sqlite3.Connection, id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute("select * from tag_group where id = ?", (id,)).fetchone()
    return row


def _found(row: sqlite3.Row | None) -> sqlite3.Row:
    if row is None:
        raise Failure(40068)
    return row


def _name(name: str) -> str:
    if not name.strip() or len(name) > _NAME:
        raise Failure(40072)
    return name


def _order(call: Call) -> int:
    order = call.number("order") or 0
    if not 0 <= order < _ORDER:
        raise Failure(40058, "order")
    return order
