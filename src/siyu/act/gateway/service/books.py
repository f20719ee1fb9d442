"""The books in PostgreSQL. What each method promises stands in `ports.py`; that they keep it as the dictionary does is tested by running both."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import IntegrityError

from siyu import events
from siyu.act.gateway import store
from siyu.act.gateway.model.actions import Action, ActionId, Content, Purpose, fingerprint, marked, marker
from siyu.act.gateway.model.arms import Arm
from siyu.act.gateway.model.calls import OPEN, Call, CallState, Claim, after, too_late
from siyu.act.gateway.model.doubts import Absent, Adopt, Doubt, Finding, Listed, Wait
from siyu.act.gateway.model.facts import Sent
from siyu.act.gateway.model.guards import Allow, Circumstances, Contact, Hold, Reach, Refuse, choose, judge
from siyu.act.gateway.model.intents import IntentState
from siyu.act.gateway.model.policy import Policy, allowance, quota_window, raised_settle
from siyu.act.gateway.model.replies import RATE, Accepted, Outcome, Refused, lengthened, skip_reason
from siyu.act.gateway.model.tasks import Reading, Status, Task, TaskState, Verdict, withdraw_reason
from siyu.infra.database import again
from siyu.infra.tx import Tx
from siyu.kernel.ids import CallId, CustomerId, new_id
from siyu.kernel.time import business_day, day_start, week_start

log = structlog.get_logger(__name__)

JUDGED = 2_000
GROUPED = 10_000
TIDIED = 200


@dataclass(frozen=True)
class Link:
    """A tracked link of one call; `marker` is the part of it that no other link has."""

    url: str
    marker: str


class World(Protocol):
    """What other capabilities know and do for the gateway."""

    def reaches(self, tx: Tx, customers: Collection[CustomerId]) -> Mapping[CustomerId, tuple[tuple[Contact, ...], bool]]:
        """Standing relations of each person, and whether they have opted out."""

    def opted_out(self, tx: Tx, customers: Collection[CustomerId]) -> frozenset[CustomerId]:
        """Those who asked not to be written to."""

    def reached_elsewhere(self, tx: Tx, customers: Collection[CustomerId], since: datetime) -> Mapping[CustomerId, int]:
        """How many group sends that others made have reached each person since an instant; nobody with none."""

    def objected(self, tx: Tx, customers: Collection[CustomerId]) -> frozenset[CustomerId]:
        """Those who said so, and did not merely delete a member: for them even a task that waits is withdrawn."""

    def link(self, tx: Tx, action: Action, call_id: CallId, corp_id: str) -> Link:
        """The tracked link of a call whose content has a place for one."""

    def blocked_words(self, tx: Tx, content: Content) -> tuple[str, ...]:
        """Terms in the content that must not leave the house."""

    def standing_changed(self, tx: Tx, corp_id: str) -> None:
        """The platform began or ceased to refuse the corp's calls: somebody should look why."""

    def not_friends(self, tx: Tx, corp_id: str, sender: str, lost: Mapping[str, datetime]) -> None:
        """These customers (external_userid → when it was tried) turned out to have left the member."""


