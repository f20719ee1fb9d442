"""One whole turn of the loop on the virtual clock, by API alone, held against the sandbox's own books."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from siyu.app.demo import brand as brands
from siyu.app.demo.stage import Refused, Sandbox, Siyu, connect, finish_orders, install, mark_as_sandbox, sign_in, store_ahead, upload_orders
from siyu.infra.settings import Settings

BEGINS = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""A Monday, half past nine in Shanghai."""
HORIZON_DAYS = 2
SEGMENT = {"contact": "yes", "ordered": "yes"}
SCENARIO = {"staff": {"confirm_rate": 1.0}, "customer": {"open_rate": 0.3, "order_rate": 0.3, "delete_rate": 0.01}}


class Differs(AssertionError):
    """siyu's figures and the sandbox's books disagree."""


def check(*, people: int | None = None) -> int:
    """Run it all in a scratch folder on free ports; the last line printed is one JSON object. Returns 0, or 1 when a step failed.

    `people`: only so many of the brand's customers, for a quick look.
    """
    began = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="siyu-demo-"))
    scratch.chmod(0o711)
    say = _teller(began)
    report: dict[str, Any] = {}
    failed = None
    try:
        _turn(scratch, say, report, people)
    except Exception as broken:
        failed = f"{type(broken).__name__}: {broken}"
        say(f"FAILED {failed}")
        for log in sorted(scratch.rglob("logs/*.log")):
            sys.stderr.write(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}\n")
    report["seconds"] = round(time.monotonic() - began, 1)
    if failed:
        report["failed"] = failed
    else:
        shutil.rmtree(scratch, ignore_errors=True)
    sys.stdout.write(json.dumps(report, ensure_ascii=False, default=str) + "\n")
    return 1 if failed else 0


def _teller(began: float) -> Callable[[str], None]:
    def say(line: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - began:6.1f} s] {line}\n")
        sys.stderr.flush()

    return say


def _turn(scratch: Path, say: Callable[[str], None], report: dict[str, Any], people: int | None) -> None:
    with store_ahead(scratch / "siyu") as store:
        brand = brands.make(scratch / "brand", BEGINS, people=people)
        scenario = scratch / "scenario.json"
        scenario.write_text(json.dumps(SCENARIO), encoding="utf-8")
        say(f"the shop's past, shifted by {brand.weeks} weeks, amounts as yuan")
        sandbox = Sandbox.start(scratch / "sandbox", brand.population, at=BEGINS, speed=0, scenario=scenario)
        settings = Settings(home=scratch / "siyu", port=0, clock_file=Path(sandbox.address["clock_file"]), log_level="info")
        installation = None
        try:
            store.result()
            installation = install(settings)
            say(f"siyu answers at {installation.address}")
            siyu = Siyu(installation.address)
            sign_in(siyu, brand="思屿生活")
            mark_as_sandbox(settings)
            _observe(siyu, sandbox, installation.address, brand, say, report)
            _understand(siyu, say, report)
            broadcast = _act(siyu, sandbox, say, report)
            _measure(siyu, sandbox, broadcast, say, report)
        finally:
            if installation is not None:
                installation.stop()
            sandbox.stop()


def _observe(siyu: Siyu, sandbox: Sandbox, public: str, brand: brands.Brand, say: Callable[[str], None], report: dict[str, Any]) -> None:
    started = upload_orders(siyu, brand)
    connect(siyu, sandbox, public)  # contacts are read beside the import
    imported = finish_orders(siyu, started)
    say(f"orders imported: {_brief(imported.get('report') or {})}")
    siyu.wait_until_idle(seconds=180)
    report["customers"] = siyu.get("/customers", limit=1)["total"]
    say(f"contacts read; {report['customers']} customers known")


def _understand(siyu: Siyu, say: Callable[[str], None], report: dict[str, Any]) -> None:
    rfm = siyu.get("/rfm")
    months = siyu.get("/revenue", unit="month")
    report["orders"] = months["totals"]["orders"]
    report["revenue_fen"] = round(float(months["totals"]["revenue"]) * 100)
    report["rfm_cells"] = sum(1 for row in rfm["grid"] for cell in row if cell["customers"])
    if rfm["customers"] != months["totals"]["customers"]:
        raise Differs(f"buyers: {rfm['customers']} by RFM, {months['totals']['customers']} by months")
    cohorts = siyu.get("/retention", unit="month")["cohorts"]
    if sum(cohort["size"] for cohort in cohorts) != rfm["customers"]:
        raise Differs("the cohorts do not add up to the buyers")
    say(f"{rfm['customers']} buyers, {report['orders']} orders, {report['rfm_cells']} RFM cells, {len(cohorts)} cohorts")


