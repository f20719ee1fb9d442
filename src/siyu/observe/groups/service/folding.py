"""Folding what WeCom says of groups into what we hold, and saying who came and went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from siyu import events
from siyu.access import staff
from siyu.connectors import wecom
from siyu.infra.tx import Tx
from siyu.kernel.ids import GroupId, IdentityId
from siyu.observe import contacts, identities
from siyu.observe.contacts import Corp
from siyu.observe.groups import model, store
from siyu.observe.groups.model import Change, Held, Quit, Seen
from siyu.observe.readings import Tally

log = structlog.get_logger(__name__)
SOURCE = "wecom"


@dataclass(frozen=True)
class Folded:
    """What a fold changed: people who came and went, groups that are new, differ otherwise, or are no more."""

    joined: int = 0
    left: int = 0
    new: int = 0
    changed: int = 0
    dismissed: int = 0

    @property
    def tally(self) -> Tally:
        """In groups and people together: whoever came or went unheard counts as mended."""
        return Tally(self.new + self.joined, self.changed, self.dismissed + self.left)

    def __add__(self, other: "Folded") -> "Folded":
        return Folded(self.joined + other.joined, self.left + other.left, self.new + other.new, self.changed + other.changed, self.dismissed + other.dismissed)


def fold(tx: Tx, corp: Corp, chat_id: str, chat: wecom.GroupChat | None, *, read_at: datetime) -> Folded:
    """Fold what WeCom said of a group when asked at `read_at`; None: there is no such group any more. Older readings change nothing."""
    held = store.claim(tx, corp.id, chat_id)
    if held.read_at and read_at < held.read_at:
        return Folded()
    if chat is None:
        return _end(tx, held, read_at)
    listed = model.listed(chat)
    changes = model.fold(store.stays(tx, held.id), listed, _known(tx, corp, listed), read_at=read_at, now=tx.now)
    heading = model.heading(chat)
    store.write_group(tx, held.id, heading, owner_id=staff.ids(tx, corp.corp_id, [chat.owner]).get(chat.owner), read_at=read_at)
    joined, left = _apply(tx, held, heading.name, changes)
    new = held.state == "unread"
    return Folded(joined, left, int(new), int(not new and (model.differs(held.heading, heading) or len(changes) > joined + left)))


def quit(tx: Tx, corp: Corp, chat_id: str, told: Sequence[Quit]) -> None:
    """Note what callbacks say of people who are gone from a group: when, and whether they were removed. Repeats change nothing."""
    held = store.claim(tx, corp.id, chat_id)
    stays = store.stays(tx, held.id)
    _apply(tx, held, held.heading.name, [change for one in told if (change := model.quit(stays, one))])


def dismiss_unlisted(tx: Tx, corp: Corp, listed: Collection[str], *, read_before: datetime) -> Folded:
    """Groups that a full list, asked for at `read_before`, did not hold are no more."""
    folded = Folded()
    for chat_id in store.unlisted(tx, corp.id, listed, read_before=read_before):
        folded += fold(tx, corp, chat_id, None, read_at=read_before)
    return folded


def due(tx: Tx, corp: Corp, limit: int) -> list[str]:
    """Chat ids of groups that callbacks named and that are to be read now."""
    return store.due(tx, corp.id, limit)


def let_be(tx: Tx, corp: Corp, chat_id: str, reason: str) -> None:
    """WeCom refuses to show a group, and asking again will not mend it."""
    store.let_be(tx, corp.id, chat_id)
    log.warning("groups.unreadable", corp_id=corp.corp_id, chat_id=chat_id, reason=reason)


def owners(tx: Tx, corp: Corp) -> list[str]:
    """Userids of the owners whom we know, those who have left the company included."""
    return store.owners(tx, corp.id)


def _end(tx: Tx, held: Held, read_at: datetime) -> Folded:
    stays = store.stays(tx, held.id)
    if held.state == "unread" and not stays:  # somebody named a group that nobody ever saw
        store.drop(tx, held.id)
        return Folded()
    store.end_group(tx, held.id, read_at=read_at)
    joined, left = _apply(tx, held, held.heading.name, model.dismissed(stays, now=tx.now))
    return Folded(joined, left, dismissed=int(held.state == "active"))


def _known(tx: Tx, corp: Corp, listed: Sequence[Seen]) -> dict[str, IdentityId]:
    """Those customers whom we know, by external_userid; as a contact first, else by unionid."""
    namespace = identities.namespaces.wecom(corp.corp_id)
    marks = {one.member: [(namespace, one.member)] for one in listed if one.kind == "customer"}
    for one in listed:
        if one.member in marks and one.unionid:
            marks[one.member].append((identities.namespaces.UNIONID, one.unionid))
    found = identities.find(tx, [mark for some in marks.values() for mark in some])
    return {member: found[mark].id for member, some in marks.items() for mark in reversed(some) if mark in found}


def _apply(tx: Tx, group: Held, name: str, changes: Sequence[Change]) -> tuple[int, int]:
    """Write stays and say what happened to customers whom we know; returns how many people came and went."""
    store.write(tx, group.id, changes)
    facts = [fact for change in changes if change.after.identity_id for fact in _facts(tx, group.id, name, change)]
    events.append_many(tx, facts, source=SOURCE)
    return sum(change.joined for change in changes), sum(change.left for change in changes)


def _facts(tx: Tx, group: GroupId, name: str, change: Change) -> list[tuple[events.Fact, str, IdentityId | None, datetime | None]]:
    stay, seen = change.after, change.after.seen
    key = f"{group}:{seen.member}:{int(seen.joined_at.timestamp())}"
    facts: list[tuple[events.Fact, str, IdentityId | None, datetime | None]] = []
    if change.joined:
        fact = model.Joined(group, name, seen.way, seen.state, seen.invited_by)
        facts.append((fact, f"joined:{key}", stay.identity_id, contacts.possible(tx, seen.joined_at)))
    if change.left and stay.ended:
        facts.append((model.Left(group, name, seen.way, stay.ended), f"left:{key}", stay.identity_id, contacts.possible(tx, stay.left_at)))
    return facts
