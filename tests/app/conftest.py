"""The whole web application over a database of the test's own, with an owner logged in."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from tests.crowd import crowd, living

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

__all__ = ["crowd", "living"]

OWNER = {"brand": "试验品牌", "timezone": "Asia/Shanghai", "login": "owner", "name": "店主", "password": "a long enough phrase"}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Logged in as the owner of a fresh brand."""
    with TestClient(create_app(database, Settings(home=tmp_path)), base_url="http://siyu.test") as client:
        answer = client.post("/api/setup", json=OWNER)
        assert answer.status_code == 201, answer.text
        yield client
