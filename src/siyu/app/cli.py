"""The command line. Each command prints what it did and how long it took."""

import gc
import io
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import OperationalError

from siyu.app import words
from siyu.app.runtime import left_as_found, opened, store_url, visited
from siyu.infra.faults import StoreSilent, WrongSettings
from siyu.infra.settings import Settings
from siyu.kernel.errors import Refusal

app = typer.Typer(name="siyu", no_args_is_help=True, add_completion=False, help="私域运营:观察、理解、行动、衡量。Private-domain operations on WeCom.")
users = typer.Typer(no_args_is_help=True, help="Accounts of the console.")
audits = typer.Typer(no_args_is_help=True, help="The record of what was done.")
imports = typer.Typer(no_args_is_help=True, help="Bring data in from files.")
app.add_typer(users, name="user")
app.add_typer(audits, name="audit")
app.add_typer(imports, name="import")
out = Console()
err = Console(stderr=True)


def main() -> None:
    """Entry point: an expected "no" is one clear line and status 1, never a traceback, whatever letters the terminal has."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except WrongSettings as wrong:
        _refuse(*wrong.faults)
    except Refusal as refusal:
        _refuse(refusal)
    except PermissionError as denied:
        from siyu.app.up import homeless

        if denied.filename is None:
            raise
        _refuse(homeless(Path(denied.filename), denied))
    except OperationalError as away:
        _refuse(StoreSilent(reason=str(away.orig).strip().splitlines()[0]))


def _refuse(*refusals: Refusal) -> NoReturn:
    for refusal in refusals:
        sentence = getattr(refusal, "sentence", None)
        told = sentence(words.language()) if sentence is not None else words.refusal(refusal, words.language())
        err.print(f"[red]✗[/red] {escape(told)}", highlight=False)
    raise SystemExit(1) from None


@contextmanager
def took(what: str) -> Iterator[None]:
    """Say what was done and how long it took."""
    began = time.monotonic()
    yield
    out.print(f"[green]✓[/green] {what} ({time.monotonic() - began:.1f} s)")


def wait_for_signal() -> None:
    """Until Ctrl-C or TERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def leave_uncollected() -> None:
    """What a process loaded to begin with stays until its end: the garbage collector need not walk through all of it again and again."""
    gc.collect()
    gc.freeze()


def end_in_order() -> None:
    """From now on TERM undoes what was begun, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@app.command()
def up() -> None:
    """Start everything: store, web server, worker, engine. Stops on Ctrl-C."""
    from siyu.app.up import Installation

    end_in_order()
    installation = Installation(Settings())
    try:
        with took("started"):
            installation.start()
        out.print(f"  控制台 console: [bold]{installation.address}[/bold]")
        wait_for_signal()
    finally:
        installation.stop()


@app.command()
def serve() -> None:
    """The web server alone."""
    import uvicorn

    from siyu.app.http import create_app
    from siyu.app.up import check_port

    settings = Settings()
    with opened(settings, pool_size=24) as database:
        check_port(settings.port, settings.host)
        application = create_app(database, settings)
        leave_uncollected()
        uvicorn.run(application, host=settings.host, port=settings.port, log_config=None, access_log=False, proxy_headers=False)


@app.command()
def worker() -> None:
    """A worker alone: jobs, followers, schedules."""
    from siyu.app.capabilities import CAPABILITIES
    from siyu.app.hooks import prepare
    from siyu.app.worker import Worker

    settings = Settings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened(settings, pool_size=settings.worker_threads + 6) as database:
        prepare(settings, database)
        leave_uncollected()
        Worker(database, CAPABILITIES, threads=settings.worker_threads, lease_seconds=settings.job_lease_seconds).run(stop)


@app.command()
def engine() -> None:
    """The analytic engine alone: owns the columnar replica."""
    from siyu import engine as replica
    from siyu.app.capabilities import REPLICA

    settings = Settings()
    with opened(settings) as database:
        replica.serve(settings, database, REPLICA)


@app.command()
def migrate() -> None:
    """Bring the database to this release's schema."""
    from siyu.infra.migrate import upgrade

    settings = Settings()
    with left_as_found(settings), took("migrated to"):
        out.print(upgrade(store_url(settings)))


@app.command()
def rebuild() -> None:
    """Build the columnar replica anew from PostgreSQL."""
    from siyu import engine as replica
    from siyu.app.capabilities import REPLICA

    settings = Settings()
    with visited(settings) as database, took("rebuilt"):
        replica.rebuild(settings, database, REPLICA)


def _in_a_folder(file: Path) -> Path:
    if not file.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.absolute().parent}")
    return file


