"""The limits that a brand sets its own sends, over HTTP."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siyu.access import accounts
from siyu.app.http import create_app
from siyu.infra.database import Database
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.kernel.ids import TenantId

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

PASSWORD = "plum-blossom-at-dawn"
RULES = {"quiet_start": "21:00:00", "quiet_end": "09:00:00", "promotions_a_week": 1, "receiver_rule": "month"}

Log = Callable[[str], TestClient]


@pytest.fixture
def log_in(database: Database, tenant: TenantId, tmp_path: Path) -> Log:
    """A browser of an account that has this role."""
    app = create_app(database, Settings(home=tmp_path))

    def make(role: str) -> TestClient:
        with database.transaction(tenant, SYSTEM) as tx:
            accounts.add(tx, login=f"{role}-{tenant}", name=role, role=role, password=PASSWORD)
        client = TestClient(app, base_url="http://siyu.test")
        assert client.post("/api/session", json={"login": f"{role}-{tenant}", "password": PASSWORD}).status_code == 200
        return client

    return make


def test_start_with_the_defaults_and_are_changed_as_a_whole(log_in: Log) -> None:
    client = log_in("owner")
    assert client.get("/api/sending-rules").json() == RULES
    changed = {"quiet_start": "22:30:00", "quiet_end": "08:00:00", "promotions_a_week": 2, "receiver_rule": "daily"}
    answer = client.put("/api/sending-rules", json=changed)
    assert (answer.status_code, answer.json()) == (200, changed)
    assert client.get("/api/sending-rules").json() == changed
    (entry,) = [one for one in client.get("/api/audit").json()["items"] if one["act"] == "sending_rules.changed"]
    assert entry["detail"] == {"quiet": [["21:00:00", "09:00:00"], ["22:30:00", "08:00:00"]], "promotions_a_week": [1, 2], "receiver_rule": ["month", "daily"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"promotions_a_week": 8},
        {"promotions_a_week": -1},
        {"receiver_rule": "yearly"},
        {"quiet_start": "25:00"},
        {"quiet_end": None},
        {"quiet_end": "09:00:00+08:00"},
    ],
)
def test_what_cannot_be_meant_changes_nothing(log_in: Log, wrong: dict[str, Any]) -> None:
    client = log_in("admin")
    assert client.put("/api/sending-rules", json=RULES | wrong).status_code == 422
    assert client.get("/api/sending-rules").json() == RULES


@pytest.mark.parametrize(("role", "looks"), [("operator", 200), ("supervisor", 200), ("analyst", 200), ("guide", 403)])
def test_others_may_look_at_most(log_in: Log, role: str, looks: int) -> None:
    client = log_in(role)
    assert client.get("/api/sending-rules").status_code == looks
    assert client.put("/api/sending-rules", json=RULES | {"promotions_a_week": 5}).status_code == 403


def test_two_people_do_not_overwrite_each_other(log_in: Log) -> None:
    one, other = log_in("owner"), log_in("admin")
    assert one.put("/api/sending-rules", json=RULES | {"promotions_a_week": 3, "seen": RULES}).status_code == 200
    answer = other.put("/api/sending-rules", json=RULES | {"receiver_rule": "daily", "seen": RULES})
    assert (answer.status_code, answer.json()["code"]) == (409, "sending_rules.changed")
    assert other.get("/api/sending-rules").json() == RULES | {"promotions_a_week": 3}
