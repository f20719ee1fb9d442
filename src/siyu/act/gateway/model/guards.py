"""May we, now? Pure functions from an action and what is known to a verdict, run in order; the first refusal stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.actions import Action, Purpose
from siyu.act.gateway.model.policy import Policy, allowance, quiet_soon
from siyu.kernel.ids import CustomerId, IdentityId, StaffId
from siyu.kernel.time import business_day


@dataclass(frozen=True)
class Allow:
    pass


@dataclass(frozen=True)
class Refuse:
    """Never for this action; `reason` is a stable code."""

    reason: str


@dataclass(frozen=True)
class Hold:
    """Not before `until`; asked again then."""

    until: datetime
    reason: str


Verdict = Allow | Refuse | Hold


@dataclass(frozen=True)
class Contact:
    """One standing relation through which a customer can be reached. `hindrance`: why the member may not send, None when they may."""

    corp_id: str
    staff_id: StaffId | None
    sender: str
    external_userid: str
    last_talked_at: datetime | None
    added_at: datetime
    identity_id: IdentityId | None = None
    hindrance: str | None = None


@dataclass(frozen=True)
class Reach:
    """What is known about one person when the guards look. `promotions_this_week`: those sent in the brand's calendar week and all still under way.

    `reached_elsewhere`: group sends of members and of other apps that reached them in that week, as far as they have been read back.
    `received`: all group sends, ours and others', that reached them in the window of WeCom's own rule, and ours still under way.
    """

    customer_id: CustomerId
    contacts: tuple[Contact, ...] = ()
    opted_out: bool = False
    promotions_this_week: int = 0
    reached_elsewhere: int = 0
    received: int = 0


Level = Literal["block", "warn"]


@dataclass(frozen=True)
class Circumstances:
    """What is known about the moment and the brand: one for a whole chunk. `words` are the blocked terms found in the action's content."""

    now: datetime
    tz: ZoneInfo
    policy: Policy = field(default_factory=Policy)
    words: tuple[str, ...] = ()
    budget_fen: int | None = None


Guard = Callable[[Action, Reach, Circumstances], Verdict]


def opt_out(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """Whoever asked not to be written to is not written to, promotion or not: a group send is never so necessary."""
    return Refuse("opted_out") if reach.opted_out else Allow()


def relation(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """Somebody must stand in a relation to the customer, or there is nobody to ask."""
    return Allow() if reach.contacts else Refuse("no_relation")


def sender(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """One of those who know the customer must be in service, with an activated account, the customer-contact function and a licence where it needs one."""
    if any(contact.hindrance is None for contact in reach.contacts):
        return Allow()
    return Refuse(f"sender_{choose(reach.contacts).hindrance}")


def frequency_cap(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """At most one promotion reaches one customer in a calendar week of the brand's zone. Predicts; the conditional update in reserve decides.

    What others sent through WeCom presses on the same customer and counts too; as nobody says what for, as a promotion.
    """
    if action.purpose is not Purpose.PROMOTION or action.lifts_cap:
        return Allow()
    if reach.promotions_this_week >= when.policy.promotions_a_week:
        return Refuse("frequency_cap")
    over = reach.promotions_this_week + reach.reached_elsewhere >= when.policy.promotions_a_week
    return Refuse("recently_reached_elsewhere") if over else Allow()


def receiver_limit(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """Who can receive no more group sends by WeCom's own rule is left out: WeCom would take the task and deliver nothing."""
    _, most = allowance(when.policy.receiver_rule, business_day(when.now, when.tz))
    return Refuse("over_limit") if reach.received >= most else Allow()


def quiet_hours(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """Promotions wait for the morning; one that would outlive its action is refused at once, so that nobody waits in vain."""
    until = quiet_soon(when.now, when.tz, when.policy) if action.purpose is Purpose.PROMOTION else None
    if until is None:
        return Allow()
    return Hold(until, "quiet_hours") if until < action.expires_at else Refuse("quiet_hours")


def blocked_words(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """The content holds a term of level `block`."""
    return Refuse("blocked_words") if when.words else Allow()


def approval(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """The second belt: campaigns ask for approval themselves before they start."""
    return Allow() if action.approved else Refuse("not_approved")


def budget(action: Action, reach: Reach, when: Circumstances) -> Verdict:
    """What one message costs must be there. Without a budget set there is no limit."""
    return Refuse("over_budget") if when.budget_fen is not None and action.cost_fen > when.budget_fen else Allow()


GUARDS: tuple[Guard, ...] = (opt_out, relation, sender, frequency_cap, receiver_limit, quiet_hours, blocked_words, approval, budget)


def judge(action: Action, reach: Reach, when: Circumstances, guards: Sequence[Guard] = GUARDS) -> Verdict:
    """The first refusal; else the hold that ends last; else Allow. The arm plays no part: both arms meet the same rules."""
    held: Hold | None = None
    for guard in guards:
        match guard(action, reach, when):
            case Refuse() as refusal:
                return refusal
            case Hold() as hold if held is None or hold.until > held.until:
                held = hold
    return held if held is not None else Allow()


def choose(contacts: Sequence[Contact]) -> Contact:
    """Who is asked to send: of those who may, whoever last talked to the customer, else whoever knows them longest.

    Ties go by userid, so that every run chooses alike.
    """
    never = min(contact.added_at for contact in contacts) - timedelta(days=1)
    return min([it for it in contacts if it.hindrance is None] or contacts, key=lambda it: (-(it.last_talked_at or never).timestamp(), it.added_at, it.sender))