class SqlBooks:
    """One brand's books. Every public method is one transaction of its own."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Tx]],
        world: World,
        *,
        machine: Callable[[Tx], datetime] = store.actions.machine,
        new_call_id: Callable[[Tx], CallId] = lambda tx: new_id(CallId, tx.now),
        policy: Callable[[Tx], Policy] = store.bounds.policy,
    ) -> None:
        self._transaction = transaction
        self._world = world
        self._machine = machine
        self._new_call_id = new_call_id
        self._policy = policy

    def machine(self) -> datetime:
        with self._transaction() as tx:
            return self._machine(tx)

    # -- planning ----------------------------------------------------------------------------------------------------------------------------------

    @again
    def judge(self, limit: int = JUDGED) -> int:
        """Ask the guards about planned people of one action whose time has come, take their quota, choose who sends. Returns how many were judged."""
        with self._transaction() as tx:
            store.bounds.judging(tx)
            action_id, people = store.intents.due(tx, limit)
            if action_id is None:
                return 0
            self._judge(tx, store.actions.many(tx, [action_id])[action_id], people)
            return len(people)

    def _judge(self, tx: Tx, action: Action, drawn: Sequence[tuple[CustomerId, Arm]]) -> None:
        store.intents.end(tx, action.id, {customer: after("holdout") for customer, arm in drawn if arm is Arm.HOLDOUT})
        people = [customer for customer, arm in drawn if arm is Arm.TREATED]
        if action.over(tx.now):
            store.intents.end(tx, action.id, dict.fromkeys(people, after("stopped" if action.stopped_at else "expired")))
            return
        policy = self._policy(tx)
        when = Circumstances(tx.now, tx.tz, policy, self._world.blocked_words(tx, action.content))
        known = reaches(tx, self._world, policy, people, tx.now)
        ends: dict[CustomerId, tuple[IntentState, str]] = {}
        holds: dict[CustomerId, tuple[datetime, str]] = {}
        chosen: dict[CustomerId, Contact] = {}
        for customer in people:
            match judge(action, known[customer], when):
                case Refuse(reason):
                    ends[customer] = (IntentState.SKIPPED, reason)
                case Hold(until, reason):
                    holds[customer] = (until, reason)
                case Allow():
                    chosen[customer] = choose(known[customer].contacts)
        quota_on = None
        if action.purpose is Purpose.PROMOTION and not action.lifts_cap:
            quota_on = business_day(tx.now, tx.tz)
            left = {customer: policy.promotions_a_week - known[customer].reached_elsewhere for customer in chosen}
            taken = store.bounds.take(tx, left, quota_window(quota_on))
            ends |= {customer: (IntentState.SKIPPED, "frequency_cap") for customer in chosen if customer not in taken}
            chosen = {customer: contact for customer, contact in chosen.items() if customer in taken}
        store.intents.end(tx, action.id, ends)
        store.intents.hold(tx, action.id, holds)
        store.intents.reserve(tx, action.id, chosen, quota_on)

    def group(self, most: int = GROUPED) -> int:
        """Put reserved people of one action whose judging is over into calls. Returns the calls made; 0 when nobody waits for one."""
        with self._transaction() as tx:
            action_id = store.intents.groupable(tx)
            if action_id is None:
                return 0
            action = store.actions.many(tx, [action_id])[action_id]
            policy, today = self._policy(tx), business_day(tx.now, tx.tz)
            joined = []
            for batch in store.intents.batches(tx, action_id, policy.call_size, most):
                id = self._new_call_id(tx)
                link = self._world.link(tx, action, id, batch.corp_id) if action.content.linked else Link("", marker(id))
                body = marked(action.content, link.url)
                call = Call(id, action_id, batch.corp_id, batch.sender, fingerprint(action.content), link.marker, body, today)
                store.calls.insert(tx, call, batch.customers, batch.recipients)
                joined.append((id, batch.customers))
            store.intents.join(tx, action_id, joined)
            return len(joined)

    @again
    def tidy(self, limit: int = TIDIED) -> int:
        """Give up what has outlived its action or its day. Returns how much was given up."""
        with self._transaction() as tx:
            policy, gone = self._policy(tx), 0
            calls = store.calls.ready(tx, limit)
            actions = store.actions.many(tx, {call.action_id for call in calls})
            for call in calls:
                reason = too_late(actions[call.action_id], call.reserved_on, now=tx.now, tz=tx.tz, policy=policy)
                if reason is not None:
                    self._give_up(tx, call, reason)
                    gone += 1
            ends: dict[ActionId, dict[CustomerId, tuple[IntentState, str]]] = {}
            for action_id, customer, reason in store.intents.over(tx, JUDGED):
                ends.setdefault(action_id, {})[customer] = after(reason)
                gone += 1
            for action_id, those in ends.items():
                store.intents.end(tx, action_id, those)
            return gone

    def _give_up(self, tx: Tx, call: Call, reason: str) -> None:
        store.calls.save(tx, call.die(reason))
        state, reason = after(reason)
        store.intents.leave(tx, call.id, IntentState.IN_CALL, state, reason)

    # -- calls -------------------------------------------------------------------------------------------------------------------------------------

    @again
    def claim(self) -> Claim | None:
        with self._transaction() as tx:
            policy, machine = self._policy(tx), self._machine(tx)
            while (call := store.calls.claimable(tx, machine)) is not None:
                action = store.actions.many(tx, [call.action_id])[call.action_id]
                reason = too_late(action, call.reserved_on, now=tx.now, tz=tx.tz, policy=policy)
                if reason is not None:
                    self._give_up(tx, call, reason)
                    continue
                people = store.intents.members(tx, call.id, IntentState.IN_CALL)
                out = self._world.opted_out(tx, [customer for customer, _ in people])
                if out:
                    store.intents.leave(tx, call.id, IntentState.IN_CALL, IntentState.SKIPPED, "opted_out", only=out)
                recipients = tuple(external for customer, external in people if customer not in out)
                if not recipients:
                    store.calls.save(tx, call.die("nobody_left"))
                    continue
                claimed = call.claim(now=tx.now, machine=machine, policy=policy)
                try:
                    with tx.connection.begin_nested():
                        store.calls.save(tx, claimed)
                except IntegrityError:  # another worker has opened a call with the same sender and words a moment ago
                    return None
                return Claim(call.id, claimed.epoch, call.corp_id, call.sender, call.body, recipients)
            return None

    @again
    def record(self, claim: Claim, outcome: Outcome) -> bool:
        with self._transaction() as tx:
            call = store.calls.locked(tx, claim.call_id)
            if call.state is not CallState.CLAIMED or call.epoch != claim.epoch:
                log.warning("gateway.reply_too_late", call_id=call.id, state=call.state)
                return False
            machine = self._machine(tx)
            outcome = lengthened(outcome, store.bounds.strikes(tx, call.corp_id))
            store.calls.save(tx, call.record(outcome, machine=machine))
            match outcome:
                case Accepted(msgid, fail_list):
                    if store.bounds.calm(tx, call.corp_id) not in (None, str(RATE)):
                        self._world.standing_changed(tx, call.corp_id)
                    store.intents.accept(tx, call.id, fail_list)
                    store.tasks.save(tx, Task(msgid, call.corp_id, call.id, call.action_id, call.sender, tx.now))
                case Refused(code, None):
                    store.intents.leave(tx, call.id, IntentState.IN_CALL, IntentState.SKIPPED, skip_reason(outcome))
                    log.warning("gateway.call_refused", call_id=call.id, code=code)
                case Refused(code, float(wait), "corp"):
                    until = machine + timedelta(seconds=wait)
                    settle = self._policy(tx).settle_seconds
                    if store.bounds.pause(tx, call.corp_id, until, code, strike=code == str(RATE), default_settle=settle) and code != str(RATE):
                        self._world.standing_changed(tx, call.corp_id)
                    log.warning("gateway.corp_paused", corp_id=call.corp_id, code=code, seconds=wait)
                case _:
                    pass
            return True

    # -- doubts ------------------------------------------------------------------------------------------------------------------------------------

    def doubts(self, limit: int = TIDIED) -> list[Doubt]:
        with self._transaction() as tx:
            policy, machine, due = self._policy(tx), self._machine(tx), []
            for call in store.calls.doubtful(tx, machine, limit):
                if call.state is CallState.CLAIMED:
                    call = call.lapse()
                    store.calls.save(tx, call)
                if call.look_at is None or call.look_at <= machine:
                    store.calls.save(tx, replace(call, look_at=machine + timedelta(seconds=policy.look_again_seconds)))
                    due.append(self._doubt(tx, call, policy, machine))
            return due

    def _doubt(self, tx: Tx, call: Call, policy: Policy, machine: datetime) -> Doubt:
        assert call.first_try_at is not None, "a call in doubt has been tried"
        settle = timedelta(seconds=store.bounds.settle_seconds(tx, call.corp_id, policy.settle_seconds))
        return Doubt(
            call_id=call.id,
            action_id=call.action_id,
            epoch=call.epoch,
            corp_id=call.corp_id,
            sender=call.sender,
            marker=call.marker,
            body=call.body,
            recipients=frozenset(store.calls.people(tx, call.id)),
            since=call.first_try_at - policy.margin,
            until=tx.now + policy.margin,
            asked_at=machine,
            settled=call.doubt_at is not None and machine >= call.doubt_at + settle,
        )

    def owners(self, corp_id: str, msgids: Collection[str]) -> Mapping[str, CallId]:
        with self._transaction() as tx:
            return store.tasks.owners(tx, corp_id, msgids)

    @again
    def conclude(self, doubt: Doubt, finding: Finding) -> None:
        with self._transaction() as tx:
            call = store.calls.locked(tx, doubt.call_id)
            if call.state is not CallState.UNKNOWN or call.epoch != doubt.epoch:
                return
            policy = self._policy(tx)
            match finding:
                case Adopt(task, surplus):
                    owners = store.tasks.owners(tx, call.corp_id, [it.msgid for it in (task, *surplus)])
                    if any(owner != call.id for owner in owners.values()):
                        return
                    self._adopt(tx, call, task, policy)
                    for other in surplus:
                        store.tasks.save(tx, _task(call, other, standing=False))
                case Absent():
                    settle = store.bounds.settle_seconds(tx, call.corp_id, policy.settle_seconds)
                    store.calls.save(tx, call.absent(looked_at=doubt.asked_at, settle_seconds=settle, policy=policy))
                case Wait():
                    pass

    def _adopt(self, tx: Tx, call: Call, task: Listed, policy: Policy) -> None:
        assert call.tried_at is not None, "an adopted call has been tried"
        settle = store.bounds.settle_seconds(tx, call.corp_id, policy.settle_seconds)
        raised = raised_settle(settle, (task.created_at - call.tried_at).total_seconds(), policy.settle_most_seconds)
        if raised > settle:
            store.bounds.raise_settle(tx, call.corp_id, raised)
            log.warning("gateway.settle_raised", corp_id=call.corp_id, seconds=raised)
        store.calls.save(tx, call.adopt(task.msgid))
        store.intents.accept(tx, call.id, ())
        store.tasks.save(tx, _task(call, task, standing=True))

    # -- sweep -------------------------------------------------------------------------------------------------------------------------------------

    def suspects(self) -> list[Doubt]:
        with self._transaction() as tx:
            policy, machine = self._policy(tx), self._machine(tx)
            calls = store.calls.suspects(tx, tx.now - policy.sweep_back)
            return [self._doubt(tx, call, policy, machine) for call in calls if not _disputed(tx, call)]

    def tasks_of(self, call_id: CallId) -> list[Task]:
        with self._transaction() as tx:
            return store.tasks.of_call(tx, call_id)

    @again
    def keep(self, doubt: Doubt, found: Sequence[Listed], verdict: Verdict) -> None:
        with self._transaction() as tx:
            policy = self._policy(tx)
            call = store.calls.locked(tx, doubt.call_id)
            stale = self._machine(tx) > doubt.asked_at + timedelta(seconds=policy.settle_seconds)
            if call.state in OPEN or call.epoch != doubt.epoch or stale or _disputed(tx, call):
                return
            owners = store.tasks.owners(tx, call.corp_id, [task.msgid for task in found])
            if any(owner != call.id for owner in owners.values()):
                return
            kept = next((task for task in found if task.msgid == verdict.keep), None)
            stands = call.state is CallState.DONE
            if call.state is CallState.READY and kept is not None:
                self._adopt(tx, call, kept, policy)
                stands = True
            known = {task.msgid for task in store.tasks.of_call(tx, call.id)}
            for task in found:
                if task.msgid not in known:
                    store.tasks.save(tx, _task(call, task, standing=False))
            for entered in sorted(store.tasks.of_call(tx, call.id), key=lambda it: it.msgid == verdict.keep):  # only one may stand at any moment
                store.tasks.save(tx, replace(entered, standing=stands and entered.msgid == verdict.keep))
            if verdict.doubled:
                people = store.calls.people(tx, call.id)
                self._doubled(tx, call.id, [people[external] for external in verdict.doubled if external in people])

    def _doubled(self, tx: Tx, call_id: CallId, customers: Sequence[CustomerId]) -> None:
        if store.bounds.incident(tx, "doubled", call_id, customers):
            log.error("gateway.doubled", call_id=call_id, people=len(customers))

    # -- tasks -------------------------------------------------------------------------------------------------------------------------------------

    def readable(self, limit: int = TIDIED) -> list[Task]:
        with self._transaction() as tx:
            polled_before = tx.now - timedelta(seconds=self._policy(tx).poll_seconds)
            return store.tasks.readable(tx, polled_before=polled_before, machine=self._machine(tx), limit=limit)

    @again
    def read(self, task: Task, reading: Reading, asked_at: datetime) -> None:
        with self._transaction() as tx:
            task = store.tasks.locked(tx, task.corp_id, task.msgid)
            if task.state is TaskState.CLOSED:
                return
            people = store.calls.people(tx, task.call_id)
            self._move(tx, task, reading)
            got = [people[external] for external, row in reading.rows.items() if row.status == Status.SENT and external in people]
            doubled = store.intents.sent_otherwise(tx, task.action_id, got, task.msgid) if got else []
            if doubled:
                self._doubled(tx, task.call_id, doubled)
            self._perhaps_close(tx, task, reading, asked_at)

    def _move(self, tx: Tx, task: Task, reading: Reading) -> None:
        def of(status: int) -> dict[str, datetime]:
            return {external: row.sent_at or tx.now for external, row in reading.rows.items() if row.status == status}

        if sent := of(Status.SENT):
            reached = store.intents.send(tx, task.call_id, task.msgid, sent)
            facts = [
                (Sent(action_id, customer, staff_id, task.msgid), f"{action_id}:{customer}", identity_id, min(at, tx.now))
                for action_id, customer, identity_id, staff_id, at in reached
            ]
            events.append_many(tx, facts, source="gateway")
        if not task.standing:
            return
        if (gone := of(Status.NOT_A_FRIEND)) and store.intents.skip(tx, task.call_id, gone, "not_friend"):
            self._world.not_friends(tx, task.corp_id, task.sender, gone)
        if full := of(Status.HAD_OTHERS):
            store.intents.skip(tx, task.call_id, full, "over_limit")

    def left(self, customers: Collection[CustomerId]) -> int:
        """These people have opted out: tasks in which they wait are marked for withdrawal, and whoever else waits there is planned anew. Returns how many."""
        with self._transaction() as tx:
            return mark_left(tx, customers)

    def _perhaps_close(self, tx: Tx, task: Task, reading: Reading, asked_at: datetime) -> None:
        if (
            task.state is TaskState.OPEN
            and task.standing
            and self._world.opted_out(tx, [it for it, _ in store.intents.members(tx, task.call_id, IntentState.TASK)])
        ):
            store.tasks.save(tx, replace(task, state=TaskState.WITHDRAWING, reason="opted_out"))
        elif reading.left and task.state is TaskState.OPEN and task.standing and not reading.confirmed:
            store.tasks.save(tx, replace(task, state=TaskState.WITHDRAWING, reason="sender_left"))
        elif task.state is TaskState.WITHDRAWN and task.close_at is not None and asked_at >= task.close_at:
            self._close(tx, task, task.reason or "expired")
        elif task.state is TaskState.OPEN and reading.whole:
            if task.whole_at is None:
                store.tasks.save(tx, replace(task, whole_at=asked_at))
            elif asked_at >= task.whole_at + timedelta(seconds=self._policy(tx).close_after_seconds):
                self._close(tx, task, "unreadable" if reading.left else "not_accepted")

    def _close(self, tx: Tx, task: Task, reason: str) -> None:
        store.tasks.save(tx, replace(task, state=TaskState.CLOSED))
        if not task.standing:
            return
        waiting = [customer for customer, _ in store.intents.members(tx, task.call_id, IntentState.TASK)]
        out = self._world.opted_out(tx, waiting)
        if out:
            store.intents.leave(tx, task.call_id, IntentState.TASK, IntentState.SKIPPED, "opted_out", only=out)
        state, reason = (IntentState.SKIPPED, reason) if reason in ("not_accepted", "unreadable") else after(reason)
        store.intents.leave(tx, task.call_id, IntentState.TASK, state, reason)

    @again
    def withdrawals(self, limit: int = TIDIED) -> list[Task]:
        with self._transaction() as tx:
            policy, machine = self._policy(tx), self._machine(tx)
            tasks = store.tasks.in_state(tx, TaskState.OPEN, 10 * limit)
            actions = store.actions.many(tx, {task.action_id for task in tasks})
            for task in tasks:
                reason = withdraw_reason(task, actions[task.action_id], now=tx.now, tz=tx.tz, policy=policy)
                if reason is not None:
                    store.tasks.save(tx, replace(task, state=TaskState.WITHDRAWING, reason=reason))
            due = [task for task in store.tasks.in_state(tx, TaskState.WITHDRAWING, limit) if task.close_at is None or task.close_at <= machine]
            for task in due:
                store.tasks.save(tx, replace(task, close_at=machine + timedelta(seconds=policy.look_again_seconds)))
            return due

    def withdrawn(self, task: Task) -> None:
        with self._transaction() as tx:
            task = store.tasks.locked(tx, task.corp_id, task.msgid)
            if task.state is TaskState.WITHDRAWING:
                close_at = self._machine(tx) + timedelta(seconds=self._policy(tx).close_after_seconds)
                store.tasks.save(tx, replace(task, state=TaskState.WITHDRAWN, close_at=close_at))


def mark_left(tx: Tx, customers: Iterable[CustomerId]) -> int:
    """Mark for withdrawal every open task in which one of these people waits; returns how many."""
    people = set(customers)
    return store.tasks.withdraw_calls(tx, store.intents.calls_waiting_for(tx, people), "opted_out") if people else 0


def reaches(tx: Tx, world: World, policy: Policy, customers: Sequence[CustomerId], at: datetime) -> dict[CustomerId, Reach]:
    """What the guards need to know about each of these people to judge a message at an instant, now or later."""
    today = business_day(at, tx.tz)
    monday, opened = (day_start(day, tx.tz) for day in (week_start(today), allowance(policy.receiver_rule, today)[0]))
    promotions = store.intents.promotions(tx, customers, monday)
    received = store.intents.received(tx, customers, opened)
    elsewhere = world.reached_elsewhere(tx, customers, monday)
    others = elsewhere if opened == monday else world.reached_elsewhere(tx, customers, opened)
    known = world.reaches(tx, customers)
    nobody: tuple[tuple[Contact, ...], bool] = ((), False)
    return {
        customer: Reach(
            customer,
            *known.get(customer, nobody),
            promotions_this_week=promotions.get(customer, 0),
            reached_elsewhere=elsewhere.get(customer, 0),
            received=received.get(customer, 0) + others.get(customer, 0),
        )
        for customer in customers
    }


def _task(call: Call, listed: Listed, *, standing: bool) -> Task:
    return Task(listed.msgid, call.corp_id, call.id, call.action_id, call.sender, listed.created_at, standing=standing)


def _disputed(tx: Tx, call: Call) -> bool:
    """Without a marker a new task could as well be that of an open call with the same sender and words."""
    return not call.body.linked and store.calls.twin_open(tx, call)
