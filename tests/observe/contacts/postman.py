"""Who stands between WeCom and us: takes every callback that is sent, and hands it in when, as often and among whatever he likes."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

import httpx

from siyu.connectors.wecom import CallbackKeys, open_push
from siyu.connectors.wecom.crypto import encrypt, envelope, signature
from tests.connectors.wecom.neighbours import Heard, Neighbour, neighbour
from tests.observe.contacts.scene import AES_KEY, TOKEN

STAMP, NONCE = "1772420000", "n"
OTHER_KEY = AES_KEY[::-1].replace("A", "B")
OTHERS = "ww" + "0" * 16
FORGERIES = ("signature", "corp", "keys", "body", "stamp")
"""What is wrong with a forgery: who signed it, for whom it was meant, both keys being another corp's, or what was altered on its way."""
REASONS = {"signature": "signature", "corp": "receive_id", "keys": "signature", "body": "signature", "stamp": "signature"}
"""The word with which each is turned away."""


@dataclass(frozen=True)
class Envelope:
    """One request as it knocks."""

    query: dict[str, str]
    body: bytes


@dataclass
class Postman:
    """`taken`: the callbacks that WeCom sent, decrypted, each with the envelope it came in. `answers`: what our door said, by status."""

    keys: CallbackKeys
    door: str
    http: httpx.Client
    chance: Random
    url: str = ""
    taken: list[tuple[bytes, Envelope]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    forged: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._kinds: Iterator[str] = cycle(FORGERIES)

    def take(self, heard: Heard) -> tuple[int, bytes]:
        """WeCom's check of the address goes through; a callback is kept until he hands it in."""
        if heard.method == "GET":
            answer = self.http.get(self.door, params=heard.query)
            return answer.status_code, answer.content
        signed = {name: heard.query[name] for name in ("msg_signature", "timestamp", "nonce")}
        self.taken.append((open_push(self.keys, heard.body, **signed), Envelope(heard.query, heard.body)))
        return 200, b""

    def hand_in(self, envelope: Envelope) -> None:
        answer = self.http.post(self.door, params=envelope.query, content=envelope.body, headers={"content-type": "text/xml"})
        self.answers[answer.status_code] += 1

    def sealed(self, body: bytes, *, token: str = TOKEN, aes_key: str = AES_KEY, receive_id: str = "") -> Envelope:
        """A callback in an envelope of its own, as WeCom repeats it, or as somebody who would like to be WeCom."""
        encrypted = encrypt(CallbackKeys(token, aes_key, receive_id or self.keys.receive_id), body, random16=os.urandom(16))
        query = {"msg_signature": signature(token, STAMP, NONCE, encrypted), "timestamp": STAMP, "nonce": NONCE}
        return Envelope(query, envelope(to=self.keys.receive_id, agent_id="1000002", encrypted=encrypted))

    def forgery(self, body: bytes) -> Envelope:
        """The next kind of forgery that tells `body`."""
        kind = next(self._kinds)
        self.forged[REASONS[kind]] += 1
        genuine = self.sealed(body)
        match kind:
            case "signature":
                return self.sealed(body, token="SomebodyElse01")
            case "corp":
                return self.sealed(body, receive_id=OTHERS)
            case "keys":
                return self.sealed(body, token="SomebodyElse01", aes_key=OTHER_KEY, receive_id=OTHERS)
            case "body":
                at = genuine.body.index(b"<Encrypt><![CDATA[") + 18 + self.chance.randrange(200)
                return Envelope(genuine.query, genuine.body[:at] + (b"B" if genuine.body[at : at + 1] == b"A" else b"A") + genuine.body[at + 1 :])
        return Envelope({**genuine.query, "timestamp": str(int(STAMP) + 1)}, genuine.body)


@contextmanager
def postman(corp_id: str, door: str, chance: Random) -> Iterator[Postman]:
    """A postman for this door, at an address of his own."""
    with neighbour() as post, httpx.Client(trust_env=False, timeout=60) as http:
        told: Neighbour = post
        man = Postman(CallbackKeys(TOKEN, AES_KEY, corp_id), door, http, chance, url=f"{told.url}/wecom")
        told.answer = man.take
        yield man
