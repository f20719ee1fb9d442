"""The tables of moments and every statement on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Row, Select, Table, Text, Uuid, case, delete, distinct, func, tuple_

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert, write_differing
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe.moments.model import Counts, Heading, Part, Reaction, Shown, ShownPart
from siyu.observe.published import Place, Published

corp_moments = Table(
    "corp_moments",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("moment_id", Text, primary_key=True),
    Column("creator", Text, nullable=False),
    Column("by_member", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("everybody", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("pictures", BigInteger, nullable=False),
    Column("video", Boolean, nullable=False),
    Column("link_title", Text, nullable=False),
    Column("link_url", Text, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Column("gone_at", DateTime(timezone=True)),
)
corp_moment_parts = Table(
    "corp_moment_parts",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("moment_id", Text, primary_key=True),
    Column("userid", Text, primary_key=True),
    Column("staff_id", Uuid),
    Column("published", Boolean, nullable=False),
)
corp_moment_reactions = Table(
    "corp_moment_reactions",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("corp_id", Uuid, primary_key=True),
    Column("moment_id", Text, primary_key=True),
    Column("userid", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("by_staff", Boolean, nullable=False),
    Column("identity_id", Uuid),
)
_HEADING = [one.name for one in corp_moments.columns if one.name not in ("tenant_id", "corp_id", "settled", "read_at", "gone_at")]


_member, _reactions = corp_moment_parts.c.userid, corp_moment_reactions.c
_moments = Published(
    corp_moments,
    corp_moment_parts,
    corp_moment_reactions,
    "moment_id",
    [
        func.count(distinct(_member)).label("members"),
        func.count(distinct(case((corp_moment_parts.c.published, _member)))).label("publishers"),
        func.count().filter(_reactions.kind == "like", ~_reactions.by_staff).label("likes"),
        func.count().filter(_reactions.kind == "comment", ~_reactions.by_staff).label("comments"),
    ],
)
settled, known, total = _moments.settled, _moments.known, _moments.total


def write(tx: Tx, corp: CorpId, heading: Heading, *, settled: bool, read_at: datetime) -> None:
    """Insert or overwrite what is listed of a moment."""
    upsert(tx, corp_moments, [{"corp_id": corp, **heading.__dict__, "settled": settled, "read_at": read_at, "gone_at": None}])


def write_parts(tx: Tx, corp: CorpId, id: str, parts: Sequence[tuple[Part, StaffId | None]]) -> int:
    """Write the parts of a moment that are new or differ; returns how many."""
    return _moments.write_parts(tx, corp, id, parts)


def write_reactions(tx: Tx, corp: CorpId, id: str, userid: str, reactions: Sequence[Reaction]) -> int:
    """Hold just these reactions under one part; returns how many were new, differed or were taken back."""
    columns = corp_moment_reactions.c
    keys = [(one.kind, one.who, one.at) for one in reactions]
    here = (columns.tenant_id == tx.tenant_id, columns.corp_id == corp, columns.moment_id == id, columns.userid == userid)
    taken_back = tx.execute(delete(corp_moment_reactions).where(*here, tuple_(columns.kind, columns.who, columns.at).not_in(keys))).rowcount
    rows = [{"corp_id": corp, "moment_id": id, "userid": userid, **one.__dict__} for one in reactions]
    return taken_back + write_differing(tx, corp_moment_reactions, rows, within=["corp_id", "moment_id", "userid"])


def end_unlisted(tx: Tx, corp: CorpId, listed: Collection[str], *, start: datetime, end: datetime) -> int:
    """Moments made between two instants that a full list of them did not hold were deleted; returns how many."""
    return tx.execute(
        """
        update corp_moments
        set gone_at = :now
        where tenant_id = :tenant_id and corp_id = :corp and gone_at is null and created_at > :start and created_at < :end
            and moment_id <> all (cast(:listed as text[]))
        """,
        {"corp": corp, "listed": list(listed), "start": start, "end": end},
    ).rowcount


def page(tx: Tx, *, by_member: bool | None, staff: Select[Any] | None, before: Place | None, limit: int) -> list[Shown]:
    """Moments, latest first; only those with parts of `staff` (a query of ids), counted over these, unless None."""
    return [_moment(row) for row in _moments.page(tx, by_member=by_member, staff=staff, before=before, limit=limit)]


def get(tx: Tx, corp: CorpId, id: str, *, staff: Select[Any] | None) -> Shown | None:
    """One moment within what the actor may see."""
    row = _moments.get(tx, corp, id, staff=staff)
    return _moment(row) if row else None


def parts(tx: Tx, corp: CorpId, id: str, *, staff: Select[Any] | None) -> list[ShownPart]:
    """The parts of a moment by name; only those of `staff`, unless None."""
    rows = _moments.parts_of(tx, corp, id, "published", staff=staff)
    return [ShownPart(row.userid, StaffId(row.staff_id) if row.staff_id else None, row.name, row.published, _counted(row)) for row in rows]


def _moment(row: Row[Any]) -> Shown:
    heading = Heading(**{name: row._mapping[name] for name in _HEADING})
    return Shown(CorpId(row.corp_id), heading, row.creator_name, row.read_at, row.gone_at, _counted(row))


def _counted(row: Row[Any]) -> Counts:
    return Counts(row.members, row.publishers, row.likes, row.comments)
