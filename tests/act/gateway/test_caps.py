"""Nobody over the cap: whatever races, and whatever order things happen in."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from siyu.act.gateway import store
from siyu.act.gateway.model.actions import Action, ActionId, Content, Purpose
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.intents import IntentState
from siyu.act.gateway.model.policy import Policy
from siyu.act.gateway.model.replies import Accepted, Refused, Unclear
from siyu.act.gateway.service.books import SqlBooks
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import CustomerId, TenantId
from tests.act.gateway.postgres import SimWorld, books_in
from tests.conftest import NOW, make_tenant
from tests.sim.books import DictBooks

TZ = ZoneInfo("Asia/Shanghai")


def an_action(number: int, now: datetime = NOW, **changes: Any) -> Action:
    given: dict[str, Any] = {"purpose": Purpose.PROMOTION, "content": Content(f"act {number}"), "not_before": now, "expires_at": now + timedelta(days=3)}
    return Action(id=ActionId(UUID(int=number)), campaign=UUID(int=number), salt="s", approved=True, **given | changes)


def a_contact(number: int) -> Contact:
    return Contact("ww1", None, f"guide{number % 7}", f"wm{number:05}", None, NOW - timedelta(days=9))


@pytest.mark.slow
@pytest.mark.parametrize("cap", [1, 3])
def test_fifty_planners_race_for_the_same_people(database: Database, tenant: TenantId, cap: int) -> None:
    people = {CustomerId(UUID(int=number)): (a_contact(number),) for number in range(1, 201)}
    planners, policy = 50, Policy(promotions_a_week=cap)
    with database.transaction(tenant, SYSTEM) as tx:
        for number in range(1, planners + 1):
            action = an_action(number)
            store.actions.insert(tx, action)
            store.intents.insert(tx, action.id, dict.fromkeys(people, "treated"))  # type: ignore[arg-type]
    world = SimWorld(people, set())
    world.elsewhere = {person: number % 5 for number, person in enumerate(people)}
    books = SqlBooks(lambda: database.transaction(tenant, SYSTEM), world, policy=lambda tx: policy)
    failures: list[BaseException] = []

    def plan() -> None:
        try:
            while books.judge(100):
                pass
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=plan) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with database.transaction(tenant, SYSTEM) as tx:
        rows = tx.execute("select customer_id, state, reason from send_intents where tenant_id = :tenant_id").all()
        used = {row.customer_id: row.used for row in tx.execute("select customer_id, used from send_quotas where tenant_id = :tenant_id")}
    reserved = Counter(row.customer_id for row in rows if row.state == "reserved")
    assert reserved == {person: cap - others for person, others in world.elsewhere.items() if others < cap}
    assert reserved == used
    assert {row.reason for row in rows if row.state != "reserved"} == {"frequency_cap", "recently_reached_elsewhere"}
    assert {row.reason for row in rows if world.elsewhere[row.customer_id] >= cap} == {"recently_reached_elsewhere"}
    assert len(rows) == planners * len(people)


class Planning(RuleBasedStateMachine):
    """The store and the dictionary are given the same orders in any order, and must agree after each."""

    database: Database

    @initialize(cap=st.integers(1, 2), people=st.integers(2, 6))
    def begin(self, cap: int, people: int) -> None:
        self.at, self.numbers, self.ids = NOW, 0, {"dict": 0, "sql": 0}
        policy = Policy(promotions_a_week=cap, call_size=2, poll_seconds=0)
        options: dict[str, Any] = {"now": lambda: self.at, "machine": lambda: self.at, "tz": TZ, "policy": policy}
        self.dict = DictBooks(**options, new_id=lambda: self._id("dict"))
        self.sql = books_in(self.database, make_tenant(self.database))(**options, new_id=lambda: self._id("sql"))
        self.people = [CustomerId(UUID(int=number)) for number in range(1, people + 1)]
        for number, person in enumerate(self.people):
            self.dict.contacts[person] = self.sql.contacts[person] = (a_contact(number),)

    def _id(self, whose: str) -> UUID:
        self.ids[whose] += 1
        return UUID(int=self.ids[whose])

    def _both(self, act: Any) -> Any:
        one, other = act(self.dict), act(self.sql)
        assert one == other
        return one

    @rule(data=st.data(), purpose=st.sampled_from(Purpose), lifts=st.booleans())
    def plan(self, data: st.DataObject, purpose: Purpose, lifts: bool) -> None:
        self.numbers += 1
        action = an_action(self.numbers, self.at, purpose=purpose, lifts_cap=lifts, holdout_bp=data.draw(st.sampled_from([0, 3000])))
        chosen = data.draw(st.lists(st.sampled_from(self.people), unique=True, min_size=1))
        self._both(lambda books: books.plan(action, chosen))

    @rule()
    def judge_and_group(self) -> None:
        while self._both(lambda books: books.judge()) or self._both(lambda books: books.group()):
            pass

    @rule(outcome=st.sampled_from(["taken", "partly", "refused", "later", "unclear"]))
    def call(self, outcome: str) -> None:
        claim = self._both(lambda books: books.claim())
        if claim is None:
            return
        answer = {
            "taken": Accepted(f"m{claim.call_id.int}"),
            "partly": Accepted(f"m{claim.call_id.int}", claim.recipients[:1]),
            "refused": Refused("40003"),
            "later": Refused("45033", 2.0),
            "unclear": Unclear("timeout"),
        }[outcome]
        self._both(lambda books: books.record(claim, answer))

    @rule(data=st.data())
    def opt_out(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.people))
        self._both(lambda books: books.opt_out(person))

    @rule(data=st.data())
    def send_elsewhere(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.people))
        for books in (self.dict, self.sql):
            books.elsewhere[person] = books.elsewhere.get(person, 0) + 1

    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        if self.numbers:
            number = data.draw(st.integers(1, self.numbers))
            self._both(lambda books: books.stop(ActionId(UUID(int=number))))

    @rule(hours=st.sampled_from([1, 11, 24, 72, 168]))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def tidy(self) -> None:
        self._both(lambda books: books.tidy())
        for task in self._both(lambda books: books.withdrawals()):
            self._both(lambda books, task=task: books.withdrawn(task))

    @invariant()
    def agree_and_keep_the_cap(self) -> None:
        if not hasattr(self, "sql"):
            return
        self.sql.load()  # type: ignore[attr-defined]
        told = [{key: (it.state, it.reason, it.quota_on, it.call_id) for key, it in books.intents.items()} for books in (self.dict, self.sql)]
        assert told[0] == told[1]
        quota = [{slot: used for slot, used in books.quota.items() if used} for books in (self.dict, self.sql)]
        assert quota[0] == quota[1]
        assert all(used <= self.dict.policy.promotions_a_week for used in quota[0].values())
        assert {call.state for call in self.sql.calls.values()} == {call.state for call in self.dict.calls.values()}
        held = Counter((it.customer_id, it.quota_on.isocalendar()[:2]) for it in self.sql.intents.values() if it.quota_on)
        assert sum(held.values()) == sum(quota[1].values())
        assert all(it.quota_on is None for it in self.sql.intents.values() if it.state in (IntentState.SKIPPED, IntentState.EXPIRED, IntentState.CANCELLED))


@pytest.mark.slow
def test_store_and_dictionary_agree_after_every_step(database: Database) -> None:
    machine = type("Machine", (Planning,), {"database": database})
    checks = list(HealthCheck)
    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=checks))
