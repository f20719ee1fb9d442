"""Which words, until when, and what an answer means."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.act.materials import TEXT_BYTES
from siyu.act.welcomes.model import ANSWER_WITHIN, CALLS, BadWelcome, End, Outcome, Tries, Welcome, Words, check, choose, judge, step, tidy, worth_another
from siyu.connectors.wecom import NotSent, OutcomeUnknown, Refused, WeComError
from siyu.kernel.ids import CorpId, WelcomeId
from tests.conftest import NOW

PATH, SHOP = "externalcontact/send_welcome_msg", "https://shop.example/new"
LOST, REFUSED_LINE = OutcomeUnknown(PATH, "ReadTimeout"), NotSent(PATH, "ConnectError")
FAULTS: list[WeComError | None] = [None, LOST, REFUSED_LINE, *(Refused(PATH, code, "") for code in (41050, 41051, 41096, 45009, 45033, 48002, 40058))]


def code(number: int) -> Refused:
    return Refused(PATH, number, "")


def a_welcome(id: int = 1, *, states: tuple[str, ...] = (), minutes: int = 0, active: bool = True) -> Welcome:
    return Welcome(WelcomeId(UUID(int=id)), 1, CorpId(UUID(int=9)), Words("您好", states=states), active, "system", NOW + timedelta(minutes=minutes))


class TestCheck:
    @pytest.mark.parametrize(
        "said",
        [
            Words("您好"),
            Words("字" * 1333 + "x"),
            Words("您好", "新品", SHOP),
            Words("您好", states=("live:1", "字" * 21)),
            Words("您好", states=tuple(map(str, range(100)))),
        ],
    )
    def test_passes(self, said: Words) -> None:
        check(said, text_bytes=TEXT_BYTES)

    @pytest.mark.parametrize(
        ("said", "field", "reason"),
        [
            (Words(" \n"), "text", "length"),
            (Words("字" * 1334), "text", "length"),
            (Words("您好", "新品"), "link_url", "missing"),
            (Words("您好", None, SHOP), "link_title", "missing"),
            (Words("您好", states=("",)), "states", "length"),
            (Words("您好", states=("字" * 22,)), "states", "length"),
            (Words("您好", states=tuple(map(str, range(101)))), "states", "length"),
        ],
    )
    def test_names_the_field_and_why(self, said: Words, field: str, reason: str) -> None:
        with pytest.raises(BadWelcome) as refused:
            check(said, text_bytes=TEXT_BYTES)
        assert (refused.value.params["field"], refused.value.params["reason"]) == (field, reason)

    def test_blanks_around_and_repeats_go(self) -> None:
        assert tidy(Words(" 您好\n", " 新品 ", f" {SHOP} ", (" a", "a ", "b"))) == Words(" 您好\n", "新品", SHOP, ("a", "b"))


class TestChoose:
    @pytest.mark.parametrize(
        ("welcomes", "state", "chosen"),
        [
            ([], "", None),
            ([a_welcome(1)], "", 1),
            ([a_welcome(1)], "live", 1),
            ([a_welcome(1, minutes=1), a_welcome(2, minutes=0)], "", 1),
            ([a_welcome(1, minutes=1, active=False), a_welcome(2)], "", 2),
            ([a_welcome(1, states=("live",)), a_welcome(2, minutes=5)], "live", 1),
            ([a_welcome(1, states=("live",)), a_welcome(2, minutes=5)], "store", 2),
            ([a_welcome(1, states=("live",)), a_welcome(2, states=("live", "store"), minutes=1)], "live", 2),
            ([a_welcome(1, states=("live",))], "", None),
            ([a_welcome(1, states=("live",), active=False)], "live", None),
        ],
    )
    def test_the_newest_for_the_source_else_for_everybody(self, welcomes: list[Welcome], state: str, chosen: int | None) -> None:
        found = choose(welcomes, state)
        assert (found.id.int if found else None) == chosen


class TestStep:
    def step(self, seconds: float = 0, said: Welcome | None = a_welcome(), tries: Tries = Tries(), clean: bool = True) -> Any:
        return step(said, tries, clean=clean, received_at=NOW, now=NOW + timedelta(seconds=seconds))

    def test_fifteen_seconds_are_the_end(self) -> None:
        assert self.step(14.999) == a_welcome()
        assert self.step(15) == End(Outcome.EXPIRED) and timedelta(seconds=15) == ANSWER_WITHIN

    def test_says_why_nothing_is_said(self) -> None:
        assert self.step(said=None) == End(Outcome.OFF)
        assert self.step(clean=False) == End(Outcome.BLOCKED)

    @pytest.mark.parametrize("trouble", [{"seconds": 15}, {"said": None}, {"clean": False}])
    def test_after_a_call_that_may_have_arrived_nothing_is_sure(self, trouble: dict[str, Any]) -> None:
        assert self.step(**trouble, tries=Tries(1, True)) == End(Outcome.UNKNOWN)

    def test_two_calls_that_nobody_came_back_from_are_enough(self) -> None:
        tries = Tries()
        for _ in range(CALLS):
            assert isinstance(self.step(tries=tries), Welcome)
            tries = Tries.read(tries.begun().stored())
        assert self.step(tries=tries) == End(Outcome.UNKNOWN)


class TestJudge:
    @pytest.mark.parametrize(
        ("fault", "first", "after_doubt"),
        [
            (None, End(Outcome.SENT), End(Outcome.SENT)),
            (code(41050), End(Outcome.EXPIRED, 41050), End(Outcome.UNKNOWN, 41050)),
            (code(41051), End(Outcome.ANSWERED_ELSEWHERE, 41051), End(Outcome.SENT, 41051)),
            (code(41096), End(Outcome.ANSWERED_ELSEWHERE, 41096), End(Outcome.SENT, 41096)),
            (code(48002), End(Outcome.REFUSED, 48002), End(Outcome.UNKNOWN, 48002)),
            (REFUSED_LINE, End(Outcome.UNREACHABLE), End(Outcome.UNKNOWN)),
            (LOST, End(Outcome.UNKNOWN), End(Outcome.UNKNOWN)),
        ],
    )
    def test_by_what_came_before(self, fault: WeComError | None, first: End, after_doubt: End) -> None:
        assert (judge(fault, doubt=False), judge(fault, doubt=True)) == (first, after_doubt)

    def test_only_trouble_on_the_way_is_worth_another(self) -> None:
        again = [fault for fault in FAULTS if fault is not None and worth_another(fault)]
        assert again[:2] == [LOST, REFUSED_LINE] and [fault.code for fault in again[2:] if isinstance(fault, Refused)] == [45033]

    @given(st.lists(st.sampled_from([fault for fault in FAULTS if fault is not None]), max_size=CALLS))
    def test_doubt_comes_of_lost_answers_alone_and_stays(self, faults: list[WeComError]) -> None:
        tries = Tries()
        for fault in faults:
            tries = tries.after(fault)
        assert tries == Tries(len(faults), LOST in faults)
