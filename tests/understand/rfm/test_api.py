"""The grid of a living brand against fifths counted by hand; cut-offs with history; scope."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from siyu.infra.tx import SYSTEM
from siyu.understand import rfm
from siyu.understand.rfm import service
from siyu.understand.rfm.model import Cutoffs
from tests.crowd import Crowd
from tests.understand.oracle import TODAY, days, expected


@pytest.mark.parametrize("login", ["owner", "analyst", "supervisor", "nobody"])
def test_the_grid_counts_the_scope_by_scores_among_all_buyers(crowd: Crowd, login: str) -> None:
    found = crowd.get("/api/rfm", login)
    known = expected(crowd)
    mine = [known[str(person.id)] for person in crowd.seen(login) if person.paid]
    cells = Counter((one.scores or (0, 0, 0))[:2] for one in mine)
    assert [[cell["customers"] for cell in row] for row in found["grid"]] == [[cells[r, f] for f in range(1, 6)] for r in range(1, 6)]
    names = Counter(one.rfm_name for one in mine)
    assert {one["key"]: one["customers"] for one in found["names"]} == {name.key: names[name.key] for name in rfm.NAMES}
    assert (found["customers"], Decimal(found["revenue"])) == (len(mine), sum((one.person.revenue for one in mine), Decimal(0)))
    assert sum(Decimal(cell["revenue"]) for row in found["grid"] for cell in row) == Decimal(found["revenue"])
    if mine:
        silent = sorted((TODAY - days(one.person)[-1]).days for one in mine)
        assert found["means"]["r"] == pytest.approx(sum(silent) / len(silent))
        assert found["medians"]["r"] == (silent[len(silent) // 2] + silent[(len(silent) - 1) // 2]) / 2
        assert sum(one["share"] for one in found["names"]) == pytest.approx(1)
    assert found["on"] == TODAY.isoformat()


def test_a_cell_links_to_the_customers_in_it(crowd: Crowd) -> None:
    grid = crowd.get("/api/rfm")["grid"]
    for r, f in ((1, 1), (5, 5), (3, 2)):
        assert crowd.get("/api/customers", rfm=f"{r}-{f}", limit=1)["total"] == grid[r - 1][f - 1]["customers"]


class TestCutoffs:
    def test_the_latest_hold_and_the_old_ones_stay(self, crowd: Crowd) -> None:
        with crowd.acting("analyst") as tx:
            assert service.cutoffs(tx) == Cutoffs()
            fixed = Cutoffs("fixed", "net", (7, 30, 90, 180), (2, 4, 6, 9), (Decimal(50), Decimal(200), Decimal(500), Decimal("900.5")))
            view = service.edit(tx, fixed)
            assert view.cutoffs == service.cutoffs(tx) == fixed
            service.edit(tx, Cutoffs())
            kept = tx.execute("select version, cutoffs ->> 'mode' as mode from rfm_cutoffs where tenant_id = :tenant_id order by version").all()
            assert [tuple(row) for row in kept] == [(1, "fixed"), (2, "quintile")]

    def test_fixed_ones_are_counted_as_said(self, crowd: Crowd) -> None:
        with crowd.acting() as tx:
            cells = service.edit(tx, Cutoffs("fixed", "net")).cells
        by_score: Counter[tuple[int, int]] = Counter()
        for person in crowd.people:
            if person.paid:
                silent = (TODAY - days(person)[-1]).days
                r, f = 1 + sum(silent <= bound for bound in (30, 60, 120, 240)), 1 + sum(len(person.paid) >= least for least in (2, 3, 5, 8))
                by_score[r, f] += 1
        found: Counter[tuple[int, int]] = Counter()
        for cell in cells:
            found[cell["r"], cell["f"]] += cell["customers"]
        assert found == by_score
        net = sum((person.revenue - sum((order.refunded for order in person.paid), Decimal(0)) for person in crowd.people), Decimal(0))
        assert sum(cell["revenue"] for cell in cells) == net

    @pytest.mark.parametrize("change", [{"r": [30, 30, 90, 180]}, {"f": [5, 4, 3, 2]}, {"m": ["1", "2", "3"]}, {"r": [-1, 2, 3, 4]}])
    def test_bounds_that_do_not_rise_are_refused(self, crowd: Crowd, change: dict[str, Any]) -> None:
        answer = crowd.client().put("/api/rfm/cutoffs", json={"mode": "fixed", **change})
        assert (answer.status_code, answer.json()["code"]) == (422, "rfm.bad_cutoffs")

    @pytest.mark.parametrize("change", [{"r": [1, 2, 3, 10**30]}, {"f": [1, 2, 3, 10**18]}])
    def test_what_nobody_can_mean_is_refused_by_name(self, crowd: Crowd, change: dict[str, Any]) -> None:
        answer = crowd.client().put("/api/rfm/cutoffs", json={"mode": "fixed", **change})
        assert answer.status_code == 422 and next(iter(change)) in answer.text

    def test_the_audit_log_has_the_old_and_the_new_ones(self, crowd: Crowd) -> None:
        new = Cutoffs("fixed", r=(7, 30, 90, 180), m=(Decimal(1), Decimal(2), Decimal(3), Decimal("4.5")))
        with crowd.acting("analyst") as tx:
            service.edit(tx, new)
            told = tx.execute("select detail from audit_entries where tenant_id = :tenant_id order by seq desc limit 1").scalar_one()
        assert told == new.plain() | {"before": Cutoffs().plain()}

    def test_supervisors_do_not_edit(self, crowd: Crowd) -> None:
        assert crowd.client("supervisor").put("/api/rfm/cutoffs", json={"mode": "quintile"}).status_code == 403
        with crowd.database.transaction(crowd.tenant, SYSTEM) as tx:
            assert tx.execute("select count(*) from rfm_cutoffs where tenant_id = :tenant_id").scalar() == 0
