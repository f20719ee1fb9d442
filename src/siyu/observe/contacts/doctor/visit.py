"""What the checks of one examination share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from siyu.connectors.wecom import App, CallbackKeys, WeCom, WeComError
from siyu.infra.clock import Clock, system_clock
from siyu.observe.contacts.findings import Finding, Held, State

Answer = TypeVar("Answer")
SAMPLE = 3
"""Members whose customers are counted at WeCom: each costs two calls."""


@dataclass(frozen=True)
class Door:
    """Our own address for callbacks. `arrived` says whether this body has come in through it.

    `open`: our web server is known to be running; a command without it skips what nobody can answer.
    """

    url: str
    agent_id: int
    keys: CallbackKeys
    arrived: Callable[[bytes], bool]
    open: bool = True


@dataclass
class Visit:
    """One look at a corp. `held` and `door` are None for a corp that is only being tried. `clock` is the time we go by.

    What checks learn on the way stands here for those after them; `barred` names the check that keeps us from asking WeCom anything more.
    """

    base_url: str
    client: WeCom
    held: Held | None = None
    door: Door | None = None
    clock: Clock = system_clock
    barred: str | None = None
    ahead_seconds: float | None = None
    refused_ip: str | None = None
    entry: WeComError | None = None
    app: App | WeComError | None = None
    members: Sequence[str] | None = None
    tags: int | None = None
    sends: int | None = None
    seconds: list[float] = field(default_factory=list)

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """Make one call and remember how long it took. Raises what the call raises."""
        began = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds.append(time.perf_counter() - began)

    def sample(self) -> Sequence[str]:
        """A few members, the same each time and from everywhere in the list."""
        members = sorted(self.members or ())
        return members[:: max(1, -(-len(members) // SAMPLE))]


def skipped(check: str, because: str) -> Finding:
    """A check that could not be made, and which other one has to be well first."""
    return Finding(check, "skipped", "barred", {"because": because})


def found(check: str, state: State, outcome: str = "ok", **facts: Any) -> Finding:
    return Finding(check, state, outcome, facts)
