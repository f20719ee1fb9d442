"""Dealing customers out, and what WeCom's answers make of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.act.handovers.model import LATEST, NO_RECORD_AFTER, SOONEST, UNDER_WAY, Asked, BadHandover, Candidate, check_texts, followed, split, started
from siyu.connectors.wecom import HandoverResult
from siyu.kernel.ids import HandoverId
from tests.conftest import NOW

DAY = timedelta(days=1)


def asked(state: str = "waiting", code: int = 0) -> Asked:
    return Asked(HandoverId(uuid4()), "wm1", state, NOW, code)  # type: ignore[arg-type]


class TestSplit:
    @given(hindered=st.lists(st.booleans(), max_size=60), takers=st.integers(1, 7))
    def test_everybody_who_can_go_goes_to_one_and_parts_differ_by_one_at_most(self, hindered: list[bool], takers: int) -> None:
        people = [Candidate(f"wm{n}", None, "under_way" if stays else None) for n, stays in enumerate(hindered)]
        parts = split(people, takers)
        assert sorted(one.external_userid for part in parts for one in part) == sorted(one.external_userid for one in people if not one.hindrance)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


class TestStarted:
    @pytest.mark.parametrize(("code", "state"), [(0, "waiting"), (UNDER_WAY, "waiting"), (40128, "failed"), (40100, "failed")])
    def test_codes(self, code: int, state: str) -> None:
        move = started(asked("asking"), code, NOW)
        assert (move.state, move.code) == (state, code)
        assert (move.at is None) == (state == "waiting")


class TestFollowed:
    @pytest.mark.parametrize(("status", "state"), [(1, "done"), (3, "refused"), (4, "full")])
    def test_a_last_word_settles(self, status: int, state: str) -> None:
        move = followed(asked(), HandoverResult("wm1", status, NOW + DAY), NOW + 2 * DAY)
        assert move and (move.state, move.at) == (state, NOW + DAY)

    def test_a_last_word_from_before_the_asking_is_of_an_earlier_handover(self) -> None:
        earlier = HandoverResult("wm1", 1, NOW - 30 * DAY)
        move = followed(asked(), earlier, NOW + SOONEST)
        assert move and move.state == "waiting"
        assert followed(asked("asking"), earlier, NOW + DAY) is None

    @pytest.mark.parametrize("result", [None, HandoverResult("wm1", 5, None)])
    def test_who_is_not_listed_was_not_taken_after_a_while(self, result: HandoverResult | None) -> None:
        soon, late = (followed(asked(code=UNDER_WAY), result, NOW + after) for after in (NO_RECORD_AFTER / 2, NO_RECORD_AFTER))
        assert soon and late and (soon.state, late.state, late.code) == ("waiting", "failed", UNDER_WAY)
        assert followed(asked("asking"), result, NOW + DAY) is None

    @given(ahead=st.timedeltas(-DAY, 3 * DAY))
    def test_who_waits_is_looked_at_neither_at_once_nor_too_late(self, ahead: timedelta) -> None:
        move = followed(asked(), HandoverResult("wm1", 2, NOW + ahead), NOW)
        assert move and move.state == "waiting" and move.look_at
        assert NOW + SOONEST <= move.look_at <= NOW + LATEST


def test_a_leavers_customers_get_no_message() -> None:
    check_texts("in_service", "", "以后由小王为您服务")
    with pytest.raises(BadHandover):
        check_texts("resigned", "", "以后由小王为您服务")
