"""Naming the people that a source saw."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from siyu.infra.tx import Tx
from siyu.kernel.ids import IdentityId
from siyu.observe.identities import namespaces, store
from siyu.observe.identities.model import Identity, Link, Mark, Sighting, gather

table = store.identities
"""For joins: whoever holds an identity_id may ask in the same statement which customer it is."""


def seen(tx: Tx, namespace: str, value: str, *, verified: bool = True, at: datetime | None = None) -> IdentityId:
    """The identity of one mark, made at first sight. `at`: when it was seen, default now."""
    return seen_many(tx, [(namespace, value)], verified=verified, at=at)[namespace, value]


def seen_many(
    tx: Tx, marks: Iterable[Mark | Sighting], *, verified: bool = True, at: datetime | None = None, grain: timedelta = timedelta(0)
) -> dict[Mark, IdentityId]:
    """The identities of many marks, made at first sight; plain marks were seen at `at` (default now). Seeing the same again writes nothing.

    `verified` only for sources that hold a secret key: what a browser says joins nobody.
    `grain`: how exactly first and last sight are kept of who is known already.
    """
    instant = at or tx.now
    spans = gather([one if isinstance(one, Sighting) else Sighting(one, instant, instant) for one in marks])
    if not spans:
        return {}
    known = store.find(tx, spans)
    ids = {mark: identity.id for mark, identity in known.items()}
    fresh = [span for mark, span in spans.items() if mark not in known]
    if fresh:
        ids |= store.insert(tx, fresh, verified=verified)
    more = [span for mark, span in spans.items() if (_tells_more(known[mark], span, verified, grain) if mark in known else mark not in ids)]
    if more:
        ids |= store.upsert(tx, more, verified=verified)
    raced = [mark for mark in spans if mark not in ids]  # somebody else wrote the same between the two statements
    if raced:
        ids |= {mark: identity.id for mark, identity in store.find(tx, raced).items()}
    return ids


def find(tx: Tx, marks: Iterable[Mark]) -> dict[Mark, Identity]:
    """The identities that exist among `marks`; makes none."""
    return store.find(tx, marks)


def contacts_of(tx: Tx, corp_id: str, external_userids: Iterable[str]) -> dict[str, IdentityId]:
    """The identities of customers of a WeCom corp, by external_userid; whom we do not know is left out."""
    namespace = namespaces.wecom(corp_id)
    return {value: identity.id for (_, value), identity in store.find(tx, [(namespace, id) for id in external_userids]).items()}


def link_many(tx: Tx, links: Sequence[Link], *, source: str) -> int:
    """Record that `source` asserted pairs of identities together; returns how many it had not said before."""
    return store.insert_links(tx, links, source=source)


def partners(tx: Tx, identity_ids: Iterable[IdentityId], namespace: str) -> dict[IdentityId, IdentityId]:
    """With which identity of `namespace` each of these was asserted first; those that never were are missing."""
    return store.partners(tx, identity_ids, namespace)


def _tells_more(identity: Identity, span: Sighting, verified: bool, grain: timedelta) -> bool:
    return (verified and not identity.verified) or span.first_at < identity.first_seen_at - grain or span.last_at > identity.last_seen_at + grain
