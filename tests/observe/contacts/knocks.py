"""What may arrive at the callback address: envelopes, ciphers and messages, whole or spoilt in every way that somebody might think of."""

import base64
import struct
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import strategies as st

from siyu.connectors.wecom import CallbackKeys
from siyu.connectors.wecom.crypto import MAX_BODY, signature
from tests.observe.contacts.scene import AES_KEY, TOKEN

CORP = "ww1"
KEYS = CallbackKeys(TOKEN, AES_KEY, CORP)
STAMP, NONCE = "1700000000", "n1"
BOMB = b'<!DOCTYPE a [<!ENTITY b "ha">' + b"".join(b'<!ENTITY %c "%s">' % (99 + n, b"&%c;" % (98 + n) * 10) for n in range(9)) + b"]><xml>&k;</xml>"
TIMES = ["1700000000", "0", "-1", "253402300800", "999999999999", "9" * 400, "1e9", "١٢٣", "²", "", " 17 ", "0x10"]
EVENTS = [
    ("change_external_contact", "add_external_contact"),
    ("change_external_contact", "del_follow_user"),
    ("change_external_contact", "transfer_fail"),
    ("change_external_chat", "update"),
    ("change_external_chat", "dismiss"),
    ("change_external_tag", "delete"),
    ("change_contact", "update_user"),
    ("customer_acquisition", "customer_start_chat"),
    ("siyu_doctor", ""),
    ("event of tomorrow", "x" * 300),
]
FIELDS = [
    "UserID",
    "ExternalUserID",
    "State",
    "WelcomeCode",
    "ChatId",
    "UpdateDetail",
    "QuitScene",
    "MemChangeList",
    "LastMemVer",
    "FailReason",
    "Source",
    "Id",
]
ODD = [
    "",
    "guide0101",
    "wm1",
    "1",
    "a,b,,c",
    "x" * 5000,
    "😀",
    "\ufffd",
    "\x85",
    "]]>",
    "0",
    "del_member",
    "add_member",
    "customer_refused",
    "DELETE_BY_TRANSFER",
]


@dataclass(frozen=True)
class Knock:
    """One request. `welcome`: whether it must be taken (True), turned away (False), or may be either (None)."""

    query: str
    body: bytes
    welcome: bool | None


def _texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))


def _element(name: str, value: str, wrapped: bool) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{name}><![CDATA[{value}]]></{name}>" if wrapped else f"<{name}>{escaped}</{name}>"


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """Events with the elements of the contract, missing, repeated, nested or holding anything."""
    event, change = draw(st.sampled_from(EVENTS))
    given = draw(st.lists(st.tuples(st.sampled_from(FIELDS), _texts(), st.booleans()), max_size=8))
    parts = [_element("CreateTime", draw(st.sampled_from(TIMES)), False), _element("Event", event, True), _element("ChangeType", change, False)]
    parts += [_element(*one) for one in given]
    if draw(st.booleans()):
        items = draw(st.lists(_texts(), max_size=4))
        parts.append("<MemChangeList>" + "".join(_element("Item", item, True) for item in items) + "</MemChangeList>")
    return f"<xml>{''.join(draw(st.permutations(parts)))}</xml>".encode()


def strange() -> st.SearchStrategy[bytes]:
    """Messages that are no event, or would like to be more than one."""
    head = b"<xml><Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType><UserID>u</UserID><ExternalUserID>"
    tail = b"</ExternalUserID></xml>"
    return st.one_of(
        st.binary(max_size=200),
        st.text(max_size=80).map(lambda text: f"<xml><Event>{text}</Event></xml>".encode()),
        st.integers(1, 60_000).map(lambda depth: b"<a>" * depth + b"</a>" * depth),
        st.integers(1, 60_000).map(lambda depth: b"<a>" * depth),
        st.integers(1, 20_000).map(lambda count: b"<xml " + b" ".join(b'a%d="%d"' % (n, n) for n in range(count)) + b"/>"),
        st.integers(1, 60_000).map(lambda size: b'<xml a="' + b"x" * size * 10 + b'"/>'),
        st.integers(1, 40_000).map(lambda count: b"<xml>" + b"<Id>1</Id>" * count + b"</xml>"),
        st.sampled_from(["utf-16", "utf-16-le", "utf-32", "gbk", "utf-8-sig"]).map(lambda code: "<xml><Event>好</Event></xml>".encode(code)),
        st.sampled_from([b"utf-16", b"gb2312", b"klingon", b"utf-7", b""]).map(
            lambda code: b'<?xml version="1.0" encoding="' + code + b'"?>' + head + b"w" + tail
        ),
        st.sampled_from(
            [
                BOMB,
                b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
                b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]><xml>&e;</xml>',
                head + b"&undeclared;" + tail,
                head + b"&#0;" + tail,
                head + b"&#xD800;" + tail,
                head + b"&#x1F600;" + tail,
                head + b"a\x00b" + tail,
                head + b"\xff\xfe" + tail,
                head + b"\xed\xa0\x80" + tail,
                b"",
                b" ",
                b"\xef\xbb\xbf",
                b"{}",
                b"null",
                b"<xml/>",
                b"<?php ?><xml/>",
                b'<xml xmlns="urn:x"><Event>a</Event></xml>',
                b"<xml><Event><Event>a</Event></Event></xml>",
                b"<xml><CreateTime><a/></CreateTime><Event>change_external_contact</Event></xml>",
            ]
        ),
    )


