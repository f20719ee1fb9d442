"""The job in which the doctor looks at a corp. No transaction is open while anybody is spoken to."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime
from uuid import UUID

from siyu.infra.jobs import Work
from siyu.infra.settings import Settings
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import clients, doctor, service
from siyu.observe.contacts.doctor import Door, Visit
from siyu.observe.contacts.findings import Finding
from siyu.observe.contacts.model import Corp

Transaction = Callable[[], AbstractContextManager[Tx]]


def examine(work: Work) -> None:
    """Look at one corp and keep what was found. Progress counts checks."""
    with work.transaction() as tx:
        corp = service.corp(tx, CorpId(UUID(work.params["corp_id"])))
        work.save(tx, done=0, total=len(doctor.ALL))
    findings: list[Finding] = []
    for finding in look(work.transaction, corp):
        findings.append(finding)
        with work.transaction() as tx:
            work.save(tx, done=len(findings))
    with work.transaction() as tx:
        news = service.keep_findings(tx, corp, findings)
        work.save(tx, result={"errors": sum(one.state == "error" for one in findings), "news": news})


def examine_all(work: Work) -> None:
    """Ask the doctor to look at every corp that is connected."""
    with work.transaction() as tx:
        for corp in service.corps(tx):
            if corp.active:
                service.request_examination(tx, corp.id)


def look(transaction: Transaction, corp: Corp, *, served: bool = True) -> Iterator[Finding]:
    """The findings on a corp, as they are made. `served`: our web server is meant to be running."""

    def arrived(body: bytes) -> bool:
        with transaction() as tx:
            return service.arrived(tx, corp.id, body)

    def clock() -> datetime:
        with transaction() as tx:
            return tx.now

    with transaction() as tx:
        held = service.held(tx, corp)
    url = f"{Settings().address}/callbacks/wecom/{corp.callback_key}"
    door = Door(url, corp.agent_id, clients.callback_keys(corp), arrived, open=served) if corp.active else None
    with closing(clients.visitor(corp)) as client:
        yield from doctor.examine(Visit(corp.base_url, client, held, door, clock))
