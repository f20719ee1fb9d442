"""What the first page lends the app."""

from siyu.infra.wiring import Capability, Metric
from siyu.measure.today.api import search_routes, today_routes
from siyu.measure.today.model import FIGURES

capability = Capability(
    name="today",
    routers=[today_routes, search_routes],
    metrics=[Metric(f"today.{one.id}", one.zh, one.en, one.unit, one.definition_zh, one.definition_en) for one in FIGURES],
)
