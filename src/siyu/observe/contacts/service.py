"""Connecting corps, folding what WeCom says into what we hold, and who sees whom."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Uuid, literal, select

from siyu import events
from siyu.access import staff
from siyu.connectors import wecom
from siyu.connectors.wecom import CallbackKeys, Event, parse
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import ContactId, CorpId, CustomerId, IdentityId, JobId, StaffId, new_id
from siyu.observe import identities
from siyu.observe.contacts import clients, model, store
from siyu.observe.contacts.model import HINTS, Change, Corp, CorpNotFound, CorpTaken, Face, Hint, Refresh, Relation, Seen

log = structlog.get_logger(__name__)

LAG = timedelta(seconds=2)
"""How long WeCom's reading calls may lag behind a callback."""
LEASE = timedelta(seconds=60)
EARLY = (timedelta(seconds=5), timedelta(seconds=30))
"""When to look again at a customer whom WeCom does not list as a callback says yet."""
KEPT = timedelta(days=90)
"""How long a callback is remembered for dropping its repeats."""
SOURCE = "wecom"
EARLIEST = datetime(2011, 1, 1, tzinfo=UTC)
"""Before WeChat there were no friends to add."""


@dataclass(frozen=True)
class Folded:
    """What a fold changed: relations added (first or again), ended, and edited."""

    added: int = 0
    lost: int = 0
    changed: int = 0

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(self.added + other.added, self.lost + other.lost, self.changed + other.changed)


# -- corps ------------------------------------------------------------------------------------------------------------------------------------------


def connect(tx: Tx, *, corp_id: str, agent_id: int, name: str, base_url: str, secret: str, callback_token: str, callback_aes_key: str) -> Corp:
    """Connect one app of a corp; its callbacks come to `/callbacks/wecom/<callback_key>`. Raises CorpTaken; BadKeys for malformed callback keys."""
    CallbackKeys(callback_token, callback_aes_key, corp_id)
    id = new_id(CorpId, tx.now)
    key = base64.b32encode(id.bytes[7:]).decode().lower().rstrip("=")
    values = {"corp_id": corp_id, "agent_id": agent_id, "name": name, "base_url": base_url.rstrip("/"), "callback_key": key}
    sealed = {
        column: clients.keyring().encrypt(plain, context=_context(id, column))
        for column, plain in {"secret": secret, "callback_token": callback_token, "callback_aes_key": callback_aes_key}.items()
    }
    if not store.insert_corp(tx, id, values | sealed):
        raise CorpTaken(corp_id=corp_id, agent_id=agent_id)
    return corp(tx, id)


def corps(tx: Tx) -> list[Corp]:
    """The brand's corps, oldest first, with their secrets in the clear: never show one."""
    return [_opened(dict(row._mapping)) for row in store.corp_rows(tx)]


def corp(tx: Tx, id: CorpId) -> Corp:
    """One corp. Raises CorpNotFound."""
    found = [one for one in corps(tx) if one.id == id]
    if not found:
        raise CorpNotFound(corp_id=str(id))
    return found[0]


def request_sync(tx: Tx, id: CorpId) -> JobId:
    """Read the whole corp anew, as a job that the job centre shows. Raises CorpNotFound."""
    return jobs.enqueue(tx, "contacts.sync", title=corp(tx, id).name, visible=True, corp_id=str(id))


# -- folding ----------------------------------------------------------------------------------------------------------------------------------------


def fold(tx: Tx, corp: Corp, listed: Sequence[Seen], *, lost: Mapping[tuple[StaffId, str], datetime] | None = None, read_at: datetime) -> Folded:
    """Fold relations that WeCom lists, read at `read_at`, into ours. `lost`: when customers deleted members, as callbacks told."""
    store.lock(tx, corp.id)
    rows = {seen.pair: seen for seen in listed}
    held = store.held(tx, corp.id, rows)
    people = _people(tx, corp, [seen for pair, seen in rows.items() if pair not in held or held[pair].seen.unionid != seen.unionid])
    changes = []
    for pair, seen in rows.items():
        known = held.get(pair)
        change = model.fold(
            known,
            seen,
            id=new_id(ContactId, tx.now),
            identity_id=known.identity_id if known else people[seen.external_userid],
            lost_at=(lost or {}).get(pair),
            read_at=read_at,
            now=tx.now,
        )
        if change:
            changes.append(change)
    return _apply(tx, corp, changes)


