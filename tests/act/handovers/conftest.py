"""A sandbox, a brand connected to it, a worker run by hand, and the brand's owner at the console."""

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from siyu.act.handovers.wiring import capability as handovers
from siyu.app.http import create_app
from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.understand.identity.wiring import capability as identity
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.observe.contacts.conftest import AES_KEY, TOKEN

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD = "a long enough phrase"
QUIET = {"orders_per_month": 0.0, "open_rate": 0.0, "reply_rate": 0.0, "delete_rate": 0.0}


@dataclass
class Scene:
    """Everything that a handover touches. `taker` is a member who may take customers and has none."""

    place: Place
    database: Database
    tenant: TenantId
    corp: Corp
    worker: Worker
    client: TestClient
    members: dict[str, str] = field(default_factory=dict)
    taker: str = "service01"

    def log_in(self) -> None:
        assert self.client.post("/api/session", json={"login": "owner", "password": PASSWORD}).status_code == 200

    def get(self, path: str = "", **query: Any) -> Any:
        answer = self.client.get(f"/api/handovers{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def body(self, giver: str, *takers: str, kind: str = "in_service", **more: Any) -> dict[str, Any]:
        return {"kind": kind, "giver_id": self.members[giver], "taker_ids": [self.members[taker] for taker in takers or (self.taker,)], **more}

    def plan(self, giver: str, *takers: str, kind: str = "in_service", **more: Any) -> list[dict[str, Any]]:
        """The handovers that were made; WeCom is not asked yet."""
        answer = self.client.post("/api/handovers", json=self.body(giver, *takers, kind=kind, **more))
        assert answer.status_code == 201, answer.text
        made: list[dict[str, Any]] = answer.json()
        return made

    def preview(self, giver: str, *takers: str, kind: str = "in_service", **more: Any) -> Any:
        answer = self.client.post("/api/handovers/preview", json=self.body(giver, *takers, kind=kind, **more))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counts(self, handover: dict[str, Any]) -> dict[str, int]:
        counts: dict[str, int] = self.get(f"/{handover['id']}")["counts"]
        return counts

    def follow(self) -> None:
        """What the schedule asks for every five minutes."""
        self.do("handovers.follow")

    def do(self, kind: str) -> None:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            jobs.enqueue(tx, kind)
        self.worker.drain()

    def sync(self) -> None:
        """A full reading of the corp."""
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            contacts.request_sync(tx, self.corp.id)
        self.worker.drain()
        self.members = {row.userid: str(row.id) for row in self.ask("select userid, id from staff where tenant_id = :tenant_id")}

    def later(self, seconds: float) -> None:
        """Let business time pass until every callback is through, then do what is due."""
        step = self.place.post("step", seconds=seconds)
        for _ in range(6):
            if step["open_pushes"] or step["open_effects"]:
                step = self.place.post("step", seconds=0)
        self.worker.drain()
        self.log_in()

    def relations(self, userid: str) -> dict[str, str]:
        """Our books: external_userid → relation to a member."""
        rows = self.ask(
            "select c.external_userid, c.relation from contacts c join staff s on s.id = c.staff_id where c.tenant_id = :tenant_id and s.userid = :userid",
            userid=userid,
        )
        return {row.external_userid: row.relation for row in rows}

    def asked(self) -> list[tuple[str, str, str]]:
        """WeCom's books: every handover that it took, as (customer, giver, taker)."""
        with sqlite3.connect(self.place.sandbox.settings.home / "books.sqlite") as books:
            rows = books.execute("select external_userid, handover, takeover from handover order by external_userid, nth").fetchall()
        books.close()
        return rows

    def ask(self, question: str, **params: Any) -> list[Any]:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return list(tx.execute(question, params).all())


Raise = Callable[..., Scene]


@pytest.fixture
def raised(fresh_url: str, tmp_path: Path) -> Iterator[Raise]:
    """Make a scene: `refuses` is the share of customers who refuse, `people` how many there are; other arguments are settings of the sandbox."""
    with ExitStack() as stack:

        def make(*, refuses: float = 0.0, people: int = 40, **settings: Any) -> Scene:
            build = stack.enter_context(builder(tmp_path))
            place = build(scenario={"customers": people, "customer": QUIET | {"refuse_handover_rate": refuses}}, **settings)
            database = Database(fresh_url, clock=file_clock(place.sandbox.clock.path))
            stack.callback(database.close)
            home = Settings(home=tmp_path / "siyu")
            home.home.mkdir()
            client = stack.enter_context(TestClient(create_app(database, home), base_url="http://siyu.test"))
            owner = {"brand": "试验品牌", "timezone": "Asia/Shanghai", "login": "owner", "name": "店主", "password": PASSWORD}
            assert client.post("/api/setup", json=owner).status_code == 201
            contacts.use(keys=None, budget=IMPATIENT)
            app = {"corp_id": place.address.corp_id, "agent_id": place.address.agent_id, "name": "品牌", "secret": place.address.secret}
            answer = client.post("/api/corps", json={**app, "base_url": place.address.url, "callback_token": TOKEN, "callback_aes_key": AES_KEY})
            assert answer.status_code == 201, answer.text
            with database.engine.begin() as connection:
                tenant = TenantId(connection.exec_driver_sql("select id from tenants").scalar_one())
            with database.transaction(tenant, SYSTEM) as tx:
                (corp,) = contacts.corps(tx)
            worker = Worker(database, [replace(one, schedules=()) for one in (contacts_wiring, identity, handovers)])
            scene = Scene(place, database, tenant, corp, worker, client)
            scene.sync()
            return scene

        yield make
        contacts.use()
