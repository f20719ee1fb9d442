"""Planning handovers of groups, and what becomes of them. What speaks to WeCom is in `asking`."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from siyu.access import audit, staff
from siyu.access.staff import Staff
from siyu.act.handovers import members
from siyu.act.handovers.groups import model, store
from siyu.act.handovers.groups.model import Asked, Candidate, GroupHandover, GroupHandoverNotFound, Handed, Hindrance, Leaver, Move, State
from siyu.act.handovers.model import REASON_LENGTH, BadHandover, Kind
from siyu.infra import jobs
from siyu.infra.tx import Tx
from siyu.kernel.ids import GroupHandoverId, GroupId, StaffId, new_id
from siyu.kernel.time import business_day, day_start
from siyu.observe import contacts, groups
from siyu.observe.contacts import Corp

ASK = "handovers.ask_groups"
LOOKED_AT = 500
"""Groups looked at by one run of the follower."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants: all groups of the giver, or those named, to one taker."""

    kind: Kind
    giver_id: StaffId
    taker_id: StaffId
    groups: Collection[GroupId] | None
    reason: str


@dataclass(frozen=True)
class Preview:
    """What would be asked for: `found` groups, of which those hindered stay, by reason. `days`: of WeCom, as it gives no more than so many a day."""

    giver: Staff
    taker: Staff
    found: int
    ready: int
    hindered: Mapping[Hindrance, int]
    days: int


def preview(tx: Tx, wish: Wish) -> Preview:
    """What a wish would come to. Raises BadHandover, TakerHindered, StaffNotFound."""
    giver, taker, _, found = _checked(tx, wish)
    hindered = Counter(one.hindrance for one in found if one.hindrance)
    ready = len(found) - sum(hindered.values())
    return Preview(giver, taker, len(found), ready, hindered, model.days_needed(ready))


def plan(tx: Tx, wish: Wish) -> GroupHandover:
    """Hand over whatever groups can be, asked of WeCom as a job. Raises BadHandover, also when none can be; TakerHindered, StaffNotFound."""
    giver, taker, corp, found = _checked(tx, wish)
    handover = GroupHandover(new_id(GroupHandoverId, tx.now), corp.id, wish.kind, giver.id, taker.id, wish.reason.strip(), tx.actor.label, tx.now)
    ready = [one for one in found if one.hindrance is None]
    if not ready or not store.insert(tx, handover, ready):
        raise BadHandover(field="groups", reason="no group can be handed over")
    jobs.enqueue(tx, ASK, title=f"{giver.name} → {taker.name}", visible=True, handover_id=str(handover.id))
    audit.record(tx, "group_handover.planned", f"group_handover:{handover.id}", {"giver": str(giver.id), "taker": str(taker.id), "kind": wish.kind})
    return handover


def get(tx: Tx, id: GroupHandoverId) -> GroupHandover:
    """One handover that somebody in the actor's scope gives or takes. Raises GroupHandoverNotFound."""
    found = store.find(tx, id, staff.staff_in_scope(tx))
    if found is None:
        raise GroupHandoverNotFound(group_handover_id=str(id))
    return found


def page(tx: Tx, *, before: UUID | None, limit: int) -> list[GroupHandover]:
    """Handovers that somebody in the actor's scope gives or takes, newest first."""
    return store.page(tx, staff.staff_in_scope(tx), before=before, limit=limit)


def counts(tx: Tx, ids: Collection[GroupHandoverId]) -> dict[GroupHandoverId, dict[State, int]]:
    """Groups of handovers by state."""
    return store.counts(tx, ids)


def handed(tx: Tx, id: GroupHandoverId, *, state: State | None, after: str | None, limit: int) -> list[Handed]:
    """Groups of a handover and where each stands. Raises GroupHandoverNotFound."""
    get(tx, id)
    return store.groups(tx, id, state=state, after=after, limit=limit)


