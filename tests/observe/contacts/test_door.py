"""Whatever knocks at the callback address: never a 500, nothing kept of what is forged, bounded work, and what is genuine stops nobody."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from siyu.connectors.wecom.crypto import MAX_BODY
from siyu.infra.database import Database
from siyu.infra.tx import SYSTEM, Tx
from siyu.kernel.ids import TenantId
from siyu.observe.contacts import Corp, service
from siyu.observe.contacts.service import inbox
from siyu.observe.groups import wiring as groups
from siyu.observe.tags import wiring as tags
from tests.conftest import TestClock, make_tenant
from tests.observe.contacts.conftest import a_corp
from tests.observe.contacts.knocks import CORP, Knock, checks, events, pushes, strange
from tests.observe.contacts.scene import doorway, receiver

LISTENING = (groups, tags)
"""Capabilities that read callbacks besides contacts."""
TURNED_AWAY = {400, 403, 413, 414, 422, 431}
fuzzed = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
)


class House:
    """Our server at one door, its store, and whoever knocks."""

    def __init__(self, database: Database, tenant: TenantId, corp: Corp, http: httpx.Client) -> None:
        self.database, self.tenant, self.corp, self.http = database, tenant, corp, http

    @property
    def path(self) -> str:
        return f"/callbacks/wecom/{self.corp.callback_key}"

    def push(self, knock: Knock) -> int:
        return self.http.post(f"{self.path}?{knock.query}", content=knock.body).status_code

    def kept(self) -> int:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return int(tx.execute("select count(*) from callback_inbox where tenant_id = :tenant_id").scalar_one())

    def read(self) -> None:
        """Read everything that lies in the inbox."""
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            while service.read(tx, self.corp, 500):
                pass
            assert tx.execute("select count(*) from callback_letters where tenant_id = :tenant_id").scalar_one() == 0

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What the store is asked meanwhile."""
        said: list[str] = []

        def hear(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            said.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", hear)
        try:
            yield said
        finally:
            event.remove(self.database.engine, "before_cursor_execute", hear)


@pytest.fixture
def house(fresh_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(inbox._Greeters, "kind", "welcomes.send")
    with closing(Database(fresh_url, clock=TestClock())) as database:
        tenant = make_tenant(database)
        with database.transaction(tenant, SYSTEM) as tx:
            corp = a_corp(tx, CORP, members=("guide0101",))
        with receiver(database) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as http:
            yield House(database, tenant, corp, http)


class TestRead:
    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(told=st.lists(st.one_of(events(), events(), strange()), min_size=1, max_size=4, unique=True))
    def test_whatever_is_told_is_kept_and_read_and_stops_nobody(self, tx: Tx, monkeypatch: pytest.MonkeyPatch, told: list[bytes]) -> None:
        monkeypatch.setattr(inbox._Greeters, "kind", "welcomes.send")
        with tx.connection.begin_nested() as attempt:
            corp = a_corp(tx, CORP, members=("guide0101",))
            assert service.take(tx, corp.id, told) == len(told)
            assert service.take(tx, corp.id, told) == 0
            assert service.read(tx, corp, 100) == len(told)
            assert service.read(tx, corp, 100) == 0
            attempt.rollback()


class TestPush:
    @fuzzed
    @given(knock=pushes())
    def test_the_genuine_is_kept_once_and_the_forged_never(self, house: House, knock: Knock) -> None:
        before = house.kept()
        with house.statements() as said:
            status = house.push(knock)
        assert status == 200 or status in TURNED_AWAY, (status, knock)
        if knock.welcome is not None:
            assert (status == 200) == knock.welcome, (status, knock)
        if status != 200:
            assert house.kept() == before
            assert len(said) <= 12, said  # the door is looked up anew, its body is never brought to the store
            return
        kept = house.kept()
        assert kept - before <= 1
        assert house.push(knock) == 200
        assert house.kept() == kept
        house.read()

    def test_a_body_without_end_is_cut_off(self, house: House) -> None:
        taken = 0

        async def knock() -> int:
            nonlocal taken
            status = 0

            async def receive() -> dict[str, Any]:
                nonlocal taken
                taken += 1 << 16
                return {"type": "http.request", "body": b"x" * (1 << 16), "more_body": True}

            async def send(message: Any) -> None:
                nonlocal status
                status = message.get("status", status)

            scope = {"type": "http", "method": "POST", "path": house.path, "raw_path": house.path.encode(), "query_string": b"", "headers": [], "root_path": ""}
            await doorway(house.database)({**scope, "scheme": "http", "server": ("x", 80), "client": ("x", 1), "http_version": "1.1"}, receive, send)
            return status

        with ThreadPoolExecutor(1) as own:  # a browser of other tests may hold a loop in this thread
            assert own.submit(asyncio.run, knock()).result() == 413
        assert taken <= MAX_BODY + (2 << 16)


class TestCheck:
    @fuzzed
    @given(knock=checks())
    def test_only_the_genuine_is_answered(self, house: House, knock: Knock) -> None:
        status = house.http.get(f"{house.path}?{knock.query}").status_code
        assert status == 200 or status in TURNED_AWAY, (status, knock)
        if knock.welcome is not None:
            assert (status == 200) == knock.welcome, (status, knock)
        assert house.kept() == 0

    @pytest.mark.parametrize("key", ["nobody", "%00", "..%2f..", "ключ", "x" * 8_000, "%ff", "a'or'1"])
    def test_other_doors_are_not_there(self, house: House, key: str) -> None:
        for method in ("GET", "POST"):
            query = {"msg_signature": "x", "timestamp": "1", "nonce": "1", "echostr": "x"}
            assert house.http.request(method, f"/callbacks/wecom/{key}", params=query).status_code in {404, 405, *TURNED_AWAY}
