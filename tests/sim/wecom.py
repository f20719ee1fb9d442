"""WeCom as far as group sends go, with every fault it has been seen to have, and books of its own that cannot be fooled."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from siyu.act.gateway.model.calls import Claim
from siyu.act.gateway.model.doubts import Listed, Proof
from siyu.act.gateway.model.replies import Outcome, Unclear, classify, unsent
from siyu.act.gateway.model.tasks import Reading, Row, Status
from siyu.act.gateway.ports import NotNow
from tests.sim.faults import Faults
from tests.sim.world import World

TIMEOUT = 10.0


@dataclass
class Made:
    """A task as the platform keeps it; `created_at` is by its own clock, everything else by the world's."""

    msgid: str
    sender: str
    text: str
    links: tuple[str, ...]
    created_at: datetime
    shown_at: float
    ready_at: float
    rows: dict[str, Row]
    confirmed: bool = False
    cancelled: bool = False
    slips_again_at: float = 0.0


@dataclass(frozen=True)
class Delivery:
    external_userid: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Started:
    """A creating request that left the gateway; `believed` is the instant by the gateway's own clock."""

    at: datetime
    believed: datetime
    recipients: tuple[str, ...]
    text: str


@dataclass
class Truth:
    """What really happened, for the checkers."""

    tasks: dict[str, Made] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    started: list[Started] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)


