"""Taking callbacks in, and reading what they say. Taking in is what WeCom waits for: it only keeps them."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from siyu.connectors.wecom import CallbackRejected, Event, parse
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe.contacts import routes, store
from siyu.observe.contacts.model import HANDED, HANDOVER_FAILED, HINTS, Corp, Hint, Letter, Opened, Welcome
from siyu.observe.contacts.service.connecting import corps, reader_of
from siyu.observe.contacts.service.handing import say_failed
from siyu.observe.contacts.service.refreshing import LAG, again, ask_once

log = structlog.get_logger(__name__)
SOON = timedelta(seconds=1)
"""How long what has come may wait for more: what comes within a second is read together."""
KEPT = timedelta(days=90)
"""How long a callback is remembered for dropping its repeats."""
_WELCOME = b"<WelcomeCode>"


Listener = Callable[[Tx, Corp, Sequence[tuple[Event, datetime]], datetime], None]
"""Gets events of one kind with the instants at which they happened, and when WeCom's reading calls will have caught up with them."""
_listeners: dict[str, Listener] = {}


class _Greeters:
    """The kind of job that answers a welcome code, when a capability offers one."""

    kind: str | None = None


def greet_with(kind: str) -> None:
    """Name the urgent job that gets each welcome code as it comes, with `corp_id` and `welcome` (as `Welcome.stored` gives it) as parameters."""
    _Greeters.kind = kind


def listen(kind: str, listener: Listener) -> None:
    """Have another capability read the events of one kind, in the transaction that takes them out of the inbox. They may come twice and in any order."""
    _listeners[kind] = listener


def take(tx: Tx, corp: CorpId, bodies: Sequence[bytes]) -> int:
    """Keep decrypted callbacks to be read soon; returns how many had not come before. Welcome codes go on at once: they live for 20 s."""
    letters = {_digest(corp, body): body for body in bodies}
    fresh = store.take(tx, corp, list(letters), list(letters.values()))
    if fresh:
        read_soon(tx, corp)
    if _Greeters.kind:
        for digest in fresh:
            if _WELCOME in letters[digest] and (welcome := _welcome(tx, letters[digest])):
                jobs.enqueue(tx, _Greeters.kind, key=digest.hex(), corp_id=str(corp), welcome=welcome.stored())
    return len(fresh)


def arrived(tx: Tx, corp: CorpId, body: bytes) -> bool:
    """Whether a callback with this body has come in through the door."""
    return store.arrived(tx, corp, _digest(corp, body))


def read_soon(tx: Tx, corp: CorpId) -> None:
    """Have what lies in a corp's inbox read; asked often, done once a second."""
    ask_once(tx, "contacts.callbacks", corp, tx.now + SOON)


def read(tx: Tx, corp: Corp, limit: int) -> int:
    """Read the next callbacks of an app and have its corp's reader do what they make necessary; returns how many were read."""
    letters = store.unread(tx, corp.id, limit)
    if not letters:
        return 0
    reader = reader_of(tx, corp)
    opened = []
    hints: dict[str, list[Hint]] = defaultdict(list)
    asked: Counter[str] = Counter()
    told: dict[str, list[tuple[Event, datetime]]] = defaultdict(list)
    for letter in letters:
        try:
            event = parse(letter.body)
        except CallbackRejected as rejected:
            opened.append(Opened(letter, "unreadable", rejected.reason))
            log.warning("contacts.callback_unreadable", corp_id=corp.corp_id, reason=rejected.reason)
            continue
        opened.append(Opened(letter, *event.route))
        if event.route == HANDOVER_FAILED:
            say_failed(tx, reader, event, key=letter.digest.hex(), at=_at(event, letter.received_at))
        elif named := _hint(letter, event):
            external, hint = named
            hints[external].append(hint)
        elif event.route[0] in _listeners:
            told[event.route[0]].append((event, _at(event, letter.received_at)))
        else:
            asked[_asks(event)] += 1
    settled = max(tx.now, letters[-1].received_at + LAG)
    if hints:
        store.ask(tx, reader.id, hints, settled)
        again(tx, reader, settled)
    for name, heard in told.items():
        _listeners[name](tx, reader, heard, settled)
    for kind in asked.keys() - {""}:
        ask_once(tx, kind, reader.id, settled)
    store.file(tx, corp.id, opened)
    return len(letters)


def sweep(tx: Tx) -> None:
    """See to it that callbacks and refreshes left behind by a dead worker are taken up again."""
    for corp in corps(tx):
        if corp.active and store.unopened(tx, corp.id):
            read_soon(tx, corp.id)
        if corp.active and store.waiting(tx, corp.id):
            again(tx, corp, tx.now)


def forget_callbacks(tx: Tx, limit: int = 10_000) -> int:
    """Drop inbox rows that no repeat can meet any more; returns how many went."""
    return store.forget(tx, tx.now - KEPT, limit)


def _digest(corp: CorpId, body: bytes) -> bytes:
    """Two apps of one corp get the same words: each is a callback of its own."""
    return hashlib.sha256(corp.bytes + body).digest()


def _hint(letter: Letter, event: Event) -> tuple[str, Hint] | None:
    """The customer to look at again, and why."""
    kind, external, userid = HINTS.get(event.route), event.text("ExternalUserID"), event.text("UserID")
    if kind == "removed" and event.text("Source") == HANDED:
        kind = "handed"
    return (external[:64], Hint(kind, userid[:64], _at(event, letter.received_at))) if kind and external and userid else None


def _asks(event: Event) -> str:
    """The job that an event asks for, empty for none."""
    known = routes.fate(event)
    if known is None:
        log.info("contacts.callback_unknown", event_type=event.route[0], change_type=event.route[1])
    return "contacts.sync_staff" if known and known.taken == "staff" else ""


def _welcome(tx: Tx, body: bytes) -> Welcome | None:
    try:
        event = parse(body)
    except CallbackRejected:
        return None
    code, userid, external = event.text("WelcomeCode"), event.text("UserID"), event.text("ExternalUserID")
    return Welcome(code, userid, external, event.text("State"), _at(event, tx.now), tx.now) if code and userid and external else None


def _at(event: Event, received_at: datetime) -> datetime:
    return min(event.created_at or received_at, received_at)