def end_unlisted(tx: Tx, corp: Corp, staff_ids: Collection[StaffId], listed: Collection[tuple[StaffId, str]], *, read_at: datetime) -> Folded:
    """End the relations of these members that a full reading of them, begun at `read_at`, did not list."""
    store.lock(tx, corp.id)
    changes = [model.gone(contact, at=tx.now, read_at=read_at, now=tx.now) for contact in store.unlisted(tx, corp.id, staff_ids, listed)]
    return _apply(tx, corp, [change for change in changes if change])


def fold_customers(tx: Tx, corp: Corp, looked: Mapping[str, Sequence[Seen]], hints: Mapping[str, Sequence[Hint]], *, read_at: datetime) -> Folded:
    """Fold everything that WeCom lists of some customers (by external_userid), with what callbacks said of them."""
    members = staff.ids(tx, corp.corp_id, {hint.userid for told in hints.values() for hint in told})
    lost: dict[tuple[StaffId, str], datetime] = {}
    removed: dict[tuple[StaffId, str], datetime] = {}
    talks = []
    for external, told in hints.items():
        for hint in told:
            member = members.get(hint.userid)
            if member is None:
                continue
            pair = (member, external)
            if hint.kind == "lost":
                lost[pair] = max(hint.at, lost.get(pair, hint.at))
            elif hint.kind == "removed":
                removed[pair] = max(hint.at, removed.get(pair, hint.at))
            elif hint.kind == "talked":
                talks.append((member, external, hint.at))
    folded = fold(tx, corp, [seen for rows in looked.values() for seen in rows], lost=lost, read_at=read_at)
    listed = {seen.pair for rows in looked.values() for seen in rows}
    changes = []
    for contact in store.held_of(tx, corp.id, looked):
        pair = contact.seen.pair
        if pair in listed:
            continue
        change = model.lost(contact, at=lost[pair], now=tx.now) if pair in lost else None
        change = change or model.gone(contact, at=removed.get(pair, tx.now), read_at=read_at, now=tx.now)
        if change:
            changes.append(change)
    folded += _apply(tx, corp, changes)
    if talks:
        store.talked(tx, corp.id, talks)
    return folded


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
        ended += _apply(tx, one, [change for change in changes if change]).lost
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


def _apply(tx: Tx, corp: Corp, changes: Sequence[Change]) -> Folded:
    store.write(tx, corp.id, changes)
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
        facts.append((fact, f"{contact.id}:{key}", contact.identity_id, _possible(tx, at)))

    if change.added:
        say(model.Added(contact.id, seen.staff_id, seen.add_way, seen.state), f"added:{int(seen.added_at.timestamp())}", seen.added_at)
    elif change.fields:
        say(model.Changed(contact.id, seen.staff_id, change.fields), f"changed:{contact.revision}", tx.now)
    if change.lost_by:
        say(model.Lost(contact.id, seen.staff_id, change.lost_by), f"lost:{contact.revision}", contact.ended_at)
    return facts


def _possible(tx: Tx, at: datetime | None) -> datetime:
    """The instant that WeCom told, unless its clock cannot be right."""
    return at if at is not None and EARLIEST <= at <= tx.now else tx.now


# -- reading a corp ---------------------------------------------------------------------------------------------------------------------------------


def take_address_book(tx: Tx, corp: Corp, departments: Sequence[wecom.Department], members: Sequence[wecom.Member]) -> staff.Changes:
    """Take over departments and members as WeCom lists them; whoever is not listed has left."""
    records = [staff.DepartmentRecord(one.id, one.name or str(one.id), one.parent_id or None) for one in departments]
    staff.departments_upsert(tx, corp.corp_id, records)
    return staff.upsert(tx, corp.corp_id, [_member(member) for member in members], complete=True)


