"""What each fault of WeCom becomes on its way to the gateway."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from siyu.act.gateway.model.actions import Card, Content
from siyu.act.gateway.model.calls import Claim
from siyu.act.gateway.model.replies import Accepted, Refused, Unclear
from siyu.act.gateway.model.tasks import Status
from siyu.act.gateway.platform import WeComPlatform
from siyu.act.gateway.ports import NotNow
from siyu.connectors.wecom import ClientSettings, Credentials, WeCom
from siyu.kernel.ids import CallId
from tests.connectors.wecom.conftest import Place, builder

CREATE = "externalcontact/add_msg_template"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
UNCLEAR = (
    *("timeout_before", "timeout_after", "reset_before", "reset_after", "busy_before", "busy_after"),
    *("http_500", "cut_body", "html_body", "late_apply"),
)
SPAN = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with builder(tmp_path_factory.mktemp("place")) as make:
        yield make(client={"read_seconds": 1.5})


@pytest.fixture
def platform(place: Place) -> Iterator[WeComPlatform]:
    place.control.delete("/sandbox/faults")
    yield WeComPlatform(lambda corp_id: place.client)


def a_claim(place: Place, text: str = "hello", url: str = "https://s.example/abc") -> Claim:
    sender = place.busiest()
    return Claim(CallId(UUID(int=1)), 1, place.address.corp_id, sender, Content(text, Card("sale", url)), place.customers_of(sender))


class TestCreate:
    def test_taken(self, place: Place, platform: WeComPlatform) -> None:
        assert isinstance(platform.create(a_claim(place)), Accepted)

    @pytest.mark.parametrize(
        "kind",
        ["timeout_before", "timeout_after", "reset_before", "reset_after", "busy_before", "busy_after", "http_500", "cut_body", "html_body", "late_apply"],
    )
    def test_unclear(self, place: Place, platform: WeComPlatform, kind: str) -> None:
        place.client.token()
        place.fault(kind, CREATE, seconds=2)
        assert isinstance(platform.create(a_claim(place)), Unclear)

    @pytest.mark.parametrize(("kind", "code"), [("forbidden", "48002"), ("ip_refused", "60020"), ("rate_limited", "45009"), ("token_refused", "40014")])
    def test_the_corp_must_wait(self, place: Place, platform: WeComPlatform, kind: str, code: str) -> None:
        claim = a_claim(place)
        place.fault(kind, CREATE, count=None if kind == "token_refused" else 1, seconds=0.1)
        refused = platform.create(claim)
        assert isinstance(refused, Refused) and (refused.code, refused.pauses) == (code, "corp")
        assert refused.wait_seconds is not None
        time.sleep(0.1)  # a block outlives its fault

    def test_a_token_that_is_merely_old_costs_nothing(self, place: Place, platform: WeComPlatform) -> None:
        claim = a_claim(place)
        place.fault("token_expired", CREATE)
        assert isinstance(platform.create(claim), Accepted)

    def test_who_is_not_accepted_is_named(self, place: Place, platform: WeComPlatform) -> None:
        place.fault("fail_list", CREATE, share=0.5)
        taken = platform.create(a_claim(place))
        assert isinstance(taken, Accepted) and taken.fail_list

    def test_an_unknown_sender_is_final(self, place: Place, platform: WeComPlatform) -> None:
        claim = a_claim(place)
        refused = platform.create(Claim(claim.call_id, 1, claim.corp_id, "nobody", claim.body, claim.recipients))
        assert isinstance(refused, Refused) and refused.wait_seconds is None

    def test_nothing_left_when_nobody_listens(self, place: Place) -> None:
        claim = a_claim(place)
        with WeCom(Credentials("ww", "s", 1), ClientSettings(base_url="http://127.0.0.1:9", read_tries=1), wait=lambda seconds: None) as deaf:
            assert isinstance(WeComPlatform(lambda corp_id: deaf).create(claim), Refused)
        assert isinstance(WeComPlatform(lambda corp_id: None).create(claim), Refused)

    def test_no_receivers_would_mean_everybody(self, place: Place, platform: WeComPlatform) -> None:
        claim = a_claim(place)
        with pytest.raises(AssertionError, match="every customer"):
            platform.create(Claim(claim.call_id, 1, claim.corp_id, claim.sender, claim.body, ()))


class TestReading:
    def test_the_list_shows_text_and_link(self, place: Place, platform: WeComPlatform) -> None:
        taken = platform.create(a_claim(place, "see this", "https://s.example/marked"))
        assert isinstance(taken, Accepted)
        listed = [task for task in platform.listing(place.address.corp_id, *SPAN) if task.msgid == taken.msgid]
        assert [(task.text, task.links) for task in listed] == [("see this", ("https://s.example/marked",))]

    def test_a_span_over_a_month_is_cut(self, place: Place, platform: WeComPlatform) -> None:
        assert platform.listing(place.address.corp_id, NOW - timedelta(days=90), NOW + timedelta(hours=1))

    def test_who_is_in_it_and_what_came_of_it(self, place: Place, platform: WeComPlatform) -> None:
        claim = a_claim(place)
        taken = platform.create(claim)
        assert isinstance(taken, Accepted)
        proof = platform.proof(claim.corp_id, taken.msgid, claim.sender)
        assert proof is not None and (proof.members, proof.customers) == (frozenset({claim.sender}), frozenset(claim.recipients))
        before = platform.reading(claim.corp_id, taken.msgid, claim.sender)
        assert before is not None and not before.confirmed
        place.post("confirm", msgid=taken.msgid)
        after = platform.reading(claim.corp_id, taken.msgid, claim.sender)
        assert after is not None and after.confirmed and after.whole
        assert {row.status for row in after.rows.values()} <= {Status.SENT, Status.HAD_OTHERS}

    def test_what_is_being_dispatched_cannot_be_told(self, place: Place, platform: WeComPlatform) -> None:
        place.fault("listing_lag", CREATE, seconds=60)
        claim = a_claim(place)
        taken = platform.create(claim)
        assert isinstance(taken, Accepted)
        assert platform.proof(claim.corp_id, taken.msgid, claim.sender) is None
        assert platform.reading(claim.corp_id, taken.msgid, claim.sender) is None

    def test_cancelling_twice_is_harmless(self, place: Place, platform: WeComPlatform) -> None:
        claim = a_claim(place)
        taken = platform.create(claim)
        assert isinstance(taken, Accepted)
        assert platform.cancel(claim.corp_id, taken.msgid)
        assert platform.cancel(claim.corp_id, taken.msgid)

    def test_no_answer_is_asked_for_later(self, place: Place, platform: WeComPlatform) -> None:
        place.fault("busy_before", "externalcontact/get_groupmsg_list_v2", count=9)
        with pytest.raises(NotNow):
            platform.listing(place.address.corp_id, *SPAN)
        with pytest.raises(NotNow):
            WeComPlatform(lambda corp_id: None).listing("ww", *SPAN)
