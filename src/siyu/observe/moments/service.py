"""Keeping moments as WeCom has them, and saying who answered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from siyu import events
from siyu.access import staff
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId
from siyu.observe import contacts, identities
from siyu.observe.contacts import Corp
from siyu.observe.moments import model, store
from siyu.observe.moments.model import FACTS, Heading, MomentNotFound, Reaction, Shown, ShownPart, Told
from siyu.observe.published import Place
from siyu.observe.readings import Tally

__all__ = ["Place", "end_unlisted", "fold", "get", "open_ones", "page", "parts", "total"]
SOURCE = "wecom"


def open_ones(tx: Tx, corp: Corp, listed: Iterable[Heading]) -> dict[str, Heading]:
    """Those of the listed moments that are to be looked at, by id."""
    moments = {one.moment_id: one for one in listed}
    done = store.settled(tx, corp.id, moments)
    return {id: one for id, one in moments.items() if id not in done}


def fold(tx: Tx, corp: Corp, heading: Heading, told: Told, *, read_at: datetime) -> Tally:
    """Fold what WeCom said of a moment when asked at `read_at`, and say who answered. Repeats change nothing."""
    id = heading.moment_id
    known = store.known(tx, corp.id, id)
    members = staff.ids(tx, corp.corp_id, [part.userid for part in told.parts])
    store.write(tx, corp.id, heading, settled=model.settled(heading, tx.now), read_at=read_at)
    changed = store.write_parts(tx, corp.id, id, [(part, members.get(part.userid)) for part in told.parts])
    facts = []
    for userid, reactions in told.reactions.items():
        named = _named(tx, corp, reactions)
        changed += store.write_reactions(tx, corp.id, id, userid, named)
        for one in named:
            if one.identity_id:
                key = f"{one.kind}:{corp.id}:{id}:{userid}:{one.who}:{int(one.at.timestamp())}"
                facts.append((FACTS[one.kind](id, members.get(userid)), key, one.identity_id, contacts.possible(tx, one.at)))
    events.append_many(tx, facts, source=SOURCE)
    return Tally(new=int(not known), changed=int(known and changed > 0))


def end_unlisted(tx: Tx, corp: Corp, listed: Collection[str], *, start: datetime, end: datetime) -> Tally:
    """Moments made between two instants that a full list of them did not hold were deleted."""
    return Tally(gone=store.end_unlisted(tx, corp.id, listed, start=start, end=end))


def total(tx: Tx, corp: Corp) -> int:
    """Moments of a corp that were not deleted."""
    return store.total(tx, corp.id)


def page(tx: Tx, *, by_member: bool | None, before: Place | None, limit: int) -> list[Shown]:
    """Moments in which somebody in the actor's scope has a part, latest first."""
    return store.page(tx, by_member=by_member, staff=staff.staff_in_scope(tx), before=before, limit=limit)


def get(tx: Tx, corp: CorpId, id: str) -> Shown:
    """One moment. Raises MomentNotFound."""
    found = store.get(tx, corp, id, staff=staff.staff_in_scope(tx))
    if found is None:
        raise MomentNotFound(moment_id=id)
    return found


def parts(tx: Tx, corp: CorpId, id: str) -> list[ShownPart]:
    """The parts of a moment within the actor's scope, by name."""
    return store.parts(tx, corp, id, staff=staff.staff_in_scope(tx))


def _named(tx: Tx, corp: Corp, reactions: Sequence[Reaction]) -> list[Reaction]:
    """Reactions with the identities of those whom we know."""
    known = identities.contacts_of(tx, corp.corp_id, [one.who for one in reactions if not one.by_staff])
    return [one if one.by_staff else replace(one, identity_id=known.get(one.who)) for one in reactions]