class SimWeCom:
    """One corp. Requests take time; what they do may happen earlier, later or not at all, whatever the answer says."""

    def __init__(self, world: World, faults: Faults, confirm: Callable[[], float | None]) -> None:
        self.world = world
        self.faults = faults
        self.truth = Truth()
        self._confirm_after = confirm
        self._skew = timedelta(seconds=world.rng.uniform(-120, 120) if faults.hit("clock_skew") else 0)
        self._unlisted = faults.hit("customers_unlisted")
        self._blocked_until = 0.0
        self._parallel = 0
        self._numbers = 0

    # -- creating ----------------------------------------------------------------------------------------------------------------------------------

    def create(self, claim: Claim) -> Outcome:
        assert claim.recipients, "a call without customers would reach everybody of the sender"
        self.truth.started.append(Started(self.world.now, self.world.business(), claim.recipients, claim.body.text))
        self._parallel += 1
        try:
            return self._answer(claim)
        finally:
            self._parallel -= 1

    def _answer(self, claim: Claim) -> Outcome:
        hit, wait, random = self.faults.hit, self.world.pause, self.world.rng.uniform
        if hit("connect_error"):
            return unsent("connect_error")
        if hit("lost_request"):
            wait(TIMEOUT)
            return Unclear("timeout")
        wait(random(0.02, 0.4))
        if (refusal := self._refusal()) is not None:
            return classify(refusal)
        if hit("unheard_of_code"):
            return classify(777001)
        if hit("busy_without_effect"):
            return classify(-1)
        if hit("late_apply"):
            self.world.at(random(10, 600), lambda: self._apply(claim, ()))
            wait(TIMEOUT)
            return Unclear("timeout")
        failed = tuple(it for it in claim.recipients if self.world.rng.random() < 0.4) if hit("partly_failed") else ()
        if len(failed) == len(claim.recipients):
            return classify(41048)
        if hit("slow"):
            wait(TIMEOUT)
            self.world.at(20, lambda: self._apply(claim, failed))
            return Unclear("timeout")
        msgid = self._apply(claim, failed)
        if hit("lost_reply"):
            wait(TIMEOUT)
            return Unclear("reset")
        if hit("broken_body"):
            return Unclear("not JSON")
        if hit("server_error"):
            return Unclear("HTTP 502")
        if hit("busy_with_effect"):
            return classify(-1)
        return classify(0, msgid=msgid, fail_list=failed)

    def _refusal(self) -> int | None:
        hit = self.faults.hit
        if self.world.seconds < self._blocked_until:
            return 45009
        for kind, seconds in (("rate_minute", 60), ("rate_hour", 3600), ("rate_day", 86400)):
            if hit(kind):
                self._blocked_until = self.world.seconds + seconds
                return 45009
        if self._parallel > 1 and hit("too_parallel"):
            return 45033
        codes = {"token_refused": 42001, "address_not_trusted": 60020, "right_lost": 48002, "nobody_reachable": 41048, "sender_invalid": 40003}
        return next((code for kind, code in codes.items() if hit(kind)), None)

    def _apply(self, claim: Claim, failed: tuple[str, ...]) -> str:
        self._numbers += 1
        now = self.world.seconds
        made = Made(
            msgid=f"msg{self._numbers:06}",
            sender=claim.sender,
            text=claim.body.text,
            links=(claim.body.card.url,) if claim.body.card else (),
            created_at=self.world.now + self._skew,
            shown_at=now + (self.world.rng.uniform(5, 60) if self.faults.hit("listing_lag") else 0),
            ready_at=now + (self.world.rng.uniform(1, 60) if self.faults.hit("being_dispatched") else 0),
            rows={external: Row(Status.UNSENT) for external in claim.recipients if external not in failed},
        )
        self.truth.tasks[made.msgid] = made
        self.world.note("made", made.msgid, made.sender, len(made.rows))
        if (after := self._confirm_after()) is not None:
            self.world.at(after, lambda: self._confirm(made))
        return made.msgid

    def _confirm(self, made: Made) -> None:
        """The member taps. Half of them go now and the rest an hour later when the client stumbles."""
        if made.cancelled:
            return
        open_rows = [external for external, row in made.rows.items() if row.status == Status.UNSENT]
        if len(open_rows) > 1 and self.faults.hit("confirms_half"):
            open_rows = open_rows[: len(open_rows) // 2]
            self.world.at(3600, lambda: self._confirm(made))
        else:
            made.confirmed = True
        for external in open_rows:
            made.rows[external] = Row(self._delivered(made, external), self.world.now)
        self.world.note("confirmed", made.msgid, len(open_rows))

    def _delivered(self, made: Made, external: str) -> int:
        if external in self.truth.gone:
            return Status.NOT_A_FRIEND
        if self.faults.hit("cap_elsewhere"):
            return Status.HAD_OTHERS
        self.truth.deliveries.append(Delivery(external, made.text, self.world.now))
        return Status.SENT

    # -- reading -----------------------------------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self.world.pause(self.world.rng.uniform(0.02, 0.3))
        if self.faults.hit("read_fails"):
            raise NotNow

    def listing(self, corp_id: str, since: datetime, until: datetime) -> list[Listed]:
        """Pages of five; when they move under the reader a task may slip by, at most once an hour, and another may come double."""
        seen: list[Listed] = []
        moves = self.faults.hit("listing_moves")
        shown = [it for it in self.truth.tasks.values() if it.shown_at <= self.world.seconds and since <= it.created_at <= until]
        for start in range(0, max(len(shown), 1), 5):
            self._ask()
            for made in shown[start : start + 5]:
                if moves and self.world.seconds >= made.slips_again_at and self.world.rng.random() < 0.2:
                    made.slips_again_at = self.world.seconds + 3600
                else:
                    seen.append(Listed(made.msgid, made.created_at, made.text, made.links))
        if moves and seen:
            seen.append(seen[-1])
        return seen

    def proof(self, corp_id: str, msgid: str, sender: str) -> Proof | None:
        self._ask()
        made = self.truth.tasks[msgid]
        if self.world.seconds < made.ready_at:
            return None
        listed = frozenset(made.rows) if made.confirmed or not self._unlisted else frozenset[str]()
        return Proof(frozenset({made.sender}), listed if made.sender == sender else frozenset())

    def reading(self, corp_id: str, msgid: str, sender: str) -> Reading | None:
        self._ask()
        made = self.truth.tasks[msgid]
        if self.world.seconds < made.ready_at:
            return None
        touched = any(row.status != Status.UNSENT for row in made.rows.values())
        return Reading(made.confirmed, dict(made.rows) if touched or not self._unlisted else {})

    def cancel(self, corp_id: str, msgid: str) -> bool:
        self._ask()
        self.truth.tasks[msgid].cancelled = True
        self.world.note("cancelled", msgid)
        if self.faults.hit("cancel_reply_lost"):
            raise NotNow
        return True
