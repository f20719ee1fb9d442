"""客户群 of the town: who is in which, who comes and goes. Changes by people call back; the detail is what the interface tells."""

import json
import sqlite3
from collections.abc import Sequence

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.cursors import version
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.statuses import Chat
from siyu.connectors.wecom.sandbox.town.chatter import Chatter
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

STAFF, OUTSIDE = 1, 2
INVITED, BY_LINK, BY_CODE = 1, 2, 3
_SENT, _FULL = 1, 3
_SCENE_IN_CALLBACKS = {INVITED: 0, BY_LINK: 0, BY_CODE: 3}


def found(db: sqlite3.Connection, scenario: Scenario, draws: Draws, friends: Sequence[tuple[str, str, float]], *, start: float, most: int) -> None:
    """One group or more per store, owned by its first guide. `friends`: (guide, external_userid, since) of everybody, each once."""
    stores = {row["userid"]: row["main_department"] for row in db.execute("select userid, main_department from staff")}
    names = {row["id"]: row["name"] for row in db.execute("select id, name from department")}
    by_store: dict[int, list[tuple[str, float]]] = {}
    for guide, external_userid, since in friends:
        if draws.happens(scenario.group_rate, "in a group", external_userid):
            by_store.setdefault(stores[guide], []).append((external_userid, since))
    for store, people in sorted(by_store.items()):
        guides = [row["userid"] for row in db.execute("select userid from staff where main_department = ? and position = '导购' order by userid", (store,))]
        if not guides:
            continue
        room = most - len(guides)
        for number, first in enumerate(range(0, len(people), room), 1):
            inside = people[first : first + room]
            chat_id = "wr" + draws.letters(30, "chat", store, number)
            created = min(since for _, since in inside)
            name = f"{names[store]}福利{number}群" if number > 1 else f"{names[store]}福利群"
            db.execute("insert into chat (chat_id, name, owner, created_at) values (?, ?, ?, ?)", (chat_id, name, guides[0], created))
            rows = [(chat_id, guide, STAFF, created, INVITED, "") for guide in guides]
            for external_userid, since in inside:
                joined = since + (start - since) * draws.uniform("joined", external_userid)
                scene = BY_CODE if draws.happens(0.6, "join scene", external_userid) else INVITED
                rows.append((chat_id, external_userid, OUTSIDE, joined, scene, guides[0] if scene == INVITED else ""))
            db.executemany("insert into chat_member (chat_id, userid, type, joined_at, scene, invitor) values (?, ?, ?, ?, ?, ?)", rows)


class NoSuchCode(LookupError):
    """There is no group code of this id."""


