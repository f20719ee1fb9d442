"""The gateway's jobs: judge and group, send, follow up what was sent, sweep. Each may be killed at any instant and is begun again by whoever comes next."""

import time
from collections.abc import Callable, Sequence

import structlog

from siyu import events
from siyu.act.gateway import steps, store
from siyu.act.gateway.model.facts import Settled
from siyu.act.gateway.platform import WeComPlatform
from siyu.act.gateway.service.books import TIDIED, SqlBooks, mark_left
from siyu.act.gateway.service.knowledge import Knowledge
from siyu.act.gateway.service.requests import FOLLOW_UP, PREPARE, SEND
from siyu.connectors.wecom import WeCom
from siyu.infra import jobs
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.observe import contacts
from siyu.understand import consents, identity

log = structlog.get_logger(__name__)

RUN_SECONDS = 300.0
"""A run ends after this long and leaves the rest to the next."""


def prepare(work: Work) -> None:
    """Judge everybody who is due and put those who may be written to into calls; the sending begins with the first of them."""
    books, until = SqlBooks(work.transaction, Knowledge()), time.monotonic() + RUN_SECONDS
    judged = made = 0
    while time.monotonic() < until and not work.cancelled():
        people = books.judge()
        calls = 0 if people else books.group()
        if calls:
            with work.transaction() as tx:
                jobs.enqueue(tx, SEND)
        judged, made = judged + people, made + calls
        if not people and not calls:
            break
    if judged or made:
        log.info("gateway.prepared", people=judged, calls=made)


def send(work: Work) -> None:
    """Make the calls that are ready, one after the other."""
    books, platform, until = SqlBooks(work.transaction, Knowledge()), WeComPlatform(_clients(work)), time.monotonic() + RUN_SECONDS
    with work.transaction() as tx:
        policy = store.bounds.policy(tx)
    made = 0
    while time.monotonic() < until and not work.cancelled() and steps.send_next(books, platform, time.monotonic, policy):
        made += 1
    if made:
        log.info("gateway.sent", calls=made)


def tick(work: Work) -> None:
    """Give up what is over, wake what is due, look into doubts, close what is settled."""
    books, platform = SqlBooks(work.transaction, Knowledge()), WeComPlatform(_clients(work))
    while books.tidy():
        pass
    with work.transaction() as tx:
        if store.intents.any_due(tx):
            jobs.enqueue(tx, PREPARE)
        if store.calls.claimable(tx, store.actions.machine(tx)) is not None:
            jobs.enqueue(tx, SEND)
    steps.reconcile(books, platform)
    with work.transaction() as tx:
        for action_id, campaign in store.actions.settle(tx):
            events.append(tx, Settled(action_id, campaign), key=f"settled:{action_id}", source="gateway")


def follow_up(work: Work) -> None:
    """Withdraw tasks that must not stand, read the results of the others."""
    books, platform, until = SqlBooks(work.transaction, Knowledge()), WeComPlatform(_clients(work)), time.monotonic() + RUN_SECONDS
    while steps.withdraw(books, platform) and time.monotonic() < until:
        pass
    while steps.read_results(books, platform) == TIDIED and time.monotonic() < until and not work.cancelled():
        pass  # a full page was due; there may be another


def sweep(work: Work) -> None:
    """Look for second tasks of calls that were once in doubt."""
    contested = steps.sweep(SqlBooks(work.transaction, Knowledge()), WeComPlatform(_clients(work)))
    if contested:
        log.error("gateway.contested", calls=contested)


def hear_withdrawals(tx: Tx, batch: Sequence[events.Event]) -> None:
    """Somebody wants no more messages: the open tasks in which they wait are withdrawn, whoever else waits there is planned anew."""
    said = {event.identity_id for event in batch if event.identity_id is not None and event.props["reason"] != consents.DELETED_US}
    if mark_left(tx, identity.customer_of(tx, said).values()):
        jobs.enqueue(tx, FOLLOW_UP)


def _clients(work: Work) -> Callable[[str], WeCom | None]:
    """Clients by WeCom's corp id, looked up once a run."""
    with work.transaction() as tx:
        corps = {corp.corp_id: corp for corp in contacts.readers(tx)}
    return lambda corp_id: contacts.client(corps[corp_id]) if corp_id in corps else None
