"""What people would do, decided by the seed: pure, so that a test can ask without a town."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.connectors.wecom.sandbox.draws import Draws
from siyu.connectors.wecom.sandbox.town.moods import CONTENT, Mood
from siyu.connectors.wecom.sandbox.town.scenario import Scenario

DAY = 86_400.0
MONTH = 30 * DAY


@dataclass(frozen=True)
class Rates:
    """One customer's own rates."""

    open_rate: float
    order_rate: float
    reply_rate: float
    delete_rate: float


@dataclass(frozen=True)
class Reaction:
    """What one delivery leads to, as business seconds after it; None when it does not happen. `order` counts from the opening."""

    open: float | None
    order: float | None
    reply: float | None = None
    delete: float | None = None
    mute: float | None = None
    complain: float | None = None


NOTHING = Reaction(None, None)


class Habits:
    """Each draw is keyed by the person and by a count of the same kind of occasion, never by an id that depends on who called first."""

    def __init__(self, scenario: Scenario, draws: Draws) -> None:
        self._scenario = scenario
        self._draws = draws
        self._zone = ZoneInfo(scenario.timezone)

    def confirms_after(self, userid: str, occasion: str, asked_at: float) -> float | None:
        """Instant at which a member confirms a task; None for not without a reminder."""
        staff = self._scenario.staff
        if not self._draws.happens(staff.confirm_rate, "confirm", userid, occasion):
            return None
        delay = self._draws.lognormal(staff.confirm_median_minutes, staff.confirm_sigma, "confirm delay", userid, occasion) * 60
        return self.in_hours(asked_at + min(delay, 2 * DAY), staff.day_starts, staff.day_ends)

    def confirms_when_reminded(self, userid: str, occasion: str, nth: int, reminded_at: float) -> float | None:
        staff = self._scenario.staff
        if not self._draws.happens(staff.confirm_after_reminder_rate, "reminded", userid, occasion, nth):
            return None
        delay = self._draws.lognormal(staff.confirm_median_minutes, staff.confirm_sigma, "reminded delay", userid, occasion, nth) * 60
        return self.in_hours(reminded_at + min(delay, DAY), staff.day_starts, staff.day_ends)

    def answers_at(self, userid: str, customer: str, nth: int, asked_at: float) -> float | None:
        """Instant at which a member answers the reply to the nth delivery; None for never."""
        staff = self._scenario.staff
        if not self._draws.happens(staff.answer_rate, "answer", userid, customer, nth):
            return None
        delay = self._draws.lognormal(staff.answer_median_minutes, staff.answer_sigma, "answer delay", userid, customer, nth) * 60
        return self.in_hours(asked_at + min(delay, DAY), staff.day_starts, staff.day_ends)

    def next_group_message(self, chat_id: str, userid: str, nth: int, after: float) -> float | None:
        """Instant at which somebody says their nth word in a group; gaps are exponential, nobody talks between midnight and eight."""
        rate = self._scenario.customer.group_messages_per_month
        return self.in_hours(after + self._draws.exponential(MONTH / rate, "group message", chat_id, userid, nth), 8, 24) if rate > 0 else None

    def likes_moment(self, customer: str, nth: int, mood: Mood = CONTENT) -> dict[str, float]:
        """What the nth moment leads to, as business seconds after its publication: like, comment, open; what does not happen is left out."""
        habits = self._scenario.customer
        found: dict[str, float] = {}
        if mood.muted:
            return found
        interest = math.exp(-self._scenario.fatigue.open_decline * mood.load)
        for act, rate in (("like", habits.moment_like_rate), ("comment", habits.moment_comment_rate), ("open", habits.moment_open_rate)):
            if self._draws.happens(shifted(rate, interest), "moment", act, customer, nth):
                delay = self._draws.lognormal(habits.moment_median_minutes, habits.moment_sigma, "moment delay", act, customer, nth) * 60
                found[act] = min(delay, habits.longest_days * DAY)
        return found

    def refuses_handover(self, customer: str, nth: int) -> float | None:
        """When a customer refuses their nth handover, as a share of the time they have; None for letting it happen."""
        if not self._draws.happens(self._scenario.customer.refuse_handover_rate, "refuse handover", customer, nth):
            return None
        return self._draws.uniform("refuse handover at", customer, nth)

    def full_elsewhere(self, customer: str, nth: int) -> bool:
        return self._draws.happens(self._scenario.customer.cap_elsewhere_rate, "full elsewhere", customer, nth)

    def reacts(self, customer: str, nth: int, rates: Rates, *, at: float, mood: Mood = CONTENT) -> Reaction:
        """To the nth delivery of this customer, at that instant and in that mood."""
        if mood.muted:
            return NOTHING
        habits, fatigue, draws = self._scenario.customer, self._scenario.fatigue, self._draws
        longest = habits.longest_days * DAY

        def delay(kind: str, median_minutes: float, sigma: float) -> float:
            return min(draws.lognormal(median_minutes, sigma, f"{kind} delay", customer, nth) * 60, longest)

        def annoys(chance: float, kind: str) -> bool:
            return mood.excess > 0 and draws.happens(chance * mood.excess, kind, customer, nth)

        interest = self.activity(customer) * self._at_hour(at) * math.exp(-fatigue.open_decline * mood.load)
        opens = draws.happens(shifted(rates.open_rate, interest), "open", customer, nth)
        orders = opens and draws.happens(shifted(rates.order_rate, math.exp(-fatigue.order_decline * mood.load)), "order", customer, nth)
        deletes = draws.happens(rates.delete_rate, "delete", customer, nth) or annoys(fatigue.delete_rate, "tired delete")
        return Reaction(
            open=delay("open", habits.open_median_minutes, habits.open_sigma) if opens else None,
            order=delay("order", habits.order_median_minutes, habits.order_sigma) if orders else None,
            reply=delay("reply", habits.reply_median_minutes, 1.0) if draws.happens(rates.reply_rate, "reply", customer, nth) else None,
            delete=delay("delete", habits.delete_median_minutes, 1.0) if deletes else None,
            mute=delay("mute", fatigue.annoyed_median_minutes, 1.0) if annoys(fatigue.mute_rate, "mute") else None,
            complain=delay("complain", fatigue.annoyed_median_minutes, 1.0) if annoys(fatigue.complain_rate, "complain") else None,
        )

    def activity(self, customer: str) -> float:
        """The customer's own factor on the odds of opening; 1 in the mean over all."""
        sigma = self._scenario.customer.activity_sigma
        return self._draws.lognormal(math.exp(-sigma * sigma / 2), sigma, "activity", customer) if sigma else 1.0

    def _at_hour(self, at: float) -> float:
        return self._scenario.customer.hour_factors[datetime.fromtimestamp(at, self._zone).hour]

    def next_organic(self, customer: str, nth: int, orders_per_month: float, after: float) -> float | None:
        """Instant of the customer's nth order without any cause; gaps are exponential, nobody shops between midnight and eight."""
        if orders_per_month <= 0:
            return None
        return self.in_hours(after + self._draws.exponential(MONTH / orders_per_month, "organic", customer, nth), 8, 24)

    def refunds_after(self, order_no: str) -> float | None:
        """Business seconds after payment at which an order is given back."""
        shop = self._scenario.shop
        if not self._draws.happens(shop.refund_rate, "refund", order_no):
            return None
        return min(self._draws.lognormal(shop.refund_median_hours, 0.6, "refund delay", order_no), 24 * 14) * 3600

    def in_hours(self, at: float, starts: int, ends: int) -> float:
        """The instant itself when it lies in the hours of the town's day, else as far into the next day as it was past the end."""
        local = datetime.fromtimestamp(at, self._zone)
        if starts <= local.hour < ends:
            return at
        opening = local.replace(hour=starts, minute=0, second=0, microsecond=0)
        if local.hour >= ends:
            opening += timedelta(days=1)
        return opening.timestamp() + at % 3600


def shifted(rate: float, factor: float) -> float:
    """The chance whose odds are `factor` times those of `rate`: it never leaves 0…1, and a certainty stays one."""
    return rate if factor == 1 else rate * factor / (1 - rate + rate * factor)
