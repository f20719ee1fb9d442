"""A brand with an intake, knocked at over HTTP."""

import base64
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId
from siyu.observe import sources

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient


@dataclass(frozen=True)
class Brand:
    """Its store, a machine's client without a session, and the keys of a server and of a page."""

    database: Database
    tenant: TenantId
    http: TestClient
    secret: str
    public: str
    home: Path

    def send(self, path: str, body: Any, *, key: str | None = None, **more: Any) -> Any:
        """The answer to a POST with a write key as Basic user, by default the server's."""
        head = {"authorization": "Basic " + base64.b64encode(f"{key or self.secret}:".encode()).decode(), **more.pop("headers", {})}
        told = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self.http.post(f"/v1/{path}", headers=head, **told, **more)

    def ask(self, statement: str, params: Mapping[str, Any] | None = None) -> list[Any]:
        with self.database.transaction(self.tenant, SYSTEM) as tx:
            return list(tx.execute(statement, params))

    def events(self) -> list[Any]:
        """Events that came over HTTP, in the order they came."""
        return self.ask("select * from events where tenant_id = :tenant_id and source like 'source:%' order by id")

    def parked(self) -> list[Any]:
        return self.ask("select * from parked_messages where tenant_id = :tenant_id order by id")


@pytest.fixture
def brand(database: Database, tenant: TenantId, tmp_path: Path) -> Iterator[Brand]:
    with database.transaction(tenant, SYSTEM) as tx:
        _, secret = sources.make(tx, "后台")
        _, public = sources.make(tx, "官网", "public")
    with TestClient(create_app(database, Settings(home=tmp_path)), base_url="http://siyu.test") as http:
        yield Brand(database, tenant, http, secret, public, tmp_path)
