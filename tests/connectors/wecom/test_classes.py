"""Every class of return code, forced over HTTP: how often the client calls and waits, what it makes of its token, what its caller sees and what stays."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from siyu.connectors.wecom import (
    Action,
    ClientSettings,
    Credentials,
    MsgTemplate,
    NotSent,
    OutcomeUnknown,
    Pace,
    Refused,
    Unavailable,
    WeCom,
    WeComError,
    action_of,
)
from siyu.connectors.wecom.errors import codes
from tests.connectors.wecom.conftest import Place, builder
from tests.connectors.wecom.neighbours import Time

READ = "externalcontact/get_follow_user_list"
CREATE = "externalcontact/add_msg_template"
SETTLE = "externalcontact/cancel_groupmsg_send"
URGENT = "externalcontact/send_welcome_msg"
TOKEN = "gettoken"
UNLISTED = 9_999_999
PLATFORM = ("timeout_before", "timeout_after", "reset_before", "reset_after", "busy_before", "busy_after", "http_500", "cut_body", "html_body")
LASTING = (Action.WAIT, Action.LATER, Action.SYNC, Action.EXPIRED, Action.FIX, Action.QUOTA, Action.CONFIG, Action.STOP, Action.DONE)
"""Classes whose codes are not repeated by the client: the caller decides."""


@dataclass(frozen=True)
class Course:
    """What one call came to: requests on its path, waits asked of the clock, further tokens fetched, what was raised."""

    calls: int = 1
    waits: tuple[float, ...] = ()
    tokens: int = 0
    raised: type[WeComError] | None = None
    action: Action | None = None


@dataclass
class Ordeal:
    """A client with the budget of production on a clock that stands still, and the faults it meets."""

    place: Place
    counters: dict[str, int]
    patience_seconds: float = 30.0
    time: Time = field(default_factory=Time)
    pace: Pace = field(init=False)
    client: WeCom = field(init=False)
    template: MsgTemplate = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(clock=lambda: self.time.now, wait=self.time.wait)
        known = self.place.client.credentials
        self.client = WeCom(
            Credentials(known.corp_id, known.secret, known.agent_id),
            ClientSettings(base_url=self.place.address.url, read_seconds=self.patience_seconds, urgent_seconds=self.patience_seconds),
            pace=self.pace,
            wait=self.time.wait,
            machine_clock=lambda: self.time.now,
            draw=lambda: 0.5,
        )
        self.template = MsgTemplate("guide0101", ("wmAny",), "你好")

    def met(self, path: str) -> int:
        with self.place.sandbox.books.read() as db:
            return int(db.execute("select met from fault where id = ?", (self.counters[path],)).fetchone()["met"])

    def course(self, path: str, call: Callable[[], object]) -> Course:
        """Make a call and tell what came of it."""
        self.time.waits.clear()
        calls, tokens = self.met(path), self.met(TOKEN)
        raised: WeComError | None = None
        try:
            call()
        except WeComError as error:
            raised = error
        fetched = 0 if path == TOKEN else self.met(TOKEN) - tokens
        return Course(self.met(path) - calls, tuple(self.time.waits), fetched, type(raised) if raised else None, raised.action if raised else None)

    def read(self) -> Course:
        return self.course(READ, self.client.follow_users)

    def create(self) -> Course:
        return self.course(CREATE, lambda: self.client.add_msg_template(self.template))

    def settle(self) -> Course:
        return self.course(SETTLE, lambda: self.client.cancel_group_send("msgAny"))

    def greet(self) -> Course:
        return self.course(URGENT, lambda: self.client.send_welcome("CODE", "你好"))

    @contextmanager
    def forced(self, kind: str, path: str, **params: Any) -> Iterator[None]:
        """Whatever is called on a path meets this fault."""
        id = self.place.fault(kind, path, count=None, **params)
        try:
            yield
        finally:
            self.place.control.delete("/sandbox/faults", params={"id": id}).raise_for_status()


Make = Callable[..., Ordeal]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, dict[str, int]]]:
    """A sandbox, and by path the number of the fault that never fires and counts the calls."""
    with builder(tmp_path_factory.mktemp("classes")) as make:
        place = make()
        yield place, {path: place.fault("slow", path, count=None, probability=0) for path in (READ, CREATE, SETTLE, URGENT, TOKEN)}


@pytest.fixture
def ordeals(counted: tuple[Place, dict[str, int]]) -> Iterator[Make]:
    """Clients that hold a token and have met nothing yet."""
    with ExitStack() as stack:

        def make(patience_seconds: float = 30.0) -> Ordeal:
            ordeal = Ordeal(*counted, patience_seconds)
            stack.enter_context(ordeal.client)
            ordeal.client.token()
            return ordeal

        yield make


@pytest.fixture
def ordeal(ordeals: Make) -> Ordeal:
    return ordeals()


def refused(action: Action) -> Course:
    return Course(1, (), 0, Refused, action)


READS = {
    Action.OK: Course(),
    Action.RETRY: Course(3, (0.5, 2.0), 0, Unavailable, Action.RETRY),
    Action.TOKEN: Course(2, (), 1, Refused, Action.CONFIG),
    Action.SLOW: Course(4, (1.25, 2.5, 4.0), 0, Refused, Action.SLOW),
    **{action: refused(action) for action in LASTING},
}
CREATES = READS | {Action.RETRY: Course(1, (), 0, OutcomeUnknown, Action.RETRY), Action.SLOW: refused(Action.SLOW)}
SETTLES = CREATES | {Action.DONE: Course()}
OF = {action: [code for code in codes() if action_of(code) is action] for action in Action}
CLASSES = [action for action in Action if action is not Action.OK]


class TestEveryCode:
    def test_every_class_has_codes_and_a_course(self) -> None:
        assert all(OF.values())
        assert set(READS) == set(CREATES) == set(SETTLES) == set(Action)

    @pytest.mark.parametrize("action", CLASSES)
    def test_while_reading(self, ordeals: Make, action: Action) -> None:
        met = {}
        ordeal = ordeals()
        for code in OF[action]:
            ordeal = ordeals() if action in (Action.WAIT, Action.SLOW) else ordeal
            with ordeal.forced("code", READ, code=code):
                met[code] = ordeal.read()
        assert met == dict.fromkeys(OF[action], READS[action])

    @pytest.mark.parametrize("action", CLASSES)
    def test_while_creating_nothing_is_made_twice(self, ordeals: Make, action: Action) -> None:
        for code in OF[action][:3]:
            ordeal = ordeals()
            with ordeal.forced("code", CREATE, code=code):
                assert ordeal.create() == CREATES[action], code

    @pytest.mark.parametrize("action", CLASSES)
    def test_while_writing_what_holds_already_is_success(self, ordeals: Make, action: Action) -> None:
        for code in OF[action][:3]:
            ordeal = ordeals()
            with ordeal.forced("code", SETTLE, code=code):
                assert ordeal.settle() == SETTLES[action], code

    def test_a_code_that_nobody_has_listed_is_a_wrong_request(self, ordeal: Ordeal) -> None:
        with ordeal.forced("code", READ, code=UNLISTED):
            assert ordeal.read() == refused(Action.FIX)

    @pytest.mark.parametrize("code", [41050, 41051, 41053, 41096])
    def test_a_welcome_that_comes_too_late_is_tried_once(self, ordeal: Ordeal, code: int) -> None:
        with ordeal.forced("code", URGENT, code=code):
            assert ordeal.greet() == refused(action_of(code))


class TestWhatStays:
    """What a client remembers of a code when the fault has gone."""

    @pytest.mark.parametrize("action", [action for action in CLASSES if action is not Action.WAIT])
    def test_nothing_that_would_hold_up_the_next_call(self, ordeals: Make, action: Action) -> None:
        ordeal = ordeals()
        with ordeal.forced("code", READ, code=OF[action][0]):
            ordeal.read()
        assert ordeal.read() == Course()

    def test_too_many_at_a_time_and_fewer_go_out_until_it_has_been_quiet(self, ordeal: Ordeal) -> None:
        most = ordeal.pace.budget.parallel
        with ordeal.forced("too_parallel", READ):
            ordeal.read()
        corp = ordeal.client.credentials.corp_id
        assert most > 1 == ordeal.pace.parallel(corp, READ)
        assert ordeal.pace.parallel(corp, CREATE) == most
        seen = []
        while ordeal.pace.parallel(corp, READ) < most:
            ordeal.client.follow_users()
            seen.append(ordeal.pace.parallel(corp, READ))
        assert sorted(set(seen)) == list(range(1, most + 1)) and seen == sorted(seen)

    def test_a_rate_and_the_path_rests_as_long_as_the_window_then_longer(self, ordeal: Ordeal) -> None:
        for window in (60, 3600, 3600):
            with ordeal.forced("rate_limited", READ, seconds=0):
                assert ordeal.read() == refused(Action.WAIT)
            ordeal.time.now += window - 1
            ordeal.client.token()
            assert ordeal.read() == Course(0, (), 0, Refused, Action.WAIT)
            assert ordeal.create().calls == 1  # other paths go on
            ordeal.time.now += 2
            ordeal.client.token()
        assert ordeal.read() == Course()

    def test_a_rate_of_the_token_and_nobody_asks_for_one(self, ordeals: Make) -> None:
        ordeal = ordeals()
        ordeal.time.now += 7200
        with ordeal.forced("code", TOKEN, code=45009):
            for calls in (1, 0, 0):
                assert ordeal.course(TOKEN, ordeal.client.follow_users) == Course(calls, (), 0, Refused, Action.WAIT)
        ordeal.time.now += 61
        assert ordeal.course(TOKEN, ordeal.client.follow_users) == Course(1)


class TestWaits:
    @pytest.mark.parametrize("drawn", [0.0, 0.999])
    def test_they_are_spread_and_stay_within_what_the_platform_advises(self, ordeal: Ordeal, drawn: float) -> None:
        ordeal.client._draw = lambda: drawn
        with ordeal.forced("too_parallel", READ):
            waits = ordeal.read().waits
        assert all(1 <= wait <= 5 for wait in waits)
        with ordeal.forced("busy_before", READ):
            first, second = ordeal.read().waits
        assert 0.4 <= first <= 0.6 and 1.6 <= second <= 2.4
        assert (first < 0.5) == (second < 2) == (waits[0] < 1.25) == (drawn == 0)


def patience(kind: str) -> float:
    """Little where the platform keeps silent, else enough for the busiest machine."""
    return 0.5 if kind.startswith("timeout") else 30.0


class TestPlatform:
    """Faults that are no code: the same as -1, the outcome of a creating call unknown."""

    @pytest.mark.parametrize("kind", PLATFORM)
    def test_while_reading(self, ordeals: Make, kind: str) -> None:
        ordeal = ordeals(patience(kind))
        with ordeal.forced(kind, READ, seconds=1):
            assert ordeal.read() == READS[Action.RETRY]

    @pytest.mark.parametrize("kind", PLATFORM)
    def test_while_creating(self, ordeals: Make, kind: str) -> None:
        ordeal = ordeals(patience(kind))
        with ordeal.forced(kind, CREATE, seconds=1):
            assert ordeal.create() == CREATES[Action.RETRY]

    @pytest.mark.parametrize("kind", PLATFORM)
    def test_while_fetching_a_token_nothing_was_sent(self, ordeals: Make, kind: str) -> None:
        ordeal = ordeals(patience(kind))
        ordeal.time.now += 7200
        with ordeal.forced(kind, TOKEN, seconds=1):
            assert ordeal.course(TOKEN, ordeal.client.follow_users) == Course(3, (0.5, 2.0), 0, NotSent, Action.RETRY)

    @pytest.mark.parametrize("code", [40001, 40013, 40091, 45031, 60020])
    def test_credentials_that_are_refused_are_a_matter_of_settings(self, ordeal: Ordeal, code: int) -> None:
        ordeal.time.now += 7200
        with ordeal.forced("code", TOKEN, code=code):
            assert ordeal.course(TOKEN, ordeal.client.follow_users) == refused(Action.CONFIG)
