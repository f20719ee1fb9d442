"""A brand of its own for broadcasts, in a database that no other test reads, and a desk at which they are planned."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from siyu.access import accounts
from siyu.act import gateway
from siyu.act.broadcasts.wiring import capability as broadcasts_wiring
from siyu.act.gateway.wiring import capability as gateway_wiring
from siyu.app.worker import Worker
from siyu.infra.tx import SYSTEM
from siyu.infra.wiring import Capability
from siyu.kernel.ids import CustomerId
from siyu.understand import consents
from tests.conftest import NOW
from tests.crowd import PASSWORD, Crowd, Person, crowd, raised, sql

__all__ = ["crowd"]

CALL_SIZE = 10
FRIENDS, BUYERS, NOBODY = {"contact": "yes"}, {"ordered": "yes"}, {"q": "没有这个人"}
OFFICE = (broadcasts_wiring, Capability(name="gateway", jobs=[job for job in gateway_wiring.jobs if job.kind == "gateway.prepare"]))
"""Whoever plans and judges; nobody who speaks to WeCom."""
TRACES = ("send_intents", "send_calls", "send_actions", "send_quotas", "broadcasts", "jobs")


@pytest.fixture(scope="package")
def living(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """Everything of `tests.crowd`, small calls, an account of every role, and `stranger`, who owns the other brand. Every tenth friend has opted out."""
    with raised(server_url, template, tmp_path_factory.mktemp("broadcasts")) as crowd:
        with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
            gateway.set_policy(tx, gateway.Policy(call_size=CALL_SIZE))
            for role in ("admin", "community_owner"):
                crowd.accounts[role] = accounts.add(tx, login=role, name=role.title(), role=role, password=PASSWORD)
            for id in sorted(person.id for person in crowd.people if person.contact == "yes")[::10]:
                consents.opt_out(tx, id, True, "said so")
        with crowd.database.transaction(crowd.stranger, SYSTEM) as tx:
            accounts.add(tx, login="stranger", name="Stranger", role="owner", password=PASSWORD)
        yield crowd


@dataclass
class Desk:
    """Planning over HTTP: as the operator, unless another login is given."""

    crowd: Crowd
    kept: dict[str, str]

    def ask(self, method: str, path: str = "", login: str = "operator", **more: Any) -> Any:
        """The answer, whatever it is; `more` goes to the client."""
        return self.crowd.client(login).request(method, f"/api/broadcasts{path}", **more)

    def get(self, path: str = "", login: str = "operator", **query: Any) -> Any:
        """What is there; fails unless it is."""
        return self.crowd.get(f"/api/broadcasts{path}", login, **query)

    def material(self, **changes: Any) -> str:
        answer = self.crowd.client("operator").post("/api/materials", json={"title": "春茶", "text": "新茶到店"} | changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def segment(self, filter: dict[str, Any], login: str = "operator") -> str:
        answer = self.crowd.client(login).post("/api/segments", json={"name": "人群", "filter": filter})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def order(self, to: dict[str, Any] = FRIENDS, **changes: Any) -> dict[str, Any]:
        """The body of a broadcast to whoever fits, with these changes; its segment and its material are shared by all tests."""
        key = str(to)
        if key not in self.kept:
            self.kept |= {key: self.segment(to), "material": self.material()}
        plain = {"name": "春茶上新", "purpose": "promotion", "holdout_bp": 2000, "horizon_days": 7}
        return plain | {"segment_id": self.kept[key], "material_id": self.kept["material"]} | changes

    def draft(self, to: dict[str, Any] = FRIENDS, login: str = "operator", **changes: Any) -> str:
        answer = self.ask("POST", login=login, json=self.order(to, **changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def submit(self, id: str, login: str = "operator") -> Any:
        """The broadcast once it is submitted; fails unless it is."""
        answer = self.ask("POST", f"/{id}/submit", login)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def looked_at(self, id: str, **more: Any) -> dict[str, Any]:
        """The body of an act on the version that is there now."""
        return {"version": self.get(f"/{id}")["version"], **more}

    def state(self, id: str) -> str:
        return str(self.get(f"/{id}")["state"])

    def approve_above(self, people: int) -> None:
        """Above how many people a second person is asked."""
        sql(self.crowd.database, "update tenants set settings = settings || jsonb_build_object('approval_above', cast(:people as integer))", people=people)

    def move(self, to: datetime) -> None:
        """Business time."""
        clock: Any = self.crowd.database.clock
        clock.at = to

    def work(self, after: timedelta = timedelta(seconds=60)) -> None:
        """Let time pass and whatever is due be done, short of sending."""
        self.move(self.crowd.database.clock() + after)
        Worker(self.crowd.database, OFFICE).drain()

    def recipients(self, id: str, login: str = "operator", **query: Any) -> list[dict[str, Any]]:
        """Everybody on the list whom this account sees, page by page."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.get(f"/{id}/recipients", login, limit=100, cursor=cursor, **query)
            found, cursor = found + page["items"], page["next_cursor"]
            if cursor is None:
                return found

    def count(self, table: str, **where: str) -> int:
        """Rows of a table, narrowed by columns as text."""
        conditions = "".join(f" and cast({column} as text) = :{column}" for column in where)
        return int(sql(self.crowd.database, f"select count(*) from {table} where true{conditions}", **where).scalar_one())

    def fitting(self, to: dict[str, Any], login: str = "owner") -> list[Person]:
        """Who fits FRIENDS or BUYERS, counted by hand, in order of their ids."""
        fits = [person for person in self.crowd.seen(login) if (person.contact == "yes" if "contact" in to else bool(person.paid))]
        return sorted(fits, key=lambda person: person.id)

    def opted_out(self, people: Collection[Person]) -> set[CustomerId]:
        with self.crowd.acting() as tx:
            return set(consents.opted_out(tx, [person.id for person in people]))


@pytest.fixture(scope="package")
def kept() -> dict[str, str]:
    """Ids of what the desk makes once: segments by their filter, the material."""
    return {}


@pytest.fixture
def desk(crowd: Crowd, kept: dict[str, str]) -> Desk:
    """Monday ten in the morning; what the last test planned is forgotten."""
    for table in TRACES:
        sql(crowd.database, f"delete from {table}")
    sql(crowd.database, "update tenants set settings = settings - 'approval_above'")
    desk = Desk(crowd, kept)
    desk.move(NOW)
    return desk


def ids(people: Sequence[Person]) -> list[str]:
    return [str(person.id) for person in people]


def a_key() -> dict[str, str]:
    """The header of a request that may come twice."""
    return {"idempotency-key": uuid4().hex}
