"""The reckoning after a run: the gateway's books against the platform's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from siyu.act.gateway.model.actions import ActionId, Purpose
from siyu.act.gateway.model.calls import CallState
from siyu.act.gateway.model.intents import FINAL, IntentState
from siyu.act.gateway.model.policy import Policy, quiet_until, quota_window
from siyu.act.gateway.model.tasks import Status, TaskState
from siyu.kernel.ids import CustomerId
from siyu.kernel.time import business_day
from tests.sim.books import DictBooks
from tests.sim.wecom import Truth


def check(
    books: DictBooks,
    truth: Truth,
    people: Mapping[CustomerId, str],
    opt_outs: Mapping[CustomerId, datetime],
    stops: Mapping[ActionId, datetime],
    policy: Policy,
    tz: ZoneInfo,
) -> list[str]:
    """Every broken promise, as a sentence. Empty when all were kept."""
    return [
        *_nobody_twice(books, truth),
        *_nobody_lost(books, truth, people),
        *_caps(books, truth, people, policy, tz),
        *_stops_and_opt_outs(books, truth, people, opt_outs, stops),
        *_quiet(books, truth, policy, tz),
        *_all_settled(books, truth),
    ]


def _action_of(books: DictBooks) -> dict[str, ActionId]:
    """The campaigns' texts are their numbers, so that a delivery names its action."""
    return {action.content.text.split(",")[0]: action.id for action in books.actions.values()}


def _nobody_twice(books: DictBooks, truth: Truth) -> Iterable[str]:
    counts = Counter((delivery.text.split(",")[0], delivery.external_userid) for delivery in truth.deliveries)
    for (text, external), times in sorted(counts.items()):
        if times > 1:
            yield f"{external} got {text!r} {times} times"
    standing: Counter[tuple[str, str]] = Counter()
    for made in truth.tasks.values():
        if not made.cancelled:
            standing.update((made.text.split(",")[0], external) for external in made.rows)
    for (text, external), times in sorted(standing.items()):
        if times > 1:
            yield f"{times} tasks stand for {external} in {text!r}"


def _nobody_lost(books: DictBooks, truth: Truth, people: Mapping[CustomerId, str]) -> Iterable[str]:
    by_text = _action_of(books)
    delivered = {(by_text[it.text.split(",")[0]], it.external_userid) for it in truth.deliveries}
    for (action_id, customer), intent in books.intents.items():
        got = (action_id, people[customer]) in delivered
        if got != (intent.state is IntentState.SENT):
            yield f"{people[customer]} is {intent.state} ({intent.reason}) but {'got' if got else 'did not get'} it"
        if intent.state not in FINAL:
            yield f"{people[customer]} is still {intent.state} ({intent.reason}) when all should be settled"
        if intent.state in FINAL and intent.state is not IntentState.SENT and not intent.reason:
            yield f"{people[customer]} is {intent.state} without a reason"
    for made in truth.tasks.values():
        for external, row in made.rows.items():
            waits = row.status == Status.UNSENT and not made.cancelled
            if waits and any(books.intents[(by_text[made.text.split(",")[0]], customer)].state in FINAL for customer, it in people.items() if it == external):
                yield f"{external} counts as settled while {made.msgid} may still be sent"


def _caps(books: DictBooks, truth: Truth, people: Mapping[CustomerId, str], policy: Policy, tz: ZoneInfo) -> Iterable[str]:
    by_text = _action_of(books)
    weeks: Counter[tuple[str, object]] = Counter()
    for delivery in truth.deliveries:
        if books.actions[by_text[delivery.text.split(",")[0]]].purpose is Purpose.PROMOTION:
            weeks[(delivery.external_userid, quota_window(business_day(delivery.at, tz)))] += 1
    for (external, week), times in sorted(weeks.items(), key=str):
        if times > policy.promotions_a_week:
            yield f"{external} got {times} promotions in the week of {week}"
    held: Counter[tuple[CustomerId, object]] = Counter()
    for intent in books.intents.values():
        if intent.quota_on is not None:
            held[(intent.customer_id, quota_window(intent.quota_on))] += 1
    for slot in sorted(set(held) | set(books.quota), key=str):
        if held[slot] != books.quota[slot]:  # type: ignore[index]
            yield f"quota of {people[slot[0]]} says {books.quota[slot]}, intents hold {held[slot]}"  # type: ignore[index]


def _stops_and_opt_outs(
    books: DictBooks, truth: Truth, people: Mapping[CustomerId, str], opt_outs: Mapping[CustomerId, datetime], stops: Mapping[ActionId, datetime]
) -> Iterable[str]:
    by_text = _action_of(books)
    left = {people[customer]: at for customer, at in opt_outs.items()}
    for started in truth.started:
        for external in started.recipients:
            if external in left and started.at > left[external] + timedelta(seconds=1):
                yield f"a call for {external} began {started.at - left[external]} after the opt-out"
        stop = stops.get(by_text[started.text.split(",")[0]])
        if stop is not None and started.at > stop + timedelta(seconds=2):
            yield f"a call began {started.at - stop} after the stop"


def _quiet(books: DictBooks, truth: Truth, policy: Policy, tz: ZoneInfo) -> Iterable[str]:
    by_text = _action_of(books)
    for started in truth.started:
        action = books.actions[by_text[started.text.split(",")[0]]]
        if action.purpose is Purpose.PROMOTION and quiet_until(started.believed, tz, policy.quiet) is not None:
            yield f"a promotion was asked for at {started.believed.astimezone(tz):%H:%M:%S}"
        if started.believed >= action.expires_at + timedelta(seconds=2):
            yield f"a call began at {started.believed}, after its action expired"


def _all_settled(books: DictBooks, truth: Truth) -> Iterable[str]:
    for call in books.calls.values():
        if call.state in (CallState.READY, CallState.CLAIMED, CallState.UNKNOWN):
            yield f"call {call.marker} is still {call.state}"
    for task in books.tasks.values():
        if task.state is not TaskState.CLOSED:
            yield f"task {task.msgid} is still {task.state}"
    for made in truth.tasks.values():
        if made.msgid not in books.tasks and not made.cancelled and not all(row.status != Status.UNSENT for row in made.rows.values()):
            yield f"task {made.msgid} stands and nobody knows of it"
    for incident in books.incidents:
        yield f"incident: {incident.kind} {len(incident.people)}"
