"""Two hundred workers meet the same refusal at the same instant: over HTTP, with the budget of production."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from siyu.connectors.wecom import Action, ClientSettings, Credentials, MemoryTokens, Pace, Refused, Stopped, WeCom
from tests.connectors.wecom.conftest import Place
from tests.connectors.wecom.neighbours import Time
from tests.connectors.wecom.test_gate import Counting

READ = "externalcontact/get_follow_user_list"
TOKEN = "gettoken"
WORKERS = 200


class Together(MemoryTokens):
    """Nobody goes on with a token before everybody holds it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self.meet = threading.Barrier(WORKERS)

    def get(self, key: str, *, fetch: Callable[[], tuple[str, int]], stale: str | None = None) -> str:
        token = super().get(key, fetch=fetch, stale=stale)
        if stale is None:
            self.meet.wait(60)
        return token


@contextmanager
def shared(place: Place, tokens: MemoryTokens | None = None, *, gate: Counting | None = None, secret: str = "") -> Iterator[tuple[WeCom, Time]]:
    """A client for all workers, on a clock that only waiting moves; the platform counts its windows by the same."""
    time = Time()
    place.sandbox.clock.machine = lambda: time.now
    known = place.client.credentials
    given = Credentials(known.corp_id, secret or known.secret, known.agent_id)
    pace = Pace(clock=lambda: time.now, wait=time.wait)
    told = ClientSettings(base_url=place.address.url, read_seconds=60)
    with WeCom(given, told, tokens=tokens, pace=pace, gate=gate, wait=time.wait, machine_clock=lambda: time.now) as client:
        yield client, time


def at_once(client: WeCom) -> list[list[str] | Refused]:
    """What each of the workers got who all ask the same."""

    def one(_: int) -> list[str] | Refused:
        try:
            return client.follow_users()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def counter(place: Place, path: str) -> Callable[[], int]:
    """How many calls of a path have arrived since."""
    id = place.fault("slow", path, count=None, probability=0)
    return lambda: next(int(one["met"]) for one in place.get("faults")["faults"] if one["id"] == id)


class TestToken:
    @pytest.mark.parametrize("kind", ["token_expired", "token_invalid"])
    def test_one_is_fetched_for_all_when_it_dies_under_them(self, place: Place, kind: str) -> None:
        fetched, asked = counter(place, TOKEN), counter(place, READ)
        with shared(place, Together(lambda: 0.0)) as (client, _):
            place.fault(kind, READ)  # the first call kills it; whoever holds it is refused as well
            answers = at_once(client)
        assert all(isinstance(answer, list) and answer for answer in answers)
        assert (fetched(), asked()) == (2, 2 * WORKERS)  # the first token, and one more

    def test_wrong_secrets_are_asked_until_the_gate_shuts_and_no_more(self, place: Place) -> None:
        fetched, asked = counter(place, TOKEN), counter(place, READ)
        gate = Counting()
        with shared(place, gate=gate, secret="wrong") as (client, _):
            answers = at_once(client)
        assert (fetched(), asked(), gate.heard) == (2, 0, [40001, 40001])
        assert sum(isinstance(answer, Stopped) for answer in answers) == WORKERS - 2
        assert {answer.action for answer in answers if isinstance(answer, Refused)} == {Action.CONFIG}


class TestRate:
    def test_whoever_comes_after_the_first_refusal_stays_at_home(self, place: Place) -> None:
        asked = counter(place, READ)
        with shared(place) as (client, time):
            client.token()
            place.fault("rate_limited", READ, seconds=60)
            answers = at_once(client)
            assert {answer.action for answer in answers if isinstance(answer, Refused)} == {Action.WAIT}
            assert len([answer for answer in answers if isinstance(answer, Refused)]) == WORKERS
            first = asked()
            assert 1 <= first <= client._pace.budget.parallel  # those that were out already when the answer came
            time.now += 59
            at_once(client)
            assert asked() == first
            time.now += 2
            assert all(isinstance(answer, list) for answer in at_once(client))
        assert asked() == first + WORKERS

    def test_too_many_side_by_side_cost_time_and_no_answer(self, place: Place) -> None:
        asked = counter(place, READ)
        with shared(place) as (client, _):
            client.token()
            place.fault("too_parallel", READ, count=3)
            assert all(isinstance(answer, list) for answer in at_once(client))
        assert asked() == WORKERS + 3
