"""RFM of the brand as it stands, and editing its cut-offs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ibis.expr import types as ir

from siyu import engine, events
from siyu.access import audit
from siyu.infra.tx import Tx
from siyu.kernel.time import business_day
from siyu.understand.purchases import purchases_of, seen
from siyu.understand.rfm import questions, store
from siyu.understand.rfm.model import Cutoffs


@dataclass(frozen=True)
class CutoffsChanged(events.Fact):
    """Operators edited what the scores mean."""

    name = "rfm.cutoffs_changed"
    version_number: int
    mode: str


@dataclass(frozen=True)
class Overview:
    """The grid and what stands around it. `cells`: r, f, name, customers, revenue. `bounds`: raw range per dimension and score. `middle`: means and medians."""

    as_of: datetime
    on: date
    cutoffs: Cutoffs
    cells: Sequence[Mapping[str, Any]]
    bounds: Sequence[Mapping[str, Any]]
    middle: Mapping[str, Any]


def cutoffs(tx: Tx) -> Cutoffs:
    """The cut-offs in force."""
    return store.latest(tx)


def scored(tx: Tx, on: date | None = None) -> ir.Table:
    """The scores of every buyer, as an expression over the replica; `on` defaults to today's business day. Not restricted to the actor's scope."""
    day, cuts = on or business_day(tx.now, tx.tz), store.latest(tx)
    return engine.view(("rfm.scores", tx.tenant_id, tx.tz.key, day, cuts), lambda: questions.scores(purchases_of(tx), cuts, day))


def overview(tx: Tx) -> Overview:
    """Grid, bounds, means and medians of the buyers whom this actor may see; scores are those among all buyers."""
    mine = seen(tx, scored(tx))
    cells = engine.ask(tx, questions.grid(mine))
    bounds = engine.ask(tx, questions.spread(mine)).table.to_pylist()
    (middle,) = engine.ask(tx, questions.middle(mine)).table.to_pylist()
    return Overview(cells.as_of, business_day(tx.now, tx.tz), store.latest(tx), cells.table.to_pylist(), bounds, middle)


def edit(tx: Tx, cutoffs: Cutoffs) -> Overview:
    """Put new cut-offs in force; the old ones stay on record."""
    before = store.latest(tx)
    version = store.append(tx, cutoffs)
    audit.record(tx, "rfm.cutoffs_changed", f"rfm:{version}", cutoffs.plain() | {"before": before.plain()})
    events.append(tx, CutoffsChanged(version, cutoffs.mode), key=f"rfm:{version}")
    return overview(tx)


def share(part: Decimal, whole: Decimal) -> float:
    """Part of the whole, 0 for an empty whole."""
    return float(part / whole) if whole else 0.0
