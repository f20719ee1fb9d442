"""What kind of town it is: every rate, delay and size, as a JSON file may set them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.town.parameters import BadScenario, number, rate, read

_HOURS = 24


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
    """How members answer the tasks that siyu gives them."""

    confirm_rate: float = rate(0.95)
    """Tasks that are confirmed without a reminder."""
    confirm_median_minutes: float = number(40.0, "minutes")
    """From the task to its confirmation; log-normal, as all delays."""
    confirm_sigma: float = number(0.8, "σ of the logarithm", high=5)
    """Spread of that delay."""
    answer_rate: float = rate(0.9)
    """Customers' messages that the member answers."""
    answer_median_minutes: float = number(20.0, "minutes")
    """From the message to the answer."""
    answer_sigma: float = number(1.0, "σ of the logarithm", high=5)
    """Spread of that delay."""
    confirm_after_reminder_rate: float = rate(0.5)
    """Of those who had not meant to confirm, per reminder."""
    partial_rate: float = rate(0.0)
    """Confirmed tasks with allow_select that go to half of the list only."""
    day_starts: int = number(9, "o'clock", high=23)
    """Members confirm and answer from this hour of the town's zone on …"""
    day_ends: int = number(21, "o'clock", low=1, high=24)
    """… and before this one."""

    def __post_init__(self) -> None:
        if self.day_starts >= self.day_ends:
            raise BadScenario("day_starts must lie before day_ends")


@dataclass(frozen=True)
class CustomerHabits:
    """What customers do after a message.

    A population file may give a customer own `open_rate`, `order_rate`, `reply_rate`, `delete_rate` and `orders_per_month`.
    """

    open_rate: float = rate(0.35)
    """Deliveries whose link is opened, by somebody of middling activity who is not tired, at an hour with factor 1."""
    open_median_minutes: float = number(60.0, "minutes")
    """From the delivery to the opening."""
    open_sigma: float = number(1.2, "σ of the logarithm", high=5)
    """Spread of that delay."""
    activity_sigma: float = number(0.0, "σ of the logarithm", high=3)
    """Spread of customers' activity: a log-normal factor of mean 1, each customer's own, on the odds of opening. 0: all are alike."""
    hour_factors: tuple[float, ...] = number((1.0,) * _HOURS, "× odds of opening", high=100)
    """24 factors by the hour of the delivery, from midnight of the town's zone on. 1 changes nothing."""
    order_rate: float = rate(0.25)
    """Openings followed by an extra order: the uplift. Extra orders per delivery = open_rate x order_rate."""
    order_median_minutes: float = number(180.0, "minutes")
    """From the opening to the order."""
    order_sigma: float = number(1.0, "σ of the logarithm", high=5)
    """Spread of that delay."""
    reply_rate: float = rate(0.03)
    """Deliveries that the customer answers."""
    reply_median_minutes: float = number(90.0, "minutes")
    """From the delivery to the answer."""
    delete_rate: float = rate(0.005)
    """Deliveries after which the customer deletes the member, tired or not."""
    delete_median_minutes: float = number(120.0, "minutes")
    """From the delivery to the deletion."""
    cap_elsewhere_rate: float = rate(0.0)
    """Deliveries that find the customer full of other senders' messages (status 3)."""
    group_messages_per_month: float = number(1.0, "messages in 30 days")
    """What somebody in a group says there."""
    refuse_handover_rate: float = rate(0.02)
    """Customers who do not want another member."""
    moment_like_rate: float = rate(0.04)
    """Of those who see a moment: who like it."""
    moment_comment_rate: float = rate(0.01)
    """Who comment on it."""
    moment_open_rate: float = rate(0.02)
    """Who open its link."""
    moment_median_minutes: float = number(180.0, "minutes")
    """From the moment's publication to each of these."""
    moment_sigma: float = number(1.2, "σ of the logarithm", high=5)
    """Spread of that delay."""
    orders_per_month: float = number(0.1, "orders in 30 days", high=1000)
    """Organic orders, with or without messages: the mean over customers while they are active."""
    longest_days: float = number(3.0, "days", high=365)
    """No reaction comes later than this after what caused it."""

    def __post_init__(self) -> None:
        if len(self.hour_factors) != _HOURS:
            raise BadScenario(f"hour_factors: {_HOURS} numbers are wanted, not {len(self.hour_factors)}")


@dataclass(frozen=True)
class Fatigue:
    """What too many messages do to customers.

    Pressure counts the messages that a customer had lately, over all channels, each fading by half in `half_life_days`. Load is the pressure before a
    message, in tolerances. Load lowers the odds of opening and ordering; beyond 1, people mute, complain and delete.
    """

    tolerance: float = number(0.0, "messages", high=1000)
    """The pressure that a customer bears. 0: nobody ever tires, and the rest of this section is without effect."""
    tolerance_sigma: float = number(0.5, "σ of the logarithm", high=3)
    """Spread of customers' tolerance around that median."""
    half_life_days: float = number(3.0, "days", low=0.01, high=365)
    """After this long a message presses half as much."""
    welcome_weight: float = number(1.0, "group sends", high=100)
    """What a welcome message presses, next to a group send to one customer."""
    moment_weight: float = number(0.2, "group sends", high=100)
    """What a moment presses on those who see it."""
    service_weight: float = number(0.0, "group sends", high=100)
    """What a message of 微信客服 presses: the customer asked for it."""
    others_per_week: float = number(0.0, "messages in 7 days", high=1000)
    """What every customer gets from other brands all the time; it presses like ours."""
    open_decline: float = number(0.7, "per unit of load", high=100)
    """Odds of opening x exp(-this x load)."""
    order_decline: float = number(0.5, "per unit of load", high=100)
    """Odds of ordering after an opening x exp(-this x load)."""
    mute_rate: float = rate(0.05, "chance")
    """Chance of muting, per message and unit of load beyond 1."""
    mute_days: float = number(45.0, "days", low=0.01, high=3650)
    """While it lasts, somebody who muted notices no message: no opening, answer, complaint or deletion follows, and nothing presses."""
    complain_rate: float = rate(0.01, "chance")
    """Chance of a complaint, per message and unit of load beyond 1."""
    delete_rate: float = rate(0.015, "chance")
    """Chance of deleting the member, per message and unit of load beyond 1."""
    annoyed_median_minutes: float = number(15.0, "minutes")
    """From the delivery to muting or complaining."""
    estranged_order_rate: float = rate(0.6)
    """Organic orders that remain of those who have muted, or have deleted every member."""


