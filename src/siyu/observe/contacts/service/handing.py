"""Customers who go from one member to another."""

from collections.abc import Collection, Mapping
from datetime import datetime

from siyu import events
from siyu.access import staff
from siyu.connectors.wecom import Event
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe.contacts import model, store
from siyu.observe.contacts.model import HANDOVER_FAILURES, Corp, HandoverFailed, Hint
from siyu.observe.contacts.service.connecting import corp
from siyu.observe.contacts.service.folding import SOURCE, apply
from siyu.observe.contacts.service.refreshing import again


def handed_over(tx: Tx, id: CorpId, staff_id: StaffId, taker: str, handed: Mapping[str, datetime]) -> None:
    """Customers of a member (external_userid → when) have gone to another, whose userid is `taker`: their relation ends, and they are looked at again."""
    one = corp(tx, id)
    store.lock(tx, one.id)
    at = {(staff_id, external): when for external, when in handed.items()}
    changes = [model.handed(contact, at=at[pair], now=tx.now) for pair, contact in store.held(tx, one.id, at).items()]
    apply(tx, one, [change for change in changes if change])
    store.ask(tx, one.id, {external: [Hint("changed", taker, tx.now)] for external in handed}, tx.now)
    again(tx, one, tx.now)


def assigned(tx: Tx, id: CorpId, pairs: Collection[tuple[StaffId, str]]) -> None:
    """Customers of members who have left, as (member, external_userid), wait for another no more: they are looked at again."""
    if not pairs:
        return
    one = corp(tx, id)
    userids = {member.id: member.userid for member in staff.by_ids(tx, {member for member, _ in pairs}).values()}
    store.ask(tx, one.id, {external: [Hint("assigned", userids[member], tx.now)] for member, external in pairs}, tx.now)
    again(tx, one, tx.now)


def say_failed(tx: Tx, one: Corp, event: Event, *, key: str, at: datetime) -> None:
    """WeCom told that a customer stays where they are; told of people whom we do not know, it is passed over."""
    userid, external = event.text("UserID")[:64], event.text("ExternalUserID")[:64]
    taker = staff.ids(tx, one.corp_id, [userid]).get(userid)
    reason = HANDOVER_FAILURES.get(event.text("FailReason"))
    known = store.held_of(tx, one.id, [external])
    if taker and reason and known:
        events.append(tx, HandoverFailed(taker, reason), key=f"handover_failed:{key}", identity_id=known[0].identity_id, at=at, source=SOURCE)
