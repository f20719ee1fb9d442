"""The town lives: due events in business time, performed one after the other."""

import hashlib
import json
import sqlite3
import threading
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog

from siyu.connectors.wecom.sandbox import temporary_chats
from siyu.connectors.wecom.sandbox.answers import Failure
from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.contract import CALLS, Call
from siyu.connectors.wecom.sandbox.contract.contact_ways import members_of
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town import population
from siyu.connectors.wecom.sandbox.town.acquisition import Acquisition
from siyu.connectors.wecom.sandbox.town.allowance import allowance
from siyu.connectors.wecom.sandbox.town.cards import Cards
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue, find_data
from siyu.connectors.wecom.sandbox.town.chatter import Chatter
from siyu.connectors.wecom.sandbox.town.customer_service import CustomerService
from siyu.connectors.wecom.sandbox.town.effects import Effects
from siyu.connectors.wecom.sandbox.town.fetching import Fetching
from siyu.connectors.wecom.sandbox.town.first_words import code_for
from siyu.connectors.wecom.sandbox.town.founding import found
from siyu.connectors.wecom.sandbox.town.groups import Groups
from siyu.connectors.wecom.sandbox.town.habits import Habits, Rates
from siyu.connectors.wecom.sandbox.town.half_friends import HalfFriends
from siyu.connectors.wecom.sandbox.town.handovers import Handovers
from siyu.connectors.wecom.sandbox.town.member_messages import MemberMessages
from siyu.connectors.wecom.sandbox.town.moments import Moments
from siyu.connectors.wecom.sandbox.town.moods import Moods, friends_of
from siyu.connectors.wecom.sandbox.town.organisation import stores_of
from siyu.connectors.wecom.sandbox.town.payments import Payments
from siyu.connectors.wecom.sandbox.town.referrals import Referrals
from siyu.connectors.wecom.sandbox.town.scenario import Scenario
from siyu.connectors.wecom.sandbox.town.step import Step
from siyu.connectors.wecom.sandbox.town.trade import Trade
from siyu.connectors.wecom.sandbox.town.words import Words

log = structlog.get_logger(__name__)

_REPLIES = ("好的，谢谢", "有活动再告诉我", "这个还有货吗？", "多少钱？", "收到", "哪家店有？")
_COMPLAINTS = ("消息太多了，别再发了", "请不要再发广告", "天天发，我要投诉了")


