"""Routes of losses: relations that ended."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from siyu.infra.http import Db, Page, days, decode_place, encode_cursor, needs, router
from siyu.kernel.ids import StaffId
from siyu.observe.contacts import service
from siyu.observe.contacts.lost import Loss, LossCount, Losses
from siyu.observe.contacts.model import Side

routes = router("/losses", tag="contacts")


def wanted(
    tx: Db,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    by: Side | None = None,
    staff_id: UUID | None = None,
    add_way: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    state: Annotated[str | None, Query(max_length=200)] = None,
    returned: Literal["yes", "no"] | None = None,
) -> Losses:
    """The filter in a request's query. `from` and `to`: days of the brand's zone, both included.

    `returned`: only those after which the two added each other again (`yes`) or did not (`no`).
    """
    back = None if returned is None else returned == "yes"
    return Losses(days(tx, since, until), by, StaffId(staff_id) if staff_id else None, add_way, state, back)


Wanted = Annotated[Losses, Depends(wanted)]


class Person(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class Member(BaseModel):
    """A member of staff."""

    id: UUID
    name: str


class LossOut(BaseModel):
    """A relation that ended. `customer` is null for whom this account does not see any more; `days_kept` are whole days (24 h).

    `returned_at`: when the two added each other again, null while they have not.
    """

    id: UUID
    customer: Person | None
    staff: Member
    by: Side
    added_at: datetime
    ended_at: datetime
    days_kept: int
    returned_at: datetime | None
    add_way: int
    state: str

    @classmethod
    def of(cls, loss: Loss) -> "LossOut":
        return cls(
            id=loss.id,
            customer=Person(id=loss.customer_id, name=loss.name) if loss.customer_id else None,
            staff=Member(id=loss.staff_id, name=loss.staff_name),
            by=loss.by,
            added_at=loss.added_at,
            ended_at=loss.ended_at,
            days_kept=loss.days_kept,
            returned_at=loss.returned_at,
            add_way=loss.add_way,
            state=loss.state,
        )


class LossCountOut(BaseModel):
    """Losses that share a value of a filter; `name` is the member's."""

    value: str
    name: str | None
    losses: int


class LossTotalsOut(BaseModel):
    """Losses in all, those after which the two added each other again, and losses by value, the most frequent first, 20 values at most.

    `median_days_kept`: half were lost within so many whole days.
    """

    losses: int
    returned: int
    median_days_kept: int | None
    by: list[LossCountOut]
    staff: list[LossCountOut]
    add_ways: list[LossCountOut]
    states: list[LossCountOut]


@routes.get("", operation_id="list_losses", dependencies=[needs("losses.read")])
def list_losses(tx: Db, wanted: Wanted, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> Page[LossOut]:
    """Relations that ended, the latest first, of the members in the account's scope; those that began again later are marked with the instant."""
    found = service.losses(tx, wanted, before=_before(cursor), limit=limit + 1)
    items = [LossOut.of(loss) for loss in found[:limit]]
    return Page[LossOut](items=items, next_cursor=encode_cursor(items[-1].ended_at, items[-1].id) if len(found) > limit else None)


@routes.get("/totals", operation_id="count_losses", dependencies=[needs("losses.read")])
def count_losses(tx: Db, wanted: Wanted) -> LossTotalsOut:
    """The same losses counted, in all and by side, member, way of adding and contact way."""
    totals = service.loss_totals(tx, wanted)
    return LossTotalsOut(
        losses=totals.losses,
        returned=totals.returned,
        median_days_kept=totals.median_days_kept,
        by=_counts(totals.by),
        staff=_counts(totals.staff),
        add_ways=_counts(totals.add_ways),
        states=_counts(totals.states),
    )


def _counts(counts: Sequence[LossCount]) -> list[LossCountOut]:
    return [LossCountOut(value=one.value, name=one.name, losses=one.losses) for one in counts]


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    return None if cursor is None else decode_place(cursor)
