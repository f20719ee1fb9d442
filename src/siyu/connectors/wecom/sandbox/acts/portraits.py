"""One person of the town in full, and how to find one."""

import json
import sqlite3
from typing import Any

from fastapi import APIRouter

from siyu.connectors.wecom.sandbox.acts.people import customer_of, member_of
from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.inputs import Last
from siyu.connectors.wecom.sandbox.town.life import Town

_FRIENDS = """
select f.userid, f.external_userid, s.name as member, c.name as customer, f.remark, f.description, f.state, f.created_at as since,
    f.left_by_customer_at is not null as left_by_customer, f.left_by_staff_at is not null as left_by_staff,
    exists (
        select 1 from handover h
        where h.handover = f.userid and h.external_userid = f.external_userid and h.status = 1 and h.due_at = f.left_by_staff_at
    ) as handed_on, 0 as half, f.talked_at
from follow f join staff s using (userid) join customer c using (external_userid)
union all
select h.userid, h.external_userid, s.name, c.name, '', '', h.state, h.since, 0, 0, 0, 1, h.since
from half_follow h join staff s using (userid) join customer c using (external_userid)
"""


def router(corp: Corp, town: Town) -> APIRouter:
    acts = APIRouter()

    @acts.get("/sandbox/books/people")
    def people(q: str = "", limit: Last = -1) -> list[dict[str, Any]]:
        """Customers whose name or id holds `q`; all without."""
        with corp.books.read() as db:
            rows = db.execute(
                """
                select c.external_userid, c.shop_customer_id, c.unionid, c.name, c.gender, c.city, c.province, min(f.userid) as guide
                from customer c left join follow f using (external_userid)
                where ?1 = '' or instr(c.name, ?1) > 0 or instr(c.external_userid, ?1) > 0 or c.shop_customer_id = ?1
                group by c.external_userid order by c.external_userid limit ?2
                """,
                (q.strip(), limit),
            )
            return [dict(row) for row in rows]

    @acts.get("/sandbox/books/people/{external_userid}")
    def customer(external_userid: str) -> dict[str, Any]:
        """With members, groups and the last ten orders. `invitor` of a group: the name of who brought the customer in, empty for nobody."""
        with corp.books.read() as db:
            row = customer_of(db, external_userid)
            groups = """
                select chat_id, c.name, c.owner, m.scene, coalesce(s.name, i.name, '') as invitor
                from chat_member m join chat c using (chat_id)
                left join staff s on s.userid = m.invitor left join customer i on i.external_userid = m.invitor
                where m.userid = ? and m.left_at is null and c.dismissed_at is null order by c.name, chat_id
            """
            orders = """
                select order_no, paid_at, amount, cause, msgid, http_status, refunded_at is not null as refunded from shop_order
                where external_userid = ? order by paid_at desc, order_no limit 10
            """
            return {
                **{name: row[name] for name in ("external_userid", "shop_customer_id", "unionid", "name", "gender", "city", "province")},
                "friends": _friends(db, "external_userid", external_userid, "", 100),
                "groups": [dict(group) for group in db.execute(groups, (external_userid,))],
                "orders": [{**dict(order), "paid_at": iso(order["paid_at"])} for order in db.execute(orders, (external_userid,))],
            }

    @acts.get("/sandbox/books/staff")
    def staff(q: str = "", limit: Last = -1) -> list[dict[str, Any]]:
        """Members whose name or userid holds `q`; all without. `open_tasks`: group sends and moments that wait for them."""
        with corp.books.read() as db:
            rows = db.execute(
                """
                select s.userid, s.name, s.position, s.main_department, s.mobile, s.status,
                    (select count(*) from send_task t join send using (msgid) where t.userid = s.userid and t.status = 0 and cancelled_at is null)
                    + (select count(*) from moment_task t join moment using (moment_id)
                        where t.userid = s.userid and published_at is null and cancelled_at is null and ready_at <= ?3) as open_tasks
                from staff s where ?1 = '' or instr(s.name, ?1) > 0 or instr(s.userid, ?1) > 0 order by s.userid limit ?2
                """,
                (q.strip(), limit, corp.clock.now()),
            )
            return [dict(row) for row in rows]

    @acts.get("/sandbox/books/staff/{userid}")
    def member(userid: str, q: str = "", limit: Last = 50) -> dict[str, Any]:
        """With the customers whose name, remark or id holds `q`, those talked to last in front."""
        with corp.books.read() as db:
            row = member_of(db, userid)
            store = db.execute("select name from department where id = ?", (row["main_department"],)).fetchone()
            return {
                **{name: row[name] for name in ("userid", "name", "position", "mobile")},
                "department": store["name"] if store else "",
                "customers": db.execute("select count(*) from follow where userid = ? and left_by_staff_at is null", (userid,)).fetchone()[0],
                "friends": _friends(db, "userid", userid, q.strip(), limit),
            }

    return acts


def _friends(db: sqlite3.Connection, column: str, id: str, q: str, limit: int) -> list[dict[str, Any]]:
    """Relations of one side, ended and half ones too, with their tags."""
    rows = db.execute(
        f"""
        select * from ({_FRIENDS}) where {column} = ?1
          and (?2 = '' or instr(customer, ?2) > 0 or instr(remark, ?2) > 0 or instr(external_userid, ?2) > 0)
        order by talked_at desc, userid, external_userid limit ?3
        """,  # noqa: S608  one of two words
        (id, q, limit),
    ).fetchall()
    tags = "select json_group_array(tag_id) from follow_tag where userid = ? and external_userid = ?"
    return [
        {**dict(row), "since": iso(row["since"]), "talked_at": iso(row["talked_at"])}
        | {"tags": json.loads(db.execute(tags, (row["userid"], row["external_userid"])).fetchone()[0])}
        for row in rows
    ]
