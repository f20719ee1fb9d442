"""客户管理: which members have customers, and the customers themselves."""

import json
import sqlite3
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract.calls import Call, Contract
from siyu.connectors.wecom.sandbox.contract.media import require
from siyu.connectors.wecom.sandbox.cursors import seal, unseal


def get_follow_user_list(call: Call) -> dict[str, Any]:
    with call.corp.books.read() as db:
        visible = call.corp.visible_staff(call.app, db)
        rows = db.execute("select userid from staff where follows_customers = 1 and status <> 5 order by userid").fetchall()
    return {"follow_user": [row["userid"] for row in rows if row["userid"] in visible]}


def list_of_member(call: Call) -> dict[str, Any]:
    """All customers of one member. One whom only the customer left stays listed until the member deletes too."""
    wanted = call.text("userid", missing=40003)
    with call.corp.books.read() as db:
        userid = call.corp.require_staff(call.app, db, wanted)
        call.corp.require_licence(db, [userid])
        rows = db.execute("select external_userid from follow where userid = ? and left_by_staff_at is null order by external_userid", (userid,)).fetchall()
    if not rows and call.corp.settings.empty_list_is_84061:
        raise Failure(84061)
    return {"external_userid": [row["external_userid"] for row in rows]}


def get(call: Call) -> dict[str, Any]:
    external_userid = call.text("external_userid", missing=41035)
    after = unseal(call.path, call.text("cursor"))
    page = call.corp.settings.limits.followers_page
    with call.corp.books.read() as db:
        customer = db.execute("select * from customer where external_userid = ?", (external_userid,)).fetchone()
        if customer is None:
            raise Failure(40096)
        visible = call.corp.visible_staff(call.app, db)
        follows = [
            row
            for row in db.execute("select * from follow where external_userid = ? and left_by_staff_at is null order by userid", (external_userid,))
            if row["userid"] in visible and (after is None or row["userid"] > after[0])
        ]
        if not follows and after is None:
            raise Failure(84061)
        result: dict[str, Any] = {
            "external_contact": _contact(call, customer),
            "follow_user": [{**_follow(row), "tags": _tags(call, db, row)} for row in follows[:page]],
        }
    if len(follows) > page:
        result["next_cursor"] = seal(call.path, [follows[page - 1]["userid"]])
    return result


def batch_get_by_user(call: Call) -> dict[str, Any]:
    """Rows grouped by member; tags as ids."""
    limits = call.corp.settings.limits
    userids = call.texts("userid_list") or ([call.text("userid")] if call.text("userid") else [])
    if not userids or len(userids) > limits.batch_userids:
        raise Failure(40058, "userid_list")
    after = unseal(call.path, call.text("cursor"))
    page = call.page(limits.batch_page_default, limits.batch_page_max)
    with call.corp.books.read() as db:
        visible = call.corp.visible_staff(call.app, db)
        known = {userid if userid in visible else call.corp.require_staff(call.app, db, userid) for userid in userids}
        call.corp.require_licence(db, sorted(known))
        start = after or ["", ""]
        ahead = sorted(userid for userid in known if userid >= start[0])
        rows = db.execute(
            f"""
            select f.*, c.name, c.gender, c.unionid,
                (select group_concat(t.tag_id) from follow_tag t
                    where t.userid = f.userid and t.external_userid = f.external_userid and (? or t.tag_id not like 'st%')) as tag_ids
            from follow f join customer c using (external_userid)
            where f.userid in ({",".join("?" * len(ahead))}) and f.left_by_staff_at is null and (f.userid, f.external_userid) > (?, ?)
            order by f.userid, f.external_userid limit ?
            """,  # noqa: S608  only question marks are put in
            (call.app.edits_all_tags, *ahead, *start, page + 1),
        ).fetchall()
    found = [
        {"external_contact": _contact(call, row), "follow_info": {**_follow(row), "tag_id": sorted(row["tag_ids"].split(",")) if row["tag_ids"] else []}}
        for row in rows[:page]
    ]
    more = len(rows) > page
    last = rows[page - 1] if more else None
    return {"external_contact_list": found, "next_cursor": seal(call.path, [last["userid"], last["external_userid"]]) if last else ""}


def remark(call: Call) -> dict[str, Any]:
    """What a member notes about a customer; `remark_mobiles` replaces all, [""] clears. No callback: the change came over the interface."""
    given: dict[str, Any] = {}
    for name, most in (("remark", 20), ("description", 150), ("remark_company", 20)):
        if call.fields.get(name) is not None:
            given[name] = call.text(name)
            if len(given[name]) > most:
                raise Failure(40058, name)
    if call.fields.get("remark_mobiles") is not None:
        mobiles = [mobile for mobile in call.texts("remark_mobiles") if mobile]
        if len(mobiles) > call.corp.settings.limits.remark_mobiles:
            raise Failure(40058, "remark_mobiles")
        given["remark_mobiles"] = json.dumps(mobiles)
    picture = call.text("remark_pic_mediaid")
    userid, external_userid = call.text("userid", missing=40058), call.text("external_userid", missing=40058)
    if not given and not picture:
        raise Failure(40063)
    with call.corp.books.write() as db:
        if picture:
            require(call, db, picture, "image")
        pair = call.corp.require_follow(call.app, db, userid, external_userid)
        for name, value in given.items():
            db.execute(f"update follow set {name} = ? where userid = ? and external_userid = ?", (value, *pair))  # noqa: S608  one of four words
    return {}


def _contact(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    contact = {
        "external_userid": row["external_userid"],
        "name": row["name"],
        "type": 1,
        "avatar": "",
        "gender": row["gender"],
    }
    return contact | ({"unionid": row["unionid"]} if call.corp.settings.unionid else {})


def _follow(row: sqlite3.Row) -> dict[str, Any]:
    follow = {
        "userid": row["userid"],
        "remark": row["remark"],
        "description": row["description"],
        "createtime": int(row["created_at"]),
        "remark_mobiles": json.loads(row["remark_mobiles"]) if row["remark_mobiles"] != "[]" else [],
        "add_way": row["add_way"],
        "oper_userid": row["oper_userid"],
    }
    if row["remark_company"]:
        follow["remark_corp_name"] = row["remark_company"]
    return follow | ({"state": row["state"]} if row["state"] else {})


def _tags(call: Call, db: sqlite3.Connection, follow: sqlite3.Row) -> list[dict[str, Any]]:
    """Of the corp, those of rule groups for the secret of 客户联系, then the member's own, which have no id."""
    rows = db.execute(
        """
        select t.id, t.name, g.name as group_name, case when g.strategy_id is null then 1 else 3 end as type
        from follow_tag f join tag t on t.id = f.tag_id join tag_group g on g.id = t.group_id
        where f.userid = ? and f.external_userid = ? and (? or g.strategy_id is null) order by type, g.sort desc, t.sort desc, t.id
        """,
        (follow["userid"], follow["external_userid"], call.app.edits_all_tags),
    )
    tags = [{"group_name": row["group_name"], "tag_name": row["name"], "tag_id": row["id"], "type": row["type"]} for row in rows]
    return tags + [{"group_name": "", "tag_name": name, "type": 2} for name in json.loads(follow["own_tags"])]


CALLS = {
    "externalcontact/get_follow_user_list": Contract("GET", get_follow_user_list, "customer"),
    "externalcontact/list": Contract("GET", list_of_member, "customer"),
    "externalcontact/get": Contract("GET", get, "customer"),
    "externalcontact/batch/get_by_user": Contract("POST", batch_get_by_user, "customer"),
    "externalcontact/remark": Contract("POST", remark, "customer"),
}
