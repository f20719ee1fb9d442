"""Whom messages are about: the identities they name, and what a server says of who is who. A few statements for a whole commit."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class _Known:
    id: IdentityId
    verified: bool
    first_at: datetime
    last_at: datetime
    until: float


@dataclass
class Acquaintance:
    """Identities that one writer has named lately, so that it need not ask for the same person in each commit."""

    _known: OrderedDict[tuple[TenantId, Mark], _Known] = field(default_factory=OrderedDict)

    def ids(self, tenant: TenantId, spans: Iterable[Sighting], verified: bool) -> dict[Mark, IdentityId]:
        """Of those about whom `spans` say nothing new."""
        now = time.monotonic()
        found = {}
        for span in spans:
            known = self._known.get((tenant, span.mark))
            if known is None or known.until < now or known.verified < verified:
                continue
            if known.first_at - GRAIN <= span.first_at and span.last_at <= known.last_at + GRAIN:
                found[span.mark] = known.id
        return found

    def keep(self, tenant: TenantId, news: "News") -> None:
        """Once the commit that named them has gone through."""
        until = time.monotonic() + BELIEVED_SECONDS
        for span, id, verified in news.named:
            self._known[tenant, span.mark] = _Known(id, verified, span.first_at, span.last_at, until)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


@dataclass
class News:
    """What was named in a transaction that has not been committed yet."""

    named: list[tuple[Sighting, IdentityId, bool]] = field(default_factory=list)


def named(tx: Tx, sender: Sender, messages: Sequence[Message], acquaintance: Acquaintance) -> tuple[list[IdentityId], News]:
    """The identity that each message is about, in their order; what a server vouches for is kept as verified and linked.

    A server's message is about its user id, else its anonymous id. A page's is about its anonymous id; a user id that it claims alone belongs to nobody.
    """
    subjects = [_subject(sender, message) for message in messages]
    pairs = [] if sender.public else [pair for message in messages for pair in _asserted(message)]
    vouched, seen = _spans(messages, subjects, pairs)
    news = News()
    ids = _ids(tx, vouched, True, acquaintance, news)
    ids |= _ids(tx, [span for span in seen if span.mark not in ids], False, acquaintance, news)
    if pairs:
        _link(tx, sender, pairs, ids)
    return [ids[mark] for mark in subjects], news


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


def _asserted(message: Message) -> list[_Pair]:
    """What a server's `identify` or `alias` ties together."""
    user = (namespaces.USER_ID, message.user_id) if message.user_id else None
    anonymous = (namespaces.ANONYMOUS_ID, message.anonymous_id) if message.anonymous_id else None
    me: Mark | None = user or anonymous
    if me is None or message.kind not in ("identify", "alias"):
        return []
    others: list[Mark] = [anonymous] if anonymous else []
    if message.kind == "alias" and message.previous_id:  # it may be either: an older user id, or the device's before anybody logged in
        others += [(namespaces.USER_ID, message.previous_id), (namespaces.ANONYMOUS_ID, message.previous_id)]
    marks = message.marks
    told = ((namespaces.PHONE, marks.phone), (namespaces.UNIONID, marks.unionid), (namespaces.MEMBER, marks.member))
    others += [(namespace, value) for namespace, value in told if value]
    if marks.corp_id and marks.external_userid:
        others.append((namespaces.wecom(marks.corp_id), marks.external_userid))
    return [_Pair(me, other, message) for other in others if other != me]


def _spans(messages: Sequence[Message], subjects: Sequence[Mark], pairs: Sequence[_Pair]) -> tuple[list[Sighting], list[Sighting]]:
    """One sighting of each mark: of those that are vouched for, and of the others."""
    vouched: dict[Mark, Sighting] = {}
    seen: dict[Mark, Sighting] = {}
    for message, mark in zip(messages, subjects, strict=True):
        _widen(vouched if mark[0] == namespaces.USER_ID else seen, mark, message.occurred_at)
    for pair in pairs:
        for mark in (pair.a, pair.b):
            _widen(vouched, mark, pair.message.occurred_at)
    return list(vouched.values()), list(seen.values())


def _widen(spans: dict[Mark, Sighting], mark: Mark, at: datetime) -> None:
    known = spans.get(mark)
    if known is None:
        spans[mark] = Sighting(mark, at, at)
    elif not known.first_at <= at <= known.last_at:
        spans[mark] = Sighting(mark, min(known.first_at, at), max(known.last_at, at))


def _ids(tx: Tx, spans: Sequence[Sighting], verified: bool, acquaintance: Acquaintance, news: News) -> dict[Mark, IdentityId]:
    ids = acquaintance.ids(tx.tenant_id, spans, verified)
    fresh = [span for span in spans if span.mark not in ids]
    if fresh:
        found = identities.seen_many(tx, fresh, verified=verified)
        news.named += [(span, found[span.mark], verified) for span in fresh]
        ids |= found
    return ids


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
