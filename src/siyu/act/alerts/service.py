"""Noting losses for those who look after the members concerned, and telling them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from siyu.access import accounts, audit, staff, supervision
from siyu.act import gateway
from siyu.act.alerts import model, store
from siyu.act.alerts.model import Kind, Note, Notice, Settings
from siyu.connectors import wecom
from siyu.connectors.wecom import Action, AppMessage, OutcomeUnknown, Refused, TextCard
from siyu.events import Event
from siyu.infra import settings as installation
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.kernel.ids import GroupId, StaffId, uuid7
from siyu.observe import contacts

log = structlog.get_logger(__name__)
NOBODY_IN_RANGE = 81013
"""WeCom's code when no receiver stands in the app's range."""
PASSING = {Action.RETRY, Action.TOKEN, Action.WAIT, Action.SLOW, Action.LATER}


def settings(tx: Tx) -> Settings:
    """Which losses are told of."""
    return store.settings(tx)


def change_settings(tx: Tx, wanted: Settings) -> Settings:
    """Say which losses are told of from now on."""
    store.set_settings(tx, wanted)
    audit.record(tx, "alerts.changed", "alerts", wanted.__dict__)
    return wanted


def latest(tx: Tx, limit: int) -> list[Notice]:
    """The last notices, newest first."""
    return store.latest(tx, limit)


def hear_losses(tx: Tx, heard: Sequence[Event]) -> None:
    """Note fresh losses of kinds that are told of, for each who looks after the member."""
    wanted = store.settings(tx)
    told = [(event, kind) for event in heard if tx.now - event.occurred_at < model.FRESH and (kind := _kind(event)) and wanted.tells(kind)]
    owners = store.owners(tx, {GroupId(UUID(event.props["group_id"])) for event, kind in told if kind == "left_group"})
    concerned = [(event, kind, id) for event, kind in told if (id := _member(event, kind, owners))]
    known = staff.by_ids(tx, {id for _, _, id in concerned})
    faces = contacts.faces(tx, {event.identity_id for event, _, _ in concerned if event.identity_id})
    recipients = {member: supervision.supervisors_of(tx, member) for member in known}
    notes = []
    for event, kind, id in concerned:
        face = faces.get(event.identity_id) if event.identity_id and kind != "by_staff" else None
        name, group = model.masked(face.name) if face else "", str(event.props.get("group_name", ""))
        notes += [Note(recipient, known[id].name, kind, name, group, event.occurred_at) for recipient in recipients[id]]
    if notes:
        store.add(tx, notes)


def send(work: Work) -> None:
    """Tell everybody who got no notice in the last hour, outside the quiet hours; notices without an answer are sent again in the same words."""
    with work.transaction() as tx:
        if gateway.quiet_until(tx.now, tx.tz, gateway.policy(tx).quiet) is not None:
            return
        for recipient in store.recipients(tx, tx.now - model.BETWEEN):
            store.insert(tx, _notice(tx, recipient))
        notices = store.sending(tx)
    for notice in notices:
        if work.cancelled():
            return
        _send(work, notice)


def _send(work: Work, notice: Notice) -> None:
    """One call; no transaction is open meanwhile."""
    with work.transaction() as tx:
        member = staff.by_ids(tx, [notice.recipient_id])[notice.recipient_id]
        corp = next((one for one in contacts.readers(tx) if one.corp_id == member.corp_id), None)
        if corp is None or not model.worth_repeating(notice, tx.now):
            store.settle(tx, notice.id, "failed", 0)
            return
    card = TextCard(notice.title, notice.description, f"{installation.Settings().address}/losses", notice.button)
    try:
        sent = contacts.client(corp).send_message(AppMessage((member.userid,), card, duplicate_check_seconds=model.SAME_SECONDS))
    except OutcomeUnknown:
        return
    except Refused as refused:
        if refused.action not in PASSING:
            _settle(work, notice, refused.code)
        return
    except wecom.WeComError as fault:
        log.warning("alerts.not_sent", notice_id=str(notice.id), reason=str(fault))
        return
    lower = member.userid.lower()
    if lower in {userid.lower() for userid in sent.unlicensed_userids}:
        with work.transaction() as tx:
            staff.licences(tx, member.corp_id, [], [member.userid])
        _settle(work, notice, contacts.UNLICENSED[0])
    else:
        _settle(work, notice, NOBODY_IN_RANGE if lower in sent.invalid_userids else 0)


def _settle(work: Work, notice: Notice, code: int) -> None:
    with work.transaction() as tx:
        store.settle(tx, notice.id, "failed" if code else "sent", code)
        work.save(tx)


def _notice(tx: Tx, recipient: StaffId) -> Notice:
    notes = store.take(tx, recipient)
    account = accounts.by_staff(tx, recipient)
    title, description, button = model.worded(notes, (account and account.language) or "zh-CN", tx.tz)
    return Notice(uuid7(tx.now), recipient, title, description, button, len(notes), tx.now)


def _kind(event: Event) -> Kind | None:
    if event.name == "group.left":
        return None if event.props["ended"] == "dismissed" else "left_group"
    return "by_customer" if event.props["by"] == "customer" else "by_staff"


def _member(event: Event, kind: Kind, owners: Mapping[GroupId, StaffId]) -> StaffId | None:
    """Whose customer it was: the friend, or the owner of the group."""
    return owners.get(GroupId(UUID(event.props["group_id"]))) if kind == "left_group" else StaffId(UUID(event.props["staff_id"]))
