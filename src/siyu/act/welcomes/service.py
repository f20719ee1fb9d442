"""Writing welcome messages, and saying them to whoever comes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from siyu.access import audit
from siyu.act import materials, words
from siyu.act.welcomes import model, store
from siyu.act.welcomes.model import (
    BadWelcome,
    BlockedWords,
    ChangedMeanwhile,
    End,
    Greeting,
    Results,
    Tries,
    UnknownPlaceholder,
    Welcome,
    WelcomeNotFound,
    Words,
)
from siyu.connectors.wecom import LinkAttachment, WeCom, WeComError
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, WelcomeId, new_id
from siyu.observe import contacts

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 0.5
"""Between a call that failed and the second one, on the machine's clock."""
LOOKED_BACK = timedelta(days=30)


def write(tx: Tx, corp_id: CorpId, said: Words) -> Welcome:
    """Keep a new welcome message of an app, switched on. Raises CorpNotFound, BadWelcome, UnknownPlaceholder, BlockedWords."""
    contacts.corp(tx, corp_id)
    welcome = Welcome(new_id(WelcomeId, tx.now), 1, corp_id, _fit(said), True, tx.actor.label, tx.now)
    return _keep(tx, welcome, "welcome.written")


def edit(tx: Tx, id: WelcomeId, said: Words) -> Welcome:
    """Say something else from now on. Raises WelcomeNotFound, BadWelcome, UnknownPlaceholder, BlockedWords, ChangedMeanwhile."""
    return _keep(tx, replace(_next(tx, id), words=_fit(said)), "welcome.edited")


def switch_on(tx: Tx, id: WelcomeId) -> Welcome:
    """Say it again from now on; it counts as the newest. Raises WelcomeNotFound, BlockedWords, ChangedMeanwhile."""
    welcome = _next(tx, id)
    _clean(welcome.words)
    return _keep(tx, replace(welcome, active=True), "welcome.switched_on")


def switch_off(tx: Tx, id: WelcomeId) -> Welcome:
    """Say it no more. Raises WelcomeNotFound, ChangedMeanwhile."""
    return _keep(tx, replace(_next(tx, id), active=False), "welcome.switched_off")


def by_app(tx: Tx) -> Sequence[tuple[contacts.Corp, Sequence[Welcome]]]:
    """Every connected app with its welcome messages, last changed first."""
    welcomes = sorted(store.current(tx), key=lambda welcome: (welcome.changed_at, welcome.id), reverse=True)
    return [(corp, [welcome for welcome in welcomes if welcome.corp_id == corp.id]) for corp in contacts.corps(tx)]


def results(tx: Tx) -> Results:
    """What became of the codes of the last 30 days."""
    return store.results(tx, tx.now - LOOKED_BACK)


def send(work: Work) -> None:
    """The urgent job of one welcome code, whose params hold the code: it is worth nothing 20 s after the event, and goes nowhere else.

    A call is noted before it goes out, so that whoever takes over knows of it; no transaction is open meanwhile. One call more after trouble on the way, within
    the window; none after WeCom has said that the code is late or taken.
    """
    right, corp_id = contacts.Welcome.read(work.params["welcome"]), CorpId(UUID(work.params["corp_id"]))
    tries = Tries.read(work.checkpoint)
    with work.transaction() as tx:
        if store.is_settled(tx, work.id):
            return
        corp = contacts.corp(tx, corp_id)
    client = contacts.client(corp)
    while True:
        fault = _fault_of(client.token)  # at hand before the clock is looked at
        step = _begin(work, corp, right, tries)
        if isinstance(step, End):
            return _settle(work, corp, right, step)
        fault = fault or _fault_of(partial(_say, client, right, step.words))
        if fault is None or not model.worth_another(fault) or tries.calls + 1 == model.CALLS:
            return _settle(work, corp, right, model.judge(fault, doubt=tries.doubt), step)
        tries = tries.after(fault)
        time.sleep(PAUSE_SECONDS)


def _begin(work: Work, corp: contacts.Corp, right: contacts.Welcome, tries: Tries) -> Welcome | End:
    """What to say, with the call noted; or why nothing is said."""
    with work.transaction() as tx:
        said = model.choose(store.current(tx, corp_id=corp.id), right.state) if corp.active else None
        clean = said is None or not words.blocked(said.words.read)
        step = model.step(said, tries, clean=clean, received_at=right.received_at, now=tx.now)
        if isinstance(step, Welcome):
            work.save(tx, tries.begun().stored())
    return step


def _fault_of(call: Callable[[], object]) -> WeComError | None:
    try:
        call()
    except WeComError as fault:
        return fault
    return None


def _say(client: WeCom, right: contacts.Welcome, said: Words) -> None:
    card = [LinkAttachment(said.link_title, said.link_url)] if said.link_title and said.link_url else []
    client.send_welcome(right.code, said.text, card)


def _settle(work: Work, corp: contacts.Corp, right: contacts.Welcome, end: End, said: Welcome | None = None) -> None:
    with work.transaction() as tx:
        work.save(tx)
        store.settle(tx, Greeting(work.id, corp.id, right.userid, right.external_userid, right.state, right.at, tx.now, end, said))
    log.info("welcome.settled", corp_id=corp.corp_id, outcome=end.outcome.value, code=end.code, seconds=(tx.now - right.at).total_seconds())


def _next(tx: Tx, id: WelcomeId) -> Welcome:
    """The version that comes after the last, as yet the same."""
    for welcome in store.current(tx, id=id):
        return replace(welcome, version=welcome.version + 1, changed_by=tx.actor.label, changed_at=tx.now)
    raise WelcomeNotFound(welcome_id=str(id))


def _keep(tx: Tx, welcome: Welcome, act: str) -> Welcome:
    if not store.insert(tx, welcome):
        raise ChangedMeanwhile(welcome_id=str(welcome.id))
    audit.record(tx, act, f"welcome:{welcome.id}", {"version": welcome.version, "corp": str(welcome.corp_id)})
    return welcome


def _fit(said: Words) -> Words:
    """The words as they are kept. Raises BadWelcome, UnknownPlaceholder, BlockedWords."""
    said = model.tidy(said)
    model.check(said, text_bytes=materials.TEXT_BYTES)
    if said.link_title is not None and said.link_url is not None:
        try:
            materials.check_card(said.link_title, said.link_url)
        except materials.BadMaterial as bad:
            raise BadWelcome(**bad.params) from bad
    if found := materials.placeholders(said.read):
        raise UnknownPlaceholder(found=found)
    _clean(said)
    return said


def _clean(said: Words) -> None:
    if found := words.blocked(said.read):
        raise BlockedWords(words=sorted(found))
