"""A brand whose corp is a running sandbox: its customers are known, its jobs are worked off in the test's own thread."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from siyu.act import gateway
from siyu.act.gateway.model.actions import ActionId
from siyu.act.gateway.wiring import capability as gateway_wiring
from siyu.app.worker import Worker
from siyu.connectors.wecom.sandbox import Limits
from siyu.infra import jobs
from siyu.infra.database import Database
from siyu.infra.secrets import Secrets
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import CustomerId, TenantId
from siyu.observe import contacts
from siyu.observe.contacts.wiring import capability as contacts_wiring
from siyu.understand.consents.wiring import capability as consents_wiring
from siyu.understand.identity.wiring import capability as identity_wiring
from tests.conftest import TestClock
from tests.connectors.wecom.conftest import Build, Place, builder
from tests.connectors.wecom.neighbours import IMPATIENT

TOKEN, AES_KEY = "SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
KEYS = {"k1": b"k" * 32}
WIRED = (contacts_wiring, identity_wiring, consents_wiring, gateway_wiring)


@dataclass
class House:
    """The brand, its store, its corp and whoever works for it. Business time stands still until it is moved."""

    database: Database
    tenant: TenantId
    clock: TestClock
    place: Place
    worker: Worker

    def tx(self) -> Any:
        return self.database.transaction(self.tenant, SYSTEM)

    def work(self, *kinds: str) -> None:
        """Run these jobs, one after the other, and whatever follows from them."""
        for kind in kinds:
            with self.tx() as tx:
                jobs.enqueue(tx, kind)
            self.drain()

    def drain(self) -> None:
        while self.worker.follow_once() or self.worker.work_once():
            pass

    def wait(self, **span: float) -> None:
        """Let business time pass, on both sides."""
        self.clock.at += timedelta(**span)
        self.place.post("clock", business=self.clock.at.isoformat())

    def customers(self) -> list[CustomerId]:
        with self.tx() as tx:
            return [CustomerId(row.id) for row in tx.execute("select id from customers where tenant_id = :tenant_id order by id")]

    def ask(self, people: list[CustomerId], *, campaign: int = 1, go: bool = True, **changes: Any) -> UUID:
        """Ask for an approved promotion to these people and let the gateway prepare and send it."""
        given: dict[str, Any] = {
            "purpose": "promotion",
            "text": "新品到店 {link}",
            "link_url": f"{self.place.address.url}/shop/new",
            "approved": True,
            "salt": "s",
        }
        given |= {"not_before": self.clock.at, "expires_at": self.clock.at + timedelta(days=2)} | changes
        with self.tx() as tx:
            action = gateway.action(campaign=UUID(int=campaign), **given)
            id: ActionId = gateway.request(tx, action)
            gateway.plan(tx, id, people)
            gateway.planned(tx, id)
        if go:
            self.drain()
        return action.campaign

    def tally(self, campaign: UUID) -> dict[str, int]:
        """People by state, with the reason of those who came to an end."""
        with self.tx() as tx:
            rows = gateway.tally(tx, campaign)
        ends = {"skipped", "expired", "cancelled"}
        found: dict[str, int] = {}
        for row in rows:
            name = f"{row.state}: {row.reason}" if row.state in ends else row.state
            found[name] = found.get(name, 0) + row.people
        return found

    def sends(self) -> list[dict[str, Any]]:
        """Group sends in the platform's own books."""
        found: list[dict[str, Any]] = self.place.get("books/sends")
        return found

    def standing(self) -> dict[str, int]:
        """In how many uncancelled tasks each customer is."""
        found: dict[str, int] = {}
        for send in self.sends():
            for recipient in send["recipients"] if not send["cancelled"] else ():
                found[recipient["external_userid"]] = found.get(recipient["external_userid"], 0) + 1
        return found


def connect(tx: Tx, place: Place) -> contacts.Corp:
    address = place.address
    return contacts.connect(
        tx,
        corp_id=address.corp_id,
        agent_id=address.agent_id,
        name="品牌",
        base_url=address.url,
        secret=address.secret,
        callback_token=TOKEN,
        callback_aes_key=AES_KEY,
    )


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    with builder(tmp_path) as make:
        yield make


@pytest.fixture
def house(build: Build, database: Database, tenant: TenantId, clock: TestClock, request: pytest.FixtureRequest) -> Iterator[House]:
    """Forty customers of a small town, all known, none written to yet. It is Monday, ten in the morning. Its parameter: the sandbox's limits."""
    limits = getattr(request, "param", Limits())
    contacts.use(keys=Secrets(KEYS), budget=IMPATIENT)
    with ExitStack() as stack:
        stack.callback(contacts.use)
        house = House(database, tenant, clock, build(start=clock.at.isoformat(), limits=limits), Worker(database, WIRED))
        with house.tx() as tx:
            contacts.request_sync(tx, connect(tx, house.place).id)
            gateway.set_policy(tx, gateway.Policy(call_size=5, poll_seconds=0, close_after_seconds=0, start_within_seconds=30))
        house.drain()
        yield house
