"""Keeping sends that were made elsewhere, and saying whom they reached."""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from siyu import events
from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, CustomerId
from siyu.observe import contacts, identities
from siyu.observe.contacts import Corp
from siyu.observe.published import Place
from siyu.observe.readings import Tally
from siyu.observe.sends import model, store
from siyu.observe.sends.model import SENT, Heading, Receiver, SendNotFound, Shown, ShownPart, Told

__all__ = ["Place", "closed", "drop_own", "fold", "get", "open_ones", "own", "page", "parts", "reached", "total"]
SOURCE = "wecom"
Owners = Callable[[Tx, str, Collection[str]], Container[str]]
_owners: list[Owners] = []


def own(owners: Owners) -> None:
    """Have somebody say which msgids of a corp (by WeCom's corp id) are sends that this installation made."""
    if owners not in _owners:
        _owners.append(owners)


def drop_own(tx: Tx, corp: Corp, listed: Iterable[Heading]) -> list[Heading]:
    """Those of the listed sends that were made elsewhere for certain; ours that we took for others' are forgotten."""
    foreign = [one for one in listed if not model.may_be_ours(one, tx.now)]
    msgids = [one.msgid for one in foreign]
    mine = {msgid for owners in _owners for known in (owners(tx, corp.corp_id, msgids),) for msgid in msgids if msgid in known}
    if mine:
        store.drop(tx, corp.id, mine)
    return [one for one in foreign if one.msgid not in mine]


def open_ones(tx: Tx, corp: Corp, listed: Iterable[Heading]) -> dict[str, Heading]:
    """Those of the listed sends about which something may still change, by msgid."""
    sends = {one.msgid: one for one in listed}
    done = store.settled(tx, corp.id, sends)
    return {msgid: one for msgid, one in sends.items() if msgid not in done}


def closed(tx: Tx, corp: Corp, msgid: str) -> set[str]:
    """Userids of the parts of a send whose receivers need not be asked for again."""
    return store.closed(tx, corp.id, msgid)


def fold(tx: Tx, corp: Corp, heading: Heading, told: Told, *, read_at: datetime) -> Tally:
    """Fold what WeCom said of a send when asked at `read_at`, and say whom it reached. Repeats change nothing."""
    known = store.known(tx, corp.id, heading.msgid)
    told = model.kept(told, store.closed(tx, corp.id, heading.msgid))
    members = staff.ids(tx, corp.corp_id, [part.userid for part in told.parts])
    store.write(tx, corp.id, heading, settled=model.settled(heading, told, tx.now), read_at=read_at)
    changed = store.write_parts(tx, corp.id, heading.msgid, [(part, members.get(part.userid)) for part in told.parts])
    facts = []
    for userid, receivers in told.receivers.items():
        named = _named(tx, corp, receivers) if heading.kind == "single" else receivers
        changed += store.write_receivers(tx, corp.id, heading.msgid, userid, named)
        fact = model.SentElsewhere(heading.msgid, members.get(userid), heading.by_member)
        for one in named:
            if one.status == SENT and one.identity_id:
                facts.append((fact, f"sent:{corp.id}:{heading.msgid}:{userid}:{one.receiver}", one.identity_id, contacts.possible(tx, one.sent_at)))
    events.append_many(tx, facts, source=SOURCE)
    return Tally(new=int(not known), changed=int(known and changed > 0))


def total(tx: Tx, corp: Corp) -> int:
    """Sends that we hold of a corp."""
    return store.total(tx, corp.id)


def reached(tx: Tx, customers: Collection[CustomerId], since: datetime) -> dict[CustomerId, int]:
    """How many sends made elsewhere have reached each of these people since an instant; nobody with none. What was not read yet is not known."""
    return store.reached(tx, customers, since)


def page(tx: Tx, *, by_member: bool | None, before: Place | None, limit: int) -> list[Shown]:
    """Sends in which somebody in the actor's scope has a part, latest first."""
    return store.page(tx, by_member=by_member, staff=staff.staff_in_scope(tx), before=before, limit=limit)


def get(tx: Tx, corp: CorpId, msgid: str) -> Shown:
    """One send. Raises SendNotFound."""
    found = store.get(tx, corp, msgid, staff=staff.staff_in_scope(tx))
    if found is None:
        raise SendNotFound(msgid=msgid)
    return found


def parts(tx: Tx, corp: CorpId, msgid: str) -> list[ShownPart]:
    """The parts of a send within the actor's scope, by name."""
    return store.parts(tx, corp, msgid, staff=staff.staff_in_scope(tx))


def _named(tx: Tx, corp: Corp, receivers: Sequence[Receiver]) -> list[Receiver]:
    """Receivers with the identities of those whom we know."""
    known = identities.contacts_of(tx, corp.corp_id, [one.receiver for one in receivers])
    return [replace(one, identity_id=known.get(one.receiver)) for one in receivers]
