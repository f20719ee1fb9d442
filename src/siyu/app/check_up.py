"""`siyu doctor`: the doctor of the WeCom connection in a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siyu.app import words
from siyu.app.hooks import prepare
from siyu.app.runtime import visited
from siyu.infra.settings import Settings
from siyu.infra.tx import Actor, Tx
from siyu.kernel.errors import NotFound
from siyu.observe import contacts
from siyu.observe.contacts import Corp, Finding

BY = Actor("system", name="command line")
COLOURS = {"ok": "green", "warning": "yellow", "error": "red", "skipped": "dim"}


class NoSuchCorp(NotFound):
    """No connection is called `wanted`, by name, corp id or id; `known`: the names of those there are."""

    code = "corp.no_match"


@dataclass(frozen=True)
class CheckUp:
    """One corp and what was found."""

    corp: Corp
    zone: ZoneInfo
    findings: list[Finding]

    @property
    def red(self) -> bool:
        return any(one.state == "error" for one in self.findings)


OF_THE_SHELL = frozenset({"callback", "clock"})
"""What hangs on settings that the shell may not share with the service: told here, but what the service found stays."""


def check_ups(settings: Settings, wanted: str | None) -> Iterator[CheckUp]:
    """Look at all corps that are switched on, or at those whose name, corp id or id was asked for, and keep what was found. Raises NoSuchCorp, NoTenant."""
    some, known, serving = False, list[str](), _serving(settings)
    with visited(settings) as database:
        prepare(settings, database)
        for tenant_id in database.tenants():
            transaction = partial(database.transaction, tenant_id, BY)
            with transaction() as tx:
                corps, zone = contacts.corps(tx), tx.tz
                on_time = settings.clock_file is not None or not _of_a_town(tx)
            known += [corp.name for corp in corps]
            for corp in corps:
                if wanted not in (corp.name, corp.corp_id, str(corp.id)) if wanted else not corp.active:
                    continue
                some = True
                findings = [one for one in contacts.look(transaction, corp, served=serving) if one.check != "clock" or on_time]
                with transaction() as tx:
                    contacts.keep_findings(tx, corp, [one for one in findings if one.check not in OF_THE_SHELL])
                yield CheckUp(corp, zone, findings)
    if wanted and not some:
        raise NoSuchCorp(wanted=wanted, known=known or ["—"])


def _of_a_town(tx: Tx) -> bool:
    """Whether the brand lives by a sandbox's clock, which only its service knows."""
    return bool(tx.execute("select settings -> 'sandbox' = 'true' from tenants where id = :tenant_id").scalar())


def _serving(settings: Settings) -> bool:
    """Whether our web server runs on this machine."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    try:
        return "version" in httpx.get(f"http://{host}:{settings.port}/api/health", timeout=2, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return False


def show(done: CheckUp, out: Console) -> None:
    """A table for people, in the language of the shell."""
    language = words.language()
    table = Table(title=f"{done.corp.name} · {done.corp.corp_id}", title_justify="left", show_header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for one in done.findings:
        name, lines = words.finding(one, language, done.zone)
        table.add_row(Text(words.state(one.state, language), style=COLOURS[one.state]), Text(name), Text("\n".join(lines)))
    out.print(table, highlight=False)


def as_json(done: CheckUp) -> dict[str, object]:
    """The same for machines: codes and facts, no words."""
    corp = done.corp
    return {"id": str(corp.id), "corp_id": corp.corp_id, "name": corp.name, "red": done.red, "findings": [vars(one) for one in done.findings]}
