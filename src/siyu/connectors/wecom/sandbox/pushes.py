"""Callbacks out: encrypted, pushed to each app's URL, repeated by the platform's rules, every try in the books."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from siyu.connectors.wecom.crypto import CallbackKeys, encrypt, envelope, signature
from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.faults import Fault, Faults
from siyu.connectors.wecom.sandbox.settings import PushSettings
from siyu.connectors.wecom.trust import trust

Element = str | tuple[str, ...] | Mapping[str, "Element"] | list["Element"]
"""A text, a tuple that becomes a list of `Item`, elements within, or a list: the same element several times."""
CHANGES = frozenset(
    {
        *("add_external_contact", "add_half_external_contact", "edit_external_contact", "del_external_contact", "del_follow_user", "transfer_fail"),
        *("create", "update", "dismiss", "delete", "shuffle"),
        *("create_user", "update_user", "delete_user", "create_party", "update_party", "delete_party", "update_tag"),
        *("balance_low", "balance_exhausted", "balance_increased", "quota_expire_soon", "link_unavailable", "delete_link", "open_profile"),
        *("friend_request", "customer_start_chat", "message_from_customer"),
        *("template_card_event", "template_card_menu_event", "upload_media_job_finish", "kf_msg_or_event"),
    }
)
"""What a callback may tell of: its ChangeType, or its Event where it has none."""


@dataclass(frozen=True)
class Callback:
    """Where one app wants its events."""

    agent_id: int
    url: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_id: str

    @property
    def keys(self) -> CallbackKeys:
        return CallbackKeys(self.token, self.aes_key, self.receive_id)


class UrlCheckFailed(Exception):
    """openapi回调地址请求不通过: the text says what the URL did."""


class Pushes:
    """One dispatcher and a few senders; open pushes survive a restart. Order is not guaranteed, as on the platform."""

    def __init__(self, books: Books, faults: Faults, settings: PushSettings, *, corp_id: str, machine: Callable[[], float] = time.time) -> None:
        self._books = books
        self._faults = faults
        self._settings = settings
        self._corp_id = corp_id
        self._machine = machine
        self._wake = threading.Condition()
        self._running: set[int] = set()
        self._stopped = False
        self._http = httpx.Client(verify=trust(), timeout=settings.answer_seconds, trust_env=False)
        self._senders = ThreadPoolExecutor(4, thread_name_prefix="push")
        self._dispatcher = threading.Thread(target=self._dispatch, name="pushes", daemon=True)

    def start(self) -> None:
        self._dispatcher.start()

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._dispatcher.is_alive():
            self._dispatcher.join()
        self._senders.shutdown(wait=True)
        self._http.close()

    def configure(self, callback: Callback, *, check: bool = True) -> None:
        """Save an app's URL after the platform's URL check. Raises UrlCheckFailed or BadKeys."""
        keys = callback.keys
        if check:
            self._check(callback, keys)
        with self._books.write() as db:
            db.execute(
                """
                insert into callback values (?, ?, ?, ?, ?)
                on conflict (agent_id) do update set url = excluded.url, token = excluded.token, aes_key = excluded.aes_key, receive_id = excluded.receive_id
                """,
                (callback.agent_id, callback.url, callback.token, callback.aes_key, callback.receive_id),
            )

    def _check(self, callback: Callback, keys: CallbackKeys) -> None:
        text = str(int.from_bytes(os.urandom(8), "big")).encode()
        echostr = encrypt(keys, text, random16=os.urandom(16))
        stamp, nonce = str(int(self._machine())), str(int.from_bytes(os.urandom(4), "big"))
        query = {"msg_signature": signature(keys.token, stamp, nonce, echostr), "timestamp": stamp, "nonce": nonce, "echostr": echostr}
        try:
            response = self._http.get(callback.url, params=query)
        except (httpx.HTTPError, ValueError) as error:
            raise UrlCheckFailed(f"no answer: {type(error).__name__}") from None
        if response.status_code != 200:
            raise UrlCheckFailed(f"HTTP {response.status_code}")
        if response.content != text:
            raise UrlCheckFailed("the answer is not exactly the decrypted text")

    def send(self, event: str, elements: Mapping[str, Element], *, business: float, agent_id: int | None = None) -> None:
        """Queue one event for every configured app, or for one; part of the running transaction. `event` is Event/ChangeType or Event alone."""
        name, _, change = event.partition("/")
        assert (change or name) in CHANGES, event
        machine = self._machine()
        with self._books.write() as db:
            for row in db.execute("select agent_id from callback where ?1 is null or agent_id = ?1", (agent_id,)).fetchall():
                fault = self._faults.draw(change or name, push=True, business=business, machine=machine)
                if fault and fault.kind == "push_lost":
                    continue
                body = self._body(name, change, elements, business=business, twist=fault.kind if fault else "")
                times = int(fault.params.get("times", 4)) if fault and fault.kind == "push_doubled" else 1
                at = machine + self._delay(fault)
                for _ in range(times):
                    db.execute(
                        "insert into push (agent_id, body, event, created_machine, next_machine, twist) values (?, ?, ?, ?, ?, ?)",
                        (row["agent_id"], body, event, machine, at, fault.kind if fault else ""),
                    )
        with self._wake:
            self._wake.notify_all()

    def _delay(self, fault: Fault | None) -> float:
        match fault.kind if fault else "":
            case "push_late":
                assert fault is not None
                return fault.seconds(86_400)
            case "push_shuffled":
                assert fault is not None
                return fault.seconds(30) * self._faults.share("shuffled", fault.id, fault.met)
        return 0.0

    def again(self, id: int) -> bool:
        """Push what was pushed before once more, the same body encrypted anew; whether there is such a callback."""
        with self._books.write() as db:
            made = db.execute(
                "insert into push (agent_id, body, event, created_machine, next_machine) select agent_id, body, event, ?1, ?1 from push where id = ?2",
                (self._machine(), id),
            ).rowcount
        with self._wake:
            self._wake.notify_all()
        return bool(made)

    def _body(self, name: str, change: str, elements: Mapping[str, Element], *, business: float, twist: str) -> bytes:
        plain = twist == "push_plain_text"
        parts: dict[str, Element] = {"ToUserName": self._corp_id, "FromUserName": "sys", "CreateTime": str(int(business))}
        parts |= {"MsgType": "event", "Event": name}
        parts |= {"ChangeType": change} if change else {}
        parts = {key: value for key, value in (parts | dict(elements)).items() if value}
        if twist == "push_unknown_elements":
            parts["NewElement"] = "new"

        def written(key: str, value: Element) -> str:
            match value:
                case list():
                    return "".join(written(key, item) for item in value)
                case tuple():
                    inner = "".join(written("Item", item) for item in value)
                case str():
                    inner = _escape(value) if plain or key == "CreateTime" else _cdata(value)
                case _:
                    inner = "".join(written(name, item) for name, item in value.items())
            return f"<{key}>{inner}</{key}>"

        return f"<xml>{''.join(written(key, value) for key, value in parts.items())}</xml>".encode()

    def open_count(self) -> int:
        """Callbacks that are not through yet, those ordered for later aside."""
        with self._books.read() as db:
            return int(db.execute("select count(*) from push where state = 'open' and next_machine <= ?", (self._machine() + 60,)).fetchone()[0])

    def drain(self, timeout: float, *, unless: Callable[[], bool] = lambda: False) -> bool:
        """Wait until no callback is open, those ordered for later aside, or `unless` says that nobody waits any more; False when time ran out."""
        end = time.monotonic() + timeout
        while self.open_count() and not self._stopped and not unless():
            if time.monotonic() >= end:
                return False
            with self._wake:  # never while the books are locked: senders take the two the other way round
                self._wake.wait(0.02)
        return True

    def _dispatch(self) -> None:
        while True:
            with self._books.read() as db:
                rows = db.execute(
                    "select p.id, p.next_machine from push p where p.state = 'open' and p.next_machine <= ? order by p.next_machine, p.id limit 100",
                    (self._machine(),),
                ).fetchall()
            with self._wake:
                if self._stopped:
                    return
                fresh = [row["id"] for row in rows if row["id"] not in self._running]
                self._running.update(fresh)
                if not fresh:
                    self._wake.wait(0.1)
            for id in fresh:
                self._senders.submit(self._try, id)

    def _try(self, id: int) -> None:
        try:
            with self._books.read() as db:
                push = db.execute("select * from push where id = ?", (id,)).fetchone()
                row = db.execute("select * from callback where agent_id = ?", (push["agent_id"],)).fetchone()
            if push["state"] != "open" or push["next_machine"] > self._machine():
                return  # another sender was faster than the dispatcher's list
            status, error, started = None, None, self._machine()
            try:
                status = self._post(Callback(**dict(row)), push["body"], push["twist"]) if row else None
            except httpx.HTTPError as failed:
                error = type(failed).__name__
            tries = push["tries"] + 1
            unanswered = error is not None or (self._settings.repeat_on_status and status != 200)
            state = "done" if not unanswered else "failed" if tries >= self._settings.tries else "open"
            with self._books.write() as db:
                db.execute("insert into push_try values (?, ?, ?, ?, ?)", (id, started, status, error, self._machine() - started))
                db.execute(
                    "update push set tries = ?, state = ?, next_machine = ? where id = ?", (tries, state, self._machine() + self._settings.wait_seconds, id)
                )
        finally:
            with self._wake:
                self._running.discard(id)
                self._wake.notify_all()

    def _post(self, callback: Callback, body: bytes, twist: str) -> int:
        keys = callback.keys
        if twist == "push_wrong_receive_id":
            keys = CallbackKeys(keys.token, keys.aes_key, "ww" + "0" * 16)
        encrypted = encrypt(keys, body, random16=os.urandom(16))
        stamp, nonce = str(int(self._machine())), str(int.from_bytes(os.urandom(4), "big"))
        signed = signature(keys.token, stamp, nonce, encrypted)
        if twist == "push_bad_signature":
            signed = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        response = self._http.post(
            callback.url,
            params={"msg_signature": signed, "timestamp": stamp, "nonce": nonce},
            content=envelope(to=self._corp_id, agent_id=str(callback.agent_id), encrypted=encrypted),
            headers={"content-type": "text/xml"},
        )
        return response.status_code


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
