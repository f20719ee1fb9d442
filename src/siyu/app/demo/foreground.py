"""`siyu demo`: the brand lives on until Ctrl-C."""

import shutil
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from siyu.app.demo import brand as brands
from siyu.app.demo.stage import (
    OWNER,
    Sandbox,
    Siyu,
    connect,
    finish_orders,
    install,
    key_of_shop,
    mark_as_sandbox,
    reconnect,
    sign_in,
    store_ahead,
    upload_orders,
)
from siyu.app.up import claimed, free_port, is_free
from siyu.infra.settings import Settings
from siyu.kernel.errors import Refusal

out = Console()


class NoDemoThere(Refusal):
    """The folder `home` holds no demo brand, so nothing in it was deleted."""

    code = "home.no_demo"


def run(*, home: Path, port: int, speed: float, reset: bool) -> None:
    """Make the brand the first time, then keep it running: console at `port` (another one when it is taken), town at `speed`. Raises HomeInUse, NoHomeHere."""
    home = home.resolve()
    if reset:
        _forget(home)
    now = morning(datetime.now(UTC))
    with claimed(home), store_ahead(home / "siyu") as store:
        brand = brands.make(home / "brand", _founded(home, now))
        first = not (home / "ready").exists()
        sandbox = Sandbox.start(home / "sandbox", brand.population, at=now, speed=1 if first else speed, scenario=Path("demo"))
        installation = None
        try:
            settings = Settings(
                home=home / "siyu",
                port=_free(port),
                clock_file=Path(sandbox.address["clock_file"]),
                log_level="warning",
            )
            store.result()
            installation = install(settings)
            siyu = Siyu(installation.address)
            sign_in(siyu, brand="思屿生活")
            mark_as_sandbox(settings)
            _welcome(installation.address)
            if first:
                _keep(home, _found(siyu, sandbox, brand, installation.address))
                (home / "ready").touch()
            else:
                reconnect(
                    siyu, settings, sandbox, installation.address, _kept(home) or _keep(home, key_of_shop(siyu, f"线上商城 {datetime.now(UTC):%m-%d %H:%M:%S}"))
                )
            sandbox.post("/sandbox/clock", {"speed": speed})
            out.print(f"  扮演客户与员工 be a customer or a member of staff: {sandbox.address['page']}", soft_wrap=True)
            out.print(f"  小镇时钟 town clock: x{speed:g}.  Ctrl-C 停止 / stops everything.")
            _wait()
        finally:
            if installation is not None:
                installation.stop()
            sandbox.stop()


def _free(port: int) -> int:
    if is_free(port):
        return port
    out.print(f"  [yellow]![/yellow] 端口 {port} 已被占用，另选一个 / port {port} is taken, so another one is used.", highlight=False)
    return free_port()


def morning(now: datetime) -> datetime:
    """Half past nine in Shanghai on that day: whoever tries the demo in the evening would meet the quiet hours first."""
    return now.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=9, minute=30, second=0, microsecond=0).astimezone(UTC)


def _found(siyu: Siyu, sandbox: Sandbox, brand: brands.Brand, address: str) -> str:
    """The brand's past and its contacts, through the same doors as any user's; the key of its shop."""
    began = time.monotonic()
    out.print(f"  正在导入一年真实订单(UCI Online Retail，整体后移 {brand.weeks} 周，金额按元计)…")
    out.print(f"  importing a year of real orders (UCI Online Retail, shifted by {brand.weeks} weeks, amounts as yuan) …")
    started = upload_orders(siyu, brand)
    key = connect(siyu, sandbox, address)
    imported = finish_orders(siyu, started)
    siyu.wait_until_idle(seconds=300)
    known = siyu.get("/customers", limit=1)["total"]
    lines = (imported.get("report") or {}).get("rows", "")
    out.print(f"  [green]✓[/green] {lines} 行订单，{known} 位客户 / lines, customers ({time.monotonic() - began:.0f} s)")
    return key


def _keep(home: Path, key: str) -> str:
    """Keep the shop's key for the next start, for this user's eyes alone."""
    (home / "shop-key").touch(mode=0o600)
    (home / "shop-key").write_text(key, encoding="utf-8")
    return key


def _kept(home: Path) -> str | None:
    return (home / "shop-key").read_text(encoding="utf-8") if (home / "shop-key").exists() else None


def _welcome(address: str) -> None:
    login, password = OWNER
    out.print(f"\n  控制台 console: [bold]{address}[/bold]\n  账号 log-in: [bold]{login}[/bold]   密码 password: [bold]{password}[/bold]\n")


def _founded(home: Path, now: datetime) -> datetime:
    """The instant from which the brand's past is counted: the first start's, so that a restart changes nothing."""
    note = home / "founded"
    if not note.exists():
        note.write_text(now.isoformat(), encoding="utf-8")
    return datetime.fromisoformat(note.read_text(encoding="utf-8"))


def _forget(home: Path) -> None:
    """Delete a demo home. Raises NoDemoThere for what is not one, and leaves it."""
    if not home.exists():
        return
    if not (home / "founded").exists() and any(home.iterdir()):
        raise NoDemoThere(home=str(home))
    from siyu.infra import postgres

    with claimed(home):
        postgres.erase(home / "siyu" / "postgres")
        shutil.rmtree(home)


def _wait() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
