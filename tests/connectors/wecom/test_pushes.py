"""Callbacks from the sandbox to a receiver that opens them as siyu does."""

import threading
import time
from collections.abc import Iterator

import pytest

from siyu.connectors.wecom import CallbackKeys, CallbackRejected, Event, echo, open_push, parse
from siyu.connectors.wecom.sandbox import PushSettings
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.neighbours import Deaf, Heard, Neighbour

TOKEN, AES_KEY = "SandboxToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
QUICK = PushSettings(answer_seconds=0.3, wait_seconds=0.01)


class Receiver:
    """Answers the URL check and keeps the events that it could open."""

    def __init__(self, neighbour: Neighbour, corp_id: str) -> None:
        self.keys = CallbackKeys(TOKEN, AES_KEY, corp_id)
        self.events: list[Event] = []
        self.bodies: list[bytes] = []
        self.rejected: list[str] = []
        self.statuses: Iterator[int | None] = iter(())
        neighbour.answer = self.answer

    def answer(self, heard: Heard) -> tuple[int, bytes]:
        signed = {name: heard.query[name] for name in ("msg_signature", "timestamp", "nonce")}
        if heard.method == "GET":
            return 200, echo(self.keys, echostr=heard.query["echostr"], **signed)
        try:
            body = open_push(self.keys, heard.body, **signed)
        except CallbackRejected as rejected:
            self.rejected.append(rejected.reason)
            return 400, b""
        self.bodies.append(body)
        status = next(self.statuses, 200)
        if status is None:
            raise Deaf
        self.events.append(parse(body))
        return status, b""


def listening(place: Place, other: Neighbour) -> Receiver:
    receiver = Receiver(other, place.address.corp_id)
    place.post("callbacks", url=f"{other.url}/wecom", token=TOKEN, aes_key=AES_KEY)
    return receiver


def somebody_leaves(place: Place, nth: int = 0) -> tuple[str, str]:
    """The nth customer of the busiest member deletes the member."""
    userid = place.busiest()
    customer = place.customers_of(userid)[nth]
    place.post("acts", act="customer_deletes", userid=userid, external_userid=customer)
    assert place.sandbox.pushes.drain(10)
    return userid, customer


class TestUrlCheck:
    def test_a_receiver_that_answers_exactly_is_saved(self, place: Place, other: Neighbour) -> None:
        listening(place, other)
        assert other.heard[0].method == "GET"

    @pytest.mark.parametrize(
        ("answer", "said"), [((200, b'"quoted"'), "exactly"), ((500, b""), "HTTP 500"), ((403, b"no"), "HTTP 403")], ids=["quoted", "500", "403"]
    )
    def test_any_other_is_refused_with_the_reason(self, place: Place, other: Neighbour, answer: tuple[int, bytes], said: str) -> None:
        other.answer = lambda heard: answer
        refused = place.control.post("/sandbox/callbacks", json={"url": other.url, "token": TOKEN, "aes_key": AES_KEY})
        assert refused.status_code == 422
        assert said in refused.json()["detail"]

    def test_bad_keys_are_refused(self, place: Place, other: Neighbour) -> None:
        assert place.control.post("/sandbox/callbacks", json={"url": other.url, "token": "to ken", "aes_key": AES_KEY}).status_code == 422


