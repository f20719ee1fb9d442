"""The jobs that read WeCom's results of handovers, and the customers whom leavers left behind. No transaction is open while WeCom is spoken to."""

from collections.abc import Iterator, Mapping
from itertools import islice
from uuid import UUID

import structlog

from siyu.act.handovers import service
from siyu.act.handovers.model import Pair
from siyu.connectors.wecom import HandoverResult, Refused, UnassignedCustomer, WeCom, WeComError
from siyu.infra.jobs import JobFailed, Work
from siyu.kernel.ids import CorpId
from siyu.observe import contacts

log = structlog.get_logger(__name__)
CHUNK = 1000
"""Customers kept by one transaction."""


def results_of(client: WeCom, pair: Pair) -> Mapping[str, HandoverResult]:
    """What WeCom knows of all customers handed over between two members, by external_userid."""
    read = client.resigned_handover_results if pair.kind == "resigned" else client.handover_results
    return {result.external_userid: result for result in read(pair.giver, pair.taker)}


def follow(work: Work) -> None:
    """Read the results of every pair that is due. One pair's trouble does not hold up the others."""
    with work.transaction() as tx:
        pairs = service.pairs_due(tx)
    for pair in pairs:
        if work.cancelled():
            return
        with work.transaction() as tx:
            client = contacts.client(contacts.corp(tx, pair.corp_id))
        try:
            results = results_of(client, pair)
        except WeComError as trouble:
            log.warning("handovers.no_results", corp_id=str(pair.corp_id), reason=str(trouble))
            with work.transaction() as tx:
                service.put_off(tx, pair)
            continue
        with work.transaction() as tx:
            settled = service.settle(tx, pair, results)
            work.save(tx)
        log.info("handovers.followed", corp_id=str(pair.corp_id), kind=pair.kind, settled=settled)


def read_all_unassigned(work: Work) -> None:
    """Ask for a reading of every corp."""
    with work.transaction() as tx:
        service.request_unassigned(tx, visible=False)


def read_unassigned(work: Work) -> None:
    """Read whose customers wait for another member. Raises JobFailed when WeCom refuses."""
    with work.transaction() as tx:
        corp, read_at = contacts.corp(tx, CorpId(UUID(work.params["corp_id"]))), tx.now
    rows: Iterator[UnassignedCustomer] = contacts.client(corp).unassigned_customers()
    done = 0
    try:
        while part := list(islice(rows, CHUNK)):
            done += len(part)
            with work.transaction() as tx:
                service.keep_unassigned(tx, corp, part, read_at)
                work.save(tx, done=done)
    except Refused as refused:
        raise JobFailed(path=refused.path, code=refused.code, reason=refused.reason) from refused
    with work.transaction() as tx:
        service.drop_unassigned(tx, corp.id, read_at)
        work.save(tx, result={"customers": done})
