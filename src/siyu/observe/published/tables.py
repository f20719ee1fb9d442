"""Three tables that belong together, and the questions that are asked of them alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, and_, exists, func, select, tuple_

from siyu.infra.tx import Tx
from siyu.infra.upserts import write_differing
from siyu.kernel.ids import CorpId, StaffId
from siyu.observe import contacts

Place = tuple[datetime, str]
"""Where a page begins: before what was made then under this id."""


@dataclass(frozen=True)
class Published:
    """What was published (`heads`), the members' parts of it, and whom each part came to or who answered it (`ends`).

    `id` names the column of its id in all three. `counts` are taken over parts and ends. What has a `gone_at` was deleted.
    """

    heads: Table
    parts: Table
    ends: Table
    id: str
    counts: Sequence[ColumnElement[Any]]

    def settled(self, tx: Tx, corp: CorpId, ids: Collection[str]) -> set[str]:
        """Those of these about which nothing can change any more."""
        id = self.heads.c[self.id]
        return set(tx.execute(select(id).where(*self._held(tx, corp), id.in_(sorted(ids)), self.heads.c.settled)).scalars())

    def known(self, tx: Tx, corp: CorpId, id: str) -> bool:
        """Whether we hold it; then it is held until the transaction ends."""
        column = self.heads.c[self.id]
        return tx.execute(select(column).where(*self._held(tx, corp), column == id).with_for_update()).first() is not None

    def total(self, tx: Tx, corp: CorpId) -> int:
        """How many we hold."""
        return int(tx.execute(select(func.count()).select_from(self.heads).where(*self._held(tx, corp))).scalar_one())

    def write_parts(self, tx: Tx, corp: CorpId, id: str, parts: Sequence[tuple[Any, StaffId | None]]) -> int:
        """Write the parts that are new or differ, each with its member where we know them; returns how many."""
        rows = [{"corp_id": corp, self.id: id, "staff_id": staff_id, **part.__dict__} for part, staff_id in parts]
        return write_differing(tx, self.parts, rows, within=["corp_id", self.id])

    def page(self, tx: Tx, *, by_member: bool | None, staff: Select[Any] | None, before: Place | None, limit: int) -> Sequence[Row[Any]]:
        """Latest first, with `creator_name` and counts; only those with parts of `staff` (a query of ids), counted over these, unless None."""
        heads = self.heads.c
        statement = self._shown(tx, staff).order_by(heads.created_at.desc(), heads[self.id].desc()).limit(limit)
        if by_member is not None:
            statement = statement.where(heads.by_member == by_member)
        if before:
            statement = statement.where(tuple_(heads.created_at, heads[self.id]) < before)
        return tx.execute(statement).all()

    def get(self, tx: Tx, corp: CorpId, id: str, *, staff: Select[Any] | None) -> Row[Any] | None:
        """One of them, as `page` gives it."""
        return tx.execute(self._shown(tx, staff).where(self.heads.c.corp_id == corp, self.heads.c[self.id] == id)).first()

    def parts_of(self, tx: Tx, corp: CorpId, id: str, *also: str, staff: Select[Any] | None) -> Sequence[Row[Any]]:
        """The parts by `name` of their members, with the columns `also` and counts; only those of `staff`, unless None."""
        mine = self.parts.c
        columns = [mine.userid, mine.staff_id, *(mine[name] for name in also)]
        return tx.execute(
            select(*columns, contacts.member_name(mine.corp_id, mine.userid).label("name"), *self.counts)
            .select_from(self._joined())
            .where(mine.tenant_id == tx.tenant_id, mine.corp_id == corp, mine[self.id] == id, *self._within(staff))
            .group_by(mine.corp_id, *columns)
            .order_by("name", mine.userid)
        ).all()

    def _held(self, tx: Tx, corp: CorpId) -> list[ColumnElement[bool]]:
        heads = self.heads.c
        return [heads.tenant_id == tx.tenant_id, heads.corp_id == corp, *([heads.gone_at.is_(None)] if "gone_at" in heads else [])]

    def _shown(self, tx: Tx, staff: Select[Any] | None) -> Select[Any]:
        heads, mine = self.heads.c, self.parts.c
        here = (mine.tenant_id == heads.tenant_id, mine.corp_id == heads.corp_id, mine[self.id] == heads[self.id], *self._within(staff))
        numbers = select(*self.counts).select_from(self._joined()).where(*here).lateral("numbers")
        name = contacts.member_name(heads.corp_id, heads.creator)
        statement = select(self.heads, name.label("creator_name"), *numbers.c).where(heads.tenant_id == tx.tenant_id)
        return statement if staff is None else statement.where(exists(select(mine.userid).where(*here).correlate(self.heads)))

    def _within(self, staff: Select[Any] | None) -> list[ColumnElement[bool]]:
        return [] if staff is None else [self.parts.c.staff_id.in_(staff)]

    def _joined(self) -> Any:
        mine, theirs = self.parts.c, self.ends.c
        same = (theirs.tenant_id == mine.tenant_id, theirs.corp_id == mine.corp_id, theirs[self.id] == mine[self.id], theirs.userid == mine.userid)
        return self.parts.outerjoin(self.ends, and_(*same))
