"""A brand of a few hundred customers in PostgreSQL and in a running replica, and the facts about each of them that oracles read."""

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from sqlalchemy import text

from siyu import engine
from siyu.access import accounts, sessions, staff
from siyu.access.staff.model import DepartmentRecord, MemberRecord
from siyu.app.capabilities import REPLICA
from siyu.app.hooks import prepare
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM, Actor, Tx
from siyu.kernel.ids import CorpId, CustomerId, DepartmentId, StaffId, TenantId
from siyu.observe import identities, orders
from siyu.observe.identities import Link, namespaces
from siyu.observe.orders import Buyer, LineDraft, Lines, OrderDraft, RefundDraft, RefundLineDraft
from siyu.understand import identity
from tests.conftest import NOW, TestClock, _admin, _named, make_tenant
from tests.engine.tables import until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD = "plum-blossom-at-dawn"
CORP, SHOP, NUMBERS = "ww-test", "main", namespaces.shop_customer("main")
NAMES = ["王小明", "李娜", "=cmd|' /C calc'!A0", "+86 张", "@SUM(A1)", "-2+3", "\t制表", "＝全角", '带"引号"', "逗号,名", "王小明", "Zoë", "陈 陈", "换\n行"]
CITIES = ["上海", "杭州", "成都", None]


@dataclass(frozen=True)
class Bought:
    """One order as the shop sent it: its lines' amounts, unit costs where known, and what was given back."""

    order_no: str
    at: datetime
    lines: tuple[tuple[Decimal, Decimal | None], ...]
    cancelled: bool = False
    refunded: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        return sum((amount for amount, _ in self.lines), Decimal(0))

    @property
    def paid(self) -> bool:
        return not self.cancelled and self.amount > 0


@dataclass(frozen=True)
class Person:
    """One customer: number at the shop, user id at WeCom, relations as (member, relation), orders."""

    number: str | None
    external: str | None
    relations: tuple[tuple[str, str], ...]
    bought: tuple[Bought, ...]
    id: CustomerId = field(default=CustomerId(UUID(int=0)))
    name: str | None = None
    city: str | None = None
    created_at: datetime = NOW

    @property
    def remark(self) -> str:
        """What members note about whoever they know."""
        return f"老客{self.number}" if self.number else ""

    @property
    def paid(self) -> list[Bought]:
        """Purchases, oldest first."""
        return sorted((order for order in self.bought if order.paid), key=lambda order: order.at)

    @property
    def revenue(self) -> Decimal:
        return sum((order.amount for order in self.paid), Decimal(0))

    @property
    def contact(self) -> str:
        kinds = {relation for _, relation in self.relations}
        return "yes" if "active" in kinds else "lost" if kinds else "no"

    def seen_by(self, members: set[str] | None) -> bool:
        """Whether somebody whose scope holds these members (None: everyone's) sees this customer."""
        return members is None or any(member in members and relation != "deleted_by_staff" for member, relation in self.relations)


