"""The simulated corp: what the calls of the contract work on."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from siyu.connectors.wecom.sandbox import storms
from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.clock import Clock
from siyu.connectors.wecom.sandbox.credentials import Credentials
from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.faults import Faults
from siyu.connectors.wecom.sandbox.media import MediaShelf, NewMedia
from siyu.connectors.wecom.sandbox.pushes import Pushes
from siyu.connectors.wecom.sandbox.rates import Rates
from siyu.connectors.wecom.sandbox.settings import AppSettings, Settings


class Watcher(Protocol):
    """The town hears of what the corp asks of its people."""

    def asked(self, db: sqlite3.Connection, msgid: str) -> None:
        """A group send waits for its members."""

    def reached(self, db: sqlite3.Connection, external_userid: str, channel: Literal["welcome", "service"], at: float) -> None:
        """A customer got a message that no member sent."""

    def later(self, db: sqlite3.Connection, kind: str, at: float, rank: str, **params: Any) -> None:
        """Something will come to pass."""

    def reminded(self, db: sqlite3.Connection, msgid: str, nth: int) -> None:
        """Members were reminded of a group send for the nth time."""

    def handed_over(self, db: sqlite3.Connection, external_userid: str, nth: int) -> None:
        """A customer is to be handed over for the nth time, and may refuse."""

    def moment_asked(self, db: sqlite3.Connection, moment_id: str) -> None:
        """A moment waits for its members."""

    def chat_handed_over(self, db: sqlite3.Connection, chat_id: str, owner: str, at: float, *, resigned: bool) -> None:
        """A group gets a new owner at an instant that may lie ahead."""


@dataclass
class Corp:
    settings: Settings
    books: Books
    clock: Clock
    credentials: Credentials
    rates: Rates
    faults: Faults
    pushes: Pushes
    draws: Draws
    media: MediaShelf
    watcher: Watcher | None = None
    skew: float = 0.0
    """Seconds by which the platform's own clock is ahead of the town's: its dates and windows, not what people do."""
    url: str = ""
    """Where this sandbox listens."""
    _within: dict[tuple[int, ...], tuple[int, frozenset[str]]] = field(default_factory=dict, repr=False)

    def brew(self, seed: int) -> int:
        """Put the faults of this number in place of all others, and turn the platform's clock; how many there are."""
        gusts = storms.storm(seed)
        with self.books.write():
            self.faults.clear()
            for gust in gusts:
                self.faults.order(gust.kind, probability=gust.probability, params=gust.params)
            self.books.set_note("storm", str(seed))
        self.skew = storms.skew(seed)
        return len(gusts)

    @property
    def merchant(self) -> str:
        """The number of the merchant account into which customers pay."""
        return f"1{self.draws.integer(0, 10**9 - 1, 'merchant'):09d}"

    def openid_of(self, id: str) -> str:
        """The openid of a customer or a member in this corp, for log-ins and WeChat Pay."""
        return "o" + self.draws.letters(27, "openid", id)

    def keep(self, db: sqlite3.Connection, new: NewMedia, content: bytes) -> str:
        """Keep an uploaded file until it is over; its media_id."""
        media_id = self.media.put(db, new, content)
        if new.over_at is not None and self.watcher is not None:
            self.watcher.later(db, "media_over", new.over_at, media_id, media_id=media_id)
        return media_id

    def visible_staff(self, app: AppSettings, db: sqlite3.Connection) -> frozenset[str]:
        """userids in the app's range: members of its departments and of all below."""
        return self.members_within(db, app.visible_departments)

    def visible_departments(self, app: AppSettings, db: sqlite3.Connection) -> frozenset[int]:
        return frozenset(id for root in app.visible_departments for id in subtree(db, root))

    def members_within(self, db: sqlite3.Connection, departments: Iterable[int]) -> frozenset[str]:
        """userids of the departments and of all below; looked up again after any change of the books."""
        roots = tuple(departments)
        changes, members = self._within.get(roots, (-1, frozenset()))
        if changes != db.total_changes or db.in_transaction:
            below = {id for department in roots for id in subtree(db, department)}
            rows = db.execute("select userid, departments from staff where status <> 5").fetchall() if below else []
            members = frozenset(row["userid"] for row in rows if below & set(json.loads(row["departments"])))
            if not db.in_transaction:  # what is not committed may be taken back
                self._within[roots] = db.total_changes, members
        return members

    def response_code(self, db: sqlite3.Connection, msgid: str, agent_id: int, at: float) -> str:
        """A code by which a card may be changed once."""
        code = self.draws.letters(43, "response code", self.books.serial("response_code"))
        db.execute("insert into card_code (code, msgid, agent_id, given_at) values (?, ?, ?, ?)", (code, msgid, agent_id, at))
        return code

    def require_staff(self, app: AppSettings, db: sqlite3.Connection, userid: str) -> str:
        """The userid as written in the books. Fails with 60111 (unknown, or has left) or 60011 (outside the app's range)."""
        row = db.execute("select userid from staff where lower(userid) = lower(?) and status <> 5", (userid,)).fetchone()
        if row is None:
            raise Failure(60111)
        if row["userid"] not in self.visible_staff(app, db):
            raise Failure(60011)
        return str(row["userid"])

    def as_written(self, db: sqlite3.Connection, userids: Iterable[str]) -> list[str]:
        """The userids as the books write them, which are compared without case; unknown ones as they came."""
        written = {row["userid"].lower(): row["userid"] for row in db.execute("select userid from staff")}
        return [written.get(userid.lower(), userid) for userid in userids]

    def former_staff(self, app: AppSettings, db: sqlite3.Connection) -> frozenset[str]:
        """Those in the app's range who have left."""
        departments = self.visible_departments(app, db)
        left = db.execute("select userid, departments from staff where status = 5").fetchall()
        return frozenset(row["userid"] for row in left if departments.intersection(json.loads(row["departments"])))

    def opengid(self, chat_id: str) -> str:
        """A group as mini-programs know it."""
        return "og" + self.draws.letters(30, "opengid", chat_id)

    def require_licence(self, db: sqlite3.Connection, userids: Iterable[str]) -> None:
        """Fails with 701008 unless all these members have one."""
        wanted = {userid.lower() for userid in userids}
        if any(row["userid"].lower() in wanted for row in db.execute("select userid from unlicensed")):
            raise Failure(701008)

    def require_known(self, app: AppSettings, db: sqlite3.Connection, userid: str) -> str:
        """The same for somebody who may have left."""
        return userid if userid in self.former_staff(app, db) else self.require_staff(app, db, userid)

    def is_full(self, db: sqlite3.Connection, userid: str) -> bool:
        """Whether a member has as many customers as one may have."""
        count: int = db.execute("select count(*) from follow where userid = ? and left_by_staff_at is null", (userid,)).fetchone()[0]
        return count >= self.settings.limits.member_customers

    def require_follow(self, app: AppSettings, db: sqlite3.Connection, userid: str, external_userid: str) -> tuple[str, str]:
        """A relation that stands from the member's side. Fails with 60111 or 60011 for the member, 84061 for the pair."""
        userid = self.require_staff(app, db, userid)
        standing = "select 1 from follow where userid = ? and external_userid = ? and left_by_staff_at is null"
        if not db.execute(standing, (userid, external_userid)).fetchone():
            raise Failure(84061)
        return userid, external_userid


def subtree(db: sqlite3.Connection, root: int) -> list[int]:
    """A department and all below it; empty when it does not exist."""
    rows = db.execute(
        """
        with recursive below (id) as (
            select id from department where id = ?
            union all
            select d.id from department d join below b on d.parent_id = b.id
        )
        select id from below order by id
        """,
        (root,),
    )
    return [row["id"] for row in rows]
