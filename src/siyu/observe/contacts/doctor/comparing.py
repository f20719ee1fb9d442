"""Both sides side by side: what WeCom lists and what we hold, what is used up, what is refused for lack of a licence."""

from datetime import timedelta

from siyu.connectors.wecom import Refused, WeComError
from siyu.observe.contacts.doctor.rights import LISTED_SENDS
from siyu.observe.contacts.doctor.visit import Visit, found, skipped
from siyu.observe.contacts.findings import Finding
from siyu.observe.contacts.model import UNLICENSED

TAGS_OLD_CEILING, TAGS_CEILING = 3000, 10_000
"""Which of the two holds for a corp its own settings say; from the lower one on we warn."""
LATE, STALE = timedelta(hours=26), timedelta(hours=50)
FEW_UNIONIDS = 0.5
DIFFERING_SHARE = 0.02
SHOWN = 5


def licence(visit: Visit) -> Finding:
    """Members refused for lack of an interface licence: only apps that a provider built need one."""
    if not visit.members:
        return skipped("licence", visit.barred or "customers")
    without = []
    for userid in visit.sample():
        try:
            visit.ask(lambda userid=userid: next(visit.client.contacts([userid], page_size=1), None))  # type: ignore[misc]
        except Refused as refused:
            without += [userid] if refused.code in UNLICENSED else []
        except WeComError as error:
            return found("licence", "warning", "no_answer", detail=error.detail)
    return found("licence", "error", "missing", members="、".join(without)) if without else found("licence", "ok", members=len(visit.sample()))


def unionid(visit: Visit) -> Finding:
    """How many customers come with a unionid: by it they are found again in shops and mini programs."""
    held = visit.held
    if held is None or not held.contacts:
        return skipped("unionid", "sync")
    share = held.with_unionid / held.contacts
    facts = {"known": held.with_unionid, "of": held.contacts, "percent": round(share * 100)}
    if not held.with_unionid:
        return Finding("unionid", "warning", "unbound", facts)
    return Finding("unionid", "ok" if share >= FEW_UNIONIDS else "warning", "ok" if share >= FEW_UNIONIDS else "few", facts)


def tag_quota(visit: Visit) -> Finding:
    """Tags of the corp against the ceiling."""
    if visit.tags is None:
        return skipped("tag_quota", visit.barred or "tags")
    facts = {"used": visit.tags, "ceiling": TAGS_CEILING, "old_ceiling": TAGS_OLD_CEILING}
    if visit.tags >= TAGS_CEILING:
        return Finding("tag_quota", "error", "full", facts)
    return Finding("tag_quota", "warning" if visit.tags >= TAGS_OLD_CEILING else "ok", "near" if visit.tags >= TAGS_OLD_CEILING else "ok", facts)


def send_quota(visit: Visit) -> Finding:
    """Group sends of the last 30 days, made by whichever app: they share each customer's allowance."""
    if visit.sends is None:
        return skipped("send_quota", visit.barred or "group_sends")
    return found("send_quota", "ok", "many" if visit.sends >= LISTED_SENDS else "ok", sends=visit.sends)


def members(visit: Visit) -> Finding:
    """Members with the customer-contact function whom we do not know."""
    if visit.held is None or visit.held.synced_at is None:
        return skipped("members", "sync")
    if visit.members is None:
        return skipped("members", visit.barred or "customers")
    missing = sorted(set(visit.members) - set(visit.held.listed))
    facts = {"theirs": len(visit.members), "ours": len(visit.members) - len(missing), "missing": "、".join(missing[:SHOWN])}
    return Finding("members", "warning" if missing else "ok", "missing" if missing else "ok", facts)


def contacts(visit: Visit) -> Finding:
    """Customers of a few members, on both sides. A callback may be on its way, so a small difference is none."""
    if visit.held is None or visit.held.synced_at is None:
        return skipped("contacts", "sync")
    if not visit.members:
        return skipped("contacts", visit.barred or "customers")
    theirs: dict[str, int] = {}
    for userid in visit.sample():
        try:
            theirs[userid] = len(visit.ask(lambda userid=userid: visit.client.external_userids(userid)))  # type: ignore[misc]
        except WeComError as error:
            return found("contacts", "warning", "no_answer", detail=error.detail)
    ours = {userid: visit.held.listed.get(userid, 0) for userid in theirs}
    differing = [userid for userid in theirs if abs(theirs[userid] - ours[userid]) > max(2, theirs[userid] * DIFFERING_SHARE)]
    facts = {"sampled": len(theirs), "theirs": sum(theirs.values()), "ours": sum(ours.values()), "members": "、".join(differing)}
    return Finding("contacts", "warning" if differing else "ok", "differ" if differing else "ok", facts)


def sync(visit: Visit) -> Finding:
    """When everything was last read: it should be every night."""
    if visit.held is None:
        return skipped("sync", "secret")
    if visit.held.synced_at is None:
        return found("sync", "warning", "never")
    age = visit.held.now - visit.held.synced_at
    facts = {"at": visit.held.synced_at.isoformat(), "hours": int(age.total_seconds() // 3600)}
    if age > STALE:
        return Finding("sync", "error", "stale", facts)
    return Finding("sync", "warning" if age > LATE else "ok", "late" if age > LATE else "ok", facts)
