"""Callbacks: a test that we send to our own public address, and when WeCom last called."""

import ipaddress
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from siyu.connectors.wecom.crypto import encrypt, envelope, signature
from siyu.connectors.wecom.trust import trust
from siyu.infra.clock import system_clock
from siyu.observe.contacts.doctor.reaching import TIMEOUT, trouble
from siyu.observe.contacts.doctor.visit import Door, Visit, found, skipped
from siyu.observe.contacts.findings import DOCTOR_EVENT, Finding

QUIET = timedelta(days=7)


def callback(visit: Visit) -> Finding:
    """A signed, encrypted event goes to our address for callbacks and must come in through the normal door. What lies between WeCom and us is not seen."""
    door = visit.door
    if door is None:
        return skipped("callback", "address")
    if is_private(door.url) and not is_private(visit.base_url):
        return found("callback", "error", "private", url=door.url)
    push = _push(door, int(system_clock().timestamp()))
    try:
        with httpx.Client(timeout=TIMEOUT, transport=httpx.HTTPTransport(verify=trust()), follow_redirects=False) as http:
            status = http.post(door.url, params=push.query, content=push.content).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = trouble(error)
        if reason == "refused" and not door.open:
            return found("callback", "skipped", "not_running", url=door.url)
        return found("callback", "error", reason, url=door.url)
    if status != 200:
        return found("callback", "error", "turned_away", url=door.url, status=status)
    arrived = door.arrived(push.event)
    return found("callback", "ok", url=door.url) if arrived else found("callback", "error", "lost", url=door.url)


def callbacks(visit: Visit) -> Finding:
    """When WeCom last told us anything; before the first time, whether it has verified our address."""
    if visit.held is None:
        return skipped("callbacks", "callback")
    at = visit.held.last_callback_at
    if at is None and (verified := visit.held.address_verified_at):
        return found("callbacks", "warning" if visit.held.now - verified > QUIET else "ok", "verified", at=verified.isoformat())
    if at is None:
        return found("callbacks", "warning", "never")
    quiet = visit.held.now - at > QUIET
    return found("callbacks", "warning" if quiet else "ok", "quiet" if quiet else "ok", at=at.isoformat())


def is_private(url: str) -> bool:
    """Whether an address leads nowhere from the internet. A name that cannot be looked up counts as public: the address itself is tried next."""
    host = urlsplit(url).hostname or ""
    try:
        places = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return not any(ipaddress.ip_address(place).is_global for place in places)


@dataclass(frozen=True)
class Push:
    """A callback as the platform sends it: `event` is what lies encrypted in `content`."""

    event: bytes
    content: bytes
    query: dict[str, str]


def _push(door: Door, seconds: int) -> Push:
    """An event like no other, by its nonce."""
    event = (
        f"<xml><ToUserName>{door.keys.receive_id}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{seconds}</CreateTime><MsgType>event</MsgType>"
        f"<Event>{DOCTOR_EVENT}</Event><Nonce>{secrets.token_hex(16)}</Nonce></xml>"
    ).encode()
    encrypted, stamp, nonce = encrypt(door.keys, event, random16=secrets.token_bytes(16)), str(seconds), secrets.token_hex(8)
    query = {"msg_signature": signature(door.keys.token, stamp, nonce, encrypted), "timestamp": stamp, "nonce": nonce}
    return Push(event, envelope(to=door.keys.receive_id, agent_id=str(door.agent_id), encrypted=encrypted), query)