def _locked(plain: bytes) -> str:
    encryptor = Cipher(AES256(KEYS.key), CBC(KEYS.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def _padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


@st.composite
def ciphers(draw: st.DrawFn, messages: st.SearchStrategy[bytes]) -> tuple[str, bool | None]:
    """The encrypted text of a message, and whether it opens."""
    message = draw(messages)
    salt = draw(st.binary(min_size=16, max_size=16))
    whole = salt + struct.pack(">I", len(message)) + message + CORP.encode()
    match draw(st.sampled_from(["whole"] * 12 + ["corp", "length", "padding", "short", "odd", "base64", "noise"])):
        case "corp":
            return _locked(_padded(whole + b"2")), False
        case "length":
            size = draw(st.sampled_from([0, 1, len(message) - 1, len(message) + 1, 2**31, 2**32 - 1]))
            return _locked(_padded(salt + struct.pack(">I", max(size, 0)) + message + CORP.encode())), None
        case "padding":
            filled = _padded(whole)
            return _locked(filled[:-1] + bytes([draw(st.sampled_from([0, 33, 255]))])), False
        case "short":
            return _locked(_padded(draw(st.binary(max_size=19)))), False
        case "odd":
            return _locked(_padded(whole))[:-4] or "AAAA", False
        case "base64":
            return draw(st.text("ABCabc019+/=", min_size=1, max_size=60)), None
        case "noise":
            return base64.b64encode(draw(st.binary(min_size=1, max_size=400))).decode(), None
    return _locked(_padded(whole)), True


@st.composite
def pushes(draw: st.DrawFn) -> Knock:
    """A POST."""
    encrypted, welcome = draw(ciphers(st.one_of(events(), strange())))
    genuine = draw(st.integers(0, 3)) > 0
    query = {"msg_signature": signature(TOKEN if genuine else "SomebodyElse01", STAMP, NONCE, encrypted), "timestamp": STAMP, "nonce": NONCE}
    welcome = welcome if genuine else False
    sealed = encrypted.encode()
    body = b"<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[" + sealed + b"]]></Encrypt></xml>"
    match draw(st.sampled_from(["as it is"] * 16 + ["plain", "json", "twice", "none", "huge", "bomb", "turned", "nul", "raw"])):
        case "plain":
            body = b"\xef\xbb\xbf<xml>\n<Encrypt>" + sealed + b"</Encrypt></xml>"
        case "json":
            body = b'{"encrypt":"' + sealed.replace(b"/", b"\\/") + b'"}'
        case "twice":
            body, welcome = b"<xml><Encrypt>" + sealed + b"</Encrypt><Encrypt>" + sealed + b"</Encrypt></xml>", False
        case "none":
            body, welcome = draw(st.sampled_from([b"", b"{}", b"<xml/>", b"<xml><Encrypt/></xml>", b"<xml><encrypt>AAAA</encrypt></xml>"])), False
        case "huge":
            body, welcome = body + b" " * MAX_BODY, False
        case "bomb":
            body, welcome = BOMB + body, False
        case "turned":
            body, welcome = b"</Encrypt>" + sealed + b"<Encrypt>", False
        case "nul":
            body, welcome = body.replace(b"<![CDATA[", b"<![CDATA[\x00", 2), False
        case "raw":
            body, welcome = draw(st.binary(max_size=300)), False
    if len(body) > MAX_BODY:
        welcome = False
    line, welcome = draw(_queries(query, welcome))
    return Knock(line, body, welcome)


@st.composite
def _queries(draw: st.DrawFn, query: dict[str, str], welcome: bool | None) -> tuple[str, bool | None]:
    """A query string with parameters missing, doubled, oversized, or no text at all."""
    whole = urlencode(query)
    name = draw(st.sampled_from(sorted(query)))
    match draw(st.sampled_from(["whole"] * 14 + ["missing", "empty", "doubled", "long", "bytes", "noise"])):
        case "missing":
            return urlencode({key: value for key, value in query.items() if key != name}), False
        case "empty":
            return urlencode(query | {name: ""}), False
        case "doubled":
            return f"{name}=other&{whole}&{name}=other" if draw(st.booleans()) else f"{name}=other&{whole}", None
        case "long":
            return urlencode(query | {name: "x" * draw(st.sampled_from([1_000, 20_000]))}), False
        case "bytes":
            return whole + f"&{name}=" + quote_from_bytes(draw(st.binary(min_size=1, max_size=20))), None
        case "noise":
            return quote_from_bytes(draw(st.binary(max_size=40)), safe="=&%"), False
    return whole, welcome


@st.composite
def checks(draw: st.DrawFn) -> Knock:
    """A GET, as when the address is saved."""
    encrypted, welcome = draw(ciphers(st.one_of(events(), st.binary(max_size=60))))
    genuine = draw(st.booleans())
    signed = signature(TOKEN if genuine else "SomebodyElse01", STAMP, NONCE, encrypted)
    if len(encrypted) > 8_000:  # the line of a request may not be that long
        welcome = None
    query = {"msg_signature": signed, "timestamp": STAMP, "nonce": NONCE, "echostr": encrypted}
    line, welcome = draw(_queries(query, welcome if genuine else False))
    return Knock(line, b"", welcome)