def stop(tx: Tx, id: GroupHandoverId) -> GroupHandover:
    """Ask for no other group; what was asked for goes its way. Raises GroupHandoverNotFound."""
    handover = get(tx, id)
    store.stop(tx, id)
    audit.record(tx, "group_handover.stopped", f"group_handover:{id}")
    return handover


def leavers(tx: Tx) -> list[Leaver]:
    """Members in the actor's scope who have left groups behind."""
    return store.leavers(tx, staff.staff_in_scope(tx))


def userids(tx: Tx, handover: GroupHandover) -> tuple[str, str]:
    """Giver and taker as WeCom knows them."""
    known = staff.by_ids(tx, [handover.giver_id, handover.taker_id])
    return known[handover.giver_id].userid, known[handover.taker_id].userid


def take(tx: Tx, handover: GroupHandover) -> list[Asked]:
    """The next groups to ask WeCom for, a call's worth and no more than its day allows; commit before the call. The rest is asked for tomorrow."""
    today = business_day(tx.now, model.PLATFORM_ZONE)
    left = model.A_DAY - store.asked_since(tx, handover, day_start(today, model.PLATFORM_ZONE))
    if left <= 0:
        if store.planned(tx, handover.id):
            ask_tomorrow(tx, handover)
        return []
    return store.take(tx, handover.id, min(left, model.CALL_SIZE))


def take_all(tx: Tx, handover: GroupHandover) -> list[Asked]:
    """Every group that waits to be asked for, when WeCom refuses all of them alike."""
    return store.take(tx, handover.id, model.MOST)


def ask_tomorrow(tx: Tx, handover: GroupHandover) -> None:
    """Go on with a handover when WeCom's next day has begun."""
    tomorrow = business_day(tx.now, model.PLATFORM_ZONE) + timedelta(days=1)
    ask_again(tx, handover, day_start(tomorrow, model.PLATFORM_ZONE) + model.LAG)


def ask_again(tx: Tx, handover: GroupHandover, at: datetime) -> None:
    """Go on with a handover at an instant, as a job that shows nowhere."""
    jobs.enqueue(tx, ASK, at=at, key=f"{handover.id}:{at.isoformat()}", handover_id=str(handover.id))


def take_answers(tx: Tx, handover: GroupHandover, asked: Sequence[Asked], failed: Mapping[str, int]) -> bool:
    """WeCom has named the groups that stay where they are (chat id → code); False when it gives no more groups of this owner today."""
    moves = [model.answered(one, handover.kind, failed.get(one.chat_id, 0), tx.now) for one in asked]
    settle(tx, handover, moves)
    if model.full_today(moves):
        ask_tomorrow(tx, handover)
        return False
    return True


def settle(tx: Tx, handover: GroupHandover, moves: Sequence[Move]) -> None:
    """Write where groups have gone; those with a new owner are read again."""
    store.move(tx, moves)
    done = [move.asked.chat_id for move in moves if move.state == "done"]
    if done:
        groups.read_again(tx, handover.corp_id, done)


def unanswered(tx: Tx, handover: GroupHandover) -> list[Asked]:
    """Groups whose call had no answer."""
    return store.asking(tx, handover.id)


def due(tx: Tx) -> list[Asked]:
    """Groups of leavers that wait for their new owner and are to be looked at."""
    return store.due(tx, LOOKED_AT)


def corp_of(tx: Tx, handover: GroupHandover) -> Corp:
    return contacts.corp(tx, handover.corp_id)


def _checked(tx: Tx, wish: Wish) -> tuple[Staff, Staff, Corp, list[Candidate]]:
    if len(wish.reason.strip()) > REASON_LENGTH:
        raise BadHandover(field="reason", reason=f"at most {REASON_LENGTH} characters")
    giver, (taker,), corp = members.checked(tx, wish.kind, wish.giver_id, [wish.taker_id])
    return giver, taker, corp, store.candidates(tx, corp.id, wish.kind, wish.giver_id, wish.groups, model.MOST)
