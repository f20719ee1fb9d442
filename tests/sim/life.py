"""One run: a brand with a few staff, campaigns, workers that die, a platform that lies, and then the reckoning."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from siyu.act.gateway import steps
from siyu.act.gateway.model.actions import LINK, Action, ActionId, Card, Content, Purpose
from siyu.act.gateway.model.guards import Contact
from siyu.act.gateway.model.policy import Policy
from siyu.kernel.ids import CustomerId
from tests.sim.books import DictBooks
from tests.sim.check import check
from tests.sim.faults import Faults
from tests.sim.wecom import SimWeCom
from tests.sim.world import START, Crash, World

TZ = ZoneInfo("Asia/Shanghai")
R = TypeVar("R")


class StoreFailed(Exception):
    """A transaction that failed, or whose commit was not confirmed: the job gives up and is tried again."""


@dataclass(frozen=True)
class Report:
    """What one seed came to. `wrong` names every broken promise; the hash is equal for equal runs."""

    seed: int
    wrong: tuple[str, ...]
    fired: Counter[str]
    reached: Counter[str]
    planned: int
    delivered: int
    calls: int
    steps: int
    hash: str


@dataclass
class Plan:
    """What the seed decided beforehand. `opt_outs` keep their instants for the checker."""

    actions: list[Action] = field(default_factory=list)
    opt_outs: dict[CustomerId, datetime] = field(default_factory=dict)
    stops: dict[ActionId, datetime] = field(default_factory=dict)
    people: dict[CustomerId, str] = field(default_factory=dict)


class Ports:
    """A worker's way to the books and the platform. Every call costs time and may be the last: before it, or after it took effect."""

    def __init__(self, world: World, faults: Faults, target: object, name: str, *, store: bool) -> None:
        self._world, self._faults, self._target, self._name, self._store = world, faults, target, name, store

    def __getattr__(self, method: str) -> Callable[..., Any]:
        bound: Callable[..., Any] = getattr(self._target, method)

        def call(*args: Any) -> Any:
            world, faults = self._world, self._faults
            world.pause(world.rng.uniform(0.001, 0.02))
            if faults.hit("crash_before"):
                raise Crash
            if self._store and faults.hit("serialization"):
                raise StoreFailed("could not serialize access")
            if self._store and faults.hit("pool_empty"):
                world.pause(5)
                raise StoreFailed("no connection")
            answer = bound(*args)
            world.note(self._name, method, _short(answer))
            if faults.hit("crash_after"):
                raise Crash
            if self._store and faults.hit("commit_lost"):
                raise StoreFailed("the connection broke at commit")
            if faults.hit("frozen") or (method == "create" and faults.hit("frozen_with_reply")):
                world.pause(world.rng.uniform(1, world.rng.choice([60, 600, 3600])))
            return answer

        return call


def _short(answer: object) -> object:
    return len(answer) if isinstance(answer, Sequence) else answer if isinstance(answer, bool | int | None) else type(answer).__name__


@dataclass(frozen=True)
class Mutation:
    """A planted bug in policy, books or platform, and the faults that bring it out. The simulation must turn red."""

    name: str
    always: Mapping[str, float] = field(default_factory=dict)
    policy: Callable[[Policy], Policy] = lambda policy: policy
    books: type[DictBooks] = DictBooks
    platform: type[SimWeCom] = SimWeCom


def run(seed: int, mutation: Mutation | None = None, *, size: int = 1) -> Report:
    """Simulate one brand for a day or two. `size` multiplies staff and customers."""
    mutation = mutation or Mutation("none")
    world = World(seed, START)
    faults = Faults(world.rng, mutation.always)
    rng = world.rng
    if faults.hit("turn_of_day"):
        world.seconds = rng.choice([11.9, 12.0, 14.99, 62.5]) * 3600 - rng.uniform(0, 900)
    policy = mutation.policy(Policy(call_size=rng.choice([3, 5, 8])))
    books = mutation.books(now=world.business, machine=lambda: world.now, tz=TZ, policy=policy, new_id=lambda: UUID(int=rng.getrandbits(128)))
    plan = _plan(world, faults, books, size)
    platform = mutation.platform(world, faults, lambda: _confirmation(world, faults))
    end = max(action.expires_at for action in plan.actions)
    calm = end - timedelta(hours=rng.uniform(0, 3))
    world.at((calm - world.now).total_seconds(), faults.hold)
    for customer, external in plan.people.items():
        if faults.hit("customer_deletes"):
            world.at(rng.uniform(0, 12) * 3600, lambda external=external: platform.truth.gone.add(external))  # type: ignore[misc]
        if rng.random() < 0.05 and faults.hit("opts_out"):
            world.at(rng.uniform(0, 10) * 3600, lambda customer=customer: _opt_out(world, books, plan, customer))  # type: ignore[misc]
    _upset_clock(world, faults)
    for action in plan.actions:
        if faults.hit("stopped"):
            world.at(rng.uniform(0.01, 6) * 3600, lambda id=action.id: _stop(world, books, plan, id))  # type: ignore[misc]
    for number in range(rng.choice([2, 3])):
        world.spawn(_worker(world, faults, books, platform, policy, f"w{number}"), after=rng.uniform(0, 5))
    world.run(end + timedelta(hours=6))
    wrong = check(books, platform.truth, plan.people, plan.opt_outs, plan.stops, policy, TZ)
    return Report(
        seed=seed,
        wrong=tuple(wrong),
        fired=faults.fired,
        reached=books.reached,
        planned=len(books.intents),
        delivered=len(platform.truth.deliveries),
        calls=len(platform.truth.started),
        steps=world.steps,
        hash=world.trace.hexdigest(),
    )


