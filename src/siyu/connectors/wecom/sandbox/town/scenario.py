"""What kind of town it is: every rate, delay and size, as a JSON file may set them."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints


@dataclass(frozen=True)
class Region:
    """A sales region (大区) with the provinces whose customers it serves and one store (门店) per city named."""

    name: str
    provinces: tuple[str, ...]
    store_cities: tuple[str, ...]


REGIONS = (
    Region("华东大区", ("上海市", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省"), ("上海市", "杭州市", "南京市")),
    Region("华北大区", ("北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省", "黑龙江省"), ("北京市", "天津市", "沈阳市")),
    Region("华南大区", ("广东省", "广西壮族自治区", "海南省", "湖南省", "湖北省", "河南省"), ("广州市", "深圳市", "武汉市")),
    Region(
        "西部大区",
        ("重庆市", "四川省", "贵州省", "云南省", "西藏自治区", "陕西省", "甘肃省", "青海省", "宁夏回族自治区", "新疆维吾尔自治区"),
        ("成都市", "西安市", "重庆市"),
    ),
)


@dataclass(frozen=True)
class StaffHabits:
    """How members answer the tasks that siyu gives them. Delays in minutes; they act between `day_starts` and `day_ends` o'clock of the town's zone."""

    confirm_rate: float = 0.95
    """Share of tasks that are confirmed without a reminder."""
    confirm_median_minutes: float = 40.0
    confirm_sigma: float = 0.8
    answer_rate: float = 0.9
    """Share of customers' messages that the member answers."""
    answer_median_minutes: float = 20.0
    answer_sigma: float = 1.0
    confirm_after_reminder_rate: float = 0.5
    """Of those who had not meant to confirm, per reminder."""
    partial_rate: float = 0.0
    """Share of confirmed tasks with allow_select that go to half of the list only."""
    day_starts: int = 9
    day_ends: int = 21


@dataclass(frozen=True)
class CustomerHabits:
    """What customers do after a message.

    A population file may give a customer own `open_rate`, `order_rate`, `reply_rate`, `delete_rate` and `orders_per_month`.
    """

    open_rate: float = 0.35
    """Share of deliveries whose link is opened."""
    open_median_minutes: float = 60.0
    open_sigma: float = 1.2
    order_rate: float = 0.25
    """Share of openings followed by an extra order: the uplift. Extra orders per delivery = open_rate x order_rate."""
    order_median_minutes: float = 180.0
    order_sigma: float = 1.0
    reply_rate: float = 0.03
    reply_median_minutes: float = 90.0
    delete_rate: float = 0.005
    """Share of deliveries after which the customer deletes the member."""
    delete_median_minutes: float = 120.0
    cap_elsewhere_rate: float = 0.0
    """Share of deliveries that find the customer full of other senders' messages (status 3)."""
    group_messages_per_month: float = 1.0
    """What somebody in a group says there in 30 days."""
    refuse_handover_rate: float = 0.02
    """Share of customers who do not want another member."""
    moment_like_rate: float = 0.04
    """Shares of those who see a moment: who like it, who comment on it, who open its link."""
    moment_comment_rate: float = 0.01
    moment_open_rate: float = 0.02
    moment_median_minutes: float = 180.0
    moment_sigma: float = 1.2
    orders_per_month: float = 0.1
    """Organic orders in 30 days, with or without messages."""
    longest_days: float = 3.0
    """No reaction comes later than this after what caused it."""


@dataclass(frozen=True)
class ShopHabits:
    """The town's shop. Money in yuan."""

    lines_mean: float = 6.0
    quantity_max: int = 12
    price_min: float = 0.1
    price_max: float = 200.0
    price_factor: float = 1.0
    """Catalogue price = median price of the product in the source data x this, within the two bounds."""
    margin_rate: float = 0.45
    """Unit cost = price x (1 - this)."""
    refund_rate: float = 0.03
    refund_median_hours: float = 48.0


@dataclass(frozen=True)
class Scenario:
    """The whole town. `customers` are generated when no population file is given."""

    brand: str = "思屿生活"
    timezone: str = "Asia/Shanghai"
    customers: int = 200
    regions: tuple[Region, ...] = REGIONS
    guides_per_store: int = 4
    second_guide_rate: float = 0.05
    """Share of customers who are also friends with a second guide of their store."""
    group_rate: float = 0.3
    """Share of customers who are in a group of their store."""
    known_days: int = 300
    """Generated customers became friends within this many days before the start."""
    staff: StaffHabits = StaffHabits()
    customer: CustomerHabits = CustomerHabits()
    shop: ShopHabits = ShopHabits()


class BadScenario(ValueError):
    """The file names a field that does not exist, or gives it a value that cannot be meant."""


def load(path: Path | None) -> Scenario:
    """The scenario of a file; fields left out keep their defaults. Raises BadScenario."""
    if path is None:
        return Scenario()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadScenario(f"{path}: {error}") from None
    found = _read(Scenario, raw, "")
    assert isinstance(found, Scenario)
    return found


def _read(kind: Any, raw: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        if not isinstance(raw, dict):
            raise BadScenario(f"{where or 'scenario'}: an object is wanted")
        hints = get_type_hints(kind)
        if unknown := set(raw) - set(hints):
            raise BadScenario(f"{where or 'scenario'}: unknown {', '.join(sorted(unknown))}; known: {', '.join(hints)}")
        assert isinstance(kind, type)
        return kind(**{name: _read(hints[name], value, f"{where}.{name}".strip(".")) for name, value in raw.items()})
    if get_args(kind):
        if not isinstance(raw, list):
            raise BadScenario(f"{where}: a list is wanted")
        return tuple(_read(get_args(kind)[0], item, where) for item in raw)
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if not isinstance(raw, kind) or isinstance(raw, bool):
        raise BadScenario(f"{where}: {kind.__name__} is wanted")
    if where.endswith("_rate") and not 0 <= raw <= 1:
        raise BadScenario(f"{where}: a rate lies between 0 and 1")
    if isinstance(raw, float | int) and raw < 0:
        raise BadScenario(f"{where}: must not be negative")
    return raw
