"""A sandbox over HTTP with a brand connected to it, for tests that go the whole way."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from siyu.app.worker import Worker
from siyu.infra import jobs
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.jobs import JobView
from siyu.infra.tx import SYSTEM, Tx
from siyu.infra.wiring import Capability
from siyu.kernel.ids import TenantId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from siyu.observe.contacts.wiring import capability
from siyu.understand.identity.wiring import capability as identity
from tests.conftest import make_tenant
from tests.connectors.wecom.conftest import Place, builder

TOKEN, AES_KEY = "SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
PEOPLE = 60


@dataclass
class Scene:
    """A sandbox, a brand connected to it, and a worker that is run by hand."""

    place: Place
    database: Database
    tenant: TenantId
    corp: Corp
    worker: Worker

    def sync(self) -> JobView:
        """A full reading, as an administrator asks for it."""
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            id = contacts.request_sync(tx, self.corp.id)
        self.worker.drain()
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return jobs.get(tx, id)

    def later(self, seconds: float = 60) -> None:
        """Let business time pass, wait until every callback is through, however busy the machine, then do what is due."""
        step = self.place.post("step", seconds=seconds)
        for _ in range(6):
            if step["open_pushes"] or step["open_effects"]:
                step = self.place.post("step", seconds=0)
        assert not step["open_pushes"], self.place.get("books/pushes")[-1]
        self.worker.drain()

    def act(self, act: str, userid: str, external_userid: str) -> None:
        self.place.post("step", seconds=2)
        self.place.post("acts", act=act, userid=userid, external_userid=external_userid)

    def pairs(self) -> list[tuple[str, str]]:
        """Friends as the platform's books know them, neither side having left."""
        return [pair for pair, relation in self.truth().items() if relation == "active"]

    def truth(self) -> dict[tuple[str, str], str]:
        """Relations in the sandbox's own books."""
        with sqlite3.connect(self.place.sandbox.settings.home / "books.sqlite") as books:
            rows = books.execute("select userid, external_userid, left_by_customer_at, left_by_staff_at from follow").fetchall()
        books.close()
        return {
            (userid, external): "deleted_by_staff" if by_staff is not None else "deleted_by_customer" if by_customer is not None else "active"
            for userid, external, by_customer, by_staff in rows
        }

    def ours(self) -> dict[tuple[str, str], str]:
        rows = self.ask("select s.userid, c.external_userid, c.relation from contacts c join staff s on s.id = c.staff_id where c.tenant_id = :tenant_id")
        return {(row.userid, row.external_userid): row.relation for row in rows}

    def ask(self, question: str) -> list[Any]:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return list(tx.execute(question).all())


def connect(tx: Tx, place: Place) -> Corp:
    """The sandbox's corp as one of the brand's."""
    return contacts.connect(
        tx,
        corp_id=place.address.corp_id,
        agent_id=place.address.agent_id,
        name="品牌",
        base_url=place.address.url,
        secret=place.address.secret,
        callback_token=TOKEN,
        callback_aes_key=AES_KEY,
    )


@contextmanager
def staged(url: str, folder: Path, *, people: int = PEOPLE, wirings: Sequence[Capability] = (capability, identity), **settings: Any) -> Iterator[Scene]:
    """A town in which nobody does anything by himself, and a brand connected to it; `settings` are the sandbox's."""
    with builder(folder) as build:
        place = build(scenario={"customers": people, "customer": {"orders_per_month": 0, "open_rate": 0, "reply_rate": 0, "delete_rate": 0}}, **settings)
        with closing(Database(url, clock=file_clock(place.sandbox.clock.path))) as database:
            tenant = make_tenant(database)
            with database.transaction(tenant, SYSTEM) as tx:
                corp = connect(tx, place)
            yield Scene(place, database, tenant, corp, Worker(database, [replace(wiring, schedules=()) for wiring in wirings]))


@pytest.fixture
def scene(fresh_url: str, tmp_path: Path) -> Iterator[Scene]:
    with staged(fresh_url, tmp_path) as scene:
        yield scene


def doorway(database: Database) -> FastAPI:
    """The routes of contacts, the door for callbacks among them."""
    app = FastAPI()
    app.state.database = database
    app.router.routes[:0] = capability.doors
    for router in capability.routers:
        app.include_router(router)
    return app


@contextmanager
def receiver(database: Database) -> Iterator[str]:
    """Our door alone, on a free port; its address."""
    with serving(doorway(database)) as address:
        yield address


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """A server of ours, on a free port; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
