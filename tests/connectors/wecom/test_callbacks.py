"""Decrypted bodies as events."""

from datetime import UTC, datetime

import pytest

from siyu.connectors.wecom import CallbackRejected, listed, parse

ADDED = """<xml><ToUserName><![CDATA[ww00000000000000a1]]></ToUserName><FromUserName>sys</FromUserName><CreateTime>1700000000</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event><ChangeType>add_external_contact</ChangeType>
<UserID>guide_01</UserID><ExternalUserID>wm0001</ExternalUserID><State>渠道 &amp; 码</State><Later><New>1</New></Later></xml>""".encode()


class TestParse:
    def test_text_and_cdata_read_alike(self) -> None:
        event = parse(ADDED)
        assert event.route == ("change_external_contact", "add_external_contact")
        assert event.text("State") == "渠道 & 码"
        assert event.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)

    def test_unknown_elements_are_kept_and_missing_ones_are_empty(self) -> None:
        event = parse(ADDED)
        assert event["Later"] == {"New": "1"}
        assert event.text("WelcomeCode") == ""

    def test_repeated_elements_become_a_tuple(self) -> None:
        event = parse(b"<xml><Id>1</Id><Id>2</Id><L><Item>a</Item><Item>b</Item></L></xml>")
        assert event["Id"] == ("1", "2")
        assert listed(event["L"]) == ("a", "b")
        assert listed("a,b,") == ("a", "b")

    def test_a_name_that_is_too_long_to_be_one_is_cut(self) -> None:
        event = parse(f"<xml><Event>{'e' * 64}</Event><ChangeType>{'变' * 100_000}</ChangeType></xml>".encode())
        assert event.route == ("e" * 64, "变" * 64 + "…")
        assert len(event.text("ChangeType")) == 100_000

    @pytest.mark.parametrize("stamp", ["", "0x1", "-1", "999999999999", "9" * 400, "²", "١٢٣"])
    def test_an_instant_that_is_none_is_left_out(self, stamp: str) -> None:
        assert parse(f"<xml><CreateTime>{stamp}</CreateTime></xml>".encode()).created_at is None

    def test_equal_bodies_have_equal_digests(self) -> None:
        assert parse(ADDED).digest == parse(ADDED).digest != parse(ADDED.replace(b"wm0001", b"wm0002")).digest

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b'<!DOCTYPE lolz [<!ENTITY lol "lol">]><xml>&lol;</xml>', "doctype"),
            ('<!DOCTYPE lolz [<!ENTITY lol "lol">]><xml>&lol;</xml>'.encode("utf-16"), "doctype"),
            (b"<xml>", "xml"),
            (b"\xff\xfe", "xml"),
            (b"", "xml"),
            (b"<a>" * 12 + b"</a>" * 12, "depth"),
            (b"<xml>" + b"a" * (1 << 20) + b"</xml>", "size"),
        ],
    )
    def test_bad_bodies_are_refused(self, body: bytes, reason: str) -> None:
        with pytest.raises(CallbackRejected, match=reason):
            parse(body)
