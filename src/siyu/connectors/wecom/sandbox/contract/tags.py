"""企业标签: the library of the corp, and what is put on relations. Changes made here send no callback."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract import tag_library as library
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.tag_library import CORP


def get_corp_tag_list(call: Call) -> dict[str, Any]:
    """The library, whole or by ids; `group_id` wins over `tag_id`."""
    groups, tags = set(call.texts("group_id")), set(call.texts("tag_id"))
    with call.corp.books.read() as db:
        return {"tag_group": library.listed(db, lambda strategy_id: strategy_id is CORP, groups, tags)}


def add_corp_tag(call: Call) -> dict[str, Any]:
    """Into a group by id, or by name; the same name twice in one call is one tag, a name the group has already is 40071."""
    with call.corp.books.write() as db:
        return {"tag_group": library.added(call, db, CORP)}


def edit_corp_tag(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        library.edit(call, db, _own)
    return {}


def del_corp_tag(call: Call) -> dict[str, Any]:
    """Off every customer too; a group goes with its last tag."""
    with call.corp.books.write() as db:
        library.delete(call, db, _own)
    return {}


def mark_tag(call: Call) -> dict[str, Any]:
    """Adding what is there, or taking off what is not, is no error."""
    add, remove = call.texts("add_tag"), call.texts("remove_tag")
    if not add and not remove:
        raise Failure(40058, "add_tag")
    userid, external_userid = call.text("userid", missing=40058), call.text("external_userid", missing=40058)
    with call.corp.books.write() as db:
        pair = call.corp.require_follow(call.app, db, userid, external_userid)
        _all_known(call, db, [*add, *remove])
        db.executemany("delete from follow_tag where userid = ? and external_userid = ? and tag_id = ?", [(*pair, id) for id in remove])
        db.executemany("insert or ignore into follow_tag values (?, ?, ?)", [(*pair, id) for id in add])
        if db.execute("select count(*) from follow_tag where userid = ? and external_userid = ?", pair).fetchone()[0] > call.corp.settings.limits.pair_tags:
            raise Failure(40126)
    return {}


def _all_known(call: Call, db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Tags of rule groups are known to the secret of 客户联系 alone."""
    for id in ids:
        row = library.tag(db, id)
        if row is None or not (row["strategy_id"] is CORP or call.app.edits_all_tags):
            raise Failure(40068)


def _own(call: Call, row: sqlite3.Row) -> None:
    """A tag or group of the corp that this app may change: one it made, or any when it uses the secret of 客户联系."""
    if row["strategy_id"] is not CORP:
        raise Failure(40068)
    if not call.app.edits_all_tags and row["agent_id"] != call.app.agent_id:
        raise Failure(81011)


CALLS = {
    "externalcontact/get_corp_tag_list": Contract("POST", get_corp_tag_list, "customer"),
    "externalcontact/add_corp_tag": Contract("POST", add_corp_tag, "customer"),
    "externalcontact/edit_corp_tag": Contract("POST", edit_corp_tag, "customer"),
    "externalcontact/del_corp_tag": Contract("POST", del_corp_tag, "customer"),
    "externalcontact/mark_tag": Contract("POST", mark_tag, "customer"),
}