def _act(siyu: Siyu, sandbox: Sandbox, say: Callable[[str], None], report: dict[str, Any]) -> Any:
    segment = siyu.post("/segments", {"name": "买过且是好友", "filter": SEGMENT})
    material = siyu.post("/materials", {"title": "老客专享", "text": "新到一批家居好物，老朋友先看:{link}", "link_url": f"{sandbox.address['url']}/shop/new"})
    broadcast = siyu.post(
        "/broadcasts",
        {
            "name": "老客上新",
            "segment_id": segment["id"],
            "material_id": material["id"],
            "purpose": "promotion",
            "holdout_bp": 2000,
            "horizon_days": HORIZON_DAYS,
        },
    )
    estimate = siyu.post(f"/broadcasts/{broadcast['id']}/estimate")
    say(f"estimate: {_brief(estimate)}")
    broadcast = siyu.post(f"/broadcasts/{broadcast['id']}/submit")
    if broadcast["state"] == "awaiting_approval":
        broadcast = siyu.post(f"/broadcasts/{broadcast['id']}/approve", {"version": broadcast["version"], "count": broadcast["frozen_count"]})
    say(f"broadcast {broadcast['state']}: {broadcast['frozen_count']} people frozen")
    return broadcast


def _measure(siyu: Siyu, sandbox: Sandbox, broadcast: Any, say: Callable[[str], None], report: dict[str, Any]) -> None:
    end = datetime.fromisoformat(sandbox.get("/sandbox/clock")["business"]) + timedelta(days=HORIZON_DAYS, hours=2)
    now = datetime.fromisoformat(sandbox.get("/sandbox/clock")["business"])
    for minutes in [5, 25, 60, 120, 240] + [720] * (2 * (HORIZON_DAYS + 1)):
        if now >= end:
            break
        now = min(end, now + timedelta(minutes=minutes))
        sandbox.post("/sandbox/step", {"until": now.isoformat(), "coalesce": 1800})
        siyu.wait_until_idle()
    say(f"the town has lived {HORIZON_DAYS} days")
    result = siyu.get(f"/broadcasts/{broadcast['id']}/result")
    lift = siyu.get(f"/broadcasts/{broadcast['id']}/lift")
    books = sandbox.get("/sandbox/books/summary")
    report |= {
        "planned": result["planned"],
        "sent": result["asked"],
        "delivered": result["delivered"],
        "link_opened": result["link_opened"],
        "orders_after": result["orders_after"],
        "refused": {row["reason"]: row["count"] for row in result["refused"]},
        "sandbox": {key: books[key] for key in ("tasks", "sent", "link_opened", "orders")},
        "lift": {"point": lift["point_fen"], "low": lift["low_fen"], "high": lift["high_fen"], "verdict": lift["verdict"]},
    }
    say(f"result: {_brief(result)}")
    _same("delivered", result["delivered"], books["sent"])
    _same("tasks", result["tasks"]["open"] + result["tasks"]["confirmed"], books["tasks"])
    _same("link opened", result["link_opened"], books["link_opened"])
    _same("orders of the town", _orders_since(siyu, BEGINS), books["orders"])
    for name in ("delivered", "link_opened", "orders_after"):
        if not report[name]:
            raise Differs(f"{name} is 0: nothing came round the loop")
    if lift["verdict"] not in {"proven", "not_proven", "harmful"}:
        raise Refused(f"no verdict: {lift['verdict']}")


def _orders_since(siyu: Siyu, begins: datetime) -> int:
    """How many orders siyu has from that day on, page by page."""
    count, cursor = 0, None
    while True:
        page = siyu.get("/orders", **{"from": begins.date().isoformat(), "limit": 100, **({"cursor": cursor} if cursor else {})})
        count, cursor = count + len(page["items"]), page["next_cursor"]
        if cursor is None:
            return count


def _same(what: str, ours: Any, theirs: Any) -> None:
    if ours != theirs:
        raise Differs(f"{what}: siyu says {ours}, the sandbox's books say {theirs}")


def _brief(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 500 else text[:500] + "…"