class Groups:
    """People's acts on groups. Each answers whether it changed anything; all are part of the running transaction."""

    def __init__(self, corp: Corp, chatter: Chatter) -> None:
        self._corp = corp
        self._chatter = chatter

    def join(self, db: sqlite3.Connection, chat_id: str, userid: str, at: float, *, scene: int = INVITED, state: str = "", invitor: str = "") -> bool:
        """Somebody comes in, for the first time or again; not into a full or dismissed group."""
        chat = db.execute("select * from chat where chat_id = ? and dismissed_at is null", (chat_id,)).fetchone()
        inside = db.execute("select userid from chat_member where chat_id = ? and left_at is null", (chat_id,)).fetchall()
        if chat is None or userid in {row["userid"] for row in inside} or len(inside) >= self._corp.settings.limits.chat_members:
            return False
        kind = STAFF if db.execute("select 1 from staff where userid = ?", (userid,)).fetchone() else OUTSIDE
        db.execute(
            """
            insert into chat_member (chat_id, userid, type, joined_at, scene, state, invitor) values (?, ?, ?, ?, ?, ?, ?)
            on conflict (chat_id, userid) do update
                set joined_at = excluded.joined_at, scene = excluded.scene, state = excluded.state, invitor = excluded.invitor, left_at = null
            """,
            (chat_id, userid, kind, at, scene, state, invitor),
        )
        if kind == OUTSIDE:
            self._chatter.joined(db, chat_id, userid, at)
        self._changed(db, chat_id, at, UpdateDetail="add_member", JoinScene=str(_SCENE_IN_CALLBACKS[scene]), **_of(userid))
        return True

    def leave(self, db: sqlite3.Connection, chat_id: str, userid: str, at: float, *, removed: bool = False) -> bool:
        gone = "update chat_member set left_at = ? where chat_id = ? and userid = ? and left_at is null"
        changed = db.execute(gone, (at, chat_id, userid)).rowcount
        if changed:
            self._changed(db, chat_id, at, UpdateDetail="del_member", QuitScene=str(int(removed)), **_of(userid))
        return bool(changed)

    def rename(self, db: sqlite3.Connection, chat_id: str, name: str, at: float) -> bool:
        changed = db.execute("update chat set name = ? where chat_id = ? and name <> ? and dismissed_at is null", (name, chat_id, name)).rowcount
        if changed:
            self._changed(db, chat_id, at, UpdateDetail="change_name")
        return bool(changed)

    def dismiss(self, db: sqlite3.Connection, chat_id: str, at: float) -> bool:
        changed = db.execute("update chat set dismissed_at = ? where chat_id = ? and dismissed_at is null", (at, chat_id)).rowcount
        if changed:
            self._corp.pushes.send("change_external_chat/dismiss", {"ChatId": chat_id}, business=at)
        return bool(changed)

    def lose_owner(self, db: sqlite3.Connection, userid: str) -> None:
        """The groups of a member who has left wait for another."""
        db.execute("update chat set status = ? where owner = ? and dismissed_at is null", (Chat.OWNER_LEFT, userid))

    def hand_over(self, db: sqlite3.Connection, chat_id: str, owner: str, at: float, *, resigned: bool) -> None:
        """A new owner, who comes in when need be; nobody calls back, as it was ordered over the interface. One who has left meanwhile gets nothing."""
        if db.execute("select status = 5 from staff where userid = ?", (owner,)).fetchone()[0]:
            db.execute("update chat set status = ? where chat_id = ? and status = ?", (Chat.OWNER_LEFT, chat_id, Chat.BEING_INHERITED))
            return
        former = db.execute("select owner from chat where chat_id = ?", (chat_id,)).fetchone()["owner"]
        db.execute(
            "update chat set owner = ?, status = ?, version = version + 1 where chat_id = ?", (owner, Chat.INHERITED if resigned else Chat.AS_USUAL, chat_id)
        )
        if resigned:
            db.execute("update chat_member set left_at = ? where chat_id = ? and userid = ? and left_at is null", (at, chat_id, former))
        if not db.execute("select 1 from chat_member where chat_id = ? and userid = ? and left_at is null", (chat_id, owner)).fetchone():
            db.execute(
                "insert or replace into chat_member (chat_id, userid, type, joined_at, scene) values (?, ?, ?, ?, ?)", (chat_id, owner, STAFF, at, INVITED)
            )

    def scan(self, db: sqlite3.Connection, config_id: str, userid: str, at: float) -> tuple[str | None, bool]:
        """By a group code into the first group that has room; a new one is opened when all are full and the code says so.

        (the group, None when there is no way in; whether the person was in none of the code's groups before). Raises NoSuchCode.
        """
        way = db.execute("select * from join_way where config_id = ?", (config_id,)).fetchone()
        if way is None:
            raise NoSuchCode(config_id)
        chats: list[str] = json.loads(way["chats"])
        inside = """
            select chat_id from chat_member join chat using (chat_id)
            where userid = ? and left_at is null and dismissed_at is null and chat_id in (select value from json_each(?))
        """
        if (row := db.execute(inside, (userid, way["chats"])).fetchone()) is not None:
            return row["chat_id"], False
        for chat_id in chats:
            if self.join(db, chat_id, userid, at, scene=BY_CODE, state=way["state"]):
                return chat_id, True
        if not way["auto_create"]:
            return None, False
        chat_id = self._open_another(db, way, chats, at)
        joined = self.join(db, chat_id, userid, at, scene=BY_CODE, state=way["state"])
        return (chat_id, True) if joined else (None, False)

    def receive(self, db: sqlite3.Connection, msgid: str, userid: str, at: float, *, since: float, most: int) -> None:
        """A member's part of a group send goes to the groups that are still theirs, of which each gets at most so many since the window began."""
        rows = db.execute(
            """
            select chat_id, (select count(*) from send_chat g where g.chat_id = r.chat_id and g.status = 1 and g.sent_at >= ?1) as got
            from send_chat r join chat using (chat_id)
            where r.msgid = ?2 and r.userid = ?3 and owner = ?3 and dismissed_at is null order by chat_id
            """,
            (since, msgid, userid),
        ).fetchall()
        for row in rows:
            status, sent_at = (_SENT, at) if row["got"] < most else (_FULL, None)
            db.execute(
                "update send_chat set status = ?, sent_at = ? where msgid = ? and userid = ? and chat_id = ?", (status, sent_at, msgid, userid, row["chat_id"])
            )
            if status == _SENT:
                self._chatter.say(db, row["chat_id"], userid, at)

    def _open_another(self, db: sqlite3.Connection, way: sqlite3.Row, chats: list[str], at: float) -> str:
        number = way["base_id"] + len(chats)
        first = db.execute("select * from chat where chat_id = ?", (chats[0],)).fetchone()
        chat_id = "wr" + self._corp.draws.letters(30, "new chat", self._corp.books.serial("chat"))
        name = f"{way['base_name'] or first['name']}{number}"
        db.execute("insert into chat (chat_id, name, owner, created_at) values (?, ?, ?, ?)", (chat_id, name, first["owner"], at))
        db.execute("insert into chat_member (chat_id, userid, type, joined_at, scene) values (?, ?, ?, ?, ?)", (chat_id, first["owner"], STAFF, at, INVITED))
        db.execute("update join_way set chats = ? where config_id = ?", (json.dumps([*chats, chat_id]), way["config_id"]))
        self._corp.pushes.send("change_external_chat/create", {"ChatId": chat_id}, business=at)
        return chat_id

    def _changed(self, db: sqlite3.Connection, chat_id: str, at: float, **elements: str | tuple[str, ...]) -> None:
        row = db.execute("update chat set version = version + 1 where chat_id = ? returning version", (chat_id,)).fetchone()
        versions = {"LastMemVer": version(chat_id, row["version"] - 1), "CurMemVer": version(chat_id, row["version"])} if "MemChangeCnt" in elements else {}
        self._corp.pushes.send("change_external_chat/update", {"ChatId": chat_id, **elements, **versions}, business=at)


def _of(userid: str) -> dict[str, str | tuple[str, ...]]:
    return {"MemChangeCnt": "1", "MemChangeList": (userid,)}
