"""A table of handovers and one of what each hands over: what is asked of customers and groups alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Table, func, or_, select

from siyu.infra.tx import Tx


@dataclass(frozen=True)
class HandoverTables:
    """`fields` names the columns of a handover as the model knows it; `handed` has `handover_id` and `state`."""

    handovers: Table
    handed: Table
    fields: Sequence[str]

    def find(self, tx: Tx, id: UUID, members: Select[Any] | None) -> Row[Any] | None:
        """One handover that one of these members (a query of ids; None: anybody) gives or takes."""
        return tx.execute(self._visible(tx, members).where(self.handovers.c.id == id)).first()

    def page(self, tx: Tx, members: Select[Any] | None, *narrowed: ColumnElement[bool], before: UUID | None, limit: int) -> Sequence[Row[Any]]:
        """Handovers that one of these members gives or takes, newest first."""
        query = self._visible(tx, members).where(*narrowed)
        if before is not None:
            query = query.where(self.handovers.c.id < before)
        return tx.execute(query.order_by(self.handovers.c.id.desc()).limit(limit)).all()

    def counts(self, tx: Tx, ids: Collection[UUID]) -> dict[Any, dict[Any, int]]:
        """What is handed over, counted by handover and state."""
        own = self.handed.c
        found: dict[Any, dict[Any, int]] = {id: {} for id in ids}
        query = select(own.handover_id, own.state, func.count().label("handed")).where(own.tenant_id == tx.tenant_id, own.handover_id.in_(ids))
        for row in tx.execute(query.group_by(own.handover_id, own.state)):
            found[row.handover_id][row.state] = row.handed
        return found

    def _visible(self, tx: Tx, members: Select[Any] | None) -> Select[Any]:
        own = self.handovers.c
        query = select(*(own[name] for name in self.fields)).where(own.tenant_id == tx.tenant_id)
        return query if members is None else query.where(or_(own.giver_id.in_(members), own.taker_id.in_(members)))
