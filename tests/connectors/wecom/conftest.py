"""A sandbox over real HTTP for each test that asks for one."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from siyu.connectors.wecom import ClientSettings, Credentials, MsgTemplate, Pace, WeCom
from siyu.connectors.wecom.sandbox import Address, Sandbox, Settings, running
from siyu.connectors.wecom.sandbox.fault_orders import taken
from siyu.connectors.wecom.trust import trust
from tests.connectors.wecom.neighbours import IMPATIENT, Neighbour, neighbour

START = "2026-03-02T02:00:00+00:00"
"""A Monday, ten o'clock in Shanghai."""


@dataclass(frozen=True)
class Place:
    """One running sandbox, a client for it and its control interface."""

    sandbox: Sandbox
    address: Address
    client: WeCom
    control: httpx.Client
    raw: httpx.Client

    def post(self, path: str, /, **body: Any) -> Any:
        answer = self.control.post(f"/sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, /, **query: Any) -> Any:
        answer = self.control.get(f"/sandbox/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, kind: str, path: str = "*", *, count: int | None = 1, probability: float = 1.0, **params: Any) -> int:
        """Order a fault; parameters that the kind does not take are left out, so that several kinds may be ordered alike."""
        given = {name: value for name, value in params.items() if name in taken(kind)}
        return int(self.post("faults", kind=kind, path=path if path == "*" else f"/cgi-bin/{path}", count=count, probability=probability, params=given)["id"])

    def call(
        self, method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None, file: tuple[str, bytes] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """One call without the typed client; a file goes as multipart."""
        given = {"access_token": self.client.token() if token is None else token, **(query or {})}
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        sent = {"files": {"media": file}} if file else {"content": content}
        answer = self.raw.request(method, f"/cgi-bin/{path}", params=given, **sent)
        assert answer.status_code == 200
        result: dict[str, Any] = answer.json()
        return result

    def customers_of(self, userid: str) -> tuple[str, ...]:
        return tuple(self.client.external_userids(userid))

    def busiest(self) -> str:
        """The member with the most customers."""
        return max(self.client.follow_users(), key=lambda userid: (len(self.customers_of(userid)), userid))

    def template(self, text: str = "周末有新品", *, sender: str | None = None, **more: Any) -> MsgTemplate:
        sender = sender or self.busiest()
        return MsgTemplate(sender, self.customers_of(sender), text, **more)


Build = Callable[..., Place]


@contextmanager
def builder(folder: Path) -> Iterator[Build]:
    with ExitStack() as stack:

        def make(
            *, scenario: dict[str, Any] | None = None, named: str = "", client: dict[str, Any] | None = None, home: Path | None = None, **settings: Any
        ) -> Place:
            file = folder / "scenario.json"
            file.write_text(json.dumps({"customers": 40, "guides_per_store": 1, **(scenario or {})}))
            given = Settings(
                **{"home": home or folder / "sandbox", "seed": 7, "speed": 0.0, "start": START, "scenario": Path(named) if named else file, **settings}
            )
            sandbox, address = stack.enter_context(running(given))
            credentials = Credentials(address.corp_id, address.secret, address.agent_id)
            told = ClientSettings(**{"base_url": address.url, **(client or {})})
            wecom = stack.enter_context(WeCom(credentials, told, pace=Pace(IMPATIENT), wait=lambda seconds: None))
            key = {"authorization": f"Bearer {address.control_key}"}
            control = stack.enter_context(httpx.Client(base_url=address.url, headers=key, verify=trust(), trust_env=False, timeout=60))
            raw = stack.enter_context(httpx.Client(base_url=address.url, verify=trust(), trust_env=False))
            return Place(sandbox, address, wecom, control, raw)

        yield make


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Make a sandbox: keyword arguments are settings, `scenario` a dictionary, `named` a shipped scenario, `client` settings of the client."""
    with builder(tmp_path) as make:
        yield make


@pytest.fixture(scope="package")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A sandbox that tests share: they only ask it, or add sends that nobody else counts."""
    with builder(tmp_path_factory.mktemp("still")) as make:
        yield make()


@pytest.fixture
def place(build: Build) -> Place:
    return build()


@pytest.fixture
def other() -> Iterator[Neighbour]:
    with neighbour() as told:
        yield told
