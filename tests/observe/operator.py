"""The operator of a brand that is connected to the sandbox, at the web application."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siyu.access import accounts
from siyu.app.http import create_app
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM
from siyu.observe import contacts
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.crowd import PASSWORD
from tests.observe.contacts.conftest import SEALING
from tests.observe.contacts.scene import Scene

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette would like another client
    from starlette.testclient import TestClient

__all__ = ["TestClient", "operator"]


@contextmanager
def operator(scene: Scene, home: Path) -> Iterator[TestClient]:
    """A client logged in as an operator of the scene's brand."""
    with scene.database.transaction(scene.tenant, SYSTEM) as tx:
        accounts.add(tx, login="operator", name="运营", role="operator", password=PASSWORD)
    with TestClient(create_app(scene.database, Settings(home=home)), base_url="http://siyu.test") as client:
        contacts.use(keys=SEALING, budget=IMPATIENT)
        assert client.post("/api/session", json={"login": "operator", "password": PASSWORD}).status_code == 200
        yield client