@dataclass(frozen=True)
class Buying:
    """How organic orders differ between customers and how they end: BG/NBD.

    While active, a customer orders at a personal rate, drawn from a gamma distribution; after each order the customer drops out for good with a personal
    chance, drawn from a beta distribution. Source: Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2), 2005.
    """

    rate_shape: float = number(0.0, "r of the gamma distribution", high=1000)
    """Small: few order much, most hardly. Its mean is customer.orders_per_month, so its α = rate_shape / orders_per_month in months of 30 days. 0: all
    order at the mean rate. A customer whose own rate stands in the population file keeps it."""
    dropout_a: float = number(0.0, "a of the beta distribution", high=1000)
    """The chance of dropping out after an order has mean a / (a + b). 0: nobody drops out."""
    dropout_b: float = number(1.0, "b of the beta distribution", low=0.01, high=1000)
    """The larger, the more loyal."""


@dataclass(frozen=True)
class Referrals:
    """Content customers bring friends: neither tired nor muted, and still friends with a member."""

    friend_rate: float = rate(0.0, "chance")
    """Chance that a content customer brings a friend after an order."""
    friend_median_days: float = number(2.0, "days", high=365)
    """From the order to the friend's scan of the member's code."""
    content_load: float = number(1.0, "tolerances", high=100)
    """Above this load a customer is not content."""


@dataclass(frozen=True)
class ShopHabits:
    """The town's shop. Money in yuan."""

    lines_mean: float = number(6.0, "lines", low=1, high=60)
    """Lines of an order; 1 and an exponential part, at most 60."""
    quantity_max: int = number(12, "pieces", low=1)
    """Of one line: 1 to this, each as likely."""
    price_min: float = number(0.1, "yuan")
    """No price is lower."""
    price_max: float = number(200.0, "yuan")
    """No price is higher."""
    price_factor: float = number(1.0, "factor")
    """Catalogue price = median price of the product in the source data x this, within the two bounds."""
    margin_rate: float = rate(0.45)
    """Unit cost = price x (1 - this)."""
    refund_rate: float = rate(0.03)
    """Orders that are given back, whole."""
    refund_median_hours: float = number(48.0, "hours")
    """From payment to refund; at most 14 days."""

    def __post_init__(self) -> None:
        if self.price_min > self.price_max:
            raise BadScenario("price_min must not be above price_max")


@dataclass(frozen=True)
class Scenario:
    """The whole town. `customers` are generated when no population file is given."""

    brand: str = "思屿生活"
    """Its name."""
    timezone: str = "Asia/Shanghai"
    """The town's zone, by its IANA name."""
    customers: int = number(200, "people")
    """How many live there at the start."""
    regions: tuple[Region, ...] = REGIONS
    """Sales regions (大区) with their provinces and stores."""
    guides_per_store: int = number(4, "members", low=1, high=1000)
    """导购 of each store."""
    second_guide_rate: float = rate(0.05)
    """Customers who are also friends with a second guide of their store."""
    group_rate: float = rate(0.3)
    """Customers who are in a group of their store."""
    known_days: int = number(300, "days", high=36_500)
    """Generated customers became friends within this many days before the start."""
    staff: StaffHabits = StaffHabits()
    customer: CustomerHabits = CustomerHabits()
    fatigue: Fatigue = Fatigue()
    buying: Buying = Buying()
    referrals: Referrals = Referrals()
    shop: ShopHabits = ShopHabits()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError, KeyError):
            raise BadScenario(f"timezone: no such zone: {self.timezone}") from None


def told(path: Path | None, shipped: Path | None = None) -> Any:
    """What a file says, or a name among those in the folder `shipped`, as decoded JSON; nothing without either. Raises BadScenario."""
    if path is None:
        return {}
    file = path if path.is_file() or shipped is None else shipped / f"{path}.json"
    if not file.is_file():
        names = sorted(found.stem for found in shipped.glob("*.json")) if shipped else []
        raise BadScenario(f"{path}: no such file" + (f", and none of {', '.join(names)}" if names else ""))
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadScenario(f"{file}: {error}") from None


def made(raw: Any) -> Scenario:
    """The scenario of decoded JSON; fields left out keep their defaults. Raises BadScenario."""
    found = read(Scenario, raw)
    assert isinstance(found, Scenario)
    return found


def load(path: Path | None, shipped: Path | None = None) -> Scenario:
    """The scenario of a file or of a shipped name. Raises BadScenario."""
    return made(told(path, shipped))
