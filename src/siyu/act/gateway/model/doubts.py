"""An unclear call is never guessed: the platform's own list decides, by marker or words, and by who is in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.act.gateway.model.actions import ActionId, Content
from siyu.kernel.ids import CallId


@dataclass(frozen=True)
class Listed:
    """A task as the list of group sends shows it: no creator for those made over the API. `links` are the addresses in its attachments."""

    msgid: str
    created_at: datetime
    text: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """Who is in a task: the members asked, the customers listed. Customers may be none before the member confirms."""

    members: frozenset[str]
    customers: frozenset[str]


@dataclass(frozen=True)
class Doubt:
    """A call whose fate is open, or one that the sweep suspects of two tasks.

    `since` and `until` bound its tasks in the list, platform time; `asked_at` is machine time before the list was opened; `settled` says that the settle
    time had passed by then.
    """

    call_id: CallId
    action_id: ActionId
    epoch: int
    corp_id: str
    sender: str
    marker: str
    body: Content
    recipients: frozenset[str]
    since: datetime
    until: datetime
    asked_at: datetime
    settled: bool


@dataclass(frozen=True)
class Adopt:
    """The oldest task is the call's own; whatever else answers to it is surplus."""

    task: Listed
    surplus: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class Wait:
    """Something that may be ours is still being dispatched, or cannot be told from a stranger yet."""


@dataclass(frozen=True)
class Absent:
    """Not in the list, as far as the list was read."""


Finding = Adopt | Wait | Absent


def resembles(doubt: Doubt, task: Listed) -> bool:
    """By the marker when the content has one, else by the same words and attachments."""
    if doubt.body.linked:
        return doubt.marker in task.text or any(doubt.marker in link for link in task.links)
    return doubt.body.text == task.text


def candidates(doubt: Doubt, listing: Sequence[Listed], taken: Collection[str]) -> list[Listed]:
    """What in the list may be the doubtful call's, oldest first. `taken` are the tasks that belong to other calls.

    Pages move under the reader, so that a task may be listed twice; it is one task all the same.
    """
    alike = {task.msgid: task for task in listing if task.msgid not in taken and resembles(doubt, task)}
    return sorted(alike.values(), key=lambda it: (it.created_at, it.msgid))


def proves(doubt: Doubt, proof: Proof) -> bool | None:
    """True: ours. False: somebody else's. None: cannot be told yet.

    A strange customer rules it out, a missing one does not: the platform leaves out whom it cannot reach, and the reply that named them is lost.
    """
    if proof.members - {doubt.sender} or proof.customers - doubt.recipients:
        return False
    if proof.members and (proof.customers or doubt.body.linked):
        return True
    return None


def conclude(doubt: Doubt, found: Sequence[Listed], proofs: Mapping[str, Proof | None]) -> Finding:
    """`found` are the candidates oldest first; a proof is None while the platform still dispatches (41063).

    A platform that names no customers before the member confirms leaves words without marker unproven. Once settled they are taken by elimination:
    the member is the right one, the task is no other call's, and no other call of the same member and words is open.
    """
    answers = [(task, proofs[task.msgid], None if (proof := proofs[task.msgid]) is None else proves(doubt, proof)) for task in found]
    ours = [task for task, _, answer in answers if answer is True]
    if not ours and doubt.settled:
        ours = [task for task, proof, answer in answers if answer is None and proof is not None and proof.members == {doubt.sender}][:1]
    if ours:
        return Adopt(ours[0], tuple(ours[1:]))
    return Wait() if any(answer is None for _, _, answer in answers) else Absent()