class Town:
    """Keeps its due events in the books, so a restart goes on where it stood."""

    def __init__(self, corp: Corp, scenario: Scenario) -> None:
        self._corp = corp
        self._scenario = scenario
        self.brand, self.timezone = scenario.brand, scenario.timezone
        self._zone = ZoneInfo(scenario.timezone)
        self._draws = corp.draws
        self._habits = Habits(scenario, corp.draws)
        self._catalogue = Catalogue(find_data(corp.settings.data))
        self.moods = Moods(scenario.fatigue, corp.draws)
        self.chatter = Chatter(self._habits, self.later)
        self.groups = Groups(corp, self.chatter)
        self._handovers = Handovers(corp, self._habits, self.later)
        self.acquisition = Acquisition(corp, self.befriend)
        self.half_friends = HalfFriends(corp, self.befriend)
        self.member_messages = MemberMessages()
        self.cards = Cards(corp)
        self.customer_service = CustomerService(corp)
        self.payments = Payments(corp)
        self._referrals = Referrals(corp, scenario, self._catalogue, self.moods, self, self.later)
        self.trade = Trade(corp, scenario, self._catalogue, self._habits, self.moods, self._referrals, self.payments, self.later)
        self._words = Words(corp)
        self._fetching = Fetching(corp)
        self.effects = Effects(corp.books, corp.settings.link_hosts, more=self._fetching.open)
        self.moments = Moments(corp, self._habits, self.moods, scenario.fatigue.moment_weight, self.effects, self._zone, self.later)
        self._stepping = threading.RLock()
        self._stopped = threading.Event()
        self._timers: list[threading.Timer] = []
        self._loop = threading.Thread(target=self._live, name="town", daemon=True)
        corp.watcher = self

    # -- beginning and end -------------------------------------------------------------------------------------------------------------------------

    def found(self) -> None:
        """Fill empty books; does nothing on later starts."""
        if self._corp.books.note("founded"):
            return
        start, path = self._corp.clock.now(), self._corp.settings.population
        people = population.load(path) if path else population.numbered(self._scenario.customers)
        people = population.complete(people, stores_of(self._scenario), self._scenario, self._catalogue, self._draws, start=start)
        with self._corp.books.write() as db:
            found(db, people, self._scenario, self._catalogue, self._draws, start=start, chat_members=self._corp.settings.limits.chat_members)
            for row in db.execute("select * from customer order by external_userid").fetchall():
                self.trade.begin(db, row, start)
            self.chatter.begin(db, start)
            self._corp.books.set_note("founded", iso(start))
        log.info("town.founded", customers=len(people), business=iso(start))

    def start(self) -> None:
        self._loop.start()

    def leave_off(self) -> None:
        """End a step that is under way, where it stands, and whatever the town does of itself."""
        self._stopped.set()

    def stop(self) -> None:
        self.leave_off()
        for timer in self._timers:
            timer.cancel()
        if self._loop.is_alive():
            self._loop.join()
        with self._stepping:  # until the step that was under way has ended
            self.effects.close()
        self._fetching.close()

    def _live(self) -> None:
        """While the clock runs, do what has come due."""
        idle = 0
        while not self._stopped.wait(0.02):
            idle += 1
            self._corp.clock.beat()
            if self._corp.clock.speed > 0:
                try:
                    busy = self._perform(self._corp.clock.now(), None, 0.0)
                    if busy or idle >= 50:
                        self.effects.run(again=idle >= 50)
                        idle = 0 if idle >= 50 else idle
                except Exception:
                    log.exception("town.stumbled")

    # -- stepping ----------------------------------------------------------------------------------------------------------------------------------

    def step(self, until: float | None = None, *, events: int | None = None, coalesce: float = 0.0, pushes_within: float = 20.0) -> Step:
        """Perform due events up to `until`, or the next `events` of them, and return when their requests and callbacks are through.

        The clock jumps to each event and, at the end, to `until`; it stays where it is when the town is told to leave off. Events within `coalesce`
        business seconds go together, their requests side by side, the clock at the last. Without `until` and `events`: the one next event.
        """
        with self._stepping:
            self.effects.run(again=True)
            most = events if events is not None else None if until is not None else 1
            done = self._perform(until, most, coalesce, move=True)
            if until is not None and (most is None or done < most) and not self._stopped.is_set():
                self._corp.clock.advance(until)
            self._corp.pushes.drain(pushes_within, unless=self._stopped.is_set)
            return Step(done, self._corp.clock.now(), self.next_at(), self.effects.open_count(), self._corp.pushes.open_count())

    def next_at(self) -> float | None:
        with self._corp.books.read() as db:
            row = db.execute("select min(at) from due").fetchone()
        return None if row[0] is None else float(row[0])

    def _perform(self, until: float | None, most: int | None, coalesce: float, *, move: bool = False) -> int:
        done = 0
        with self._stepping:
            while (most is None or done < most) and not self._stopped.is_set():
                with self._corp.books.write() as db:
                    first = db.execute("select min(at) from due").fetchone()[0]
                    if first is None or (until is not None and first > until):
                        break
                    edge = first + coalesce if until is None else min(first + coalesce, until)
                    limit = min(500, most - done) if most is not None else 500
                    count, at = self._perform_next(db, edge, limit)
                    if move:
                        self._corp.clock.advance(at)
                if move:
                    self.effects.run()
                done += count
        return done

    def _perform_next(self, db: sqlite3.Connection, edge: float, most: int) -> tuple[int, float]:
        """(how many were due up to `edge`, when the last was): one by one, as each may bring others that come before the rest."""
        done, at = 0, edge
        while done < most and (row := db.execute("select * from due where at <= ? order by at, rank, id limit 1", (edge,)).fetchone()):
            db.execute("delete from due where id = ?", (row["id"],))
            self._do(db, row["kind"], row["at"], json.loads(row["params"]))
            done, at = done + 1, row["at"]
        return done, at

    def later(self, db: sqlite3.Connection, kind: str, at: float, rank: str, **params: Any) -> None:
        db.execute("insert into due (at, rank, kind, params) values (?, ?, ?, ?)", (round(at, 3), f"{kind}/{rank}", kind, json.dumps(params)))

    def _do(self, db: sqlite3.Connection, kind: str, at: float, params: dict[str, Any]) -> None:
        match kind:
            case "confirm":
                self._confirm(db, params["msgid"], params["userid"], at)
            case "open":
                self._open(db, params, at)
            case "order":
                self.trade.order(db, params["external_userid"], "message", params["nth"], at, params["msgid"])
            case "organic":
                self.trade.organic(db, params["external_userid"], at)
            case "refund":
                self.trade.refund(db, params["order_no"], at)
            case "friend":
                self._meet_friend(db, params, at)
            case "reply":
                self._reply(db, params, at)
            case "delete":
                self.leave(db, params["userid"], params["external_userid"], at, by="customer")
            case "mute":
                self.moods.mute(db, params["external_userid"], params["userid"], params["msgid"], at)
            case "complain":
                self._complain(db, params, at)
            case "handover":
                self._handovers.end(db, **params, at=at)
            case "chat_handover":
                self.groups.hand_over(db, **params, at=at)
            case "chat_message":
                self.chatter.speak(db, **params, at=at)
            case "publish":
                self.moments.publish(db, **params, at=at)
            case "moment":
                self.moments.react(db, **params, at=at)
            case "media_over":
                self._corp.media.erase(params["media_id"])
            case "quota_ends":
                self.acquisition.ends(db, params["id"], at)
            case temporary_chats.OVER:
                temporary_chats.end(db, params["id"], at)
            case "late_apply":
                self._apply(params, at)
            case _:
                raise AssertionError(kind)

    # -- staff -------------------------------------------------------------------------------------------------------------------------------------

    def asked(self, db: sqlite3.Connection, msgid: str) -> None:
        """Members learn of a task and will confirm it in their own time."""
        created = db.execute("select created_at from send where msgid = ?", (msgid,)).fetchone()["created_at"]
        for row in db.execute("select userid from send_task where msgid = ? order by userid", (msgid,)).fetchall():
            at = self._habits.confirms_after(row["userid"], self._occasion(db, msgid, row["userid"], created), created)
            if at is not None:
                self.later(db, "confirm", at, row["userid"], msgid=msgid, userid=row["userid"])

    def reminded(self, db: sqlite3.Connection, msgid: str, nth: int) -> None:
        send = db.execute("select created_at from send where msgid = ?", (msgid,)).fetchone()
        now = self._corp.clock.now()
        for row in db.execute("select userid from send_task where msgid = ? and status = 0 order by userid", (msgid,)).fetchall():
            occasion = self._occasion(db, msgid, row["userid"], send["created_at"])
            if self._habits.confirms_after(row["userid"], occasion, send["created_at"]) is not None:
                continue  # meant to confirm anyway
            at = self._habits.confirms_when_reminded(row["userid"], occasion, nth, now)
            if at is not None:
                self.later(db, "confirm", at, row["userid"], msgid=msgid, userid=row["userid"])

    def handed_over(self, db: sqlite3.Connection, external_userid: str, nth: int) -> None:
        self._handovers.asked(db, external_userid, nth)

    def moment_asked(self, db: sqlite3.Connection, moment_id: str) -> None:
        self.moments.asked(db, moment_id)

    def chat_handed_over(self, db: sqlite3.Connection, chat_id: str, owner: str, at: float, *, resigned: bool) -> None:
        """What lies ahead is planned, the rest happens at once."""
        if resigned:
            self.later(db, "chat_handover", at, chat_id, chat_id=chat_id, owner=owner, resigned=resigned)
        else:
            self.groups.hand_over(db, chat_id, owner, at, resigned=resigned)

    def _occasion(self, db: sqlite3.Connection, msgid: str, userid: str, created: float) -> str:
        """The same for the same day and receivers, whichever task was made first."""
        rows = db.execute(
            """
            select external_userid as receiver from send_recipient where msgid = ?1 and userid = ?2
            union all select chat_id from send_chat where msgid = ?1 and userid = ?2
            order by receiver
            """,
            (msgid, userid),
        )
        receivers = hashlib.sha256("".join(row["receiver"] for row in rows).encode()).hexdigest()
        return f"{int((created + 8 * 3600) // 86_400)}/{receivers}"

    def confirm(self, *, msgid: str | None = None, userid: str | None = None) -> int:
        """Confirm open tasks at once, as a person at the sandbox may; how many."""
        with self._stepping, self._corp.books.write() as db:
            tasks = db.execute(
                """
                select t.msgid, t.userid from send_task t join send s on s.msgid = t.msgid
                where t.status = 0 and s.cancelled_at is null and t.userid in (select userid from staff where status = 1)
                  and (?1 is null or t.msgid = ?1) and (?2 is null or t.userid = ?2)
                order by s.created_at, t.msgid, t.userid
                """,
                (msgid, userid),
            ).fetchall()
            for task in tasks:
                self._confirm(db, task["msgid"], task["userid"], self._corp.clock.now())
            return len(tasks)

    def _confirm(self, db: sqlite3.Connection, msgid: str, userid: str, at: float) -> None:
        send = db.execute("select * from send where msgid = ?", (msgid,)).fetchone()
        task = db.execute("select status from send_task where msgid = ? and userid = ?", (msgid, userid)).fetchone()
        able = db.execute("select status = 1 from staff where userid = ?", (userid,)).fetchone()[0]
        if send["cancelled_at"] is not None or task["status"] != 0 or not able:
            return
        rule_id = self._words.blocks(db, userid, send["text"] or "")
        if rule_id is not None:
            self._words.note(db, msgid, userid, rule_id, at)
            return
        window, most = allowance(self._corp.settings.limits.group_send_rule, at, self._zone)
        if send["chat_type"] == "group":
            self.groups.receive(db, msgid, userid, at, since=window, most=most)
        else:
            self._send(db, send, userid, at, since=window, most=most)
        db.execute("update send_task set status = 2, sent_at = ? where msgid = ? and userid = ?", (at, msgid, userid))

    def _send(self, db: sqlite3.Connection, send: sqlite3.Row, userid: str, at: float, *, since: float, most: int) -> None:
        """A member's part goes to his customers, of whom each gets at most so many group sends since the window began."""
        msgid = send["msgid"]
        rows = db.execute(
            """
            select r.external_userid, c.deliveries, c.habits, f.left_by_customer_at, f.left_by_staff_at
            from send_recipient r
            join customer c on c.external_userid = r.external_userid
            left join follow f on f.userid = r.userid and f.external_userid = r.external_userid
            where r.msgid = ? and r.userid = ? and r.status = 0 order by r.external_userid
            """,
            (msgid, userid),
        ).fetchall()
        occasion = self._occasion(db, msgid, userid, send["created_at"])
        if send["allow_select"] and self._draws.happens(self._scenario.staff.partial_rate, "partial", userid, occasion):
            rows = [row for row in rows if self._draws.happens(0.5, "chosen", userid, occasion, row["external_userid"])]
        got = dict(
            db.execute(
                """
                select external_userid, count(*) from send_recipient
                where status = 1 and sent_at >= ?
                  and external_userid in (select external_userid from send_recipient where msgid = ? and userid = ?)
                group by external_userid
                """,
                (since, msgid, userid),
            ).fetchall()
        )
        results: list[tuple[int, float | None, str, str, str]] = []
        for row in rows:
            external_userid, nth = row["external_userid"], row["deliveries"]
            if row["left_by_customer_at"] is not None or row["left_by_staff_at"] is not None:
                results.append((2, None, msgid, userid, external_userid))
            elif got.get(external_userid, 0) >= most or self._habits.full_elsewhere(external_userid, nth):
                results.append((3, None, msgid, userid, external_userid))
            else:
                results.append((1, at, msgid, userid, external_userid))
                self._delivered(db, send, userid, row, at)
        db.executemany("update send_recipient set status = ?, sent_at = ? where msgid = ? and userid = ? and external_userid = ?", results)

    def dismiss(self, db: sqlite3.Connection, userid: str, at: float) -> bool:
        """A member leaves the company: gone from every list, never confirms again; customers and groups wait for another. Whether there was one to leave."""
        changed = db.execute("update staff set status = 5, left_at = ? where userid = ? and status <> 5", (at, userid)).rowcount
        if changed:
            self.groups.lose_owner(db, userid)
            self._corp.pushes.send("change_contact/delete_user", {"UserID": userid}, business=at)
        return bool(changed)

    # -- customers ---------------------------------------------------------------------------------------------------------------------------------

    def _rates(self, habits: str) -> Rates:
        defaults, own = self._scenario.customer, json.loads(habits)
        return Rates(**{name: float(own.get(name, getattr(defaults, name))) for name in Rates.__dataclass_fields__})

    def _delivered(self, db: sqlite3.Connection, send: sqlite3.Row, userid: str, customer: sqlite3.Row, at: float) -> None:
        external_userid, nth = customer["external_userid"], customer["deliveries"]
        db.execute("update customer set deliveries = deliveries + 1 where external_userid = ?", (external_userid,))
        mood = self.moods.receives(db, external_userid, at)
        reaction = self._habits.reacts(external_userid, nth, self._rates(customer["habits"]), at=at, mood=mood)
        who = {"external_userid": external_userid, "userid": userid, "msgid": send["msgid"], "nth": nth}
        rank = f"{external_userid}/{nth}"
        if reaction.open is not None and send["link"]:
            self.later(db, "open", at + reaction.open, rank, **who, order=reaction.order)
        for kind, after in (("reply", reaction.reply), ("delete", reaction.delete), ("mute", reaction.mute), ("complain", reaction.complain)):
            if after is not None:
                self.later(db, kind, at + after, rank, **who)

    def reached(self, db: sqlite3.Connection, external_userid: str, channel: Literal["welcome", "service"], at: float) -> None:
        fatigue = self._scenario.fatigue
        self.moods.receives(db, external_userid, at, fatigue.welcome_weight if channel == "welcome" else fatigue.service_weight)

    def _open(self, db: sqlite3.Connection, who: dict[str, Any], at: float) -> None:
        """Unless the customer has muted since."""
        if self.moods.now(db, who["external_userid"], at).muted:
            return
        link = db.execute("select link from send where msgid = ?", (who["msgid"],)).fetchone()["link"]
        self.effects.opened(db, who["msgid"], who["external_userid"], link, at)
        if who["order"] is not None:
            self.later(db, "order", at + who["order"], f"{who['external_userid']}/{who['nth']}", **who)

    def _reply(self, db: sqlite3.Connection, who: dict[str, Any], at: float) -> None:
        """Seen by the member only: messages between members and customers never reach the interface."""
        text = self._draws.pick(_REPLIES, "reply text", who["external_userid"], who["nth"])
        answered_at = self._habits.answers_at(who["userid"], who["external_userid"], who["nth"], at)
        self.write(db, who["userid"], who["external_userid"], text, at, msgid=who["msgid"], answered_at=answered_at)

    def _complain(self, db: sqlite3.Connection, who: dict[str, Any], at: float) -> None:
        """The platform hears of it, and while they are friends the member reads it; no callback tells of complaints."""
        userid, external_userid = who["userid"], who["external_userid"]
        self.moods.complain(db, external_userid, userid, who["msgid"], at)
        if userid in friends_of(db, external_userid):
            text = self._draws.pick(_COMPLAINTS, "complaint text", external_userid, who["nth"])
            answered_at = self._habits.answers_at(userid, external_userid, who["nth"], at)
            self.write(db, userid, external_userid, text, at, msgid=who["msgid"], answered_at=answered_at)

    def _meet_friend(self, db: sqlite3.Connection, who: dict[str, Any], at: float) -> None:
        external_userid = self._referrals.arrive(db, **who, at=at)
        if external_userid is not None:
            self.trade.begin(db, db.execute("select * from customer where external_userid = ?", (external_userid,)).fetchone(), at)

    def write(
        self, db: sqlite3.Connection, userid: str, external_userid: str, text: str, at: float, *, msgid: str | None = None, answered_at: float | None = None
    ) -> None:
        """A customer writes to a member, in answer to a group send or of their own; None: nobody answers."""
        pair = (userid, external_userid)
        row = (*pair, msgid, at, text, answered_at)
        db.execute("insert into reply (userid, external_userid, msgid, at, text, answered_at) values (?, ?, ?, ?, ?, ?)", row)
        db.execute("update follow set talked_at = max(talked_at, ?) where userid = ? and external_userid = ?", (at, *pair))
        self.acquisition.wrote(db, *pair, at)

    def leave(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float, *, by: str) -> bool:
        """One side ends the friendship; the other side's view stays. Whether there was one to end."""
        column, change = ("left_by_customer_at", "del_follow_user") if by == "customer" else ("left_by_staff_at", "del_external_contact")
        changed = db.execute(
            f"update follow set {column} = ? where userid = ? and external_userid = ? and {column} is null",  # noqa: S608  one of two words
            (at, userid, external_userid),
        ).rowcount
        if changed:
            self._corp.pushes.send(f"change_external_contact/{change}", {"UserID": userid, "ExternalUserID": external_userid}, business=at)
            if by == "customer":
                self.acquisition.left(db, userid, external_userid, at)
        elif by == "customer":
            return self.half_friends.give_up(db, userid, external_userid)
        return bool(changed)

    def befriend(
        self, db: sqlite3.Connection, userid: str, external_userid: str, at: float, *, state: str = "", add_way: int = 1, greeted: bool = False
    ) -> None:
        """A customer of the town adds a member, for the first time or again. `greeted`: the first words were sent already, so there is no code for others."""
        name = db.execute("select name from customer where external_userid = ?", (external_userid,)).fetchone()["name"]
        self.half_friends.give_up(db, userid, external_userid)
        db.execute(
            """
            insert into follow (userid, external_userid, remark, description, created_at, add_way, oper_userid, state, talked_at)
            values (?1, ?2, ?3, '', ?4, ?6, ?2, ?5, ?4)
            on conflict (userid, external_userid) do update
                set created_at = excluded.created_at, state = excluded.state, add_way = excluded.add_way, talked_at = excluded.talked_at,
                left_by_customer_at = null, left_by_staff_at = null
            """,
            (userid, external_userid, name, at, state, add_way),
        )
        code = "" if greeted else code_for(self._corp, db, userid, external_userid, at)
        elements = {"UserID": userid, "ExternalUserID": external_userid, "State": state, "WelcomeCode": code}
        self._corp.pushes.send("change_external_contact/add_external_contact", elements, business=at)

    def add(self, db: sqlite3.Connection, userid: str, external_userid: str, at: float, *, state: str = "", half: bool = False) -> bool:
        """A customer adds a member, who has yet to confirm it when `half`; False and nothing else for who is there already."""
        if userid in friends_of(db, external_userid) or (half and self.half_friends.waits(db, userid, external_userid)):
            return False
        (self.half_friends.add if half else self.befriend)(db, userid, external_userid, at, state=state)
        return True

    def scan(self, db: sqlite3.Connection, config_id: str, external_userid: str, at: float, *, half: bool = False) -> tuple[str | None, bool]:
        """A customer scans a code; (the member met, None when it leads to nobody, for this customer or any more; whether they were no friends).

        `half` if the code skips verification. Who comes by a temporary code is never half a friend, and not for long.
        """
        way = db.execute("select * from contact_way where config_id = ?", (config_id,)).fetchone()
        members = members_of(db, way) if way and temporary_chats.admits(db, way, external_userid, at) else []
        if not members:
            return None, False
        friends = set(friends_of(db, external_userid)) & set(members)
        if friends and way["exclusive"]:
            return min(friends), False
        userid = self._draws.pick(members, "scan", config_id, external_userid)
        half = half and bool(way["skip_verify"]) and not way["temporary"]
        changed = self.add(db, userid, external_userid, at, state=way["state"], half=half)
        if changed and way["temporary"]:
            temporary_chats.begin(self._corp, db, way, userid, external_userid, at)
        return userid, changed

    # -- late calls --------------------------------------------------------------------------------------------------------------------------------

    def apply_later(self, call: Call, seconds: float) -> None:
        """A call whose answer was lost takes effect later, in business time unless its fault says machine."""
        params = {"path": call.path, "agent_id": call.app.agent_id, "fields": dict(call.fields), "caller_ip": call.caller_ip}
        if call.fault and call.fault.params.get("clock") == "machine":
            timer = threading.Timer(seconds, lambda: self._apply(params, self._corp.clock.now()))
            timer.daemon = True
            self._timers.append(timer)
            timer.start()
            return
        with self._corp.books.write() as db:
            self.later(db, "late_apply", call.now + seconds, str(self._corp.books.serial("late")), **params)

    def _apply(self, params: dict[str, Any], at: float) -> None:
        app = next(app for app in self._corp.settings.all_apps if app.agent_id == params["agent_id"])
        call = Call(self._corp, app, params["path"], params["fields"], params["caller_ip"], at, self._corp.clock.machine())
        try:
            CALLS[params["path"]].handler(call)
        except Failure as refused:
            log.info("town.late_call_refused", path=params["path"], code=refused.code)