@dataclass
class Crowd:
    """The brand. `scopes`: whose members each account's scope holds, None for everyone's."""

    database: Database
    settings: Settings
    app: Any
    tenant: TenantId
    stranger: TenantId
    members: dict[str, StaffId]
    people: list[Person]
    scopes: dict[str, set[str] | None]
    accounts: dict[str, accounts.Account]
    broadcasts: dict[str, UUID]
    treated: dict[CustomerId, bool]
    clients: dict[str, TestClient] = field(default_factory=dict)

    def client(self, login: str = "owner") -> TestClient:
        """A browser logged in as this account."""
        if login not in self.clients:
            client = TestClient(self.app)
            answer = client.post("/api/session", json={"login": login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            self.clients[login] = client
        return self.clients[login]

    def get(self, path: str, login: str = "owner", **query: Any) -> dict[str, Any]:
        """The answer to a question; fails unless it is 200."""
        answer = self.client(login).get(path, params={name: value for name, value in query.items() if value is not None})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def seen(self, login: str = "owner") -> list[Person]:
        """The customers whom this account may see."""
        return [person for person in self.people if person.seen_by(self.scopes[login])]

    def actor(self, login: str = "owner") -> Actor:
        account = self.accounts[login]
        return sessions.actor_of(account.id, account.name, account.role, account.staff_id, account.department_ids)

    def acting(self, login: str = "owner") -> "Acting":
        return Acting(self.database, self.tenant, self.actor(login))


class Acting:
    """A transaction of one account, rolled back at the end."""

    def __init__(self, database: Database, tenant: TenantId, actor: Actor) -> None:
        self._open = database.transaction(tenant, actor)

    def __enter__(self) -> Tx:
        self.tx = self._open.__enter__()
        return self.tx

    def __exit__(self, *_: object) -> None:
        self.tx.connection.rollback()
        self._open.__exit__(None, None, None)


def _people(rng: Random, count: int) -> list[Person]:
    people = []
    for index in range(count):
        kind = rng.choice(["shop", "shop", "both", "both", "contact"])
        number = str(rng.choice([index, 10_000 + index])) if index % 7 else f"VIP{index}"
        relations: tuple[tuple[str, str], ...] = ()
        if kind != "shop":
            members = rng.sample(["ann", "bob", "cai", "dan"], rng.choice([1, 1, 1, 2]))
            relations = tuple((member, rng.choice(["active", "active", "active", "deleted_by_customer", "deleted_by_staff"])) for member in members)
        bought = tuple(_order(rng, index, n) for n in range(rng.choice([1, 1, 1, 2, 2, 3, 5, 9, 14]))) if kind != "contact" else ()
        people.append(Person(number if kind != "contact" else None, f"wm{index}" if kind != "shop" else None, relations, bought))
    return people


def _order(rng: Random, person: int, n: int) -> Bought:
    days = rng.choice([rng.uniform(0, 40), rng.uniform(0, 400), rng.uniform(150, 420)])
    at = (NOW - timedelta(days=days)).replace(microsecond=0)
    if rng.random() < 0.2:  # either side of midnight in Shanghai
        at = at.replace(hour=rng.choice([15, 16]), minute=rng.choice([0, 59]), second=rng.choice([0, 59]))
        at = at if at <= NOW else at - timedelta(days=1)
    lines = tuple((Decimal(rng.randrange(1, 90_000)) / rng.choice([100, 1000]), rng.choice([None, Decimal("1.25")])) for _ in range(rng.choice([1, 1, 2, 3])))
    if rng.random() < 0.04:
        lines = ((Decimal(0), None),)
    order = Bought(f"A{person}-{n}", at, lines, cancelled=rng.random() < 0.05)
    refunded = rng.choice([order.amount, lines[0][0]]) if order.paid and rng.random() < 0.15 else Decimal(0)
    return replace(order, refunded=refunded)


def _enter(tx: Tx, people: list[Person], rng: Random) -> dict[str, StaffId]:
    """Write everybody down: departments, members, a corp, orders and refunds through their doors, contacts as rows."""
    staff.departments_upsert(tx, CORP, [DepartmentRecord(1, "总部"), DepartmentRecord(2, "甲店", 1), DepartmentRecord(3, "乙店", 1)])
    homes = {"ann": 2, "bob": 2, "cai": 3, "dan": 3}
    staff.upsert(tx, CORP, [MemberRecord(userid, userid.title(), departments=(home,)) for userid, home in homes.items()])
    members = staff.ids(tx, CORP, list(homes))
    corp = CorpId(uuid4())
    tx.execute(
        "insert into corps (tenant_id, id, corp_id, agent_id, name, base_url, secret, callback_token, callback_aes_key, callback_key, created_at) "
        "values (:tenant_id, :id, :corp, 1, '店', 'http://localhost', '', '', '', :key, :now)",
        {"id": corp, "corp": CORP, "key": str(corp)},
    )
    drafts, refunds = [], []
    for index, person in enumerate(people):
        name, city = NAMES[index % len(NAMES)], CITIES[index % len(CITIES)]
        buyer = Buyer(person.number, f"u{index}" if person.external else None, None, name if index % 5 else None, city)
        for order in person.bought:
            lines = [LineDraft(f"SKU{place}", "茶", Decimal(1), amount, amount, cost if amount else None) for place, (amount, cost) in enumerate(order.lines)]
            drafts.append(OrderDraft(SHOP, order.order_no, order.at, buyer, Lines.of(lines), "cancelled" if order.cancelled else "paid"))
            if order.refunded:
                back = [RefundLineDraft("SKU0", None, Decimal(1), order.refunded)] if order.refunded == order.lines[0][0] else []
                back = back or [RefundLineDraft("", None, Decimal(0), order.refunded)]
                refunds.append(RefundDraft(SHOP, f"R{order.order_no}", min(order.at + timedelta(days=2), NOW), Buyer(), back, order.order_no))
    for start in range(0, len(drafts), 500):
        orders.record_many(tx, drafts[start : start + 500], source="test")
    for refund in refunds:
        orders.refund(tx, refund, source="test")
    _contacts(tx, corp, people, members, rng)
    identity.resolve(tx, list(tx.execute("select id from identities where tenant_id = :tenant_id").scalars()))
    return members


def _contacts(tx: Tx, corp: CorpId, people: list[Person], members: dict[str, StaffId], rng: Random) -> None:
    known = [(index, person) for index, person in enumerate(people) if person.external]
    wecom = namespaces.wecom(CORP)
    marks = {index: ((wecom, str(person.external)), (namespaces.UNIONID, f"u{index}")) for index, person in known}
    ids = identities.seen_many(tx, [mark for pair in marks.values() for mark in pair])
    identities.link_many(tx, [Link(ids[a], ids[b], str(index), tx.now) for index, (a, b) in marks.items()], source=wecom)
    rows = [
        {
            "tenant_id": tx.tenant_id,
            "id": uuid4(),
            "corp": corp,
            "staff": members[member],
            "external": person.external,
            "identity": ids[marks[index][0]],
            "name": NAMES[index % len(NAMES)],
            "union": f"u{index}",
            "remark": person.remark,
            "relation": relation,
            "at": NOW - timedelta(days=rng.randrange(1, 300)),
            "ended": None if relation == "active" else NOW - timedelta(days=rng.choice([0, 3, 45])),
            "now": tx.now,
        }
        for index, person in known
        for member, relation in person.relations
    ]
    tx.execute(
        "insert into contacts (tenant_id, id, corp_id, staff_id, external_userid, identity_id, name, avatar, gender, unionid, remark, description, add_way, "
        "state, added_at, relation, ended_at, updated_at) values "
        "(:tenant_id, :id, :corp, :staff, :external, :identity, :name, '', 1, :union, :remark, '', 1, '', :at, :relation, :ended, :now)",
        rows,
    )


def _resolved(tx: Tx, people: list[Person]) -> list[Person]:
    """Everybody with the customer that they became."""
    found = {
        (row.namespace, row.value): row
        for row in tx.execute(
            "select i.namespace, i.value, c.id, c.name, c.city, c.created_at from identities i "
            "join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id where i.tenant_id = :tenant_id and c.merged_into is null"
        )
    }
    resolved = []
    for person in people:
        row = found[(NUMBERS, person.number) if person.number else (namespaces.wecom(CORP), str(person.external))]
        resolved.append(replace(person, id=row.id, name=row.name, city=row.city, created_at=row.created_at))
    assert len({person.id for person in resolved}) == len(people)
    return resolved


def _open_accounts(tx: Tx, members: dict[str, StaffId]) -> dict[str, accounts.Account]:
    first = tx.execute("select id from departments where tenant_id = :tenant_id and wecom_id = 2").scalar_one()
    wanted: dict[str, dict[str, Any]] = {
        "owner": {"role": "owner"},
        "analyst": {"role": "analyst"},
        "operator": {"role": "operator"},
        "supervisor": {"role": "supervisor", "department_ids": [DepartmentId(first)]},
        "guide": {"role": "guide", "staff_id": members["ann"]},
        "nobody": {"role": "supervisor"},
    }
    return {login: accounts.add(tx, login=login, name=login.title(), password=PASSWORD, **more) for login, more in wanted.items()}


def _broadcasts(tx: Tx, people: list[Person], rng: Random) -> tuple[dict[str, UUID], dict[CustomerId, bool]]:
    """Three broadcasts to everybody: one whose week is over, one that still runs, one nobody started. The same fifth is held out of each."""
    treated = {person.id: rng.random() >= 0.2 for person in people}
    material, made = uuid4(), {"over": uuid4(), "running": uuid4(), "draft": uuid4()}
    tx.execute(
        "insert into materials (tenant_id, id, title, text, created_by, created_at) values (:tenant_id, :id, '春茶', '新茶到店', 'test', :now)",
        {"id": material},
    )
    for name, id in made.items():
        started = {"over": NOW - timedelta(days=31), "running": NOW - timedelta(days=3), "draft": None}[name]
        tx.execute(
            "insert into broadcasts (tenant_id, id, name, segment_id, material_id, purpose, holdout_bp, horizon_days, state, created_by, created_at, "
            "frozen_id, started_at) values (:tenant_id, :id, :name, :segment, :material, 'promotion', 2000, 30, :state, 'test', :now, :segment, :started)",
            {"id": id, "name": name, "segment": uuid4(), "material": material, "state": "sending" if started else "draft", "started": started},
        )
        if started:
            action = uuid4()
            tx.execute(
                "insert into send_actions (tenant_id, id, campaign, step, round, purpose, content, not_before, expires_at, salt, holdout_bp, approved, "
                "lifts_cap, cost_fen, created_by, created_at) values (:tenant_id, :id, :campaign, 0, 0, 'promotion', '{}', :at, :until, 'salt', 2000, true, "
                "false, 0, 'test', :now)",
                {"id": action, "campaign": id, "at": started, "until": started + timedelta(days=2)},
            )
            tx.execute(
                "insert into send_intents (tenant_id, action_id, customer_id, arm, state, updated_at) "
                "values (:tenant_id, :action, :customer, :arm, 'planned', :now)",
                [
                    {"tenant_id": tx.tenant_id, "action": action, "customer": person.id, "arm": "treated" if treated[person.id] else "holdout", "now": tx.now}
                    for person in people
                ],
            )
    return made, treated


@contextmanager
def raised(server_url: str, template: str, home: Path) -> Iterator[Crowd]:
    """The brand in a database of its own, with its replica running."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)  # showing expressions among the locals takes minutes
    structlog.get_config()["processors"][:] = [structlog.processors.add_log_level, plain]
    name = f"crowd_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    settings = Settings(home=home, engine_memory_mb=512, wecom_base_url="http://127.0.0.1:9")
    with closing(Database(_named(server_url, name), clock=TestClock())) as database:
        tenant, stranger = make_tenant(database), make_tenant(database, name="别的品牌")
        prepare(settings, database)
        rng = Random(20260302)
        people, others = _people(rng, 260), _people(rng, 12)
        with database.transaction(stranger, SYSTEM) as tx:
            _enter(tx, others, rng)
        with database.transaction(tenant, SYSTEM) as tx:
            members = _enter(tx, people, rng)
            people = _resolved(tx, people)
            opened = _open_accounts(tx, members)
            broadcasts, treated = _broadcasts(tx, people, rng)
        scopes: dict[str, set[str] | None] = dict.fromkeys(opened)
        scopes |= {"guide": {"ann"}, "supervisor": {"ann", "bob"}, "nobody": set()}
        with engine.running(settings, database, REPLICA):
            until(lambda: bool(engine.status()["answering"]))
            yield Crowd(database, settings, create_app(database, settings), tenant, stranger, members, people, scopes, opened, broadcasts, treated)
    _admin(server_url, f"drop database if exists {name} with (force)")


@pytest.fixture(scope="session")
def living(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """The brand, made once per worker: what a test changes, it rolls back."""
    with raised(server_url, template, tmp_path_factory.mktemp("crowd")) as crowd:
        yield crowd


@pytest.fixture
def crowd(living: Crowd, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """The brand, with this process asking its engine and its files in its home."""
    monkeypatch.setenv("SIYU_HOME", str(living.settings.home))
    prepare(living.settings, living.database)
    return living


def sql(database: Database, statement: str, **params: Any) -> Any:
    """Run SQL as the owner of the database, past every policy."""
    with database.engine.begin() as connection:
        return connection.execute(text(statement), params)
