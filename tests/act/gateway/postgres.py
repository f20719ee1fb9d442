"""The simulation's books, kept in PostgreSQL by the code that production runs."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.act.gateway import store
from siyu.act.gateway.model.actions import Action, ActionId, Content, marker
from siyu.act.gateway.model.arms import draw
from siyu.act.gateway.model.calls import Call
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.policy import Policy
from siyu.act.gateway.service.books import Link, SqlBooks, mark_left
from siyu.infra.database import Database, enter
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import CallId, CustomerId, TenantId
from tests.sim.books import DictBooks, Incident, Key


class SimWorld:
    """Contacts, opt-outs and what others sent this week out of dictionaries, links without a tracker."""

    def __init__(self, contacts: Mapping[CustomerId, tuple[Contact, ...]], out: set[CustomerId]) -> None:
        self._contacts, self._out = contacts, out
        self.elsewhere: dict[CustomerId, int] = {}

    def reaches(self, tx: Tx, customers: Collection[CustomerId]) -> Mapping[CustomerId, tuple[tuple[Contact, ...], bool]]:
        return {it: (self._contacts.get(it, ()), it in self._out) for it in customers}

    def opted_out(self, tx: Tx, customers: Collection[CustomerId]) -> frozenset[CustomerId]:
        return frozenset(customers) & self._out

    objected = opted_out

    def reached_elsewhere(self, tx: Tx, customers: Collection[CustomerId], since: datetime) -> Mapping[CustomerId, int]:
        return {it: count for it in customers if (count := self.elsewhere.get(it, 0))}

    def link(self, tx: Tx, action: Action, call_id: CallId, corp_id: str) -> Link:
        return Link(f"https://s.example/{marker(call_id)}", marker(call_id))

    def blocked_words(self, tx: Tx, content: Content) -> tuple[str, ...]:
        return ()

    def standing_changed(self, tx: Tx, corp_id: str) -> None:
        pass

    def not_friends(self, tx: Tx, corp_id: str, sender: str, lost: Mapping[str, datetime]) -> None:
        pass


def books_in(database: Database, tenant: TenantId) -> type[DictBooks]:
    """A class of books for `run`, whose every transaction is one of this tenant in this database."""

    class PgBooks(DictBooks):
        def __init__(self, *, now: Callable[[], datetime], machine: Callable[[], datetime], tz: ZoneInfo, policy: Policy, new_id: Callable[[], UUID]) -> None:
            contacts: dict[CustomerId, tuple[Contact, ...]] = {}
            out: set[CustomerId] = set()
            world = SimWorld(contacts, out)
            self._sql = SqlBooks(
                self._tx,
                world,
                machine=lambda tx: machine(),
                new_call_id=lambda tx: CallId(new_id()),
                policy=lambda tx: policy,
            )
            self._clock = now
            super().__init__(now=now, machine=machine, tz=tz, policy=policy, new_id=new_id)
            self.contacts, self.opted_out, self.elsewhere = contacts, out, world.elsewhere
            for method in (
                *("judge", "group", "tidy", "claim", "record", "doubts", "owners", "conclude", "suspects", "tasks_of", "keep", "readable", "read"),
                *("withdrawals", "withdrawn"),
            ):
                setattr(self, method, getattr(self._sql, method))
            self.judge: Any = lambda: self._sql.judge(50)

        @contextmanager
        def _tx(self) -> Iterator[Tx]:
            with database.engine.begin() as connection:
                yield enter(connection, tenant, SYSTEM, self._clock)

        def plan(self, action: Action, customers: Iterable[CustomerId]) -> None:
            with self._tx() as tx:
                store.actions.insert(tx, action)
                store.intents.insert(tx, action.id, {it: draw(action.salt, it, action.holdout_bp) for it in customers})

        def stop(self, action_id: ActionId) -> None:
            with self._tx() as tx:
                store.actions.stop(tx, store.actions.many(tx, [action_id])[action_id].campaign)

        def opt_out(self, customer: CustomerId) -> None:
            self.opted_out.add(customer)
            with self._tx() as tx:
                mark_left(tx, [customer])

        def load(self) -> None:
            """Read everything into the dictionaries, for the reckoning."""
            with self._tx() as tx:
                ids = [ActionId(row.id) for row in tx.execute("select id from send_actions where tenant_id = :tenant_id")]
                self.actions = store.actions.many(tx, ids)
                self.intents: dict[Key, Any] = {(id, it.customer_id): it for id in ids for it in store.counts.of_action(tx, id)}
                calls = [CallId(row.id) for row in tx.execute("select id from send_calls where tenant_id = :tenant_id")]
                self.calls: dict[CallId, Call] = {id: store.calls.locked(tx, id) for id in calls}
                self.tasks = {task.msgid: task for id in calls for task in store.tasks.of_call(tx, id)}
                quota = tx.execute("select customer_id, window_start, used from send_quotas where tenant_id = :tenant_id")
                self.quota: Counter[tuple[CustomerId, date]] = Counter({(CustomerId(row.customer_id), row.window_start): row.used for row in quota})
                self.incidents = [Incident(kind, call, people) for kind, call, people, _ in store.bounds.incidents(tx)]

    return PgBooks
