"""The books as a dictionary: what the store promises, in the plainest words. tests/act/gateway/test_books.py holds the real store to it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.actions import Action, ActionId, Purpose, fingerprint, marked, marker
from siyu.act.gateway.model.arms import Arm, draw
from siyu.act.gateway.model.calls import OPEN, Call, CallState, Claim, aftermath, group, too_late
from siyu.act.gateway.model.doubts import Absent, Adopt, Doubt, Finding, Listed, Wait
from siyu.act.gateway.model.guards import Allow, Circumstances, Contact, Hold, Reach, Refuse, choose, judge
from siyu.act.gateway.model.intents import UNDER_WAY, Intent, IntentState
from siyu.act.gateway.model.policy import Policy, quota_window, raised_settle
from siyu.act.gateway.model.replies import RATE, Accepted, Outcome, Refused, lengthened, skip_reason
from siyu.act.gateway.model.tasks import Reading, Status, Task, TaskState, Verdict, settle_row, withdraw_reason
from siyu.kernel.ids import CallId, CustomerId
from siyu.kernel.time import business_day, day_start, week_start

Key = tuple[ActionId, CustomerId]


@dataclass
class Corp:
    settle_seconds: float
    paused_until: datetime | None = None
    strikes: int = 0


@dataclass(frozen=True)
class Incident:
    kind: str
    call_id: CallId
    people: tuple[CustomerId, ...]


class DictBooks:
    """Every public method is one transaction: it happens whole or not at all, and nobody sees it half done."""

    def __init__(self, *, now: Callable[[], datetime], machine: Callable[[], datetime], tz: ZoneInfo, policy: Policy, new_id: Callable[[], UUID]) -> None:
        self._now = now
        self._machine = machine
        self.tz = tz
        self.policy = policy
        self._new_id = new_id
        self.actions: dict[ActionId, Action] = {}
        self.intents: dict[Key, Intent] = {}
        self.calls: dict[CallId, Call] = {}
        self.tasks: dict[str, Task] = {}
        self.corps: dict[str, Corp] = {}
        self.quota: Counter[tuple[CustomerId, date]] = Counter()
        self.contacts: dict[CustomerId, tuple[Contact, ...]] = {}
        self.opted_out: set[CustomerId] = set()
        self.elsewhere: dict[CustomerId, int] = {}
        self.recipients: dict[CallId, dict[CustomerId, str]] = {}
        self.polled: dict[str, datetime] = {}
        self.incidents: list[Incident] = []
        self.due: set[Key] = set()
        self.reserved: set[Key] = set()
        self.reached: Counter[str] = Counter()

    def machine(self) -> datetime:
        return self._machine()

    # -- planning ----------------------------------------------------------------------------------------------------------------------------------

    def plan(self, action: Action, customers: Iterable[CustomerId]) -> None:
        """Write down who is meant. The same (action, person) is written once."""
        self.actions.setdefault(action.id, action)
        for customer in customers:
            key = (action.id, customer)
            if key not in self.intents:
                self._put(Intent(action.id, customer, draw(action.salt, customer, action.holdout_bp)))

    def stop(self, action_id: ActionId) -> None:
        self.actions[action_id] = replace(self.actions[action_id], stopped_at=self._now())

    def opt_out(self, customer: CustomerId) -> None:
        self.opted_out.add(customer)
        for task in [it for it in self.tasks.values() if it.state is TaskState.OPEN and it.standing]:
            if any(it.customer_id == customer for it in self._members(task.call_id, IntentState.TASK)):
                self._task(replace(task, state=TaskState.WITHDRAWING, reason="opted_out"))

    def judge(self, limit: int = 50) -> int:
        """Ask the guards about planned people of one action whose time has come, take their quota, choose who sends."""
        now = self._now()
        due = [key for key in sorted(self.due) if self._comes(self.actions[key[0]], self.intents[key], now)][:limit]
        due = [key for key in due if key[0] == due[0][0]]
        for key in due:
            self._judge(self.actions[key[0]], self.intents[key], now)
        return len(due)

    @staticmethod
    def _comes(action: Action, intent: Intent, now: datetime) -> bool:
        held = intent.hold_until is not None and intent.hold_until > now and not action.over(now)
        return not held and action.not_before <= now

    def _judge(self, action: Action, intent: Intent, now: datetime) -> None:
        if intent.arm is Arm.HOLDOUT or action.over(now):
            self._put(self._over(action, intent))
            return
        reach = self.reach(intent.customer_id)
        match judge(action, reach, Circumstances(now, self.tz, self.policy)):
            case Refuse(reason):
                self._put(intent.skip(reason))
            case Hold(until, reason):
                self._put(intent.hold(until, reason))
            case Allow():
                self._reserve(action, intent, choose(reach.contacts), now)

    def _reserve(self, action: Action, intent: Intent, contact: Contact, now: datetime) -> None:
        if action.purpose is Purpose.SERVICE or action.lifts_cap:
            self._put(intent.reserve(contact, None))
            return
        on = business_day(now, self.tz)
        if self.take(intent.customer_id, on):
            self._put(intent.reserve(contact, on))
        else:
            self._put(intent.skip("frequency_cap"))

    def take(self, customer: CustomerId, on: date) -> bool:
        """One of the week's promotions, if one is left."""
        slot = (customer, quota_window(on))
        if self.quota[slot] >= self.policy.promotions_a_week - self.elsewhere.get(customer, 0):
            return False
        self.quota[slot] += 1
        return True

    def give_back(self, customer: CustomerId, on: date) -> None:
        self.quota[(customer, quota_window(on))] -= 1

    def reach(self, customer: CustomerId) -> Reach:
        monday = day_start(week_start(business_day(self._now(), self.tz)), self.tz)
        promotions = 0
        for action in self.actions.values():
            intent = self.intents.get((action.id, customer))
            if intent is not None and action.purpose is Purpose.PROMOTION:
                promotions += intent.state in UNDER_WAY or (intent.sent_at is not None and intent.sent_at >= monday)
        return Reach(customer, self.contacts.get(customer, ()), customer in self.opted_out, promotions, self.elsewhere.get(customer, 0))

    def group(self) -> int:
        """Put the reserved people of one action whose judging is over into calls. Returns the calls made."""
        now = self._now()
        waiting = {key[0] for key in self.due if (held := self.intents[key].hold_until) is None or held <= now}
        action_id = min({key[0] for key in self.reserved} - waiting, default=None)
        if action_id is None:
            return 0
        content = self.actions[action_id].content
        batches = group([self.intents[key] for key in sorted(self.reserved) if key[0] == action_id], self.policy.call_size)
        for corp_id, sender, people in batches:
            id = CallId(self._new_id())
            body = marked(content, f"https://s.example/{marker(id)}")
            self.corps.setdefault(corp_id, Corp(self.policy.settle_seconds))
            self._call(Call(id, action_id, corp_id, sender, fingerprint(content), marker(id), body, business_day(now, self.tz)))
            self.recipients[id] = {it.customer_id: it.contact.external_userid for it in people if it.contact}
            for intent in people:
                self._put(intent.join(id))
        return len(batches)

    def tidy(self) -> int:
        """Give up what has outlived its action or its day. Returns what was given up."""
        now, gone = self._now(), 0
        for call in self._ready():
            reason = too_late(self.actions[call.action_id], call.reserved_on, now=now, tz=self.tz, policy=self.policy)
            if reason is not None:
                self._give_up(call, reason)
                gone += 1
        for key in sorted(key for key in self.due if self.actions[key[0]].over(now)):
            self._put(self._over(self.actions[key[0]], self.intents[key]))
            gone += 1
        return gone

    @staticmethod
    def _over(action: Action, intent: Intent) -> Intent:
        return aftermath(intent, "holdout" if intent.arm is Arm.HOLDOUT else "stopped" if action.stopped_at else "expired")

    def _give_up(self, call: Call, reason: str) -> None:
        self._call(call.die(reason))
        for intent in self._members(call.id, IntentState.IN_CALL):
            self._put(aftermath(intent, reason))

    # -- calls -------------------------------------------------------------------------------------------------------------------------------------

    def claim(self) -> Claim | None:
        now, machine = self._now(), self._machine()
        open_ones = {(it.corp_id, it.sender, it.fingerprint) for it in self.calls.values() if it.state in OPEN}
        for call in self._ready():
            paused = self.corps[call.corp_id].paused_until
            if (call.retry_at and call.retry_at > machine) or (paused and paused > machine) or (call.corp_id, call.sender, call.fingerprint) in open_ones:
                continue
            reason = too_late(self.actions[call.action_id], call.reserved_on, now=now, tz=self.tz, policy=self.policy)
            if reason is not None:
                self._give_up(call, reason)
                continue
            self.drop_opted_out(call.id)
            people = self._members(call.id, IntentState.IN_CALL)
            if not people:
                self._call(call.die("nobody_left"))
                continue
            self._call(call.claim(now=now, machine=machine, policy=self.policy))
            to = tuple(it.contact.external_userid for it in people if it.contact)
            return Claim(call.id, call.epoch + 1, call.corp_id, call.sender, call.body, to)
        return None

    def drop_opted_out(self, call_id: CallId) -> None:
        for intent in self._members(call_id, IntentState.IN_CALL):
            if intent.customer_id in self.opted_out:
                self._put(intent.skip("opted_out"))

    def record(self, claim: Claim, outcome: Outcome) -> bool:
        call = self.calls[claim.call_id]
        if call.state is not CallState.CLAIMED or call.epoch != claim.epoch:
            return False
        corp = self.corps[call.corp_id]
        outcome = lengthened(outcome, corp.strikes)
        self._call(call.record(outcome, machine=self._machine()))
        match outcome:
            case Accepted(msgid, fail_list):
                corp.strikes = 0
                self._accept(call.id, frozenset(fail_list))
                self._task(Task(msgid, call.corp_id, call.id, call.action_id, call.sender, self._now()))
            case Refused(_, None):
                for intent in self._members(call.id, IntentState.IN_CALL):
                    self._put(intent.skip(skip_reason(outcome)))
            case Refused(code, float(wait), "corp"):
                corp.strikes += code == str(RATE)
                corp.paused_until = self._machine() + timedelta(seconds=wait)
        return True

    def _accept(self, call_id: CallId, failed: frozenset[str]) -> None:
        for intent in self._members(call_id, IntentState.IN_CALL):
            assert intent.contact is not None
            self._put(intent.skip("not_accepted") if intent.contact.external_userid in failed else intent.accept())

    # -- doubts ------------------------------------------------------------------------------------------------------------------------------------

    def doubts(self) -> list[Doubt]:
        machine = self._machine()
        due = []
        for call in sorted(self.calls.values(), key=lambda it: it.id):
            if call.state is CallState.CLAIMED and call.lease_until is not None and call.lease_until <= machine:
                call = self.lapse(call)
                self._call(call)
            if call.state is CallState.UNKNOWN and (call.look_at is None or call.look_at <= machine):
                self._call(replace(call, look_at=machine + timedelta(seconds=self.policy.look_again_seconds)))
                due.append(self._doubt(call))
        return due

    def lapse(self, call: Call) -> Call:
        return call.lapse()

    def _doubt(self, call: Call) -> Doubt:
        assert call.first_try_at is not None
        machine = self._machine()
        settle = timedelta(seconds=self.corps[call.corp_id].settle_seconds)
        return Doubt(
            call_id=call.id,
            action_id=call.action_id,
            epoch=call.epoch,
            corp_id=call.corp_id,
            sender=call.sender,
            marker=call.marker,
            body=call.body,
            recipients=frozenset(self.recipients[call.id].values()),
            since=call.first_try_at - self.policy.margin,
            until=self._now() + self.policy.margin,
            asked_at=machine,
            settled=call.doubt_at is not None and machine >= call.doubt_at + settle,
        )

    def owners(self, corp_id: str, msgids: Collection[str]) -> Mapping[str, CallId]:
        return {msgid: self.tasks[msgid].call_id for msgid in msgids if msgid in self.tasks}

    def conclude(self, doubt: Doubt, finding: Finding) -> None:
        call = self.calls[doubt.call_id]
        if call.state is not CallState.UNKNOWN or call.epoch != doubt.epoch:
            return
        match finding:
            case Adopt(task, surplus):
                if any(it.msgid in self.tasks and self.tasks[it.msgid].call_id != call.id for it in (task, *surplus)):
                    return
                self._adopt(call, task)
                for other in surplus:
                    self._task(Task(other.msgid, call.corp_id, call.id, call.action_id, call.sender, other.created_at, standing=False))
            case Absent():
                corp = self.corps[call.corp_id]
                self._call(call.absent(looked_at=doubt.asked_at, settle_seconds=corp.settle_seconds, policy=self.policy))
            case Wait():
                pass

    def _adopt(self, call: Call, task: Listed) -> None:
        corp = self.corps[call.corp_id]
        assert call.tried_at is not None
        corp.settle_seconds = raised_settle(corp.settle_seconds, (task.created_at - call.tried_at).total_seconds(), self.policy.settle_most_seconds)
        self._call(call.adopt(task.msgid))
        self._accept(call.id, frozenset())
        self._task(Task(task.msgid, call.corp_id, call.id, call.action_id, call.sender, task.created_at))

    # -- sweep -------------------------------------------------------------------------------------------------------------------------------------

    def suspects(self) -> list[Doubt]:
        back = self._now() - self.policy.sweep_back
        recent = [it for it in self.calls.values() if it.doubted and it.state not in OPEN and it.tried_at is not None and it.tried_at >= back]
        return [self._doubt(call) for call in sorted(recent, key=lambda it: it.id) if not self._disputed(call)]

    def _disputed(self, call: Call) -> bool:
        """Without a marker a new task could as well be that of an open call with the same sender and words."""
        twins = (it for it in self.calls.values() if (it.corp_id, it.sender, it.fingerprint) == (call.corp_id, call.sender, call.fingerprint))
        return not call.body.linked and any(it.state in OPEN for it in twins)

    def tasks_of(self, call_id: CallId) -> list[Task]:
        return self._in_order(task for task in self.tasks.values() if task.call_id == call_id)

    def keep(self, doubt: Doubt, found: Sequence[Listed], verdict: Verdict) -> None:
        call = self.calls[doubt.call_id]
        stale = self._machine() > doubt.asked_at + timedelta(seconds=self.policy.settle_seconds)
        if call.state in OPEN or call.epoch != doubt.epoch or stale or self._disputed(call):
            return
        if any(task.msgid in self.tasks and self.tasks[task.msgid].call_id != call.id for task in found):
            return
        listed = {task.msgid: task for task in found}
        if call.state is CallState.READY and verdict.keep in listed:
            self._adopt(call, listed[verdict.keep])
        stands = self.calls[doubt.call_id].state is CallState.DONE
        for new in found:
            if new.msgid not in self.tasks:
                self._task(Task(new.msgid, call.corp_id, call.id, call.action_id, call.sender, new.created_at, standing=False))
        for task in self.tasks_of(call.id):
            self._task(replace(task, standing=stands and task.msgid == verdict.keep))
        if verdict.doubled:
            self._incident("doubled", call.id, verdict.doubled)

    def _incident(self, kind: str, call_id: CallId, external_userids: Collection[str]) -> None:
        people = tuple(sorted(customer for customer, external in self.recipients[call_id].items() if external in external_userids))
        incident = Incident(kind, call_id, people)
        if incident not in self.incidents:
            self.incidents.append(incident)

    # -- tasks -------------------------------------------------------------------------------------------------------------------------------------

    def readable(self) -> list[Task]:
        now, machine, every = self._now(), self._machine(), timedelta(seconds=self.policy.poll_seconds)
        due = []
        for task in self._in_order(self.tasks.values()):
            polled = self.polled.get(task.msgid)
            if (task.state is TaskState.OPEN and (polled is None or polled + every <= now)) or (
                task.state is TaskState.WITHDRAWN and task.close_at is not None and task.close_at <= machine
            ):
                self.polled[task.msgid] = now
                due.append(task)
        return due

    def read(self, task: Task, reading: Reading, asked_at: datetime) -> None:
        task = self.tasks[task.msgid]
        if task.state is TaskState.CLOSED:
            return
        doubled = []
        for customer, external in self.recipients[task.call_id].items():
            row = reading.rows.get(external)
            intent = self.intents[(task.action_id, customer)]
            if row is None:
                continue
            if intent.call_id == task.call_id and (task.standing or row.status == Status.SENT):
                self._put(settle_row(intent, row, task.msgid, self._now()))
            if row.status == Status.SENT and self.intents[(task.action_id, customer)].sent_by != task.msgid:
                doubled.append(external)
        if doubled:
            self._incident("doubled", task.call_id, doubled)
        left = any(it.customer_id in self.opted_out for it in self._members(task.call_id, IntentState.TASK))
        if task.state is TaskState.OPEN and task.standing and left:
            self._task(replace(task, state=TaskState.WITHDRAWING, reason="opted_out"))
        elif task.state is TaskState.WITHDRAWN and task.close_at is not None and asked_at >= task.close_at:
            self._close(task, task.reason or "expired")
        elif task.state is TaskState.OPEN and reading.whole:
            if task.whole_at is None:
                self._task(replace(task, whole_at=asked_at))
            elif asked_at >= task.whole_at + timedelta(seconds=self.policy.close_after_seconds):
                self._close(task, "not_accepted")

    def _close(self, task: Task, reason: str) -> None:
        self._task(replace(task, state=TaskState.CLOSED))
        if not task.standing:
            return
        for intent in self._members(task.call_id, IntentState.TASK):
            if intent.customer_id in self.opted_out:
                self._put(intent.skip("opted_out"))
            elif reason == "not_accepted":
                self._put(intent.skip(reason))
            else:
                self._put(aftermath(intent, reason))

    def withdrawals(self) -> list[Task]:
        now, machine = self._now(), self._machine()
        for task in [it for it in self.tasks.values() if it.state is TaskState.OPEN]:
            reason = withdraw_reason(task, self.actions[task.action_id], now=now, tz=self.tz, policy=self.policy)
            if reason is not None:
                self._task(replace(task, state=TaskState.WITHDRAWING, reason=reason))
        due = []
        for task in self._in_order(self.tasks.values()):
            if task.state is TaskState.WITHDRAWING and (task.close_at is None or task.close_at <= machine):
                due.append(task)
        for task in due:
            self._task(replace(task, close_at=machine + timedelta(seconds=self.policy.look_again_seconds)))
        return due

    def withdrawn(self, task: Task) -> None:
        task = self.tasks[task.msgid]
        if task.state is TaskState.WITHDRAWING:
            close_at = self._machine() + timedelta(seconds=self.policy.close_after_seconds)
            self._task(replace(task, state=TaskState.WITHDRAWN, close_at=close_at))

    # -- rows --------------------------------------------------------------------------------------------------------------------------------------

    def _members(self, call_id: CallId, state: IntentState) -> list[Intent]:
        action_id = self.calls[call_id].action_id
        intents = (self.intents[(action_id, customer)] for customer in self.recipients[call_id])
        return [it for it in intents if it.call_id == call_id and it.state is state]

    def _ready(self) -> list[Call]:
        return sorted((it for it in self.calls.values() if it.state is CallState.READY), key=lambda it: it.id)

    @staticmethod
    def _in_order(tasks: Iterable[Task]) -> list[Task]:
        return sorted(tasks, key=lambda it: (it.made_at, it.msgid))

    def _put(self, intent: Intent) -> None:
        """Write an intent; quota that it held and holds no more goes back."""
        key = (intent.action_id, intent.customer_id)
        before = self.intents.get(key)
        if before is not None and before.quota_on is not None and intent.quota_on is None:
            self.give_back(intent.customer_id, before.quota_on)
        self.intents[key] = intent
        for state, keys in ((IntentState.PLANNED, self.due), (IntentState.RESERVED, self.reserved)):
            keys.add(key) if intent.state is state else keys.discard(key)
        self.reached[f"intent {intent.state}" + (f" {intent.reason}" if intent.reason else "")] += 1

    def _call(self, call: Call) -> None:
        self.calls[call.id] = call
        self.reached[f"call {call.state}"] += 1

    def _task(self, task: Task) -> None:
        self.tasks[task.msgid] = task
        self.reached[f"task {task.state}" + (f" {task.reason}" if task.reason else "")] += 1
