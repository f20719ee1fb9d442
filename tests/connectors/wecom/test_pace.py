"""The budget of calls, on a clock that only waiting moves."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.wecom import Budget, Pace, Refused
from tests.connectors.wecom.neighbours import Time

PATH = "externalcontact/get"


def paced(time: Time, **budget: object) -> Pace:
    return Pace(Budget(**budget), clock=lambda: time.now, wait=time.wait)  # type: ignore[arg-type]


def call(pace: Pace, time: Time, *, corp: str = "ww1", path: str = PATH, code: int = 0) -> None:
    with pace.turn(corp, path):
        time.calls.append(time.now)
        if code:
            raise Refused(path, code, "no")


class TestTurn:
    @given(idle=st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.0, 1.0, 30.0, 200.0]), min_size=1, max_size=600))
    def test_no_minute_holds_more_than_its_budget_and_one_rush(self, idle: list[float]) -> None:
        time = Time()
        pace = paced(time, per_minute=60, per_hour=10_000)
        for seconds in idle:
            time.wait(seconds)
            call(pace, time)
        for start in time.calls:
            assert sum(start <= at < start + 60 for at in time.calls) <= 66 + 1

    def test_an_hour_has_its_own_budget(self) -> None:
        time = Time()
        pace = paced(time, per_minute=600, per_hour=1000)
        for _ in range(1500):
            call(pace, time)
        assert time.now - 1000 == pytest.approx(500 * 3.6, rel=0.01)

    def test_paths_and_corps_have_budgets_of_their_own_and_the_caller_one_for_all(self) -> None:
        time = Time()
        pace = paced(time, per_minute=60, caller_per_minute=90)
        for corp in ("ww1", "ww2", "ww3"):
            call(pace, time, corp=corp, path="other")
            for _ in range(6):
                call(pace, time, corp=corp)
        assert 1000 + 6 <= time.now < 1000 + 9  # 18 calls, 9 of them at once, the others at 90 a minute

    def test_after_45009_nothing_is_called_for_a_minute_and_for_an_hour_when_it_comes_again(self) -> None:
        time = Time()
        pace = paced(time)
        for shut in (60, 3600, 3600):
            with pytest.raises(Refused):
                call(pace, time, code=45009)
            called = len(time.calls)
            time.wait(shut - 1)
            with pytest.raises(Refused) as refused:
                call(pace, time)
            assert (refused.value.code, len(time.calls)) == (45009, called)
            call(pace, time, path="other")
            time.wait(1)
        call(pace, time)
        with pytest.raises(Refused):
            call(pace, time, code=45009)
        time.wait(60)
        call(pace, time)

    def test_refusals_of_calls_that_were_out_together_are_one(self) -> None:
        time = Time()
        pace = paced(time)
        with pytest.raises(Refused), pace.turn("ww1", PATH):
            with pytest.raises(Refused):
                call(pace, time, code=45009)
            raise Refused(PATH, 45009, "no")
        time.wait(60)
        call(pace, time)

    def test_whoever_waits_for_the_budget_while_the_path_is_shut_stays_at_home(self) -> None:
        time = Time()
        shut: list[float] = []

        def wait(seconds: float) -> None:
            time.wait(seconds)
            if not shut:  # meanwhile another caller meets the limit
                shut.append(time.now)
                with pytest.raises(Refused):
                    call(pace, time, code=45009)

        pace = Pace(Budget(per_minute=10), clock=lambda: time.now, wait=wait)
        call(pace, time)
        with pytest.raises(Refused) as refused:
            call(pace, time)
        assert (refused.value.code, len(time.calls), len(shut)) == (45009, 2, 1)

    def test_45033_halves_what_runs_side_by_side_and_it_grows_again(self) -> None:
        time = Time()
        pace = paced(time, per_minute=100_000, per_hour=1_000_000, parallel=8)
        seen = []
        for _ in range(5):
            with pytest.raises(Refused):
                call(pace, time, code=45033)
            seen.append(pace.parallel("ww1", PATH))
        assert seen == [4, 2, 1, 1, 1]
        for _ in range(1000):
            call(pace, time)
        assert pace.parallel("ww1", PATH) == 8

    def test_no_more_run_side_by_side_than_allowed(self) -> None:
        pace = Pace(Budget(per_minute=1_000_000, per_hour=1_000_000, parallel=3))
        running, most, guard = 0, 0, threading.Lock()
        meet = threading.Barrier(3)

        def one() -> None:
            nonlocal running, most
            with pace.turn("ww1", PATH):
                with guard:
                    running += 1
                    most = max(most, running)
                meet.wait(10)
                with guard:
                    running -= 1

        threads = [threading.Thread(target=one) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == 3
