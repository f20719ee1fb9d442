"""The tables of alerts and every statement on them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Table, Text, Uuid

from siyu.act.alerts.connection import Change
from siyu.act.alerts.model import Note, Notice, Settings, State
from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.kernel.ids import CorpId, GroupId, StaffId, uuid7

alert_settings = Table(
    "alert_settings",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("by_customer", Boolean, nullable=False),
    Column("by_staff", Boolean, nullable=False),
    Column("left_group", Boolean, nullable=False),
    Column("connection", Boolean, nullable=False),
)
loss_notes = Table(
    "loss_notes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("recipient_id", Uuid, nullable=False),
    Column("member", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
connection_notes = Table(
    "connection_notes",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("corp_id", Uuid, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
loss_notices = Table(
    "loss_notices",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("recipient_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("button", Text, nullable=False),
    Column("losses", BigInteger, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("code", BigInteger, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("corp_id", Uuid),
    Column("app_id", Uuid),
    Column("urgent", Boolean, nullable=False),
)
_NOTICE = "id, recipient_id, title, description, button, losses as told, asked_at, corp_id, urgent, app_id, state, code, settled_at"


def settings(tx: Tx) -> Settings:
    row = tx.execute("select by_customer, by_staff, left_group, connection from alert_settings where tenant_id = :tenant_id").first()
    return Settings(**row._mapping) if row else Settings()


def set_settings(tx: Tx, settings: Settings) -> None:
    tx.execute(
        """
        insert into alert_settings (tenant_id, by_customer, by_staff, left_group, connection)
        values (:tenant_id, :by_customer, :by_staff, :left_group, :connection)
        on conflict (tenant_id) do update
        set by_customer = excluded.by_customer, by_staff = excluded.by_staff, left_group = excluded.left_group, connection = excluded.connection
        """,
        settings.__dict__,
    )


def owners(tx: Tx, groups: Collection[GroupId]) -> dict[GroupId, StaffId]:
    """Who owns these groups, where it is somebody whom we know."""
    rows = tx.execute(
        "select id, owner_id from group_chats where tenant_id = :tenant_id and id = any (cast(:ids as uuid[])) and owner_id is not null",
        {"ids": list(groups)},
    )
    return {GroupId(row.id): StaffId(row.owner_id) for row in rows}


def add(tx: Tx, notes: Sequence[Note]) -> None:
    """Keep losses to be told of."""
    tx.execute(
        """
        insert into loss_notes (tenant_id, id, recipient_id, member, kind, customer, group_name, at)
        values (:tenant_id, :id, :recipient_id, :member, :kind, :customer, :group_name, :at)
        """,
        [{"tenant_id": tx.tenant_id, "id": uuid7(tx.now), **_row(note)} for note in notes],
    )


def recipients(tx: Tx, told_before: datetime) -> list[StaffId]:
    """Who is to be told of losses and got no notice of any since an instant."""
    rows = tx.execute(
        """
        select distinct n.recipient_id
        from loss_notes n
        where n.tenant_id = :tenant_id and not exists (
            select from loss_notices x where x.tenant_id = n.tenant_id and x.recipient_id = n.recipient_id and x.corp_id is null and x.asked_at > :before
        )
        """,
        {"before": told_before},
    )
    return [StaffId(row.recipient_id) for row in rows]


def take(tx: Tx, recipient: StaffId) -> list[Note]:
    """What a recipient is to be told of; it is not kept any longer."""
    rows = tx.execute(
        """
        delete from loss_notes
        where tenant_id = :tenant_id and recipient_id = :recipient
        returning recipient_id, member, kind, customer, group_name, at
        """,
        {"recipient": recipient},
    )
    return [Note(StaffId(row.recipient_id), row.member, row.kind, row.customer, row.group_name, row.at) for row in rows]


def add_changes(tx: Tx, changes: Sequence[Change]) -> None:
    """Keep changes of the connection to be told of."""
    tx.execute(
        """
        insert into connection_notes (tenant_id, id, corp_id, check_name, before, state, at)
        values (:tenant_id, :id, :corp_id, :check, :before, :state, :at)
        """,
        [{"tenant_id": tx.tenant_id, "id": uuid7(tx.now), **change.__dict__} for change in changes],
    )


def changed(tx: Tx, told_before: datetime) -> dict[CorpId, list[Change]]:
    """What there is to tell of apps about which no notice went out since an instant."""
    rows = tx.execute(
        """
        select n.corp_id, n.check_name as check, n.before, n.state, n.at
        from connection_notes n
        where n.tenant_id = :tenant_id and not exists (
            select from loss_notices x where x.tenant_id = n.tenant_id and x.corp_id = n.corp_id and x.asked_at > :told_before
        )
        order by n.at, n.id
        """,
        {"told_before": told_before},
    )
    found: dict[CorpId, list[Change]] = defaultdict(list)
    for row in rows:
        found[CorpId(row.corp_id)].append(Change(**row._mapping))
    return found


def drop_changes(tx: Tx, corp: CorpId) -> None:
    """What was to be told of an app is told."""
    tx.execute("delete from connection_notes where tenant_id = :tenant_id and corp_id = :corp", {"corp": corp})


def insert(tx: Tx, notice: Notice) -> None:
    values = dict(notice.__dict__)
    tx.execute(loss_notices.insert().values(tenant_id=tx.tenant_id, losses=values.pop("told"), **values))


def ask(tx: Tx, id: UUID, app: CorpId | None) -> None:
    """Which app may have sent a notice; None for none."""
    tx.execute("update loss_notices set app_id = :app where tenant_id = :tenant_id and id = :id", {"id": id, "app": app})


def sending(tx: Tx) -> list[Notice]:
    """Notices of which WeCom has not said that it took them, oldest first."""
    rows = tx.execute(f"select {_NOTICE} from loss_notices where tenant_id = :tenant_id and state = 'sending' order by id")  # noqa: S608 (constant columns)
    return [Notice(**row._mapping) for row in rows]


def settle(tx: Tx, id: UUID, state: State, code: int) -> None:
    """What became of a notice."""
    tx.execute(
        "update loss_notices set state = :state, code = :code, settled_at = :now where tenant_id = :tenant_id and id = :id and state = 'sending'",
        {"id": id, "state": state, "code": code},
    )


def latest(tx: Tx, limit: int) -> list[Notice]:
    """Notices, newest first."""
    rows = tx.execute(
        f"select {_NOTICE} from loss_notices where tenant_id = :tenant_id order by id desc limit :limit",  # noqa: S608 (constant columns)
        {"limit": limit},
    )
    return [Notice(**row._mapping) for row in rows]


def _row(note: Note) -> dict[str, object]:
    return {
        "recipient_id": note.recipient_id,
        "member": note.member,
        "kind": note.kind,
        "customer": note.customer,
        "group_name": note.group,
        "at": note.at,
    }
