"""获客链接 in the hands of customers: they open a link, become friends by it, write, leave; each use takes one of the quota."""

import json
import sqlite3
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.contract.acquisition import quotas
from siyu.connectors.wecom.sandbox.contract.reach import expanded
from siyu.connectors.wecom.sandbox.corp import Corp

BY_LINK = 16
_LOW = 20
_WARNED_DAYS = (14, 7, 3, 2, 1)
_TOLD_MESSAGES = (3, 5, 10)
_STATE_BYTES = 64
_DAY = 86_400
_CHINA = ZoneInfo("Asia/Shanghai")


class NoSuchLink(LookupError):
    """The address leads nowhere."""


class Befriend(Protocol):
    def __call__(
        self, db: sqlite3.Connection, userid: str, external_userid: str, at: float, *, state: str = "", add_way: int = 1, greeted: bool = False
    ) -> None: ...


class Acquisition:
    """People's acts on links; all are part of the running transaction."""

    def __init__(self, corp: Corp, befriend: Befriend) -> None:
        self._corp = corp
        self._befriend = befriend

    def visit(self, db: sqlite3.Connection, link_id: str, external_userid: str, at: float, *, channel: str = "", adds: bool = True) -> str | None:
        """Open a link, and add a member by it unless `adds` is False; who that is. None when nobody is behind it any more or the quota is used up.

        Raises NoSuchLink for one that was never made, or was deleted.
        """
        link = db.execute("select * from acquisition_link where link_id = ? and deleted_at is null", (link_id,)).fetchone()
        if link is None:
            raise NoSuchLink(link_id)
        state = channel.encode()[:_STATE_BYTES].decode(errors="ignore")
        db.execute("insert into acquisition_visit (link_id, external_userid, at) values (?, ?, ?)", (link_id, external_userid, at))
        if self._corp.settings.open_profile_events:
            self._say(link, "open_profile", at, LinkId=link_id, State=state)
        members = expanded(db, json.loads(link["users"]), json.loads(link["parties"]))
        members = [row["userid"] for row in db.execute("select userid from staff where status = 1 order by userid") if row["userid"] in set(members)]
        if not members:
            self._say(link, "link_unavailable", at, LinkId=link_id)
            return None
        if not adds or not quotas(db, self._first, at):
            return None
        userid, friends = self._meets(db, link, members, external_userid)
        if friends:
            return userid
        self._say(link, "friend_request", at, LinkId=link_id, State=state)
        self._befriend(db, userid, external_userid, at, state=state, add_way=BY_LINK)
        db.execute(
            """
            insert into acquired (userid, external_userid, link_id, state, added_at) values (?, ?, ?, ?, ?)
            on conflict (userid, external_userid) do update
                set link_id = excluded.link_id, state = excluded.state, added_at = excluded.added_at, received = 0
            """,
            (userid, external_userid, link_id, state, at),
        )
        self._use(db, at)
        return userid

    def _meets(self, db: sqlite3.Connection, link: sqlite3.Row, members: list[str], external_userid: str) -> tuple[str, bool]:
        """(member, whether they are friends already): an old friend first, if the link says so."""
        rows = db.execute("select * from follow where external_userid = ? order by created_at desc, userid", (external_userid,)).fetchall()
        standing = {row["userid"] for row in rows if row["left_by_customer_at"] is None and row["left_by_staff_at"] is None}
        preferred = None if link["priority_type"] is None else {1: {row["userid"] for row in rows}, 2: set(json.loads(link["priority_users"]))}
        old = [row["userid"] for row in rows if preferred and row["userid"] in preferred[link["priority_type"]]]
        userid = old[0] if old else self._corp.draws.pick(members, "acquisition", link["link_id"], external_userid)
        return userid, userid in standing

    def wrote(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float) -> None:
        """A customer wrote to a member: the app hears of the first message, and of several, from those who came by a link."""
        row = db.execute(
            "update acquired set received = received + 1 where userid = ? and external_userid = ? returning *", (userid, external_userid)
        ).fetchone()
        link = db.execute("select * from acquisition_link where link_id = ?", (row["link_id"],)).fetchone() if row else None
        if link is None:
            return
        if row["received"] == 1:
            self._say(link, "customer_start_chat", at, UserID=userid, ExternalUserID=external_userid, LinkId=link["link_id"])
        if row["received"] in _TOLD_MESSAGES:
            key = self._corp.draws.letters(43, "chat key", self._corp.books.serial("chat_key"))
            values = (key, userid, external_userid, link["link_id"], row["state"], row["received"], self._corp.clock.machine())
            db.execute("insert into chat_key values (?, ?, ?, ?, ?, ?, ?)", values)
            self._say(link, "message_from_customer", at, LinkId=link["link_id"], ChatKey=key)

    def left(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float) -> None:
        """A customer deleted a member."""
        row = db.execute("select * from acquired where userid = ? and external_userid = ?", (userid, external_userid)).fetchone()
        link = db.execute("select * from acquisition_link where link_id = ?", (row["link_id"],)).fetchone() if row else None
        if link is not None:
            self._say(link, "del_follow_user", at, UserID=userid, ExternalUserID=external_userid, LinkId=link["link_id"], State=row["state"])

    def delete(self, db: sqlite3.Connection, link_id: str, at: float) -> bool:
        """Somebody deletes a link in the admin site."""
        link = db.execute("update acquisition_link set deleted_at = ? where link_id = ? and deleted_at is null returning *", (at, link_id)).fetchone()
        if link is not None:
            self._say(link, "delete_link", at, LinkId=link_id)
        return link is not None

    def buy(self, db: sqlite3.Connection, count: int, at: float, *, days: int) -> None:
        """More quota, good until the beginning of the day after `days`; warned of before it ends."""
        none = not quotas(db, self._first, at)
        over = datetime.fromtimestamp(at, _CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)
        number = self._corp.books.serial("acquisition_quota")
        db.execute("insert into acquisition_quota values (?, ?, 0, ?)", (number, count, over.timestamp()))
        if none:
            self._say(None, "balance_increased", at)
        for left in (*_WARNED_DAYS, 0):
            when = over.timestamp() - left * _DAY
            if when > at and self._corp.watcher is not None:
                self._corp.watcher.later(db, "quota_ends", when, f"{number}/{left}", id=number)

    def ends(self, db: sqlite3.Connection, id: int, at: float) -> None:
        """A lot of quota nears its end, or has come to it."""
        lot = db.execute("select * from acquisition_quota where id = ? and used < total", (id,)).fetchone()
        if lot is None:
            return
        if lot["over_at"] > at:
            self._say(None, "quota_expire_soon", at, ExpireTime=str(int(lot["over_at"])), ExpireQuotaNum=str(lot["total"] - lot["used"]))
        elif not quotas(db, self._first, at):
            self._say(None, "balance_exhausted", at)

    def _use(self, db: sqlite3.Connection, at: float) -> None:
        before = quotas(db, self._first, at)
        db.execute("update acquisition_quota set used = used + 1 where id = ?", (before[0]["id"],))
        left = sum(row["total"] - row["used"] for row in before) - 1
        if left == _LOW - 1:
            self._say(None, "balance_low", at)
        if left == 0:
            self._say(None, "balance_exhausted", at)

    @property
    def _first(self) -> int:
        return self._corp.settings.limits.acquisition_quota

    def _say(self, link: sqlite3.Row | None, change: str, at: float, **elements: str) -> None:
        """To the link's app; what concerns the quota to every app."""
        self._corp.pushes.send(f"customer_acquisition/{change}", elements, business=at, agent_id=link["agent_id"] if link else None)
