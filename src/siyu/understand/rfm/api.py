"""Routes of the RFM grid."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from siyu.infra.http import Db, Exact, needs, router
from siyu.understand.rfm import service
from siyu.understand.rfm.model import NAMES, Cutoffs

routes = router("/rfm", tag="understand")


class CutoffsIn(BaseModel):
    """`r`: days, rising. `f`: orders, rising. `m`: yuan, rising."""

    mode: Literal["quintile", "fixed"]
    measure: Literal["gross", "net"] = "gross"
    r: list[Annotated[int, Field(le=1_000_000)]] | None = None
    f: list[Annotated[int, Field(le=1_000_000)]] | None = None
    m: list[Annotated[Decimal, Field(max_digits=24, decimal_places=10)]] | None = None


class CutoffsOut(BaseModel):
    """The cut-offs in force."""

    mode: str
    measure: str
    r: list[int]
    f: list[int]
    m: list[Exact]


class Cell(BaseModel):
    """Buyers of one cell and their money."""

    customers: int
    revenue: Exact


class NameOut(BaseModel):
    """One of the eight groups."""

    key: str
    zh: str
    en: str
    customers: int
    revenue: Exact
    share: float


class RfmOut(BaseModel):
    """`grid[r-1][f-1]`; bounds are [smallest, largest] raw value per score 1..5, null for a score nobody has."""

    as_of: datetime
    on: date
    cutoffs: CutoffsOut
    grid: list[list[Cell]]
    names: list[NameOut]
    bounds: dict[str, list[list[Exact] | None]]
    means: dict[str, float]
    medians: dict[str, float]
    customers: int
    revenue: Exact

    @classmethod
    def of(cls, view: service.Overview) -> "RfmOut":
        grid = [[Cell(customers=0, revenue=Decimal(0)) for _ in range(5)] for _ in range(5)]
        names = {name.key: Cell(customers=0, revenue=Decimal(0)) for name in NAMES}
        for row in view.cells:
            for cell in (grid[row["r"] - 1][row["f"] - 1], names[row["name"]]):
                cell.customers += row["customers"]
                cell.revenue += row["revenue"]
        bounds: dict[str, list[list[Decimal] | None]] = {dimension: [None] * 5 for dimension in "rfm"}
        for row in view.bounds:
            bounds[row["dimension"]][row["score"] - 1] = [row["low"], row["high"]]
        revenue = view.middle["m_sum"] or Decimal(0)
        people = view.middle["customers"]
        return cls(
            as_of=view.as_of,
            on=view.on,
            cutoffs=CutoffsOut.model_validate(view.cutoffs, from_attributes=True),
            grid=grid,
            names=[
                NameOut(
                    key=name.key,
                    zh=name.zh,
                    en=name.en,
                    customers=names[name.key].customers,
                    revenue=names[name.key].revenue,
                    share=service.share(Decimal(names[name.key].customers), Decimal(people)),
                )
                for name in NAMES
            ],
            bounds=bounds,
            means=_numbers(view.middle, r="r_mean", f="f_mean") | {"m": service.share(revenue, Decimal(people))},
            medians=_numbers(view.middle, r="r_median", f="f_median", m="m_median"),
            customers=people,
            revenue=revenue,
        )


def _numbers(row: Mapping[str, Any], **names: str) -> dict[str, float]:
    return {dimension: float(row[name] or 0) for dimension, name in names.items()}


@routes.get("", operation_id="rfm_overview", dependencies=[needs("analysis.read")])
def rfm_overview(tx: Db) -> RfmOut:
    """Buyers by recency and frequency, with the eight groups."""
    return RfmOut.of(service.overview(tx))


@routes.put("/cutoffs", operation_id="edit_rfm_cutoffs", dependencies=[needs("rfm.edit")])
def edit_rfm_cutoffs(tx: Db, body: CutoffsIn) -> RfmOut:
    """Change what the scores mean, from now on."""
    known = service.cutoffs(tx)
    new = Cutoffs(body.mode, body.measure, tuple(body.r or known.r), tuple(body.f or known.f), tuple(body.m or known.m))
    return RfmOut.of(service.edit(tx, new))
