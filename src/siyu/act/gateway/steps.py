"""How a call is made, doubted, found, counted and withdrawn. Pure but for its two ports; the books are closed whenever the platform is spoken to."""

from collections.abc import Callable, Iterator
from itertools import groupby

from siyu.act.gateway.model.doubts import Doubt, Listed, candidates, conclude, proves
from siyu.act.gateway.model.policy import Policy
from siyu.act.gateway.model.replies import unsent
from siyu.act.gateway.model.tasks import Task, keep_one
from siyu.act.gateway.ports import Books, NotNow, Platform


def send_next(books: Books, platform: Platform, clock: Callable[[], float], policy: Policy) -> bool:
    """Claim one call, make it, record what came of it. False when none is due.

    A worker that was stopped between claim and call gives the call back: what was true when it claimed may be true no more. `clock` is monotonic seconds.
    """
    asked = clock()
    claim = books.claim()
    if claim is None:
        return False
    outcome = unsent("late") if clock() - asked > policy.start_within_seconds else platform.create(claim)
    books.record(claim, outcome)
    return True


def reconcile(books: Books, platform: Platform) -> int:
    """Ask the platform's list about every doubt that is due. Returns how many were looked at."""
    looked = 0
    for doubts, listing in _listed(books.doubts(), platform):
        for doubt in doubts:
            owners = books.owners(doubt.corp_id, [task.msgid for task in listing])
            taken = {msgid for msgid, call_id in owners.items() if call_id != doubt.call_id}
            found = candidates(doubt, listing, taken)
            try:
                proofs = {task.msgid: platform.proof(doubt.corp_id, task.msgid, doubt.sender) for task in found}
            except NotNow:
                continue
            finding = conclude(doubt, found, proofs)
            books.conclude(doubt, finding)
            looked += 1
    return looked


def sweep(books: Books, platform: Platform) -> int:
    """Look for second tasks of calls that were ever in doubt; one stays, the others are marked for withdrawal. Returns how many had more than was known."""
    contested = 0
    for suspects, listing in _listed(books.suspects(), platform):
        for suspect in suspects:
            owners = books.owners(suspect.corp_id, [task.msgid for task in listing])
            strange = {msgid for msgid, call_id in owners.items() if call_id != suspect.call_id}
            known = books.tasks_of(suspect.call_id)
            new = [task for task in candidates(suspect, listing, strange) if task.msgid not in {it.msgid for it in known}]
            try:
                contested += _settle_contest(books, platform, suspect, known, new)
            except NotNow:
                continue
    return contested


def _settle_contest(books: Books, platform: Platform, suspect: Doubt, known: list[Task], new: list[Listed]) -> bool:
    def ours(task: Listed) -> bool:
        proof = platform.proof(suspect.corp_id, task.msgid, suspect.sender)
        return proof is not None and proves(suspect, proof) is True

    new = [task for task in new if ours(task)]
    if not new:
        return False
    entered = [Task(task.msgid, suspect.corp_id, suspect.call_id, suspect.action_id, suspect.sender, task.created_at, standing=False) for task in new]
    tasks = [*known, *entered]
    readings = {task.msgid: platform.reading(suspect.corp_id, task.msgid, suspect.sender) for task in tasks}
    if any(reading is None for reading in readings.values()):
        return False
    books.keep(suspect, new, keep_one(tasks, {msgid: reading for msgid, reading in readings.items() if reading is not None}))
    return True


def _listed(doubts: list[Doubt], platform: Platform) -> Iterator[tuple[list[Doubt], list[Listed]]]:
    """Doubts by corp with one reading of the list for all of them; a corp whose list cannot be read is left for later."""
    for corp_id, members in groupby(sorted(doubts, key=lambda it: (it.corp_id, it.call_id)), key=lambda it: it.corp_id):
        together = list(members)
        try:
            yield together, platform.listing(corp_id, min(it.since for it in together), max(it.until for it in together))
        except NotNow:
            continue


def read_results(books: Books, platform: Platform) -> int:
    """Read what members have sent, task by task. Returns the number of tasks read."""
    read = 0
    for task in books.readable():
        asked_at = books.machine()
        try:
            reading = platform.reading(task.corp_id, task.msgid, task.sender)
        except NotNow:
            continue
        if reading is not None:
            books.read(task, reading, asked_at)
            read += 1
    return read


def withdraw(books: Books, platform: Platform) -> int:
    """Cancel every task that must not stand any longer. Cancelling twice is harmless, so an unanswered try is simply made again."""
    cancelled = 0
    for task in books.withdrawals():
        try:
            done = platform.cancel(task.corp_id, task.msgid)
        except NotNow:
            continue
        if done:
            books.withdrawn(task)
            cancelled += 1
    return cancelled
