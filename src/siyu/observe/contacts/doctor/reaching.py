"""Whether the platform can be reached at all: asked without credentials, so it can be asked before anything is known."""

import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from urllib.parse import urlsplit

import httpx

from siyu.connectors.wecom.trust import trust
from siyu.observe.contacts.doctor.visit import Visit, found, skipped
from siyu.observe.contacts.findings import Finding

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
CLOCK_OFF_SECONDS, CLOCK_WRONG_SECONDS = 5, 300
SLOW_MS = 800
_FROM_IP = re.compile(r"from ip: ([0-9A-Fa-f.:]+)")


def address(visit: Visit) -> Finding:
    """DNS, TLS and time-outs each have their own outcome. A call without token is refused in the platform's words, which name our address as it sees it."""
    host = urlsplit(visit.base_url).hostname or visit.base_url
    asked_at = visit.clock()
    try:
        with httpx.Client(timeout=TIMEOUT, transport=httpx.HTTPTransport(verify=trust()), follow_redirects=False) as http:
            answer = visit.ask(lambda: http.get(f"{visit.base_url}/cgi-bin/getcallbackip"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        visit.barred = "address"
        return found("address", "error", trouble(error), host=host)
    told = _words(answer)
    if told is None:
        visit.barred = "address"
        return found("address", "error", "foreign", host=host, status=answer.status_code)
    visit.ahead_seconds = _ahead(_date(answer.headers.get("date")), asked_at, visit.clock())
    return found("address", "ok", host=host, ip=ip_in(told))


def clock(visit: Visit) -> Finding:
    """Our time against the platform's: seconds off, and what happened when is written down wrong; half a minute, and one-time codes are refused."""
    if visit.ahead_seconds is None:
        return skipped("clock", "address") if visit.barred else found("clock", "skipped", "no_date")
    seconds, side = round(abs(visit.ahead_seconds)), "ahead" if visit.ahead_seconds > 0 else "behind"
    if seconds <= CLOCK_OFF_SECONDS:
        return found("clock", "ok", seconds=seconds)
    if seconds <= CLOCK_WRONG_SECONDS:
        return found("clock", "warning", f"{side}_seconds", seconds=seconds)
    return found("clock", "error", side, minutes=round(seconds / 60))


def latency(visit: Visit) -> Finding:
    """How long the calls of this examination took."""
    if visit.barred == "address" or not visit.seconds:
        return skipped("latency", "address")
    ms = round(median(visit.seconds) * 1000)
    return found("latency", "ok" if ms <= SLOW_MS else "warning", "ok" if ms <= SLOW_MS else "slow", ms=ms, calls=len(visit.seconds))


def ip_in(text: str) -> str | None:
    """Our address in an error text of the platform."""
    told = _FROM_IP.search(text)
    return told.group(1) if told else None


def trouble(error: Exception) -> str:
    """What is wrong on the way: dns, tls, timeout, refused or broken."""
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "dns"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    return "refused" if isinstance(error, httpx.ConnectError) else "broken"


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__


def _words(answer: httpx.Response) -> str | None:
    """The platform's error text; None for an answer that is not the platform's."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return str(body.get("errmsg") or "") if answer.status_code == 200 and isinstance(body, dict) and "errcode" in body else None


def _ahead(date: datetime | None, asked_at: datetime, answered_at: datetime) -> float | None:
    """By how many seconds our clock must at least be ahead, negative when it is behind: the platform's whole second was read between asking and hearing."""
    if date is None:
        return None
    least, most = (asked_at - date).total_seconds() - 1, (answered_at - date).total_seconds()
    return max(least, 0.0) + min(most, 0.0)


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return None