class TestPush:
    def test_a_customer_who_deletes_a_member_is_told(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid, customer = somebody_leaves(place)
        (event,) = receiver.events
        assert event.route == ("change_external_contact", "del_follow_user")
        assert (event.text("UserID"), event.text("ExternalUserID"), event.text("ToUserName"), event.text("FromUserName")) == (
            userid,
            customer,
            place.address.corp_id,
            "sys",
        )
        assert event.created_at is not None and event.created_at.timestamp() == int(place.sandbox.clock.now())
        assert other.heard[-1].headers["content-type"] == "text/xml"

    def test_adding_again_is_told_with_the_state(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        userid, customer = somebody_leaves(place)
        place.post("acts", act="add", userid=userid, external_userid=customer, state="门店 & 活码")
        assert place.sandbox.pushes.drain(10)
        assert (receiver.events[1].route[1], receiver.events[1].text("State")) == ("add_external_contact", "门店 & 活码")

    def test_writes_through_the_interface_are_not_told(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.client.cancel_group_send(place.client.add_msg_template(place.template()).msgid)
        assert place.sandbox.pushes.drain(10)
        assert receiver.events == []


class TestRepeats:
    def test_a_broken_connection_is_tried_three_times_with_the_same_body_encrypted_anew(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        receiver.statuses = iter([None, None, 200])
        somebody_leaves(place)
        assert len(receiver.bodies) == 3
        assert len(set(receiver.bodies)) == 1
        assert len({heard.body for heard in other.heard if heard.method == "POST"}) == 3
        (push,) = place.get("books/pushes")
        assert push["state"] == "done"
        assert [attempt["status"] for attempt in push["tries"]] == [None, None, 200]

    def test_a_receiver_that_does_not_answer_in_time_is_tried_again(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        slow = threading.Event()
        inner = receiver.answer

        def dawdle(heard: Heard) -> tuple[int, bytes]:
            if not slow.is_set():
                slow.set()
                time.sleep(0.6)
            return inner(heard)

        other.answer = dawdle
        somebody_leaves(place)
        (push,) = place.get("books/pushes")
        assert [(attempt["status"], attempt["error"]) for attempt in push["tries"]] == [(None, "ReadTimeout"), (200, None)]

    def test_after_three_tries_it_is_lost(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        receiver.statuses = iter([None] * 9)
        somebody_leaves(place)
        (push,) = place.get("books/pushes")
        assert (push["state"], len(push["tries"])) == ("failed", 3)

    @pytest.mark.parametrize(("by_status", "tries"), [(False, 1), (True, 3)])
    def test_another_status_is_repeated_only_by_the_older_rule(self, build: Build, other: Neighbour, by_status: bool, tries: int) -> None:
        place = build(push=PushSettings(answer_seconds=1, wait_seconds=0.01, repeat_on_status=by_status))
        receiver = listening(place, other)
        receiver.statuses = iter([500] * 9)
        somebody_leaves(place)
        assert len(receiver.bodies) == tries

    def test_open_callbacks_survive_a_restart(self, build: Build, other: Neighbour) -> None:
        place = build(push=PushSettings(answer_seconds=1, wait_seconds=0.3))
        receiver = listening(place, other)
        receiver.statuses = iter([None])
        userid = place.busiest()
        place.post("acts", act="customer_deletes", userid=userid, external_userid=place.customers_of(userid)[0])
        while not receiver.bodies:
            time.sleep(0.01)
        place.sandbox.stop()
        place.sandbox.wait()
        again = build(home=place.sandbox.settings.home, push=QUICK)
        assert again.sandbox.pushes.drain(10)
        assert len(receiver.events) == 1


class TestMisbehaviour:
    @pytest.mark.parametrize(("kind", "reason"), [("push_bad_signature", "signature"), ("push_wrong_receive_id", "receive_id")])
    def test_forgeries_are_rejected(self, build: Build, other: Neighbour, kind: str, reason: str) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.fault(kind)
        somebody_leaves(place)
        assert (receiver.rejected, receiver.events) == ([reason], [])

    def test_lost_doubled_late(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.fault("push_lost")
        somebody_leaves(place)
        assert receiver.events == []
        place.fault("push_doubled", times=4)
        somebody_leaves(place, 1)
        assert len(receiver.events) == 4
        assert len({event.digest for event in receiver.events}) == 1
        place.fault("push_late", seconds=86_400)
        somebody_leaves(place, 2)
        assert len(receiver.events) == 4

    def test_shuffled_ones_are_overtaken_and_all_arrive(self, build: Build, other: Neighbour) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.fault("push_shuffled", count=None, seconds=1)
        gone = []
        for nth in range(6):
            userid = place.busiest()
            gone.append(place.customers_of(userid)[nth])
            place.post("acts", act="customer_deletes", userid=userid, external_userid=gone[-1])
        assert place.sandbox.pushes.drain(20)
        told = [event.text("ExternalUserID") for event in receiver.events]
        assert sorted(told) == sorted(gone) and told != gone

    @pytest.mark.parametrize("kind", ["push_unknown_elements", "push_plain_text"])
    def test_unusual_envelopes_are_understood(self, build: Build, other: Neighbour, kind: str) -> None:
        place = build(push=QUICK)
        receiver = listening(place, other)
        place.fault(kind)
        userid, customer = somebody_leaves(place)
        (event,) = receiver.events
        assert (event.text("UserID"), event.text("ExternalUserID")) == (userid, customer)
