"""A customer scans a code, WeCom calls our server, the job answers: against the sandbox over HTTP, with everything that can come between."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from siyu.act.welcomes import service
from siyu.connectors.wecom import Attachment, WeCom
from siyu.connectors.wecom.sandbox.settings import Limits
from siyu.infra.secrets import Secrets
from siyu.observe import contacts
from tests.act.gateway.conftest import KEYS
from tests.act.welcomes.conftest import SEND, Reception
from tests.connectors.wecom.neighbours import IMPATIENT
from tests.engine.tables import until

ROOT = Path(__file__).parents[3]
SHOP = "https://shop.example/new"


class TestSend:
    def test_a_new_customer_is_greeted_once(self, reception: Reception) -> None:
        said = reception.say(link_title="新品", link_url=SHOP)
        code = reception.scanned("live")
        reception.work()
        (row,) = reception.got()
        assert (row["text"], row["attachments"]) == ("欢迎光临", [{"msgtype": "link", "link": {"title": "新品", "url": SHOP}}])
        (greeting,) = reception.greetings()
        assert (greeting.outcome, greeting.code, greeting.state, greeting.welcome_id, greeting.welcome_version) == ("sent", None, "live", said.id, 1)
        assert (greeting.userid, greeting.external_userid) == (row["userid"], row["external_userid"])
        assert code not in str(tuple(greeting))
        reception.work()
        assert reception.called() == 1

    def test_the_source_decides_what_is_said(self, reception: Reception) -> None:
        reception.say("直播间的朋友", states=("live",))
        reception.say("大家好")
        for state in ("live", "store"):
            reception.scanned(state)
        reception.work()
        assert sorted(map(str, reception.texts())) == ["大家好", "直播间的朋友"]

    def test_a_callback_that_comes_again_greets_nobody_again(self, reception: Reception) -> None:
        reception.say()
        reception.place.fault("push_doubled", "*", count=None)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called()) == ([("sent", None)], 1)

    def test_without_words_there_is_no_call(self, reception: Reception) -> None:
        welcome = reception.say()
        with reception.tx() as tx:
            service.switch_off(tx, welcome.id)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called()) == ([("off", None)], 0)

    def test_words_that_were_forbidden_since_stay_here(self, reception: Reception) -> None:
        welcome = reception.say()
        with reception.tx() as tx:  # the lists have grown by what was written before
            tx.execute("update welcomes set text = '出售手枪' where tenant_id = :tenant_id and id = :id", {"id": welcome.id})
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called()) == ([("blocked", None)], 0)

    def test_past_fifteen_seconds_no_call_goes_out(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        reception.wait(16)
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("expired", None)], 0, [None])

    def test_whom_another_app_has_greeted_is_left_alone(self, reception: Reception) -> None:
        reception.say()
        reception.place.client.send_welcome(reception.scanned(), "别的应用")
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("answered_elsewhere", 41051)], 2, ["别的应用"])

    @pytest.mark.parametrize(("code", "outcome"), [(41096, "answered_elsewhere"), (45009, "refused"), (48002, "refused")])
    def test_a_no_is_taken_for_one(self, reception: Reception, code: int, outcome: str) -> None:
        reception.say()
        reception.place.fault("code", SEND, code=code)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([(outcome, code)], 1, [None])


class TestLate:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(welcome_seconds=0)

    def test_a_code_that_is_dead_at_wecom_is_never_tried_again(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        for _ in range(3):
            reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("expired", 41050)], 1, [None])


class TestClockOff:
    @pytest.fixture(params=[30, 90, -90])
    def ahead(self, request: pytest.FixtureRequest) -> timedelta:
        return timedelta(seconds=request.param)

    def test_our_own_clock_keeps_nobody_from_being_greeted(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("sent", None)], 1, ["欢迎光临"])

    def test_fifteen_seconds_after_receipt_are_the_end_all_the_same(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        reception.wait(16)
        reception.work()
        assert (reception.ends(), reception.called()) == ([("expired", None)], 0)


class TestTrouble:
    @pytest.mark.parametrize("kind", ["reset_before", "busy_before", "http_500", "too_parallel"])
    def test_before_the_effect_a_second_call_greets(self, reception: Reception, kind: str) -> None:
        reception.say()
        reception.place.fault(kind, SEND)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("sent", None)], 2, ["欢迎光临"])

    @pytest.mark.parametrize("kind", ["reset_after", "busy_after", "cut_body", "html_body", "timeout_after"])
    def test_after_the_effect_the_second_finds_the_code_used_which_is_as_good(self, reception: Reception, kind: str) -> None:
        reception.say()
        reception.place.fault(kind, SEND, seconds=30)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("sent", 41051)], 2, ["欢迎光临"])

    def test_twice_is_enough(self, reception: Reception) -> None:
        reception.say()
        reception.place.fault("reset_before", SEND, count=None)
        reception.scanned()
        for _ in range(3):
            reception.work()
        assert (reception.ends(), reception.called(), reception.texts()) == ([("unknown", None)], 2, [None])

    def test_no_second_call_past_the_window(self, reception: Reception) -> None:
        class Slow(WeCom):
            def send_welcome(self, welcome_code: str, text: str = "", attachments: Sequence[Attachment] = ()) -> None:
                try:
                    super().send_welcome(welcome_code, text, attachments)
                finally:
                    reception.wait(16)

        contacts.use(keys=Secrets(KEYS), connect=Slow, budget=IMPATIENT)
        reception.say()
        reception.place.fault("reset_before", SEND)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.called()) == ([("unknown", None)], 1)

    def test_a_wecom_that_is_not_there_is_told_as_such(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        with reception.tx() as tx:
            tx.execute("update corps set base_url = 'http://127.0.0.1:9' where tenant_id = :tenant_id")
        reception.work()
        assert (reception.ends(), reception.called()) == ([("unreachable", None)], 0)

    def test_a_token_that_has_died_is_fetched_anew(self, reception: Reception) -> None:
        reception.say()
        reception.place.fault("token_invalid", SEND)
        reception.scanned()
        reception.work()
        assert (reception.ends(), reception.texts()) == ([("sent", None)], ["欢迎光临"])


class TestKilled:
    @pytest.mark.parametrize(("when", "end", "calls"), [("before", ("sent", None), 1), ("after", ("sent", 41051), 2)])
    def test_another_worker_takes_over(self, reception: Reception, when: str, end: tuple[str, int | None], calls: int) -> None:
        reception.say()
        reception.scanned()
        url = reception.database.url
        clock = str(reception.place.sandbox.clock.path)
        died = subprocess.run([sys.executable, "-m", "tests.act.welcomes.dying_worker", url, clock, when], cwd=ROOT, check=False)
        assert (died.returncode, reception.ends()) == (-signal.SIGKILL, [])
        until(lambda: reception.worker.drain() > 0)  # once the dead one's lease is over
        assert (reception.ends(), reception.called(), reception.texts()) == ([end], calls, ["欢迎光临"])

    def test_whoever_died_after_the_books_were_written_is_followed_by_nobody(self, reception: Reception) -> None:
        reception.say()
        reception.scanned()
        reception.work()
        with reception.tx() as tx:
            tx.execute("update jobs set state = 'leased', leased_until = clock_timestamp() - interval '1 second' where kind = 'welcomes.send'")
        assert reception.worker.drain() == 1
        assert (reception.ends(), reception.called()) == ([("sent", None)], 1)
