"""A running demo: the sandbox first (its clock is everybody's), then siyu, then whoever drives."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from siyu.act import gateway
from siyu.app.demo.brand import Brand
from siyu.app.processes import Process, Processes
from siyu.app.runtime import store_url
from siyu.app.up import DidNotAnswer, Installation, free_port, is_free
from siyu.infra import postgres
from siyu.infra.database import Database
from siyu.infra.migrate import upgrade
from siyu.infra.settings import Settings
from siyu.infra.tx import SYSTEM

CALLBACK_TOKEN, CALLBACK_KEY = "SiyuDemoToken2026", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
OWNER = ("owner", "siyu-demo-2026")
"""Log-in of the demo's owner, printed at start. The demo listens on this machine only."""


@dataclass
class Sandbox:
    """The sandbox's process and its control interface."""

    home: Path
    process: Processes
    address: dict[str, Any] = field(default_factory=dict)
    client: httpx.Client = field(default_factory=httpx.Client)
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls, home: Path, population: Path | None, *, at: datetime, speed: float, scenario: Path | None = None, seconds: float = 90) -> "Sandbox":
        """Start it with the people of a file or of the scenario (a file, or a shipped name), first at business instant `at`. Raises DidNotAnswer."""
        home.mkdir(parents=True, exist_ok=True)
        port = _port_of_last_time(home / "sandbox.json") or free_port()
        (home / "sandbox.json").unlink(missing_ok=True)
        given = [
            "--home",
            str(home),
            "--port",
            str(port),
            "--seed",
            "7",
            "--speed",
            str(speed),
            "--start",
            at.isoformat(),
            "--keep-alive",
        ]
        if population is not None:
            given += ["--population", str(population)]
        if scenario is not None:
            given += ["--scenario", str(scenario)]
        process = Processes([Process("sandbox", ["siyu.connectors.wecom.sandbox", *given])], home)
        process.start()
        sandbox = cls(home, process)
        sandbox._await(seconds=seconds)
        threading.Thread(target=process.watch, args=(sandbox.stopping,), daemon=True).start()
        return sandbox

    def get(self, path: str, **params: Any) -> Any:
        return self._answer(self.client.get(path, params=params))

    def post(self, path: str, body: Any) -> Any:
        return self._answer(self.client.post(path, json=body))

    def stop(self) -> None:
        self.stopping.set()
        self.client.close()
        self.process.stop()

    def _answer(self, response: httpx.Response) -> Any:
        response.raise_for_status()
        return response.json()

    def _await(self, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        file = self.home / "sandbox.json"
        while time.monotonic() < deadline:
            if file.exists():
                self.address = json.loads(file.read_text())
                self.client = httpx.Client(
                    base_url=self.address["url"], headers={"authorization": f"Bearer {self.address['control_key']}"}, timeout=120, trust_env=False
                )
                try:
                    self.client.get("/sandbox/health").raise_for_status()
                    return
                except httpx.HTTPError:
                    pass
            time.sleep(0.1)
        raise DidNotAnswer(process="sandbox", logs=str(self.home))


def _port_of_last_time(note: Path) -> int:
    """Where the sandbox answered before, when that is free: siyu has noted its address. Else 0."""
    if not note.exists():
        return 0
    port = httpx.URL(json.loads(note.read_text())["url"]).port or 0
    return port if is_free(port) else 0


class Refused(RuntimeError):
    """siyu said no to the demo's own driver."""


class Siyu:
    """siyu's API as a console uses it."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=f"{address}/api", timeout=120, trust_env=False)

    def close(self) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._answer(self.http.get(path, params=params))

    def post(self, path: str, body: Any = None) -> Any:
        return self._answer(self.http.post(path, json=body) if body is not None else self.http.post(path))

    def put(self, path: str, body: Any) -> Any:
        return self._answer(self.http.put(path, json=body))

    def upload(self, path: str, file: Path) -> Any:
        with file.open("rb") as stream:
            return self._answer(self.http.post(path, files={"file": (file.name, stream)}))

    def wait_for_job(self, id: str, *, seconds: float = 300) -> Any:
        """The job when it has ended well. Raises Refused when it has not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.get(f"/jobs/{id}")
            if job["state"] in {"failed", "cancelled"}:
                raise Refused(f"{job['kind']} {job['state']}: {job['error']}")
            if job["state"] == "done":
                return job
            time.sleep(0.2)
        raise Refused(f"job {id} did not end in {seconds} s")

    def wait_until_idle(self, *, seconds: float = 120) -> None:
        """Until nothing that was due is left undone. Raises Refused."""
        deadline = time.monotonic() + seconds
        state: Any = None
        while time.monotonic() < deadline:
            state = self.get("/ops/idle")
            if state["idle"]:
                return
            time.sleep(0.2)
        raise Refused(f"still busy: {state}")

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code >= 400:
            raise Refused(f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text[:600]}")
        return response.json() if response.content else None


@contextmanager
def store_ahead(home: Path) -> Iterator[Future[str]]:
    """Start the store of this home and bring its tables up to date while the sandbox starts; at the end it runs no more."""
    home.mkdir(mode=0o711, exist_ok=True)
    settings = Settings(home=home)
    with ThreadPoolExecutor(1, thread_name_prefix="store") as pool:
        ready = pool.submit(lambda: upgrade(store_url(settings)))
        try:
            yield ready
        finally:
            wait([ready])
            if settings.database_url is None:
                postgres.stop(home / "postgres")


def install(settings: Settings) -> Installation:
    """Start siyu on the sandbox's clock."""
    installation = Installation(settings)
    installation.start()
    return installation


def sign_in(siyu: Siyu, *, brand: str) -> Any:
    """Set the brand up the first time, log in any other time."""
    login, password = OWNER
    if siyu.get("/setup")["needed"]:
        return siyu.post("/setup", {"brand": brand, "timezone": "Asia/Shanghai", "login": login, "name": "店主", "password": password})
    return siyu.post("/session", {"login": login, "password": password})


def mark_as_sandbox(settings: Settings) -> None:
    """Note on the brand that it is the demo's and its WeCom a sandbox: only then may a link say who opened it by the sandbox's header. No route can set this.

    A sandbox applies at once what it is told, so doubts and results settle in seconds where WeCom is given minutes.
    """
    database = Database(store_url(settings))
    for tenant_id in database.tenants():
        with database.transaction(tenant_id, SYSTEM) as tx:
            gateway.set_policy(tx, replace(gateway.policy(tx), settle_seconds=60, close_after_seconds=5))
            tx.execute("""update tenants set settings = settings || '{"sandbox": true, "demo": true}' where id = :tenant_id""")
    database.close()


def upload_orders(siyu: Siyu, brand: Brand) -> Any:
    """Begin the import of the shop's past through the same door as any user; the import as it stands, with its `job_id`."""
    imported = siyu.upload("/imports", brand.orders)
    options = {**imported["options"], "shop": "online", "timezone": "Asia/Shanghai", "money_unit": "yuan"}
    imported = siyu.put(f"/imports/{imported['id']}/mapping", {"mapping": imported["mapping"], "options": options})
    return siyu.post(f"/imports/{imported['id']}/run")


def finish_orders(siyu: Siyu, started: Any) -> Any:
    """Wait for an import that was begun; as it stands afterwards."""
    siyu.wait_for_job(started["job_id"])
    return siyu.get(f"/imports/{started['id']}")


def bring_orders(siyu: Siyu, brand: Brand) -> Any:
    """Import the shop's past and wait for it."""
    return finish_orders(siyu, upload_orders(siyu, brand))


def connect(siyu: Siyu, sandbox: Sandbox, public: str) -> str:
    """Connect the corp, its callbacks and the town's shop, and read all contacts. The shop's key."""
    corp = connect_corp(siyu, sandbox)
    key = key_of_shop(siyu)
    call_at(corp, sandbox, public, key)
    return key


def connect_corp(siyu: Siyu, sandbox: Sandbox) -> Any:
    """The sandbox's corp as the brand's own, which begins to be read; the corp as the console shows it."""
    address = sandbox.address
    return siyu.post(
        "/corps",
        {
            "corp_id": address["corp_id"],
            "agent_id": address["agent_id"],
            "name": "思屿生活",
            "secret": address["secret"],
            "callback_token": CALLBACK_TOKEN,
            "callback_aes_key": CALLBACK_KEY,
            "base_url": address["url"],
        },
    )


def key_of_shop(siyu: Siyu, name: str = "线上商城") -> str:
    """A new key with which the town's shop pushes its orders. No two have one name."""
    key: str = siyu.post("/sources", {"name": name})["key"]
    return key


def call_at(corp: Any, sandbox: Sandbox, public: str, key: str) -> None:
    """Tell the town where siyu answers: for its callbacks and for its shop's orders."""
    sandbox.post("/sandbox/callbacks", {"url": f"{public}{corp['callback_path']}", "token": CALLBACK_TOKEN, "aes_key": CALLBACK_KEY})
    sandbox.post("/sandbox/shop", {"url": f"{public}/api/orders", "key": key})


def reconnect(siyu: Siyu, settings: Settings, sandbox: Sandbox, public: str, key: str) -> None:
    """After a start either may answer elsewhere than last time: tell both."""
    database = Database(store_url(settings))
    for tenant_id in database.tenants():
        with database.transaction(tenant_id, SYSTEM) as tx:
            tx.execute("update corps set base_url = :url where tenant_id = :tenant_id", {"url": sandbox.address["url"]})
    database.close()
    for corp in siyu.get("/corps"):
        call_at(corp, sandbox, public, key)
