"""规则组标签: tags of each rule group, for the secret of 客户联系 alone."""

import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract import tag_library as library
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.strategies import TOP, named
from siyu.connectors.wecom.sandbox.contract.tag_library import CORP


def get_strategy_tag_list(call: Call) -> dict[str, Any]:
    """Those of one rule group or of all, whole or by ids; `group_id` wins over `tag_id`."""
    _require_secret(call)
    wanted, groups, tags = call.number("strategy_id"), set(call.texts("group_id")), set(call.texts("tag_id"))
    with call.corp.books.read() as db:
        if wanted is not None:
            named(call, db)
        return {"tag_group": library.listed(db, lambda id: id is not CORP if wanted is None else id == wanted, groups, tags)}


def add_strategy_tag(call: Call) -> dict[str, Any]:
    """As a tag of the corp, into a group of a rule group that has no other above it."""
    _require_secret(call)
    with call.corp.books.write() as db:
        strategy = named(call, db)
        if strategy["parent_id"] != TOP:
            raise Failure(40058, "strategy_id")
        return {"tag_group": library.added(call, db, strategy["strategy_id"])}


def edit_strategy_tag(call: Call) -> dict[str, Any]:
    _require_secret(call)
    with call.corp.books.write() as db:
        library.edit(call, db, _of_a_strategy)
    return {}


def del_strategy_tag(call: Call) -> dict[str, Any]:
    _require_secret(call)
    with call.corp.books.write() as db:
        library.delete(call, db, _of_a_strategy)
    return {}


def _require_secret(call: Call) -> None:
    if not call.app.edits_all_tags:
        raise Failure(48002)


def _of_a_strategy(_: Call, row: sqlite3.Row) -> None:
    if row["strategy_id"] is CORP:
        raise Failure(40068)


CALLS = {
    "externalcontact/get_strategy_tag_list": Contract("POST", get_strategy_tag_list, "customer"),
    "externalcontact/add_strategy_tag": Contract("POST", add_strategy_tag, "customer"),
    "externalcontact/edit_strategy_tag": Contract("POST", edit_strategy_tag, "customer"),
    "externalcontact/del_strategy_tag": Contract("POST", del_strategy_tag, "customer"),
}
