"""What the steps of a call need from outside: the books and the platform. The simulation hands in its own; see tests/sim."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from siyu.act.gateway.model.calls import Claim
from siyu.act.gateway.model.doubts import Doubt, Finding, Listed, Proof
from siyu.act.gateway.model.replies import Outcome
from siyu.act.gateway.model.tasks import Reading, Task, Verdict
from siyu.kernel.ids import CallId


class NotNow(Exception):
    """A question to the platform went unanswered. Nothing is lost: it is asked again later."""


class Books(Protocol):
    """The store. Every method is one transaction of its own; none is open while the platform is spoken to."""

    def claim(self) -> Claim | None:
        """Take one ready call whose time has come, committed before the first byte goes out. Whoever opted out since is left out."""

    def record(self, claim: Claim, outcome: Outcome) -> bool:
        """Keep the reply if the call is still claimed under this epoch; False says that somebody else has taken over."""

    def doubts(self) -> list[Doubt]:
        """Turn claims whose lease is over into doubts, then say which doubts are due for a look."""

    def owners(self, corp_id: str, msgids: Collection[str]) -> Mapping[str, CallId]:
        """Which of these tasks belong to calls already."""

    def conclude(self, doubt: Doubt, finding: Finding) -> None:
        """Move the call on if it is still in the doubt that was asked about."""

    def suspects(self) -> list[Doubt]:
        """Calls that were once in doubt and may have left more than one task, recent ones only.

        Without a marker none whose sender has an open call with the same words: a new task could as well be that one's.
        """

    def tasks_of(self, call_id: CallId) -> list[Task]:
        """What is known to have come of a call, closed ones included."""

    def keep(self, doubt: Doubt, found: Sequence[Listed], verdict: Verdict) -> None:
        """Enter the tasks found, let one stand, mark the others for withdrawal, note who was written to twice.

        Does nothing when the call was tried again, a task turned out to be another call's, or the question is older than the settle time.
        """

    def readable(self) -> list[Task]:
        """Tasks whose result is due for a reading."""

    def read(self, task: Task, reading: Reading, asked_at: datetime) -> None:
        """Move people by what the platform reports; close the task when nothing can change any more."""

    def withdrawals(self) -> list[Task]:
        """Tasks that must be cancelled now."""

    def withdrawn(self, task: Task) -> None:
        """The platform has confirmed the cancellation."""

    def machine(self) -> datetime:
        """The store's own clock, which leases and waits are measured by."""


class Platform(Protocol):
    """WeCom, as far as group sends go. Only `create` has an effect that cannot be repeated."""

    def create(self, claim: Claim) -> Outcome:
        """Ask for the task. Never raises: what cannot be known is Unclear."""

    def listing(self, corp_id: str, since: datetime, until: datetime) -> list[Listed]:
        """All tasks made for the corp over the API in that span, every page. Raises NotNow."""

    def proof(self, corp_id: str, msgid: str, sender: str) -> Proof | None:
        """Who is in the task; None while it is being dispatched (41063). Raises NotNow."""

    def reading(self, corp_id: str, msgid: str, sender: str) -> Reading | None:
        """The result so far; None while it is being dispatched. Raises NotNow."""

    def cancel(self, corp_id: str, msgid: str) -> bool:
        """True once the platform says that the task is cancelled, also when it was so before. Raises NotNow."""
