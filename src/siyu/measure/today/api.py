"""Routes of the first page and of the search box."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from siyu.infra.http import Db, needs, router
from siyu.measure.today import service
from siyu.measure.today.model import DAYS, Figure, Unit

today_routes = router("/today", tag="measure")
search_routes = router("/search", tag="measure")


class CompareOut(BaseModel):
    """The same figure a period earlier."""

    value: float | int | None
    zh: str
    en: str


class TodayFigure(BaseModel):
    """One figure with its definition and the list that it counts. Fen, people, counts; rates 0..1."""

    id: str
    zh: str
    en: str
    value: float | int | None
    unit: Unit
    compare: CompareOut
    definition_zh: str
    definition_en: str
    link: str

    @classmethod
    def of(cls, figure: Figure) -> "TodayFigure":
        one = figure.definition
        before = CompareOut(value=figure.before, zh=f"前 {DAYS} 天", en=f"the {DAYS} days before")
        if one.id == "contacts":
            before = CompareOut(value=figure.before, zh=f"{DAYS} 天前", en=f"{DAYS} days ago")
        names = {name: getattr(one, name) for name in ("id", "zh", "en", "unit", "definition_zh", "definition_en")}
        return cls(**names, value=figure.value, compare=before, link=figure.link)


class TodayTask(BaseModel):
    """Something to do."""

    id: str
    zh: str
    en: str
    count: int
    link: str
    due_at: datetime | None


class TodayStep(BaseModel):
    """One of the first steps of a new brand."""

    id: str
    done: bool
    link: str


class Today(BaseModel):
    """The first page; no figures and no `as_of` while the replica is away."""

    as_of: datetime | None
    figures: list[TodayFigure]
    tasks: list[TodayTask]
    checklist: list[TodayStep]


class RestingOut(BaseModel):
    """A corp whose sending rests; `code`: WeCom's refusal."""

    corp: str
    code: str


class AlarmsOut(BaseModel):
    """What stops everybody's work right now."""

    corp_errors: int
    resting: list[RestingOut]


class CustomerHit(BaseModel):
    """A customer found."""

    id: UUID
    name: str | None
    city: str | None


class PersonRef(BaseModel):
    """A customer by name."""

    id: UUID | None
    name: str | None


class OrderHit(BaseModel):
    """An order found."""

    id: UUID
    order_no: str
    customer: PersonRef | None


class SearchAnswer(BaseModel):
    """What was found."""

    customers: list[CustomerHit]
    orders: list[OrderHit]


@today_routes.get("/alarms", operation_id="alarms")
def alarms(tx: Db) -> AlarmsOut:
    """What stops everybody's work right now: cheap enough to be asked every few seconds."""
    found = service.alarms(tx)
    return AlarmsOut(corp_errors=found.corp_errors, resting=[RestingOut(corp=corp, code=code) for corp, code in found.resting])


@today_routes.get("", operation_id="today")
def today(tx: Db) -> Today:
    """Money, people, tasks and first steps."""
    found = service.today(tx)
    return Today(
        as_of=found.as_of,
        figures=[TodayFigure.of(figure) for figure in found.figures],
        tasks=[TodayTask.model_validate(task, from_attributes=True) for task in found.tasks],
        checklist=[TodayStep.model_validate(step, from_attributes=True) for step in found.steps],
    )


@search_routes.get("", operation_id="search", dependencies=[needs("customers.read")])
def search(tx: Db, q: Annotated[str, Query(max_length=100)]) -> SearchAnswer:
    """Customers and orders by a word."""
    found = service.search(tx, q)
    return SearchAnswer(
        customers=[CustomerHit(**row) for row in found.customers],
        orders=[
            OrderHit(id=order.id, order_no=order.order_no, customer=PersonRef(id=order.customer_id, name=order.customer_name) if order.customer_id else None)
            for order in found.orders
        ],
    )