def _plan(world: World, faults: Faults, books: DictBooks, size: int) -> Plan:
    rng, plan = world.rng, Plan()
    staff = [f"staff{number}" for number in range(rng.randint(2, 5) * size)]
    for number in range(rng.randint(20, 50) * size):
        customer, external = CustomerId(UUID(int=rng.getrandbits(128))), f"wm{number:04}"
        plan.people[customer] = external
        known = rng.sample(staff, k=rng.choice([0, 1, 1, 1, 2]))
        books.contacts[customer] = tuple(
            Contact("ww1", None, sender, external, world.now - timedelta(days=rng.randint(0, 40)) if rng.random() < 0.7 else None, START - timedelta(days=99))
            for sender in known
        )
    for number in range(rng.choice([1, 2, 2, 3])):
        content = rng.choice(
            [Content(f"act {number}, look: {LINK}"), Content(f"act {number}", Card("sale", "https://shop.example/")), Content(f"act {number}")]
        )
        begin = world.now + timedelta(hours=rng.choice([0, 0, rng.uniform(0, 10)]))
        action = Action(
            id=ActionId(UUID(int=rng.getrandbits(128))),
            campaign=UUID(int=rng.getrandbits(128)),
            purpose=rng.choice([Purpose.PROMOTION, Purpose.PROMOTION, Purpose.SERVICE]),
            content=content,
            not_before=begin,
            expires_at=begin + timedelta(hours=rng.choice([4, 10, 20, 36, 62])),
            salt="s",
            holdout_bp=rng.choice([0, 1000]),
            approved=rng.random() < 0.95,
        )
        plan.actions.append(action)
        books.plan(action, rng.sample(sorted(plan.people), k=rng.randint(1, len(plan.people))))
        books.plan(action, rng.sample(sorted(plan.people), k=1))
    return plan


def _upset_clock(world: World, faults: Faults) -> None:
    """Our clock is a little wrong, or jumps by up to an hour and is put right again within the hour."""

    def jump(error: timedelta) -> None:
        world.error += error
        world.note("clock", error.total_seconds())

    if faults.hit("clock_wrong"):
        world.error = timedelta(seconds=world.rng.uniform(-120, 120))
    if faults.hit("clock_jumps"):
        error, begins = timedelta(seconds=world.rng.uniform(-3600, 3600)), world.rng.uniform(0, 8 * 3600)
        world.at(begins, lambda: jump(error))
        world.at(begins + world.rng.uniform(60, 3600), lambda: jump(-error))


def _opt_out(world: World, books: DictBooks, plan: Plan, customer: CustomerId) -> None:
    plan.opt_outs[customer] = world.now
    books.opt_out(customer)
    world.note("opted out", str(customer))


def _stop(world: World, books: DictBooks, plan: Plan, id: ActionId) -> None:
    plan.stops[id] = world.now
    books.stop(id)
    world.note("stopped", str(id))


def _confirmation(world: World, faults: Faults) -> float | None:
    """Seconds until the member taps, None for never."""
    if faults.hit("never_confirms") or faults.hit("member_leaves"):
        return None
    if faults.hit("confirms_late"):
        return world.rng.uniform(1, 72) * 3600
    return world.rng.uniform(60, 7200)


def _worker(world: World, faults: Faults, books: DictBooks, platform: SimWeCom, policy: Policy, name: str) -> Callable[[], None]:
    ledger: Any = Ports(world, faults, books, name, store=True)
    wecom: Any = Ports(world, faults, platform, name, store=False)
    jobs: list[Callable[[], object]] = [
        *[lambda: _until_done(lambda: steps.send_next(ledger, wecom, world.clock, policy))] * 2,
        lambda: _until_done(lambda: ledger.judge() or ledger.group()),
        lambda: ledger.tidy(),
        lambda: steps.reconcile(ledger, wecom),
        lambda: steps.withdraw(ledger, wecom),
        lambda: steps.read_results(ledger, wecom),
        lambda: world.rng.random() < 0.2 and steps.sweep(ledger, wecom),
    ]

    def live() -> None:
        idle, bag = 1.0, list[Callable[[], object]]()
        while True:
            bag = bag or world.rng.sample(jobs, k=len(jobs))
            try:
                busy = bool(bag.pop()())
            except StoreFailed:
                busy = False
            idle = 1.0 if busy else min(idle * 1.6, 500.0)
            world.pause(idle * world.rng.uniform(0.5, 1.5))

    return live


def _until_done(step: Callable[[], object]) -> bool:
    busy = False
    while step():
        busy = True
    return busy
