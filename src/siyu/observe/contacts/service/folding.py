"""Folding what WeCom says into what we hold, and saying what changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from siyu import events
from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, IdentityId, StaffId, new_ids
from siyu.observe import identities
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import Change, Contact, Corp, Hint, Seen
from siyu.observe.contacts.service.connecting import corps
from siyu.observe.contacts.service.sparing import spared

SOURCE = "wecom"
EARLIEST = datetime(2011, 1, 1, tzinfo=UTC)
"""Before WeChat there were no friends to add."""
READ_FOR = timedelta(days=1)
"""So long a full reading may take."""


@dataclass(frozen=True)
class Folded:
    """What a fold changed: relations added (first or again), ended, and edited."""

    added: int = 0
    lost: int = 0
    changed: int = 0

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(self.added + other.added, self.lost + other.lost, self.changed + other.changed)


def fold(tx: Tx, corp: Corp, listed: Sequence[Seen], *, lost: Mapping[tuple[StaffId, str], datetime] | None = None, read_at: datetime) -> Folded:
    """Fold relations that WeCom lists, read at `read_at`, into ours; the corp is locked. `lost`: when customers deleted members, as callbacks told."""
    rows = {seen.pair: seen for seen in listed}
    held = store.held(tx, corp.id, rows)
    people = _people(tx, corp, [seen for pair, seen in rows.items() if pair not in held or held[pair].seen.unionid != seen.unionid])
    ids = iter(new_ids(ContactId, tx.now, len(rows) - len(held)))
    changes = []
    for pair, seen in rows.items():
        known = held.get(pair)
        change = model.fold(
            known,
            seen,
            id=known.id if known else next(ids),
            identity_id=known.identity_id if known else people[seen.external_userid],
            lost_at=(lost or {}).get(pair),
            read_at=read_at,
            now=tx.now,
        )
        if change:
            changes.append(change)
    return apply(tx, corp, changes)


def end_unlisted(tx: Tx, corp: Corp, staff_ids: Collection[StaffId], listed: Collection[tuple[StaffId, str]], *, read_at: datetime) -> Folded:
    """End the relations of these members that a full reading of them, begun at `read_at`, did not list, but for those that are being handed on.

    Where anything is missing, no fold runs beside: one that has just found such a customer with another member must be seen, or else see this.
    """
    if not store.unlisted(tx, corp.id, staff_ids, listed):
        return Folded()
    store.lock(tx, corp.id)
    missing = store.unlisted(tx, corp.id, staff_ids, listed)
    kept = spared(tx, [contact.seen.pair for contact in missing])
    others: dict[str, list[Seen]] = defaultdict(list)
    for one in store.held_of(tx, corp.id, {contact.seen.external_userid for contact in missing}):
        others[one.seen.external_userid].append(one.seen)
    changes = []
    for contact in missing:
        if contact.seen.pair not in kept:
            changes.append(_missed(tx, corp, contact, others[contact.seen.external_userid], serves=True, assigned_at=None, read_at=read_at))
    return apply(tx, corp, [change for change in changes if change])


def fold_customers(tx: Tx, corp: Corp, looked: Mapping[str, Sequence[Seen]], hints: Mapping[str, Sequence[Hint]], *, read_at: datetime) -> Folded:
    """Fold everything that WeCom lists of some customers (by external_userid), with what callbacks said of them."""
    members = staff.ids(tx, corp.corp_id, {hint.userid for told in hints.values() for hint in told})
    lost: dict[tuple[StaffId, str], datetime] = {}
    removed: dict[tuple[StaffId, str], datetime] = {}
    handed: set[tuple[StaffId, str]] = set()
    assigned: dict[tuple[StaffId, str], datetime] = {}
    talks = []
    for external, told in hints.items():
        for hint in told:
            member = members.get(hint.userid)
            if member is None:
                continue
            pair = (member, external)
            if hint.kind == "lost":
                lost[pair] = max(hint.at, lost.get(pair, hint.at))
            elif hint.kind in ("handed", "removed"):
                removed[pair] = max(hint.at, removed.get(pair, hint.at))
                handed |= {pair} if hint.kind == "handed" else set()
            elif hint.kind == "assigned":
                assigned[pair] = hint.at
            elif hint.kind == "talked":
                talks.append((member, external, hint.at))
    store.lock(tx, corp.id)
    listed = {seen.pair: seen for rows in looked.values() for seen in rows}
    folded = apply(tx, corp, _over_before(tx, corp, listed, lost, removed, handed, read_at=read_at))
    folded += fold(tx, corp, list(listed.values()), lost=lost, read_at=read_at)
    changes = []
    missing = [contact for contact in store.held_of(tx, corp.id, looked) if contact.seen.pair not in listed]
    kept = spared(tx, {contact.seen.pair for contact in missing} - handed)
    known = staff.by_ids(tx, {contact.seen.staff_id for contact in missing})
    for contact in missing:
        pair, others = contact.seen.pair, looked[contact.seen.external_userid]
        change = model.lost(contact, at=lost[pair], now=tx.now) if pair in lost else None
        if change is None and pair in removed and pair not in kept:
            change = model.gone(contact, at=removed[pair], read_at=read_at, now=tx.now, handed_on=pair in handed)
        elif change is None and pair not in kept:
            serves = known[contact.seen.staff_id].active
            change = _missed(tx, corp, contact, others, serves=serves, assigned_at=assigned.get(pair), read_at=read_at)
        if change:
            changes.append(change)
    folded += apply(tx, corp, changes)
    if talks:
        store.talked(tx, corp.id, talks)
    return folded


def _over_before(
    tx: Tx,
    corp: Corp,
    listed: Mapping[tuple[StaffId, str], Seen],
    lost: Mapping[tuple[StaffId, str], datetime],
    removed: Mapping[tuple[StaffId, str], datetime],
    handed: Collection[tuple[StaffId, str]],
    *,
    read_at: datetime,
) -> list[Change]:
    """Ends that callbacks told of, of relations that have begun anew since: WeCom lists only the new one, and nobody would know that there was a loss."""
    changes = []
    for pair, contact in store.held(tx, corp.id, [pair for pair in {*lost, *removed} if pair in listed]).items():
        if contact.relation == "active" and contact.updated_at <= read_at:
            at, by_customer = min((ends[pair], ends is lost) for ends in (lost, removed) if pair in ends)
            if not contact.seen.added_at <= at < listed[pair].added_at:
                continue
            if by_customer:
                changes.append(model.lost(contact, at=at, now=read_at))
            else:
                changes.append(model.gone(contact, at=at, read_at=read_at, now=read_at, handed_on=pair in handed))
    return [change for change in changes if change]


def lost_by_customer(tx: Tx, corp_id: str, pairs: Mapping[tuple[str, str], datetime]) -> int:
    """A send came back with "not a friend": (userid, external_userid) → when it was tried. The relation ends, for the API never tells; returns how many did."""
    ended = 0
    for one in corps(tx):
        if one.corp_id != corp_id:
            continue
        store.lock(tx, one.id)
        members = staff.ids(tx, corp_id, {userid for userid, _ in pairs})
        at = {(members[userid], external): when for (userid, external), when in pairs.items() if userid in members}
        changes = [model.lost(contact, at=at[pair], now=tx.now) for pair, contact in store.held(tx, one.id, at).items()]
        ended += apply(tx, one, [change for change in changes if change]).lost
    return ended


def _people(tx: Tx, corp: Corp, rows: Sequence[Seen]) -> dict[str, IdentityId]:
    """Identities of customers by external_userid, tied to their unionid where WeCom gives one."""
    namespace = identities.namespaces.wecom(corp.corp_id)
    sightings = []
    for seen in rows:
        sightings.append(identities.Sighting((namespace, seen.external_userid), seen.added_at, seen.added_at))
        if seen.unionid:
            sightings.append(identities.Sighting((identities.namespaces.UNIONID, seen.unionid), seen.added_at, seen.added_at))
    ids = identities.seen_many(tx, sightings)
    links = [
        identities.Link(
            ids[namespace, seen.external_userid], ids[identities.namespaces.UNIONID, seen.unionid], f"contact {seen.external_userid}", seen.added_at
        )
        for seen in rows
        if seen.unionid
    ]
    if links:
        identities.link_many(tx, links, source=namespace)
    return {external: id for (space, external), id in ids.items() if space == namespace}


def _missed(tx: Tx, corp: Corp, contact: Contact, others: Sequence[Seen], *, serves: bool, assigned_at: datetime | None, read_at: datetime) -> Change | None:
    """How a relation ended that WeCom lists no more and of which no callback told. `others`: who has the customer now.

    Who does not serve customers any more deletes none: WeCom keeps them for somebody else, so that the relation stays until it is known that somebody got
    them (`assigned_at`: they wait no more). Who gets a customer whose friend they were already keeps their own way of adding.
    """
    taken_at = model.taken_over_at(contact, others, since=_last_read(corp) if serves else EARLIEST)
    if taken_at is not None:
        return model.gone(contact, at=taken_at, read_at=read_at, now=tx.now, handed_on=True)
    if serves:
        return model.gone(contact, at=tx.now, read_at=read_at, now=tx.now)
    return model.gone(contact, at=assigned_at, read_at=read_at, now=tx.now, handed_on=bool(others)) if assigned_at else None


def _last_read(corp: Corp) -> datetime:
    """From when on a relation that we hold may have gone: the last full reading listed it."""
    return max(corp.synced_at - READ_FOR, EARLIEST) if corp.synced_at else EARLIEST


def _given(tx: Tx, corp: Corp, changes: Sequence[Change]) -> list[Change]:
    """Relations that were found gone before their customers were found with another member, to whom an administrator had given them."""
    takers: dict[str, list[Seen]] = defaultdict(list)
    for change in changes:
        if change.added and change.after.seen.add_way == model.ASSIGNED:
            takers[change.after.seen.external_userid].append(change.after.seen)
    gone = [one for one in store.held_of(tx, corp.id, takers) if one.relation == "deleted_by_staff"] if takers else []
    found = []
    for contact in gone:
        taken_at = model.taken_over_at(contact, takers[contact.seen.external_userid], since=_last_read(corp))
        if taken_at is not None and (handed := model.handed(contact, at=taken_at, now=tx.now)):
            found.append(handed)
    return found


def apply(tx: Tx, corp: Corp, changes: Sequence[Change]) -> Folded:
    """Write what changed and say it; the corp is locked."""
    changes = [*changes, *_given(tx, corp, changes)]
    store.write(tx, corp.id, changes)
    store.keep_returned(tx, [change for change in changes if model.returned(change)])
    facts = [fact for change in changes for fact in _facts(tx, change)]
    events.append_many(tx, facts, source=SOURCE)
    return Folded(
        added=sum(change.added for change in changes),
        lost=sum(change.lost_by is not None for change in changes),
        changed=sum(bool(change.fields) and not change.added for change in changes),
    )


def _facts(tx: Tx, change: Change) -> list[tuple[events.Fact, str, IdentityId | None, datetime | None]]:
    contact = change.after
    seen = contact.seen
    facts: list[tuple[events.Fact, str, IdentityId | None, datetime | None]] = []

    def say(fact: events.Fact, key: str, at: datetime | None) -> None:
        facts.append((fact, f"{contact.id}:{key}", contact.identity_id, possible(tx, at)))

    if change.added:
        say(model.Added(contact.id, seen.staff_id, seen.add_way, seen.state), f"added:{int(seen.added_at.timestamp())}", seen.added_at)
    elif change.fields:
        say(model.Changed(contact.id, seen.staff_id, change.fields), f"changed:{contact.revision}", tx.now)
    if change.handed:
        say(model.HandedOver(contact.id, seen.staff_id), f"handed:{contact.revision}", contact.ended_at)
    if change.lost_by:
        say(model.Lost(contact.id, seen.staff_id, change.lost_by), f"lost:{contact.revision}", contact.ended_at)
    return facts


def possible(tx: Tx, at: datetime | None) -> datetime:
    """The instant that WeCom told, unless its clock cannot be right."""
    return at if at is not None and EARLIEST <= at <= tx.now else tx.now
