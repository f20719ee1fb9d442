"""Noting losses for those who look after the members concerned, and changes of the connection for those who mend it; and telling them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from siyu.access import accounts, audit, staff, supervision
from siyu.act import gateway
from siyu.act.alerts import connection, model, store
from siyu.act.alerts.connection import Change
from siyu.act.alerts.model import Kind, Note, Notice, Settings, State
from siyu.connectors import wecom
from siyu.connectors.wecom import Action, AppMessage, OutcomeUnknown, Refused, TextCard
from siyu.events import Event
from siyu.infra import settings as installation
from siyu.infra.jobs import Work
from siyu.infra.tx import Tx
from siyu.infra.words import words
from siyu.kernel.ids import CorpId, GroupId, StaffId, uuid7
from siyu.observe import contacts
from siyu.observe.contacts import Corp

log = structlog.get_logger(__name__)
NOBODY_IN_RANGE = 81013
"""WeCom's code when no receiver stands in the app's range."""
GROUP_KINDS: Mapping[str, Kind | None] = {"removed": "removed_from_group", "dismissed": None}
"""By how a stay in a group ended; else the customer left, or nobody knows how."""
FROM_GROUPS = {"left_group", "removed_from_group"}
PASSING = {Action.RETRY, Action.TOKEN, Action.WAIT, Action.SLOW, Action.LATER}


def settings(tx: Tx) -> Settings:
    """What is told of."""
    return store.settings(tx)


def change_settings(tx: Tx, wanted: Settings) -> Settings:
    """Say what is told of from now on."""
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
    owners = store.owners(tx, {GroupId(UUID(event.props["group_id"])) for event, kind in told if kind in FROM_GROUPS})
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


def hear_findings(tx: Tx, heard: Sequence[Event]) -> None:
    """Note fresh changes of the connection to WeCom that turned something red, or well again."""
    if not store.settings(tx).connection:
        return
    fresh = [event for event in heard if tx.now - event.occurred_at < model.FRESH and connection.concerns(event.props["before"], event.props["state"])]
    if fresh:
        store.add_changes(tx, [_change(event) for event in fresh])


def send(work: Work) -> None:
    """Tell everybody who got no notice in the last hour, outside the quiet hours; notices without an answer are sent again in the same words.

    Of a connection through which nothing can be sent any more its menders are told at any hour.
    """
    with work.transaction() as tx:
        quiet = gateway.quiet_until(tx.now, tx.tz, gateway.policy(tx).quiet) is not None
        for recipient in [] if quiet else store.recipients(tx, tx.now - model.BETWEEN):
            store.insert(tx, _notice(tx, recipient))
        for corp_id, changes in store.changed(tx, tx.now - model.BETWEEN).items():
            _tell_menders(tx, corp_id, connection.told(changes), quiet=quiet)
        notices = [one for one in store.sending(tx) if one.urgent or not quiet]
    for notice in notices:
        if work.cancelled():
            return
        _send(work, notice)


def _tell_menders(tx: Tx, id: CorpId, changes: Sequence[Change], *, quiet: bool) -> None:
    """A notice for each member with an account that may mend the app; without any, or for an app that is switched off, it stays on the pages."""
    urgent = connection.urgent(changes)
    if quiet and changes and not urgent:
        return
    store.drop_changes(tx, id)
    app = next((one for one in contacts.corps(tx) if one.id == id and one.active), None)
    if app is None or not changes:
        return
    for recipient, account in accounts.of_members(tx, connection.MENDERS).items():
        language = account.language or "zh-CN"
        checks = words(f"contacts.{language}")["doctor"]["checks"]
        title, description, button = connection.worded(changes, app.name, checks, language, tx.tz)
        store.insert(tx, Notice(uuid7(tx.now), recipient, title, description, button, len(changes), tx.now, id, urgent))


def _send(work: Work, notice: Notice) -> None:
    """One call at a time, no transaction open meanwhile. An app that WeCom refuses leaves it to the corp's next one."""
    with work.transaction() as tx:
        member = staff.by_ids(tx, [notice.recipient_id])[notice.recipient_id]
        apps = _apps(tx, notice, member.corp_id) if model.worth_repeating(notice, tx.now) else []
    code = 0
    for app in apps:
        with work.transaction() as tx:
            store.ask(tx, notice.id, app.id)
        try:
            code = _ask(work, notice, app, member)
        except wecom.WeComError as fault:
            log.warning("alerts.not_sent", notice_id=str(notice.id), reason=str(fault))
            if not isinstance(fault, OutcomeUnknown) and notice.app_id is None:
                with work.transaction() as tx:
                    store.ask(tx, notice.id, None)
            return
        if not code:
            _settle(work, notice, "sent", 0)
            return
    _settle(work, notice, "failed", code)


def _apps(tx: Tx, notice: Notice, corp_id: str) -> Sequence[Corp]:
    """Who may send a notice to a member of a corp (WeCom's id), in this order. The app that may have sent it already is the only one: WeCom drops its repeat.

    A loss is tried through the app that reads when none seems able: what the doctor found may be mended since.
    """
    if notice.app_id is not None:
        return [one for one in contacts.corps(tx) if one.id == notice.app_id and one.active]
    able = contacts.speakers(tx, corp_id)
    return able if able or notice.corp_id else [one for one in contacts.readers(tx) if one.corp_id == corp_id]


def _ask(work: Work, notice: Notice, app: Corp, member: staff.Staff) -> int:
    """WeCom's code for why a message did not reach its receiver, 0 when it did. Raises WeComError for what passes, and without an answer."""
    page = "settings/wecom" if notice.corp_id else "losses"
    card = TextCard(notice.title, notice.description, f"{installation.Settings().address}/{page}", notice.button)
    try:
        sent = contacts.client(app).send_message(AppMessage((member.userid,), card, duplicate_check_seconds=model.SAME_SECONDS))
    except Refused as refused:
        if refused.action in PASSING:
            raise
        return refused.code
    lower = member.userid.lower()
    if lower in {userid.lower() for userid in sent.unlicensed_userids}:
        with work.transaction() as tx:
            staff.licences(tx, member.corp_id, [], [member.userid])
        return contacts.UNLICENSED[0]
    return NOBODY_IN_RANGE if lower in sent.invalid_userids else 0


def _settle(work: Work, notice: Notice, state: State, code: int) -> None:
    with work.transaction() as tx:
        store.settle(tx, notice.id, state, code)
        work.save(tx)


def _notice(tx: Tx, recipient: StaffId) -> Notice:
    notes = store.take(tx, recipient)
    account = accounts.by_staff(tx, recipient)
    title, description, button = model.worded(notes, (account and account.language) or "zh-CN", tx.tz)
    return Notice(uuid7(tx.now), recipient, title, description, button, len(notes), tx.now)


def _change(event: Event) -> Change:
    props = event.props
    return Change(CorpId(UUID(props["corp_id"])), props["check"], props["before"], props["state"], event.occurred_at)


def _kind(event: Event) -> Kind | None:
    if event.name == "group.left":
        return GROUP_KINDS.get(event.props["ended"], "left_group")
    return "by_customer" if event.props["by"] == "customer" else "by_staff"


def _member(event: Event, kind: Kind, owners: Mapping[GroupId, StaffId]) -> StaffId | None:
    """Whose customer it was: the friend, or the owner of the group."""
    return owners.get(GroupId(UUID(event.props["group_id"]))) if kind in FROM_GROUPS else StaffId(UUID(event.props["staff_id"]))
