"""The tables of moments and every statement on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    case,
    delete,
    distinct,
    exists,
    func,
    select,
    tuple_,
)

from siyu.infra.schema import metadata
from siyu.infra.tx import Tx
from siyu.infra.upserts import upsert, write_differing
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe import contacts
from siyu.observe.moments.model import Counts, Heading, Part, Reaction, Shown, ShownPart

Place = tuple[datetime, str]
"""Where a page begins: before this moment."""
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


def settled(tx: Tx, corp: CorpId, ids: Collection[str]) -> set[str]:
    """Those of these moments that need not be looked at again."""
    columns = corp_moments.c
    mine = (columns.tenant_id == tx.tenant_id, columns.corp_id == corp, columns.moment_id.in_(sorted(ids)), columns.settled, columns.gone_at.is_(None))
    return {row.moment_id for row in tx.execute(select(columns.moment_id).where(*mine))}


def known(tx: Tx, corp: CorpId, id: str) -> bool:
    """Whether we hold a moment that was not deleted."""
    columns = corp_moments.c
    mine = (columns.tenant_id == tx.tenant_id, columns.corp_id == corp, columns.moment_id == id, columns.gone_at.is_(None))
    return tx.execute(select(columns.moment_id).where(*mine).with_for_update()).first() is not None


def total(tx: Tx, corp: CorpId) -> int:
    """Moments that we hold and that were not deleted."""
    question = "select count(*) from corp_moments where tenant_id = :tenant_id and corp_id = :corp and gone_at is null"
    return int(tx.execute(question, {"corp": corp}).scalar_one())


def write(tx: Tx, corp: CorpId, heading: Heading, *, settled: bool, read_at: datetime) -> None:
    """Insert or overwrite what is listed of a moment."""
    upsert(tx, corp_moments, [{"corp_id": corp, **heading.__dict__, "settled": settled, "read_at": read_at, "gone_at": None}])


def write_parts(tx: Tx, corp: CorpId, id: str, parts: Sequence[tuple[Part, StaffId | None]]) -> int:
    """Write the parts of a moment that are new or differ; returns how many."""
    rows = [{"corp_id": corp, "moment_id": id, "staff_id": staff_id, **part.__dict__} for part, staff_id in parts]
    return write_differing(tx, corp_moment_parts, rows, within=["corp_id", "moment_id"])


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
    statement = _shown(tx, staff).order_by(corp_moments.c.created_at.desc(), corp_moments.c.moment_id.desc()).limit(limit)
    if by_member is not None:
        statement = statement.where(corp_moments.c.by_member == by_member)
    if before:
        statement = statement.where(tuple_(corp_moments.c.created_at, corp_moments.c.moment_id) < before)
    return [_moment(row) for row in tx.execute(statement)]


def get(tx: Tx, corp: CorpId, id: str, *, staff: Select[Any] | None) -> Shown | None:
    """One moment within what the actor may see."""
    row = tx.execute(_shown(tx, staff).where(corp_moments.c.corp_id == corp, corp_moments.c.moment_id == id)).first()
    return _moment(row) if row else None


def parts(tx: Tx, corp: CorpId, id: str, *, staff: Select[Any] | None) -> list[ShownPart]:
    """The parts of a moment by name; only those of `staff`, unless None."""
    mine = corp_moment_parts.c
    rows = tx.execute(
        select(mine.userid, mine.staff_id, mine.published, contacts.member_name(mine.corp_id, mine.userid).label("name"), *_counts())
        .select_from(_joined())
        .where(mine.tenant_id == tx.tenant_id, mine.corp_id == corp, mine.moment_id == id, *_within(staff))
        .group_by(mine.corp_id, mine.userid, mine.staff_id, mine.published)
        .order_by("name", mine.userid)
    )
    return [ShownPart(row.userid, StaffId(row.staff_id) if row.staff_id else None, row.name, row.published, _counted(row)) for row in rows]


def _shown(tx: Tx, staff: Select[Any] | None) -> Select[Any]:
    moments, mine = corp_moments.c, corp_moment_parts.c
    here = (mine.tenant_id == moments.tenant_id, mine.corp_id == moments.corp_id, mine.moment_id == moments.moment_id, *_within(staff))
    numbers = select(*_counts()).select_from(_joined()).where(*here).lateral("numbers")
    name = contacts.member_name(moments.corp_id, moments.creator)
    statement = select(corp_moments, name.label("creator_name"), *numbers.c).where(moments.tenant_id == tx.tenant_id)
    return statement if staff is None else statement.where(exists(select(mine.userid).where(*here).correlate(corp_moments)))


def _within(staff: Select[Any] | None) -> list[ColumnElement[bool]]:
    return [] if staff is None else [corp_moment_parts.c.staff_id.in_(staff)]


def _joined() -> Any:
    mine, theirs = corp_moment_parts.c, corp_moment_reactions.c
    same = (theirs.tenant_id == mine.tenant_id, theirs.corp_id == mine.corp_id, theirs.moment_id == mine.moment_id, theirs.userid == mine.userid)
    return corp_moment_parts.outerjoin(corp_moment_reactions, and_(*same))


def _counts() -> list[ColumnElement[Any]]:
    member, theirs = corp_moment_parts.c.userid, corp_moment_reactions.c
    return [
        func.count(distinct(member)).label("members"),
        func.count(distinct(case((corp_moment_parts.c.published, member)))).label("publishers"),
        func.count().filter(theirs.kind == "like", ~theirs.by_staff).label("likes"),
        func.count().filter(theirs.kind == "comment", ~theirs.by_staff).label("comments"),
    ]


def _moment(row: Row[Any]) -> Shown:
    heading = Heading(**{name: row._mapping[name] for name in _HEADING})
    return Shown(CorpId(row.corp_id), heading, row.creator_name, row.read_at, row.gone_at, _counted(row))


def _counted(row: Row[Any]) -> Counts:
    return Counts(row.members, row.publishers, row.likes, row.comments)
