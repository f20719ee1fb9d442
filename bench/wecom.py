"""The WeCom side of a whole installation, against the sandbox: a first reading of all contacts within a budget of calls,
welcome messages, and callbacks at two rates.

`sync_over_limit_ratio` is the time of the reading over the time that the budget of calls alone dictates. Callbacks come open-loop: how long one took
counts from when it was due to come, and one that was not acknowledged within 5 s is sent again, three times in all, as WeCom does.
"""

import argparse
import asyncio
import hashlib
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy import text

from siyu.app.demo.stage import CALLBACK_KEY, CALLBACK_TOKEN, Sandbox, Siyu, connect_corp, install, sign_in
from siyu.app.runtime import store_url
from siyu.connectors.wecom.crypto import CallbackKeys, encrypt, envelope, signature
from siyu.infra import arrays
from siyu.infra.database import Database
from siyu.infra.settings import Settings

STORES = 12
PAGE = 100
ANSWER_SECONDS, TRIES = 5.0, 3
LINES = 60
LIMITS = {"ack_p99_ms": 500.0, "welcome_p99_ms": 5000.0, "callbacks_lost": 0.0, "sync_over_limit_ratio": 1.2, "rss_mib": 512.0}


@dataclass
class Scene:
    """A whole installation and a sandbox beside it."""

    siyu: Siyu
    sandbox: Sandbox
    address: str
    database: Database
    pids: dict[str, int]
    corp: Any = None


