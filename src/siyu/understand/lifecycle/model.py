"""Where a customer stands on the way from stranger to regular: seven stages, told apart by days and orders."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from siyu.kernel.errors import Refusal

StageKey = Literal["seed", "newly_converted", "maintained", "super_user", "won_back", "at_risk", "lost"]


class BadThresholds(Refusal):
    """Thresholds must be positive, and `at_risk_days` smaller than `lost_days`."""

    code = "lifecycle.bad_thresholds"
    status = 422


@dataclass(frozen=True)
class Thresholds:
    """Days and orders between the stages. `new_days`: a first order this recent. `super_orders`: orders that make a super user, within `super_days`.

    More than `at_risk_days` without an order is a risk, more than `lost_days` a loss; an order after a pause longer than `lost_days` wins back.
    """

    new_days: int = 30
    super_orders: int = 8
    super_days: int = 365
    at_risk_days: int = 60
    lost_days: int = 180

    def __post_init__(self) -> None:
        """Raises BadThresholds."""
        if min(self.new_days, self.super_orders, self.super_days, self.at_risk_days) < 1 or self.lost_days <= self.at_risk_days:
            raise BadThresholds(at_risk_days=self.at_risk_days, lost_days=self.lost_days)


@dataclass(frozen=True)
class Stage:
    """One stage with its rule as operators read it."""

    key: StageKey
    zh: str
    en: str


STAGES: tuple[Stage, ...] = (
    Stage("seed", "种子用户", "Seed"),
    Stage("newly_converted", "新成交", "Newly converted"),
    Stage("maintained", "维系期", "Maintained"),
    Stage("super_user", "超级用户", "Super user"),
    Stage("won_back", "已召回", "Won back"),
    Stage("at_risk", "流失风险", "At risk"),
    Stage("lost", "已流失", "Lost"),
)


@dataclass(frozen=True)
class History:
    """What the stage depends on: business days of the first, the last and the last-but-one day with a paid order, orders within `super_days`."""

    first_day: date | None
    last_day: date | None
    previous_day: date | None
    recent_orders: int


def stage_of(history: History, thresholds: Thresholds, on: date) -> StageKey:
    """The stage on a business day; the first that fits, in the order: seed, lost, at risk, won back, super, new, maintained."""
    if history.last_day is None or history.first_day is None:
        return "seed"
    silent = (on - history.last_day).days
    if silent > thresholds.lost_days:
        return "lost"
    if silent > thresholds.at_risk_days:
        return "at_risk"
    if history.previous_day is not None and (history.last_day - history.previous_day).days > thresholds.lost_days:
        return "won_back"
    if history.recent_orders >= thresholds.super_orders:
        return "super_user"
    if (on - history.first_day).days <= thresholds.new_days:
        return "newly_converted"
    return "maintained"


def sentence(key: StageKey, t: Thresholds, language: Literal["zh-CN", "en-US"]) -> str:
    """The rule of a stage in words."""
    zh = {
        "seed": "还没有付过款",
        "newly_converted": f"首单在近 {t.new_days} 天内",
        "maintained": f"近 {t.at_risk_days} 天内有订单",
        "super_user": f"近 {t.super_days} 天内 ≥ {t.super_orders} 单，且近 {t.at_risk_days} 天内有订单",
        "won_back": f"停购超过 {t.lost_days} 天后又在近 {t.at_risk_days} 天内下单",
        "at_risk": f"{t.at_risk_days + 1}–{t.lost_days} 天没有订单",
        "lost": f"超过 {t.lost_days} 天没有订单",
    }
    en = {
        "seed": "has not paid yet",
        "newly_converted": f"first order within {t.new_days} days",
        "maintained": f"an order within {t.at_risk_days} days",
        "super_user": f"≥ {t.super_orders} orders in {t.super_days} days, the last within {t.at_risk_days} days",
        "won_back": f"ordered within {t.at_risk_days} days after a pause of more than {t.lost_days} days",
        "at_risk": f"no order for {t.at_risk_days + 1}–{t.lost_days} days",
        "lost": f"no order for more than {t.lost_days} days",
    }
    return (zh if language == "zh-CN" else en)[key]
