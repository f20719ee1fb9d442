"""Routes of retention and revenue."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from siyu.infra.http import Db, Exact, needs, router
from siyu.measure.retention import service
from siyu.measure.retention.model import Cohort, Month, Totals

retention_routes = router("/retention", tag="measure")
revenue_routes = router("/revenue", tag="measure")


class CohortOut(BaseModel):
    """`counts[k]`: people of the cohort who paid k months later; `counts[0]` equals `size`."""

    cohort: str
    size: int
    counts: list[int]

    @classmethod
    def of(cls, cohort: Cohort) -> "CohortOut":
        return cls(cohort=cohort.month, size=cohort.size, counts=list(cohort.counts))


class RetentionOut(BaseModel):
    """Cohorts, oldest first; each has a count for every month up to the current one."""

    as_of: datetime
    unit: Literal["month"] = "month"
    cohorts: list[CohortOut]


class MonthOut(BaseModel):
    """One month; `revenue` is exact."""

    month: str
    revenue: Exact
    orders: int
    customers: int
    new_customers: int

    @classmethod
    def of(cls, month: Month) -> "MonthOut":
        return cls.model_validate(month, from_attributes=True)


class TotalsOut(BaseModel):
    """All months together. `average_order` is revenue over orders; `repeat_share` the share of buyers with two or more orders."""

    revenue: Exact
    orders: int
    customers: int
    repeat_customers: int
    repeat_share: float | None
    average_order: Exact | None
    purchase_days: int
    first_day: date | None
    last_day: date | None

    @classmethod
    def of(cls, totals: Totals) -> "TotalsOut":
        return cls.model_validate(totals, from_attributes=True)


class RevenueOut(BaseModel):
    """Months, oldest first."""

    as_of: datetime
    unit: Literal["month"] = "month"
    rows: list[MonthOut]
    totals: TotalsOut


@retention_routes.get("", operation_id="retention_matrix", dependencies=[needs("analysis.read")])
def retention_matrix(tx: Db, unit: Literal["month"] = "month") -> RetentionOut:
    """Who comes back, month by month."""
    found = service.retention(tx)
    return RetentionOut(as_of=found.as_of, unit=unit, cohorts=[CohortOut.of(cohort) for cohort in found.cohorts])


@revenue_routes.get("", operation_id="revenue_by_month", dependencies=[needs("analysis.read")])
def revenue_by_month(tx: Db, unit: Literal["month"] = "month") -> RevenueOut:
    """What each month brought."""
    found = service.revenue(tx)
    return RevenueOut(as_of=found.as_of, unit=unit, rows=[MonthOut.of(month) for month in found.months], totals=TotalsOut.of(found.totals))