def members(tx: Tx, corp: Corp, userids: Collection[str]) -> dict[str, StaffId]:
    """Staff ids of members that may have customers; members outside the app's sight of the address book are made here, under their userid."""
    known = staff.ids(tx, corp.corp_id, userids)
    strangers = [userid for userid in userids if userid not in known]
    if strangers:
        staff.upsert(tx, corp.corp_id, [staff.MemberRecord(userid, userid) for userid in strangers])
        known = staff.ids(tx, corp.corp_id, userids)
    return known


def fold_read(tx: Tx, corp: Corp, rows: Sequence[wecom.Contact], *, read_at: datetime) -> tuple[Folded, list[tuple[StaffId, str]]]:
    """Fold rows of the batch call; also says which pairs were listed."""
    known = members(tx, corp, {row.follow.userid for row in rows})
    listed = [seen for row in rows if (seen := model.seen(row, known[row.follow.userid]))]
    return fold(tx, corp, listed, read_at=read_at), [seen.pair for seen in listed]


def finish_sync(tx: Tx, corp: Corp) -> None:
    """Note that the whole corp has been read."""
    store.synced(tx, corp.id)


def _member(member: wecom.Member) -> staff.MemberRecord:
    leads = [department for department, leads in zip(member.departments, member.leads, strict=False) if leads]
    return staff.MemberRecord(member.userid, member.name, member.position or None, member.main_department, member.departments, leads, member.status != 5)


# -- refreshing customers that callbacks named ------------------------------------------------------------------------------------------------------


def take_refreshes(tx: Tx, corp: Corp, limit: int) -> list[Refresh]:
    """Lease the next customers to look at; a worker that dies leaves them due again a minute later."""
    return store.due(tx, corp.id, until=tx.now + LEASE, limit=limit)


def fold_refreshed(tx: Tx, corp: Corp, refreshes: Sequence[Refresh], looked: Mapping[str, Sequence[wecom.Contact]], *, read_at: datetime) -> Folded:
    """Fold what WeCom says of these customers now, and strike them off."""
    known = members(tx, corp, {row.follow.userid for rows in looked.values() for row in rows})
    listed = {external: [seen for row in rows if (seen := model.seen(row, known[row.follow.userid]))] for external, rows in looked.items()}
    folded = fold_customers(tx, corp, listed, {one.external_userid: one.hints for one in refreshes}, read_at=read_at)
    early = [one for one in refreshes if one.attempts < len(EARLY) and model.lags(one.hints, looked[one.external_userid])]
    for one in early:
        store.put_off(tx, corp.id, one.external_userid, due_at=tx.now + EARLY[one.attempts - 1], parked=None)
        again(tx, corp, tx.now + EARLY[one.attempts - 1])
    store.settle(tx, corp.id, [(one.external_userid, one.seq) for one in refreshes if one not in early])
    return folded


def put_off(tx: Tx, corp: Corp, refresh: Refresh, *, seconds: int, reason: str, give_up: bool) -> None:
    """WeCom gave no answer about a customer: ask again later, or park it after three refusals that repeating cannot mend."""
    parked = reason[:200] if give_up and refresh.attempts >= 3 else None
    due_at = tx.now + timedelta(seconds=seconds)
    store.put_off(tx, corp.id, refresh.external_userid, due_at=due_at, parked=parked)
    if parked is None:
        again(tx, corp, due_at)
    else:
        log.warning("contacts.refresh_parked", corp_id=corp.corp_id, reason=parked)


def again(tx: Tx, corp: Corp, at: datetime) -> None:
    """Have the corp's due refreshes worked off at an instant; asked often, done once."""
    due_at = _slot(at)
    jobs.enqueue(tx, "contacts.refresh", at=due_at, key=f"{corp.id}:{due_at.isoformat()}", corp_id=str(corp.id))


def sweep(tx: Tx) -> None:
    """See to it that refreshes left behind by a dead worker are taken up again."""
    for corp in corps(tx):
        if store.waiting(tx, corp.id):
            again(tx, corp, tx.now)


def forget_callbacks(tx: Tx, limit: int = 10_000) -> int:
    """Drop inbox rows that no repeat can meet any more; returns how many went."""
    return store.forget(tx, tx.now - KEPT, limit)