@app.command()
def openapi(file: Annotated[Path, typer.Argument(dir_okay=False, writable=True, callback=_in_a_folder, help="Where to write the document.")]) -> None:
    """Write the API's OpenAPI document; needs no running server."""
    from siyu.app.http import create_app
    from siyu.infra.database import Database

    settings = Settings()
    database = Database("postgresql+psycopg://nobody@/none")
    file.write_text(json.dumps(create_app(database, settings).openapi(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(context: typer.Context) -> None:
    """A WeCom that is not WeCom: same contract, a town of customers, a clock of its own; `siyu sandbox --help` lists its options."""
    from siyu.connectors.wecom.sandbox.command import main as run

    run(context.args)


def _pace(speed: float) -> float:
    from siyu.connectors.wecom.sandbox.clock import FASTEST, is_pace

    if not is_pace(speed):
        raise typer.BadParameter(f"0, or a number from 1 to {FASTEST}, is wanted")
    return speed


@app.command()
def demo(
    check: Annotated[bool, typer.Option("--check", help="Run the whole loop on the virtual clock, print the result, stop.")] = False,
    speed: Annotated[float, typer.Option(callback=_pace, help="Business seconds per machine second, 1 to 10,000; 0 stands still.")] = 60.0,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the demo brand and begin anew.")] = False,
    home: Annotated[Path, typer.Option(help="Folder of the demo brand.")] = Path("var/demo"),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of the console.")] = 8000,
    people: Annotated[int | None, typer.Option(help="With --check: only so many customers, for a quick look.")] = None,
) -> None:
    """A living brand on a WeCom sandbox: real orders, customers, staff who confirm."""
    from siyu.app.demo import check as demo_check
    from siyu.app.demo import run as demo_run

    end_in_order()
    if check:
        raise SystemExit(demo_check(people=people))
    demo_run(home=home, port=port, speed=speed, reset=reset)


@app.command()
def doctor(
    corp: Annotated[str | None, typer.Option(help="Name or id of one corp; else all that are switched on.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Codes and facts for machines.")] = False,
) -> None:
    """Examine the connection to WeCom: what is wrong, what it means, where to mend it. Status 1 when something is red."""
    from siyu.app import check_up

    done = []
    for one in check_up.check_ups(Settings(), corp):
        done.append(one)
        if not as_json:
            check_up.show(one, out)
    if as_json:
        print_json([check_up.as_json(one) for one in done])
    elif not done:
        out.print(words.contacts(words.language())["corps"]["empty"])
    raise SystemExit(1 if any(one.red for one in done) else 0)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench(context: typer.Context, name: Annotated[str, typer.Argument(help="import, rfm, retention …")]) -> None:
    """Measure beside a peer in the same run (from a checkout)."""
    _from_checkout("bench", name, context.args)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sim(context: typer.Context) -> None:
    """Replay one seed of the delivery simulation (from a checkout)."""
    _from_checkout("tests.sim", "run", context.args)


def _from_checkout(package: str, name: str, arguments: list[str]) -> None:
    root = Path(__file__).resolve().parents[3]
    if not (root / package.split(".")[0]).is_dir():
        raise typer.BadParameter("this command needs a checkout of the repository")
    sys.path.insert(0, str(root))
    import runpy

    sys.argv = [name, *arguments]
    module = f"{package}.{name.replace('-', '_')}"
    runpy.run_module(module, run_name="__main__")


def _role(name: str) -> str:
    from siyu.access.roles import ROLES

    known = [role.name for role in ROLES]
    if name not in known:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}")
    return name


@users.command("add")
def user_add(
    login: Annotated[str, typer.Argument(help="Log-in name.")],
    role: Annotated[str, typer.Option(callback=_role, help="owner, operator, supervisor, guide, community_owner, analyst, admin.")] = "operator",
    name: Annotated[str, typer.Option(help="Name shown to colleagues; default: the log-in.")] = "",
) -> None:
    """A new account with a generated password, printed once."""
    from siyu.access import users as accounts
    from siyu.app.hooks import prepare

    settings = Settings()
    with visited(settings) as database:
        prepare(settings, database)
        account, password = accounts.add(database, login, name or login, role)
    out.print(f"[green]✓[/green] {account.login} ({account.role})   密码 password: [bold]{password}[/bold]", highlight=False)


@users.command("reset")
def user_reset(
    login: Annotated[str, typer.Argument(help="Log-in name.")],
    without_totp: Annotated[bool, typer.Option("--without-totp", help="Also switch one-time codes off.")] = False,
) -> None:
    """Another generated password for an account, printed once; its sessions end."""
    from siyu.access import users as accounts
    from siyu.app.hooks import prepare

    settings = Settings()
    with visited(settings) as database:
        prepare(settings, database)
        account, password = accounts.reset(database, login, without_totp=without_totp)
    out.print(f"[green]✓[/green] {account.login}   密码 password: [bold]{password}[/bold]", highlight=False)


@imports.command("orders")
def import_orders(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX or Parquet.")],
    shop: Annotated[str, typer.Option(help="Name of the shop the orders come from.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count and list problems; keep nothing.")] = False,
) -> None:
    """Bring orders in from a file: columns are guessed, problems counted, the same file twice changes nothing."""
    from siyu.app.file_import import bring

    bring(Settings(), file, shop=shop, dry_run=dry_run, out=out)


@imports.command("events")
def import_events(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, JSON lines or Parquet, gzipped or not; each is a table named like it.")
    ],
    recipe: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="An SQL query from those files, each a table named like it, to events: data/recipes.")
    ],
    key: Annotated[str, typer.Option(envvar="SIYU_WRITE_KEY", help="A key of 设置 › 接口密钥.")],
    url: Annotated[str, typer.Option(help="Where siyu answers.")] = "http://127.0.0.1:8000",
) -> None:
    """Send events from files to the intake; the same files sent again change nothing."""
    from siyu.app import event_file

    with took("sent"):
        event_file.told(event_file.send(files, recipe.read_text(encoding="utf-8"), url=url, key=key, out=out), out)


@audits.command("verify")
def audit_verify() -> None:
    """Recompute the hash chain of every tenant's audit log and hold it against the heads kept nightly; status 1 when a row was changed or is missing."""
    from siyu.access import audit
    from siyu.app.hooks import prepare
    from siyu.infra.tx import SYSTEM

    broken, settings = False, Settings()
    with visited(settings) as database:
        prepare(settings, database)
        for tenant_id in database.tenants():
            with database.transaction(tenant_id, SYSTEM) as tx:
                verdict = audit.verify(tx)
            broken = broken or not verdict.ok
            out.print(f"{tenant_id}: {'ok' if verdict.ok else f'BROKEN at {verdict.broken_at}, {verdict.reason}'}, {verdict.entries} entries")
    raise SystemExit(1 if broken else 0)


def print_json(value: Any) -> None:
    """One JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    main()
