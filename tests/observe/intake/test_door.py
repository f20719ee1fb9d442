"""What SDKs send, and what else knocks."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from tests.observe.intake.conftest import Brand

TRACK = {"userId": "u1", "event": "Product Viewed", "messageId": "m1", "properties": {"sku": "T1", "price": 12.5}}


class TestTake:
    def test_a_tracked_event_is_in_the_log_under_the_name_it_was_given(self, brand: Brand) -> None:
        answer = brand.send("track", TRACK)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        (event,) = brand.events()
        assert (event.name, event.key, event.occurred_at, event.actor.partition(":")[0]) == ("Product Viewed", "m1", NOW, "api")
        assert event.props == {"sku": "T1", "price": 12.5, "$user_id": "u1", "$anonymous_id": None}

    def test_the_same_message_counts_once_and_another_sources_is_another(self, brand: Brand) -> None:
        for _ in range(2):
            assert brand.send("t", TRACK).status_code == 200
        assert brand.send("batch", {"batch": [{**TRACK, "type": "track"}] * 3}).status_code == 200
        assert len(brand.events()) == 1
        assert brand.send("track", {**TRACK, "anonymousId": "a"}, key=brand.public).status_code == 200
        assert len(brand.events()) == 2

    def test_without_a_message_id_the_content_tells(self, brand: Brand) -> None:
        for number in (1, 1, 2):
            brand.send("track", {"userId": "u1", "event": "Seen", "properties": {"n": number}})
        assert [event.props["n"] for event in brand.events()] == [1, 2]

    @pytest.mark.parametrize(
        ("path", "body", "name", "props"),
        [
            ("page", {"name": "首页", "properties": {"url": "/"}}, "page.viewed", {"name": "首页", "url": "/", "category": None}),
            ("s", {"name": "购物车"}, "screen.viewed", {"name": "购物车", "category": None}),
            ("identify", {"traits": {"city": "杭州"}}, "customer.identified", {"city": "杭州"}),
            ("group", {"groupId": "g1", "traits": {"name": "一家"}}, "organisation.joined", {"$group_id": "g1", "name": "一家"}),
            ("alias", {"previousId": "old"}, "customer.aliased", {"$previous_id": "old"}),
        ],
    )
    def test_the_other_calls_have_names_of_ours(self, brand: Brand, path: str, body: dict[str, Any], name: str, props: dict[str, Any]) -> None:
        context = {"library": {"name": "test"}}
        assert brand.send(path, {"userId": "u1", "messageId": "m1", "context": context, **body}).status_code == 200
        (event,) = brand.events()
        assert (event.name, event.props) == (name, {"$user_id": "u1", "$anonymous_id": None, "$context": context, **props})

    @pytest.mark.parametrize("how", ["basic", "bearer", "body", "beacon"])
    def test_the_key_comes_in_any_of_three_ways(self, brand: Brand, how: str) -> None:
        match how:
            case "basic":
                answer = brand.send("track", TRACK)
            case "bearer":
                answer = brand.http.post("/v1/track", json=TRACK, headers={"authorization": f"Bearer {brand.secret}"})
            case "body":
                answer = brand.http.post("/v1/track", json={**TRACK, "writeKey": brand.secret})
            case _:
                body = json.dumps({"batch": [{**TRACK, "type": "track"}], "writeKey": brand.secret})
                answer = brand.http.post("/v1/b", content=body, headers={"content-type": "text/plain", "origin": "https://shop.example"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert len(brand.events()) == 1

    def test_browsers_may_ask_before_they_send(self, brand: Brand) -> None:
        answer = brand.http.options("/v1/track", headers={"origin": "https://shop.example", "access-control-request-method": "POST"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
        assert "content-type" in answer.headers["access-control-allow-headers"]

    def test_gzip(self, brand: Brand) -> None:
        packed = gzip.compress(json.dumps({"batch": [{**TRACK, "type": "track"}]}).encode())
        assert brand.send("import", packed, headers={"content-encoding": "gzip"}).status_code == 200
        assert len(brand.events()) == 1


class TestRefused:
    @pytest.mark.parametrize("key", ["sk_wrong", "", "x" * 5_000, "pk_'or'1"])
    def test_a_wrong_key(self, brand: Brand, key: str) -> None:
        for answer in (
            brand.http.post("/v1/track", json=TRACK, headers={"authorization": f"Bearer {key}", "accept-language": "zh-CN"}),
            brand.http.post("/v1/track", json={**TRACK, "writeKey": key}, headers={"accept-language": "zh-CN"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "intake.unknown_key")
            assert "密钥" in answer.json()["title"]
            assert answer.headers["access-control-allow-origin"] == "*"
        assert brand.events() == []

    def test_a_revoked_key_within_seconds(self, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.observe.intake.keys.BELIEVED_SECONDS", 0.0)
        assert brand.send("track", TRACK).status_code == 200
        brand.ask("update sources set revoked_at = :now where tenant_id = :tenant_id returning id")
        assert brand.send("track", {**TRACK, "messageId": "m2"}).status_code == 401

    def test_a_public_key_hands_in_no_orders(self, brand: Brand) -> None:
        order = {
            "shop": "main",
            "order_no": "A1",
            "paid_at": "2026-02-01T10:00:00Z",
            "customer_no": "1",
            "lines": [{"sku": "A", "quantity": 1, "unit_price": "1"}],
        }
        for key, status in ((brand.public, 401), (brand.secret, 201)):
            assert brand.http.post("/api/orders", json=order, headers={"authorization": f"Bearer {key}"}).status_code == status

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("track", b""),
            ("track", b"nope"),
            ("track", b"[]"),
            ("batch", b"{}"),
            ("batch", b'{"batch": 3}'),
            ("track", b'{"batch": []}'),
            ("batch", b'{"batch":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        ],
    )
    def test_what_is_no_message(self, brand: Brand, path: str, body: bytes) -> None:
        answer = brand.send(path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "intake.malformed")

    def test_what_is_too_large_packed_or_unpacked(self, brand: Brand) -> None:
        big = json.dumps({**TRACK, "properties": {"text": "x" * (32 << 10)}}).encode()
        bomb = gzip.compress(b" " * (50 << 20))
        for path, body, head in (("track", big, {}), ("batch", b" " * (501 << 10), {}), ("batch", bomb, {"content-encoding": "gzip"})):
            answer = brand.send(path, body, headers=head)
            assert (answer.status_code, answer.json()["code"]) == (400, "intake.too_large"), path
        for body, head in (
            (b"not gzip", {"content-encoding": "gzip"}),
            (gzip.compress(big)[:-20], {"content-encoding": "gzip"}),
            (big, {"content-encoding": "br"}),
        ):
            assert brand.send("track", body, headers=head).status_code == 400

    def test_other_addresses_are_not_there(self, brand: Brand) -> None:
        assert brand.send("tracks", TRACK).status_code == 404

    def test_a_disk_with_little_room_takes_nothing_more(self, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.infra.room.is_scarce", lambda path: True)
        answer = brand.send("track", TRACK)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "intake.no_room", "60")

    def test_too_many_at_once_are_asked_to_come_again(self, brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("siyu.observe.intake.writer.WAITING_BYTES", 10)
        answer = brand.send("track", TRACK)
        assert (answer.status_code, answer.json()["code"]) == (429, "intake.busy")
        monkeypatch.setattr("siyu.observe.intake.writer.WAITING_BYTES", 1_000)
        for number in range(20):
            assert brand.send("track", {**TRACK, "messageId": str(number)}).status_code == 200


class TestParked:
    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            ({"type": "track", "event": "Seen"}, "no_user"),
            ({"type": "track", "userId": "u"}, "no_name"),
            ({"type": "track", "userId": "u", "event": "order.paid"}, "reserved_name"),
            ({"type": "track", "userId": {"a": 1}, "event": "Seen"}, "bad_id"),
            ({"type": "track", "userId": "u", "event": "Seen", "properties": [1]}, "bad_properties"),
            ({"type": "purchase", "userId": "u"}, "unknown_type"),
            ({"type": "group", "userId": "u"}, "no_group"),
            ({"type": "alias", "userId": "u"}, "no_user"),
            ({"type": "track", "userId": "u", "event": "Seen", "timestamp": "yesterday"}, "bad_timestamp"),
            ({"type": "track", "userId": "u", "event": "Seen", "timestamp": "1970-01-01T00:00:00Z"}, "out_of_time"),
            ({"type": "track", "userId": "u", "event": "Seen", "timestamp": "2099-01-01T00:00:00Z"}, "out_of_time"),
            ({"type": "track", "userId": "u", "event": "Seen", "properties": {"n": float("nan")}}, "not_a_number"),
            ({"type": "track", "userId": "u", "event": "Seen", "properties": {"text": "x" * 40_000}}, "too_large"),
            ({"type": "track", "userId": "u", "event": "Seen", "properties": json.loads('{"a":' * 30 + "1" + "}" * 30)}, "too_deep"),
            (17, "malformed"),
        ],
    )
    def test_one_bad_message_stops_nobody_and_is_kept_with_the_reason(self, brand: Brand, message: Any, reason: str) -> None:
        good = {**TRACK, "type": "track"}
        body = json.dumps({"batch": [good, message, {**good, "messageId": "m2"}]}).encode()
        for _ in range(2):
            answer = brand.send("batch", body)
            assert (answer.status_code, answer.json()) == (200, {"success": True, "parked": [reason]})
        assert [event.key for event in brand.events()] == ["m1", "m2"]
        (parked,) = brand.parked()
        assert parked.reason == reason

    def test_half_a_character_and_a_nul_are_kept_as_far_as_they_can_be(self, brand: Brand) -> None:
        message = b'{"type":"track","userId":"u","event":"%s","properties":{"t":"%s"}}'
        odd = b'{"batch":[' + message % (b"A", b"a\\u0000b") + b"," + message % (b"B", b"\\ud83d") + b"]}"
        assert brand.send("batch", odd).json() == {"success": True}
        assert [event.props["t"] for event in brand.events()] == ["ab", "?"]

    def test_what_the_store_refuses_is_parked_alone(self, brand: Brand) -> None:
        brand.database.engine.dispose()
        with brand.database.engine.begin() as connection:
            connection.exec_driver_sql("alter table events add constraint choosy check (name <> 'Refused')")
        good = {**TRACK, "type": "track"}
        batch = [{**good, "messageId": str(number), "event": "Refused" if number == 7 else "Seen"} for number in range(20)]
        assert brand.send("batch", {"batch": batch}).status_code == 200
        assert len(brand.events()) == 19
        (parked,) = brand.parked()
        assert (parked.reason, json.loads(parked.body)["messageId"]) == ("refused_by_store", "7")


class TestClock:
    @pytest.mark.parametrize("off", [timedelta(days=-20_000), timedelta(hours=-3), timedelta(days=26_000)])
    def test_a_clock_that_is_off_is_put_right_by_when_it_sent(self, brand: Brand, off: timedelta) -> None:
        happened = NOW - timedelta(minutes=5)
        said = {**TRACK, "timestamp": (happened + off).isoformat(), "sentAt": (NOW + off).isoformat()}
        assert brand.send("track", said).json() == {"success": True}
        assert brand.events()[0].occurred_at == happened

    def test_a_batch_tells_it_once_for_all(self, brand: Brand) -> None:
        batch = [{**TRACK, "type": "track", "timestamp": "2026-03-01T10:00:00.000Z"}]
        brand.send("batch", {"batch": batch, "sentAt": "2026-03-01T11:00:00.000Z"})
        assert brand.events()[0].occurred_at == NOW - timedelta(hours=1)

    def test_late_events_are_taken_as_they_were(self, brand: Brand) -> None:
        brand.send("track", {**TRACK, "timestamp": "2009-05-06T07:08:09+08:00"})
        assert brand.events()[0].occurred_at.isoformat() == "2009-05-05T23:08:09+00:00"
