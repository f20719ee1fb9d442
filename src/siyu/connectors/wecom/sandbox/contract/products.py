"""商品图册: goods that members may send."""

import json
import re
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require
from siyu.connectors.wecom.sandbox.cursors import seal, unseal

_DESCRIPTION = 300
_PICTURES = 9
_NUMBER = re.compile(r"[A-Za-z0-9]{0,128}")


def add(call: Call) -> dict[str, Any]:
    fields = (_description(call), _price(call), _number(call), _attachments(call))
    with call.corp.books.write() as db:
        product_id = call.corp.draws.letters(32, "product", call.corp.books.serial("product"))
        db.execute("insert into product values (?, ?, ?, ?, ?, ?, ?, null)", (product_id, call.app.agent_id, *fields, call.now))
    return {"product_id": product_id}


def get(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        row = _living(call, db)
    return {"product": _told(row) | {"create_time": int(row["created_at"])}}


def listed(call: Call) -> dict[str, Any]:
    """All products, oldest first."""
    page = call.page(50, 100)
    after = unseal(call.path, call.text("cursor")) or [0.0, ""]
    with call.corp.books.read() as db:
        rows = db.execute(
            "select * from product where deleted_at is null and (created_at, product_id) > (?, ?) order by created_at, product_id limit ?", (*after, page + 1)
        ).fetchall()
    more = seal(call.path, [rows[page - 1]["created_at"], rows[page - 1]["product_id"]]) if len(rows) > page else ""
    return {"product_list": [_told(row) for row in rows[:page]], "next_cursor": more}


def update(call: Call) -> dict[str, Any]:
    """Only what changes is given."""
    with call.corp.books.write() as db:
        row = _own(call, db)
        readers = {"description": _description, "price": _price, "product_sn": _number, "attachments": _attachments}
        for name, read in readers.items():
            if name in call.fields:
                db.execute(f"update product set {name} = ? where product_id = ?", (read(call), row["product_id"]))  # noqa: S608  names of ours
    return {}


def delete(call: Call) -> dict[str, Any]:
    with call.corp.books.write() as db:
        db.execute("update product set deleted_at = ? where product_id = ?", (call.now, _own(call, db)["product_id"]))
    return {}


def _told(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("product_id", "description", "price", "product_sn")}
    return told | {"attachments": json.loads(row["attachments"])}


def _description(call: Call) -> str:
    description = call.text("description")
    if not description.strip():
        raise Failure(41087)
    if len(description) > _DESCRIPTION:
        raise Failure(41073)
    return description


def _price(call: Call) -> int:
    price = call.fields.get("price")
    if isinstance(price, bool) or not isinstance(price, int) or not 0 <= price <= call.corp.settings.limits.product_price_fen:
        raise Failure(41086)
    return price


def _number(call: Call) -> str:
    number = call.text("product_sn")
    if not _NUMBER.fullmatch(number):
        raise Failure(41085)
    return number


def _attachments(call: Call) -> str:
    rows = call.rows("attachments")
    if not rows:
        raise Failure(41088)
    if len(rows) > _PICTURES:
        raise Failure(41064)
    for row in rows:
        if row.get("type") != "image":
            raise Failure(41065)
        with call.corp.books.read() as db:
            require(call, db, call.part(row).inner("image").text("media_id"), "image", "album")
    return json.dumps(rows)


def _living(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    row = db.execute("select * from product where product_id = ?", (call.text("product_id", missing=41075),)).fetchone()
    if row is None:
        raise Failure(41075)
    if row["deleted_at"] is not None:
        raise Failure(41074)
    return row  # type: ignore[no-any-return]


def _own(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    """The secret of 客户联系 may change all, an app only its own."""
    row = _living(call, db)
    if row["agent_id"] != call.app.agent_id and not call.app.edits_all_tags:
        raise Failure(48002)
    return row


CALLS = {
    "externalcontact/add_product_album": Contract("POST", add, "customer"),
    "externalcontact/get_product_album": Contract("POST", get, "customer"),
    "externalcontact/get_product_album_list": Contract("POST", listed, "customer"),
    "externalcontact/update_product_album": Contract("POST", update, "customer"),
    "externalcontact/delete_product_album": Contract("POST", delete, "customer"),
}
