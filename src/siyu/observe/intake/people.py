"""Whom messages are about: the identities they name, and what a server says of who is who. A few statements for a whole commit."""

import threading
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId, TenantId
from siyu.observe import identities
from siyu.observe.identities import Link, Mark, Sighting, namespaces
from siyu.observe.intake.model import Message, Sender

GRAIN = timedelta(hours=1)
"""How exactly first and last sight of an identity are kept; its events are exact."""
BELIEVED_SECONDS = 60.0
"""How long an identity is taken for what it was without looking again: it may have been erased."""
REMEMBERED = 50_000


class _Known(NamedTuple):
    text: str
    verified: bool
    after: datetime
    before: datetime
    until: float


class Acquaintance:
    """Identities that this process has named lately, so that it need not ask for the same person in each commit."""

    def __init__(self) -> None:
        self._known: dict[tuple[TenantId, Mark], _Known] = {}
        self._keeping = threading.Lock()

    def known(self, tenant: TenantId, mark: Mark, at: datetime, verified: bool, now: float) -> str | None:
        """The id of one whom a sight at this instant tells nothing new about, as text. `now`: machine time, monotonic."""
        known = self._known.get((tenant, mark))
        if known is None or known.until < now or known.verified < verified or not known.after <= at <= known.before:
            return None
        return known.text

    def keep(self, tenant: TenantId, news: "News") -> None:
        """Once the commit that named them has gone through."""
        until = time.monotonic() + BELIEVED_SECONDS
        with self._keeping:
            for span, id, verified in news:
                self._known.pop((tenant, span.mark), None)
                self._known[tenant, span.mark] = _Known(str(id), verified, span.first_at - GRAIN, span.last_at + GRAIN, until)
            for _ in range(len(self._known) - REMEMBERED):
                del self._known[next(iter(self._known))]


News: TypeAlias = list[tuple[Sighting, IdentityId, bool]]
"""Who was named in a transaction that has not been committed yet."""


def named(tx: Tx, sender: Sender, messages: Sequence[Message], acquaintance: Acquaintance) -> tuple[list[str], News]:
    """The identity that each message is about, as text and in their order; what a server vouches for is kept as verified and linked.

    A server's message is about its user id, else its anonymous id. A page's is about its anonymous id; a user id that it claims alone belongs to nobody.
    """
    now = time.monotonic()
    subjects: list[Mark] = []
    ids: dict[Mark, str] = {}
    vouched: dict[Mark, Sighting] = {}
    seen: dict[Mark, Sighting] = {}
    for message in messages:
        mark = _subject(sender, message)
        subjects.append(mark)
        known = acquaintance.known(tx.tenant_id, mark, message.occurred_at, mark[0] == namespaces.USER_ID, now)
        if known is None:
            _widen(vouched if mark[0] == namespaces.USER_ID else seen, mark, message.occurred_at)
        else:
            ids[mark] = known
    telling = [] if sender.public else [message for message in messages if message.kind in ("identify", "alias")]
    devices = _devices(tx, telling, subjects)
    pairs = [pair for message in telling for pair in _asserted(message, devices)]
    for pair in pairs:
        for mark in (pair.a, pair.b):
            _widen(vouched, mark, pair.message.occurred_at)
    for mark in vouched:
        seen.pop(mark, None)
    news: News = []
    found = _name(tx, list(vouched.values()), True, news) | _name(tx, list(seen.values()), False, news)
    if pairs:
        _link(tx, sender, pairs, found)
    ids |= {mark: str(id) for mark, id in found.items()}
    return [ids[mark] for mark in subjects], news


def _name(tx: Tx, spans: Sequence[Sighting], verified: bool, news: News) -> dict[Mark, IdentityId]:
    found = identities.seen_many(tx, spans, verified=verified, grain=GRAIN)
    news += [(span, found[span.mark], verified) for span in spans]
    return found


def _subject(sender: Sender, message: Message) -> Mark:
    if message.user_id is not None and not sender.public:
        return namespaces.USER_ID, message.user_id
    if message.anonymous_id is not None:
        return namespaces.ANONYMOUS_ID, message.anonymous_id
    return namespaces.CLAIMED_USER_ID, message.user_id or ""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two marks of one person, as a message asserts them."""

    a: Mark
    b: Mark
    message: Message


def _devices(tx: Tx, messages: Sequence[Message], subjects: Sequence[Mark]) -> set[str]:
    """Those among the previous ids of aliases by which a device was seen before anybody logged in there; the others are older user ids."""
    asked = {(namespaces.ANONYMOUS_ID, message.previous_id) for message in messages if message.kind == "alias" and message.previous_id}
    found = identities.find(tx, asked) if asked else {}
    return {value for _, value in {*found, *asked.intersection(subjects)}}


def _asserted(message: Message, devices: Set[str]) -> list[_Pair]:
    """What a server's `identify` or `alias` ties together. `devices`: previous ids that are a device's."""
    user = (namespaces.USER_ID, message.user_id) if message.user_id else None
    anonymous = (namespaces.ANONYMOUS_ID, message.anonymous_id) if message.anonymous_id else None
    me: Mark | None = user or anonymous
    if me is None:
        return []
    others: list[Mark] = [anonymous] if anonymous else []
    if message.kind == "alias" and message.previous_id:
        others.append((namespaces.ANONYMOUS_ID if message.previous_id in devices else namespaces.USER_ID, message.previous_id))
    marks = message.marks
    told = ((namespaces.PHONE, marks.phone), (namespaces.UNIONID, marks.unionid), (namespaces.MEMBER, marks.member))
    others += [(namespace, value) for namespace, value in told if value]
    if marks.corp_id and marks.external_userid:
        others.append((namespaces.wecom(marks.corp_id), marks.external_userid))
    return [_Pair(me, other, message) for other in others if other != me]


def _widen(spans: dict[Mark, Sighting], mark: Mark, at: datetime) -> None:
    known = spans.get(mark)
    if known is None:
        spans[mark] = Sighting(mark, at, at)
    elif not known.first_at <= at <= known.last_at:
        spans[mark] = Sighting(mark, min(known.first_at, at), max(known.last_at, at))


def _link(tx: Tx, sender: Sender, pairs: Sequence[_Pair], ids: dict[Mark, IdentityId]) -> None:
    """A device stays with the user who was first known on it: whoever else logs in there does not become the same person."""
    devices = {ids[pair.b] for pair in pairs if pair.b[0] == namespaces.ANONYMOUS_ID}
    owners = identities.partners(tx, sorted(devices), namespaces.USER_ID) if devices else {}
    links = []
    for pair in pairs:
        a, b = ids[pair.a], ids[pair.b]
        if pair.b[0] == namespaces.ANONYMOUS_ID and pair.a[0] == namespaces.USER_ID and owners.setdefault(b, a) != a:
            continue
        links.append(Link(a, b, pair.message.key, pair.message.occurred_at))
    identities.link_many(tx, links, source=sender.origin)
