"""The tables of sends and every statement on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Row, Select, Table, Text, Uuid, case, delete, distinct, func, select
from sqlalchemy.dialects.postgresql import JSONB

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert, write_differing
from siyu.kernel.ids import CorpId, CustomerId, StaffId
from siyu.observe.published import Place, Published
from siyu.observe.sends.model import SENT, Counts, Heading, Part, Receiver, Shown, ShownPart

corp_sends = Table(
    "corp_sends",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("msgid", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("creator", Text, nullable=False),
    Column("by_member", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("text", Text, nullable=False),
    Column("attachments", JSONB, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
corp_send_parts = Table(
    "corp_send_parts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("msgid", Text, primary_key=True),
    Column("userid", Text, primary_key=True),
    Column("staff_id", Uuid),
    Column("confirmed", Boolean, nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("settled", Boolean, nullable=False),
)
corp_send_receivers = Table(
    "corp_send_receivers",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("msgid", Text, primary_key=True),
    Column("userid", Text, primary_key=True),
    Column("receiver", Text, primary_key=True),
    Column("status", BigInteger, nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("identity_id", Uuid),
)
_HEADING = [one.name for one in corp_sends.columns if one.name not in ("tenant_id", "corp_id", "settled", "read_at")]


_member, _status = corp_send_parts.c.userid, corp_send_receivers.c.status
_sends = Published(
    corp_sends,
    corp_send_parts,
    corp_send_receivers,
    "msgid",
    [
        func.count(distinct(_member)).label("members"),
        func.count(distinct(case((corp_send_parts.c.confirmed, _member)))).label("confirmed"),
        *(func.count().filter(_status == value).label(name) for name, value in (("waiting", 0), ("reached", 1), ("gone", 2), ("full", 3))),
    ],
)
settled, known, total = _sends.settled, _sends.known, _sends.total


def closed(tx: Tx, corp: CorpId, msgid: str) -> set[str]:
    """Userids of the parts of a send that are settled."""
    parts = corp_send_parts.c
    rows = tx.execute(select(parts.userid).where(parts.tenant_id == tx.tenant_id, parts.corp_id == corp, parts.msgid == msgid, parts.settled))
    return {row.userid for row in rows}


def write(tx: Tx, corp: CorpId, heading: Heading, *, settled: bool, read_at: datetime) -> None:
    """Insert or overwrite what is listed of a send."""
    upsert(tx, corp_sends, [{"corp_id": corp, **heading.__dict__, "settled": settled, "read_at": read_at}])


def write_parts(tx: Tx, corp: CorpId, msgid: str, parts: Sequence[tuple[Part, StaffId | None]]) -> int:
    """Write the parts of a send that are new or differ; returns how many."""
    return _sends.write_parts(tx, corp, msgid, parts)


def write_receivers(tx: Tx, corp: CorpId, msgid: str, userid: str, receivers: Sequence[Receiver]) -> int:
    """Write the receivers of a part that are new or differ; returns how many."""
    rows = [{"corp_id": corp, "msgid": msgid, "userid": userid, **one.__dict__} for one in receivers]
    return write_differing(tx, corp_send_receivers, rows, within=["corp_id", "msgid", "userid"])


def drop(tx: Tx, corp: CorpId, msgids: Collection[str]) -> int:
    """Forget sends with all that belongs to them; returns how many there were."""
    mine = (corp_sends.c.tenant_id == tx.tenant_id, corp_sends.c.corp_id == corp, corp_sends.c.msgid.in_(sorted(msgids)))
    return tx.execute(delete(corp_sends).where(*mine)).rowcount


def reached(tx: Tx, customers: Collection[CustomerId], since: datetime) -> dict[CustomerId, int]:
    """Messages that reached each of these people since an instant; nobody with none."""
    rows = tx.execute(
        """
        select i.customer_id, count(*) as n
        from identities i
        join corp_send_receivers r on r.tenant_id = i.tenant_id and r.identity_id = i.id and r.status = :sent and r.sent_at >= :since
        where i.tenant_id = :tenant_id and i.customer_id = any (cast(:customers as uuid[]))
        group by i.customer_id
        """,
        {"customers": list(customers), "sent": SENT, "since": since},
    )
    return {CustomerId(row.customer_id): row.n for row in rows}


def page(tx: Tx, *, by_member: bool | None, staff: Select[Any] | None, before: Place | None, limit: int) -> list[Shown]:
    """Sends, latest first; only those with parts of `staff` (a query of ids), counted over these, unless None."""
    return [_send(row) for row in _sends.page(tx, by_member=by_member, staff=staff, before=before, limit=limit)]


def get(tx: Tx, corp: CorpId, msgid: str, *, staff: Select[Any] | None) -> Shown | None:
    """One send within what the actor may see."""
    row = _sends.get(tx, corp, msgid, staff=staff)
    return _send(row) if row else None


def parts(tx: Tx, corp: CorpId, msgid: str, *, staff: Select[Any] | None) -> list[ShownPart]:
    """The parts of a send by name; only those of `staff`, unless None."""
    rows = _sends.parts_of(tx, corp, msgid, "sent_at", staff=staff)
    return [ShownPart(row.userid, StaffId(row.staff_id) if row.staff_id else None, row.name, row.sent_at, _counted(row)) for row in rows]


def _send(row: Row[Any]) -> Shown:
    return Shown(CorpId(row.corp_id), Heading(**{name: row._mapping[name] for name in _HEADING}), row.creator_name, row.read_at, _counted(row))


def _counted(row: Row[Any]) -> Counts:
    return Counts(row.members, row.confirmed, row.reached, row.waiting, row.gone, row.full)