@dataclass
class Told:
    """What became of the callbacks of one rate: seconds until each was acknowledged, and those that never were."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0
    took: float = 0.0


@contextmanager
def scene(contacts: int, members: int, per_minute: int) -> Iterator[Scene]:
    """A town of so many contacts and guides; siyu may make so many calls of one path a minute."""
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as scratch, ExitStack() as stack:
        home = Path(scratch)
        home.chmod(0o711)
        (home / "siyu").mkdir(mode=0o711)
        town = {"customers": contacts, "guides_per_store": -(-members // STORES), "second_guide_rate": 0.0, "customer": {"orders_per_month": 0}}
        (home / "scenario.json").write_text(json.dumps(town), encoding="utf-8")
        sandbox = Sandbox.start(home / "sandbox", None, at=datetime.now(UTC), speed=1, scenario=home / "scenario.json", seconds=1800)
        stack.callback(sandbox.stop)
        settings = Settings(
            home=home / "siyu",
            port=0,
            clock_file=Path(sandbox.address["clock_file"]),
            wecom_calls_per_minute=per_minute,
            wecom_calls_per_hour=15 * per_minute + per_minute * 5 // 3,
        )
        installation = install(settings)
        stack.callback(installation.stop)
        siyu = Siyu(installation.address)
        stack.callback(siyu.close)
        sign_in(siyu, brand="思屿生活")
        database = Database(store_url(settings))
        stack.callback(database.close)
        processes = installation.processes
        assert processes is not None
        yield Scene(siyu, sandbox, installation.address, database, {name: processes.pid(name) for name in ("serve", "worker")})


def read_all(scene: Scene, per_minute: int) -> dict[str, float]:
    """Connect the corp and read everything: how fast, and how close to what the budget allows."""
    began = time.monotonic()
    scene.corp = connect_corp(scene.siyu, scene.sandbox)
    (job,) = [job for job in scene.siyu.get("/jobs")["items"] if job["kind"] == "contacts.sync"]
    scene.siyu.wait_for_job(job["id"], seconds=7200)
    seconds = time.monotonic() - began
    contacts = _one(scene, "select count(*) from contacts")
    budget = -(-contacts // PAGE) / per_minute * 60
    return {
        "contacts": contacts,
        "sync_seconds": seconds,
        "budget_seconds": budget,
        "sync_contacts_per_s": contacts / seconds,
        "sync_over_limit_ratio": seconds / budget,
    }


def push(scene: Scene, rate: int, seconds: int, pairs: Sequence[tuple[str, str]]) -> Told:
    """Callbacks at a rate about these (userid, external_userid)."""
    keys = CallbackKeys(CALLBACK_TOKEN, CALLBACK_KEY, scene.corp["corp_id"])
    at = int(datetime.now(UTC).timestamp()) - rate * seconds
    messages = [_message(keys, at + number, *pairs[number % len(pairs)]) for number in range(rate * seconds)]
    told = asyncio.run(_pour(scene.address, [_request(scene, keys, at + number, message) for number, message in enumerate(messages)], rate))
    told.lost = _missing(scene, messages)
    return told


def _missing(scene: Scene, messages: Sequence[bytes]) -> int:
    """How many of these callbacks are not in the inbox. They are looked up one by one: it also takes in what the sandbox itself has to tell meanwhile."""
    app = UUID(scene.corp["id"])
    digests = {hashlib.sha256(app.bytes + message).digest() for message in messages}
    with scene.database.reader() as connection:
        question = text("select count(*) from callback_inbox where digest = any (cast(:digests as bytea[]))")
        return len(digests) - int(connection.execute(question, {"digests": arrays.hashes(digests)}).scalar_one())


def _message(keys: CallbackKeys, at: int, userid: str, external: str) -> bytes:
    return (
        f"<xml><ToUserName><![CDATA[{keys.receive_id}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>{at}</CreateTime>"
        "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[edit_external_contact]]></ChangeType>"
        f"<UserID><![CDATA[{userid}]]></UserID><ExternalUserID><![CDATA[{external}]]></ExternalUserID></xml>"
    ).encode()


def _request(scene: Scene, keys: CallbackKeys, at: int, message: bytes) -> bytes:
    encrypted = encrypt(keys, message, random16=secrets.token_bytes(16))
    body = envelope(to=keys.receive_id, agent_id="1000002", encrypted=encrypted)
    query = urlencode({"msg_signature": signature(keys.token, str(at), "n", encrypted), "timestamp": at, "nonce": "n"})
    host = urlsplit(scene.address).netloc
    head = f"POST {scene.corp['callback_path']}?{query} HTTP/1.1\r\nhost: {host}\r\ncontent-type: text/xml\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _pour(address: str, requests: Sequence[bytes], rate: int) -> Told:
    """Send each when it is due, over a number of kept lines."""
    told = Told()
    parts = urlsplit(address)
    upcoming = iter(enumerate(requests))
    began = time.monotonic()

    async def line() -> None:
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for number, request in upcoming:
            due = began + number / rate
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            for _ in range(TRIES):
                try:
                    streams = streams or await asyncio.open_connection(parts.hostname, parts.port)
                    async with asyncio.timeout(ANSWER_SECONDS):
                        streams[1].write(request)
                        head = await streams[0].readuntil(b"\r\n\r\n")
                    if head.startswith(b"HTTP/1.1 200"):
                        told.seconds.append(time.monotonic() - due)
                        break
                    streams[1].close()
                    streams = None
                except (TimeoutError, OSError, asyncio.IncompleteReadError):
                    if streams:
                        streams[1].close()
                    streams = None
        if streams:
            streams[1].close()

    await asyncio.gather(*(line() for _ in range(LINES)))
    told.took = time.monotonic() - began
    return told


def greet(scene: Scene, rate: int, seconds: int) -> dict[str, float]:
    """New friends at a rate: seconds from WeCom's event (whole seconds) to the sandbox's yes to our welcome."""
    scene.siyu.post("/welcomes", {"corp_id": scene.corp["id"], "text": "欢迎光临"})
    url = f"{scene.address}{scene.corp['callback_path']}"
    scene.sandbox.post("/sandbox/callbacks", {"url": url, "token": CALLBACK_TOKEN, "aes_key": CALLBACK_KEY})
    pairs = _pairs(scene, rate * seconds)
    known = set(_pairs(scene, 100_000))
    members = sorted({userid for userid, _ in known})
    began = time.monotonic()
    for number, (userid, external) in enumerate(pairs):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        at = members.index(userid)
        other = next(one for one in (*members[at:], *members[:at]) if (one, external) not in known)
        known.add((other, external))
        scene.sandbox.post("/sandbox/acts", {"act": "add", "userid": other, "external_userid": external})
    deadline = time.monotonic() + 30
    while True:
        found = scene.siyu.get("/welcomes/results")
        ended = sum(tally["codes"] for tally in found["tallies"])
        if ended >= len(pairs) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    sent = sum(tally["codes"] for tally in found["tallies"] if tally["outcome"] == "sent")
    return {"welcome_p99_ms": (found["p99_seconds"] or float("inf")) * 1000, "welcomes_not_sent": len(pairs) - sent}


def _one(scene: Scene, question: str) -> int:
    with scene.database.reader() as connection:
        return int(connection.exec_driver_sql(question).scalar_one())


def _pairs(scene: Scene, limit: int) -> list[tuple[str, str]]:
    with scene.database.reader() as connection:
        rows = connection.exec_driver_sql(
            f"select s.userid, c.external_userid from contacts c join staff s on s.id = c.staff_id order by c.id limit {int(limit)}"
        )
        return [(row.userid, row.external_userid) for row in rows]


def _rss_mib(pid: int) -> float:
    """The most memory a process has held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _drained(scene: Scene, *, seconds: float) -> float:
    """How long until every callback was read; `seconds` when it was not in time."""
    began = time.monotonic()
    while _one(scene, "select count(*) from callback_letters") and time.monotonic() - began < seconds:
        time.sleep(0.5)
    return time.monotonic() - began


