"""Two brands over HTTP: one with an account of every role, one with a stranger. Tests add materials and read only their own."""

import json
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from siyu.access import accounts, roles
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from tests.conftest import TestClock, _admin, _named, make_tenant

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD = "plum-blossom-at-dawn"
SPRING = {"title": "春季上新", "text": "新品到店,欢迎来看"}


@dataclass
class Library:
    """The brands' application. Accounts are named after their roles; `stranger` owns the other brand."""

    app: Any
    clients: dict[str, TestClient] = field(default_factory=dict)

    def client(self, login: str = "operator") -> TestClient:
        if login not in self.clients:
            client = TestClient(self.app, base_url="http://siyu.test")
            assert client.post("/api/session", json={"login": login, "password": PASSWORD}).status_code == 200
            self.clients[login] = client
        return self.clients[login]

    def write(self, login: str = "operator", **changes: Any) -> Any:
        """The answer to writing the spring material with these changes."""
        body = json.dumps(SPRING | changes)  # in ASCII, which can name what is no character
        return self.client(login).post("/api/materials", content=body, headers={"content-type": "application/json"})

    def listed(self, login: str = "operator") -> list[dict[str, Any]]:
        """Everything in the library, page by page, newest first."""
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"limit": 100}
        while True:
            page = self.client(login).get("/api/materials", params=query).json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]


@pytest.fixture(scope="package")
def library(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    name = f"library_{uuid4().hex[:12]}"
    _admin(server_url, f"create database {name} template {template} strategy file_copy")
    with closing(Database(_named(server_url, name), clock=TestClock())) as database:
        app = create_app(database, Settings(home=tmp_path_factory.mktemp("library")))
        brand, other = make_tenant(database), make_tenant(database, name="别的品牌")
        with database.transaction(brand, SYSTEM) as tx:
            for role in roles.NAMES:
                accounts.add(tx, login=role, name=role.title(), role=role, password=PASSWORD)
        with database.transaction(other, SYSTEM) as tx:
            accounts.add(tx, login="stranger", name="Stranger", role="owner", password=PASSWORD)
        yield Library(app)
    _admin(server_url, f"drop database if exists {name} with (force)")
