"""Which calls the app may make: the cheapest reading call of each kind, and which features need it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from siyu.connectors.wecom import Action, Refused, WeComError
from siyu.observe.contacts.doctor.visit import Visit, found, skipped
from siyu.observe.contacts.findings import Finding

OUT_OF_RANGE = (50002, 60011, 60030)
LISTED_SENDS = 100
MONTH = timedelta(days=30)


def address_book(visit: Visit) -> Finding:
    """Departments and members."""

    def departments() -> Mapping[str, Any]:
        return {"departments": len(visit.client.departments())}

    return _right(visit, "address_book", departments)


def customers(visit: Visit) -> Finding:
    """Whether the app is listed under 可调用接口的应用 and anybody in its range has the customer-contact function."""

    def follow_users() -> Mapping[str, Any]:
        visit.members = visit.client.follow_users()
        return {"members": len(visit.members)}

    finding = _right(visit, "customers", follow_users)
    return found("customers", "error", "nobody") if visit.members is not None and not visit.members else finding


def tags(visit: Visit) -> Finding:
    """The tag library."""

    def library() -> Mapping[str, Any]:
        visit.tags = sum(len(group.tags) for group in visit.client.corp_tags())
        return {"tags": visit.tags}

    return _right(visit, "tags", library)


def contact_ways(visit: Visit) -> Finding:
    """Codes by which customers come in."""

    def first() -> Mapping[str, Any]:
        next(visit.client.contact_way_ids(), None)
        return {}

    return _right(visit, "contact_ways", first)


def group_chats(visit: Visit) -> Finding:
    """Customer groups, of one member alone: asking for everybody's is refused in a large corp."""
    if not visit.members:
        return skipped("group_chats", visit.barred or "customers")
    owner = visit.sample()[:1]

    def first() -> Mapping[str, Any]:
        next(visit.client.group_chats(owner), None)
        return {}

    return _right(visit, "group_chats", first)


def group_sends(visit: Visit) -> Finding:
    """Group sends of the last month, one page of them."""
    now = visit.held.now if visit.held else visit.clock()

    def page() -> Mapping[str, Any]:
        visit.sends = len(list(islice(visit.client.group_sends(now - MONTH, now), LISTED_SENDS)))
        return {}

    return _right(visit, "group_sends", page)


def _right(visit: Visit, check: str, call: Callable[[], Mapping[str, Any]]) -> Finding:
    if visit.barred:
        return skipped(check, visit.barred)
    try:
        return Finding(check, "ok", "ok", visit.ask(call))
    except Refused as refused:
        facts = {"code": refused.code, "reason": refused.reason[:200]}
        if refused.action in (Action.WAIT, Action.SLOW):
            return Finding(check, "warning", "busy", facts)
        if refused.code in OUT_OF_RANGE:
            return Finding(check, "error", "out_of_range", facts)
        return Finding(check, "error", "forbidden" if refused.action is Action.CONFIG else "refused", facts)
    except WeComError as error:
        return found(check, "warning", "no_answer", detail=error.detail)