def _p99_ms(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1000 if len(seconds) > 1 else float("inf")


def run(contacts: int, members: int, per_minute: int, calm_seconds: int, burst_seconds: int) -> dict[str, float]:
    """One installation, all figures."""
    with scene(contacts, members, per_minute) as here:
        figures = read_all(here, per_minute)
        _say(f"{figures['contacts']:.0f} contacts in {figures['sync_seconds']:.1f} s; the budget alone takes {figures['budget_seconds']:.1f} s")
        figures["rss_mib"] = _rss_mib(here.pids["worker"])
        if calm_seconds:
            figures |= greet(here, 5, calm_seconds)
            _say(f"5 new friends/s: welcome p99 {figures['welcome_p99_ms']:.0f} ms, not sent {figures['welcomes_not_sent']}")
        if calm_seconds:
            calm = push(here, 200, calm_seconds, _pairs(here, 500))
            figures |= {"ack_p99_ms": _p99_ms(calm.seconds), "callbacks_lost": calm.lost}
            _say(f"200 callbacks/s: p99 {figures['ack_p99_ms']:.0f} ms, lost {calm.lost}")
        if burst_seconds:
            burst = push(here, 2000, burst_seconds, _pairs(here, 5000))
            figures |= {"callbacks_per_s": len(burst.seconds) / burst.took, "burst_p99_ms": _p99_ms(burst.seconds)}
            figures["callbacks_lost"] = figures.get("callbacks_lost", 0) + burst.lost
            figures["drained_seconds"] = _drained(here, seconds=300)
            _say(f"2,000 callbacks/s: {figures['callbacks_per_s']:.0f}/s kept, p99 {figures['burst_p99_ms']:.0f} ms, lost {burst.lost}")
        figures["rss_mib"] = max(figures["rss_mib"], *(_rss_mib(pid) for pid in here.pids.values()))
    return figures


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="siyu bench wecom", description=__doc__)
    parser.add_argument("--contacts", type=int, default=50_000)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--calls-per-minute", type=int, default=3_000, help="budget of one path; WeCom's limit is 10,000")
    parser.add_argument("--calm-seconds", type=int, default=30, help="new friends at 5/s, then callbacks at 200/s, for so long")
    parser.add_argument("--burst-seconds", type=int, default=60, help="callbacks at 2,000/s for so long")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on the last line")
    given = parser.parse_args()
    figures = run(given.contacts, given.members, given.calls_per_minute, given.calm_seconds, given.burst_seconds)
    for name, value in figures.items():
        limit = LIMITS.get(name)
        sys.stdout.write(f"{name:24}{value:12,.1f}" + (f"   limit {limit:g}, {'kept' if value <= limit else 'NOT KEPT'}" if limit is not None else "") + "\n")
    if given.json:
        sys.stdout.write(json.dumps({"bench": "wecom", "limits": LIMITS, **figures}) + "\n")


if __name__ == "__main__":
    main()