# -- callbacks --------------------------------------------------------------------------------------------------------------------------------------


def receive(tx: Tx, corp: Corp, body: bytes) -> bool:
    """Enter a decrypted callback and ask for what it makes necessary; False when it came before. Raises CallbackRejected for what is no event."""
    event = parse(body)
    kind, change = event.route
    if not store.take(tx, corp.id, event.digest, kind, change):
        return False
    at = min(event.created_at or tx.now, tx.now)
    external, userid = event.text("ExternalUserID"), event.text("UserID")
    hint = HINTS.get(event.route)
    if hint and external and userid:
        store.ask(tx, corp.id, external[:64], Hint(hint, userid[:64], at), tx.now + LAG)
        again(tx, corp, tx.now + LAG)
    elif kind == "change_contact":
        due_at = _slot(tx.now + LAG)
        jobs.enqueue(tx, "contacts.sync_staff", at=due_at, key=f"{corp.id}:{due_at.isoformat()}", corp_id=str(corp.id))
    elif not _known(event):
        log.info("contacts.callback_unknown", event_type=kind, change_type=change)
    return True


def _known(event: Event) -> bool:
    return event.route[0] in ("change_external_contact", "change_external_tag", "change_external_chat", "customer_acquisition")


def _slot(instant: datetime) -> datetime:
    """The end of the second: whatever is asked for within one second is looked at by one job."""
    return instant.replace(microsecond=0) + timedelta(seconds=1)


# -- who sees whom ----------------------------------------------------------------------------------------------------------------------------------


def in_scope(tx: Tx, customer: ColumnElement[Any]) -> ColumnElement[bool] | None:
    """A condition on a column of customer ids for this actor's lists, counts and exports in PostgreSQL; None when there is nothing to restrict.

    Seen are customers with an active relation, or one that the customer ended, to a member in the actor's scope; customers without any contact are seen by
    those who see everybody.
    """
    members = staff.staff_in_scope(tx)
    return None if members is None else store.seen_by(tx, customer, members)


def in_scope_expr(tx: Tx, customer: Any, *, contacts: Any, identities: Any) -> Any:
    """The same for the replica: an Ibis condition on a column of customer ids, given this tenant's tables; None when there is nothing to restrict."""
    members = staff.staff_ids_in_scope(tx)
    if members is None:
        return None
    mine = contacts.filter(contacts.staff_id.isin(members) & contacts.relation.isin(store.SEEN_BY))
    people = identities.filter(identities.customer_id.notnull()).semi_join(mine, identities.id == mine.identity_id)
    return customer.isin(people.customer_id)


def sees(tx: Tx, customer: CustomerId) -> bool:
    """Whether this actor may see one customer."""
    condition = in_scope(tx, literal(customer, Uuid))
    return condition is None or bool(tx.execute(select(condition)).scalar())


# -- reading ----------------------------------------------------------------------------------------------------------------------------------------


def relations_of(tx: Tx, customers: Collection[CustomerId], *, active: bool = True) -> dict[CustomerId, list[Relation]]:
    """The relations of these customers, newest first, only the active ones unless told otherwise; customers without one are missing."""
    found: dict[CustomerId, list[Relation]] = {}
    for relation in store.relations(tx, customers):
        if relation.relation == "active" or not active:
            found.setdefault(relation.customer_id, []).append(relation)
    return found


def faces(tx: Tx, identity_ids: Collection[IdentityId]) -> dict[IdentityId, Face]:
    """Nickname and gender of those identities that are contacts."""
    return store.faces(tx, identity_ids)


def customers_of_staff(tx: Tx, staff_ids: Collection[StaffId]) -> dict[StaffId, int]:
    """How many active relations each member has."""
    return store.counts(tx, staff_ids)


def _context(id: CorpId, column: str) -> str:
    return f"corps.{column}:{id}"


def _opened(row: Mapping[str, Any]) -> Corp:
    id = CorpId(row["id"])
    plain = {column: clients.keyring().decrypt(row[column], context=_context(id, column)) for column in ("secret", "callback_token", "callback_aes_key")}
    return Corp(**{**row, **plain, "id": id})
