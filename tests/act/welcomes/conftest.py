"""A brand on a sandbox whose callbacks reach our server; jobs are worked off in the test's own thread. Business time stands still until it is moved."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from siyu.act.welcomes import service
from siyu.act.welcomes.model import Welcome, Words
from siyu.act.welcomes.wiring import capability
from siyu.app.worker import Worker
from siyu.connectors.wecom import ContactWay, WeCom
from siyu.connectors.wecom.sandbox.settings import Limits
from siyu.infra.clock import file_clock
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from siyu.observe import contacts
from siyu.observe.contacts import Corp
from tests.act.gateway.conftest import AES_KEY, KEYS, TOKEN, connect
from tests.conftest import make_tenant
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.connectors.wecom.test_contact_ways import scan, stranger
from tests.observe.contacts.scene import receiver

SEND = "externalcontact/send_welcome_msg"
PATIENT = Limits(welcome_seconds=3600)
"""However busy the machine, the platform's window stays open."""


@dataclass
class Reception:
    """Who greets new customers. `calls`: the number of the fault that never fires and counts the calls that reach WeCom."""

    place: Place
    database: Database
    tenant: TenantId
    corp: Corp
    worker: Worker
    calls: int = field(init=False)

    def __post_init__(self) -> None:
        self.calls = self.place.fault("slow", SEND, count=None, probability=0)

    def tx(self) -> Any:
        return self.database.transaction(self.tenant, SYSTEM)

    def say(self, text: str = "欢迎光临", **more: Any) -> Welcome:
        with self.tx() as tx:
            return service.write(tx, self.corp.id, Words(text, **more))

    def scanned(self, state: str = "live") -> str:
        """A stranger scans a code of this source, and our server has taken the callback in; the welcome code."""
        member = self.place.client.follow_users()[0]
        made = self.place.client.add_contact_way(ContactWay((member,), state=state))
        scan(self.place, made.config_id, stranger(self.place, member))
        assert self.place.sandbox.pushes.drain(60)
        return str(self.got()[-1]["code"])

    def work(self) -> None:
        self.worker.drain()

    def wait(self, seconds: float) -> None:
        """Let business time pass, on both sides."""
        self.place.post("step", seconds=seconds)

    def got(self) -> list[dict[str, Any]]:
        """Codes in the platform's own books with what customers got."""
        found: list[dict[str, Any]] = self.place.get("books/welcomes")
        return found

    def texts(self) -> list[str | None]:
        return [row["text"] for row in self.got()]

    def called(self) -> int:
        """Calls that reached WeCom."""
        return next(int(fault["met"]) for fault in self.place.get("faults")["faults"] if fault["id"] == self.calls)

    def greetings(self) -> list[Any]:
        with self.tx() as tx:
            return list(tx.execute("select * from greetings where tenant_id = :tenant_id order by happened_at, settled_at, job_id"))

    def ends(self) -> list[tuple[str, int | None]]:
        return [(row.outcome, row.code) for row in self.greetings()]


@pytest.fixture
def limits() -> Limits:
    return PATIENT


@pytest.fixture
def ahead() -> timedelta:
    """How far our clock is ahead of WeCom's."""
    return timedelta(0)


@pytest.fixture
def reception(fresh_url: str, tmp_path: Path, limits: Limits, ahead: timedelta) -> Iterator[Reception]:
    contacts.use(keys=Secrets(KEYS), connect=partial(WeCom, wait=lambda seconds: None), budget=IMPATIENT)
    with ExitStack() as stack:
        stack.callback(contacts.use)
        place = stack.enter_context(builder(tmp_path))(limits=limits)
        theirs = file_clock(place.sandbox.clock.path)
        database = stack.enter_context(closing(Database(fresh_url, clock=lambda: theirs() + ahead)))
        tenant = make_tenant(database)
        with database.transaction(tenant, SYSTEM) as tx:
            corp = connect(tx, place)
        address = stack.enter_context(receiver(database))
        place.post("callbacks", url=f"{address}/callbacks/wecom/{corp.callback_key}", token=TOKEN, aes_key=AES_KEY)
        yield Reception(place, database, tenant, corp, Worker(database, [capability], lease_seconds=1))
