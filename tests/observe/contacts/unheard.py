"""People and programs change a corp, and both sides' books laid open to be compared."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Any

from siyu.connectors.wecom.sandbox import Sandbox
from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.contract import CALLS, Call
from tests.observe.contacts.scene import Scene

Rows = dict[Any, Any]
"""By key what one side knows."""


@dataclass
class Changes:
    """Draws changes and makes them in the sandbox, all within one transaction of its books. `made` counts them by kind.

    `programs`: whether those have a hand in it too, of whose changes no callback tells.
    """

    sandbox: Sandbox
    chance: Random
    programs: bool = True
    made: Counter[str] = field(default_factory=Counter)
    left: set[str] = field(default_factory=set)
    db: sqlite3.Connection = field(init=False)
    at: float = field(init=False)

    def make(self, count: int, *, hours: float) -> None:
        """So many changes, spread evenly over some hours from now."""
        start = self.sandbox.clock.now()
        kinds: dict[Callable[[], bool], int] = {
            self.customer_deletes: 12,
            self.staff_deletes: 12,
            self.add: 22,
            self.note: 12,
            self.join: 6,
            self.leave: 4,
            self.rename: 1,
            self.change_member: 3,
            self.change_department: 1,
        }
        if self.programs:
            kinds |= {self.note_over_the_interface: 12, self.mark_over_the_interface: 14, self.change_library: 2}
        done = 0
        with self.sandbox.books.write() as self.db:
            self.at = start
            while len(self.left) < 3:
                assert self.leave_company()
            while done < count:
                self.at = start + hours * 3600 * done / count
                kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
                try:
                    changed = kind()
                except Failure:  # the platform's own no: a tag that is gone, a name that is taken
                    changed = False
                if changed:
                    self.made[kind.__name__] += 1
                    done += 1

    # -- relations -----------------------------------------------------------------------------------------------------------------------------------

    def customer_deletes(self) -> bool:
        userid, customer = self._pair("left_by_customer_at is null and left_by_staff_at is null")
        return self.sandbox.town.leave(self.db, userid, customer, self.at, by="customer")

    def staff_deletes(self) -> bool:
        userid, customer = self._pair()
        return self.sandbox.town.leave(self.db, userid, customer, self.at, by="staff")

    def add(self) -> bool:
        """A new pair, or one that had come apart; a third of them about those who are friends already."""
        customer, member = self._one("customer", "external_userid"), self._one("staff", "userid", "follows_customers = 1 and status <> 5")
        state, way = self.chance.choice(["", "live", "门店 & 活码"]), self.chance.choice([1, 2, 3, 16])
        self.sandbox.town.befriend(self.db, member, customer, self.at, state=state, add_way=way)
        return True

    def note(self) -> bool:
        """A member edits what he notes, in the client."""
        userid, customer = self._pair()
        words = f"备注{self.chance.randrange(10**6)}"
        self.db.execute("update follow set remark = ?, description = ? where userid = ? and external_userid = ?", (words, words[::-1], userid, customer))
        self.sandbox.pushes.send("change_external_contact/edit_external_contact", {"UserID": userid, "ExternalUserID": customer}, business=self.at)
        return True

    def note_over_the_interface(self) -> bool:
        userid, customer = self._pair()
        words = f"接口{self.chance.randrange(10**6)}"
        mobiles = ["13800000000"] if self.chance.random() < 0.3 else []
        return self._call("externalcontact/remark", userid=userid, external_userid=customer, remark=words, description=words * 2, remark_mobiles=mobiles)

    def mark_over_the_interface(self) -> bool:
        userid, customer = self._pair()
        tags = [row["id"] for row in self.db.execute("select id from tag order by id")]
        add, remove = self.chance.sample(tags, 2), self.chance.sample(tags, 2)
        return self._call("externalcontact/mark_tag", userid=userid, external_userid=customer, add_tag=add, remove_tag=remove)

    # -- groups, members, tags -----------------------------------------------------------------------------------------------------------------------

    def join(self) -> bool:
        chat, who = self._one("chat", "chat_id", "dismissed_at is null"), self._one("customer", "external_userid")
        return self.sandbox.town.groups.join(self.db, chat, who, self.at, scene=self.chance.choice([1, 2, 3]), state=self.chance.choice(["", "群码"]))

    def leave(self) -> bool:
        rows = self.db.execute("select chat_id, userid from chat_member where left_at is null and type = 2 order by chat_id, userid").fetchall()
        chat_id, userid = self.chance.choice(rows)
        return self.sandbox.town.groups.leave(self.db, chat_id, userid, self.at, removed=self.chance.random() < 0.3)

    def rename(self) -> bool:
        return self.sandbox.town.groups.rename(self.db, self._one("chat", "chat_id", "dismissed_at is null"), f"群{self.chance.randrange(10**6)}", self.at)

    def change_member(self) -> bool:
        """An administrator changes a member: another name, post or department."""
        userid, department = self._one("staff", "userid", "status <> 5"), self._one("department", "id")
        self.db.execute(
            "update staff set name = ?, position = ?, main_department = ?, departments = ?, leads = '[0]' where userid = ?",
            (f"员工{self.chance.randrange(10**6)}", self.chance.choice(["导购", "店长", ""]), department, json.dumps([department]), userid),
        )
        self.sandbox.pushes.send("change_contact/update_user", {"UserID": userid}, business=self.at)
        return True

    def change_department(self) -> bool:
        id = self._one("department", "id", "parent_id <> 0")
        self.db.execute("update department set name = ? where id = ?", (f"部门{self.chance.randrange(10**6)}", id))
        self.sandbox.pushes.send("change_contact/update_party", {"Id": str(id)}, business=self.at)
        return True

    def change_library(self) -> bool:
        """Programs make, rename, order and delete tags."""
        match self.chance.randrange(3):
            case 0:
                return self._call(
                    "externalcontact/add_corp_tag", group_name=f"组{self.chance.randrange(30)}", tag=[{"name": f"签{self.chance.randrange(10**6)}"}]
                )
            case 1:
                table = self.chance.choice(["tag", "tag_group"])
                name = f"新{self.chance.randrange(10**6)}"
                return self._call("externalcontact/edit_corp_tag", id=self._one(table, "id"), name=name, order=self.chance.randrange(1000))
            case _:
                many = self.db.execute("select count(*) from tag").fetchone()[0] > 12
                return many and self._call("externalcontact/del_corp_tag", tag_id=[self._one("tag", "id")])

    def leave_company(self) -> bool:
        """A member with customers and a group goes for good."""
        userid = self._one("chat", "owner", "status = 0 and dismissed_at is null")
        self.left.add(userid)
        return self.sandbox.town.dismiss(self.db, userid, self.at)

    # -- draws -----------------------------------------------------------------------------------------------------------------------------------------

    def _pair(self, condition: str = "left_by_staff_at is null") -> tuple[str, str]:
        """A pair whose member still works here, with a customer drawn at random. Fails as the platform does when there is none."""
        customer = self._one("customer", "external_userid")
        standing = f"select userid from follow join staff using (userid) where external_userid = ? and status <> 5 and {condition} order by userid"
        rows = self.db.execute(standing, (customer,)).fetchall()
        if not rows:
            raise Failure(84061)
        return self.chance.choice(rows)["userid"], customer

    def _one(self, table: str, column: str, condition: str = "1 = 1") -> Any:
        count = self.db.execute(f"select count(*) from {table} where {condition}").fetchone()[0]
        skip = self.chance.randrange(count)
        return self.db.execute(f"select {column} from {table} where {condition} order by {column} limit 1 offset ?", (skip,)).fetchone()[0]

    def _call(self, path: str, **fields: Any) -> bool:
        corp = self.sandbox.corp
        CALLS[path].handler(Call(corp, corp.settings.all_apps[0], path, fields, "127.0.0.1", self.at, 0.0))
        return True


def theirs(scene: Scene) -> dict[str, Rows]:
    """Everything that WeCom can show, from the sandbox's own books.

    A customer who has deleted the member is listed as before; of members who have left nothing is shown but that they are gone.
    """
    with closing(sqlite3.connect(scene.place.sandbox.settings.home / "books.sqlite")) as books:
        books.row_factory = sqlite3.Row

        def ask(question: str) -> list[sqlite3.Row]:
            return books.execute(question).fetchall()

        tags: dict[tuple[str, str], list[str]] = {}
        for row in ask("select * from follow_tag order by tag_id"):
            tags.setdefault((row["userid"], row["external_userid"]), []).append(row["tag_id"])
        contacts = {
            (row["userid"], row["external_userid"]): (
                *(row[name] for name in ("name", "gender", "unionid", "remark", "description", "add_way", "state")),
                int(row["since"]),
                tags.get((row["userid"], row["external_userid"]), []),
            )
            for row in ask(
                """
                select f.*, f.created_at as since, c.name, c.gender, c.unionid
                from follow f join customer c using (external_userid) join staff s using (userid)
                where f.left_by_staff_at is null and s.status <> 5
                """
            )
        }
        members = {
            row["userid"]: (row["name"], row["position"] or None, row["main_department"], json.loads(row["departments"]))
            for row in ask("select * from staff where status <> 5")
        }
        departments = {row["id"]: (row["name"], row["parent_id"] or None) for row in ask("select * from department")}
        groups = {row["chat_id"]: (row["name"], row["owner"], row["notice"]) for row in ask("select * from chat where dismissed_at is null")}
        inside = {
            (row["chat_id"], row["userid"]): (int(row["joined_at"]), row["scene"], row["state"], row["invitor"])
            for row in ask("select m.* from chat_member m join chat using (chat_id) where m.left_at is null and dismissed_at is null")
        }
        library = {row["id"]: (row["name"], row["sort"]) for row in ask("select * from tag_group")}
        library |= {row["id"]: (row["name"], row["sort"], row["group_id"], int(row["created_at"])) for row in ask("select * from tag")}
    return {"contacts": contacts, "members": members, "departments": departments, "groups": groups, "inside": inside, "library": library}


def ours(scene: Scene) -> dict[str, Rows]:
    """The same from our store."""
    contacts = {
        (row.userid, row.external_userid): (
            *(row.name, row.gender, row.unionid, row.remark, row.description, row.add_way, row.state),
            int(row.added_at.timestamp()),
            row.tags,
        )
        for row in scene.ask(
            """
            select s.userid, c.* from contacts c join staff s on s.tenant_id = c.tenant_id and s.id = c.staff_id
            where c.tenant_id = :tenant_id and c.relation = 'active' and s.active
            """
        )
    }
    members = {
        row.userid: (row.name, row.position, row.main_department, row.departments)
        for row in scene.ask("select * from staff where tenant_id = :tenant_id and active")
    }
    departments = {row.wecom_id: (row.name, row.parent_wecom_id) for row in scene.ask("select * from departments where tenant_id = :tenant_id")}
    groups = {
        row.chat_id: (row.name, row.owner, row.notice) for row in scene.ask("select * from group_chats where tenant_id = :tenant_id and state = 'active'")
    }
    inside = {
        (row.chat_id, row.member): (int(row.joined_at.timestamp()), row.way, row.state, row.invited_by)
        for row in scene.ask(
            """
            select g.chat_id, m.* from group_members m join group_chats g on g.tenant_id = m.tenant_id and g.id = m.group_id
            where m.tenant_id = :tenant_id and m.left_at is null and g.state = 'active'
            """
        )
    }
    library: Rows = {row.id: (row.name, row.place) for row in scene.ask("select * from tag_groups where tenant_id = :tenant_id and deleted_at is null")}
    for row in scene.ask("select * from tags where tenant_id = :tenant_id and deleted_at is null"):
        library[row.id] = (row.name, row.place, row.group_id, int(row.created_at.timestamp()))
    return {"contacts": contacts, "members": members, "departments": departments, "groups": groups, "inside": inside, "library": library}
