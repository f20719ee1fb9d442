"""Faults on request: what fails, on which path, how likely and how often. Every one that fired is in the books."""

import json
from dataclasses import dataclass, field
from typing import Any

from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.sandbox.draws import Draws, Part

CALL_FAULTS: dict[str, str] = {
    "timeout_before": "the request is lost: nothing happens, no answer for `seconds`, then the connection ends",
    "timeout_after": "the answer is lost: it takes effect, no answer for `seconds`, then the connection ends",
    "reset_before": "the connection ends at once, nothing happened",
    "reset_after": "the connection ends without an answer, it took effect",
    "busy_before": "-1 without effect",
    "busy_after": "-1 although it took effect",
    "http_500": "HTTP `status` (502) in HTML; with effect when `effect` is true",
    "cut_body": "it takes effect, half of the answer arrives",
    "html_body": "it takes effect, HTTP 200 with a body that is not JSON",
    "rate_limited": "45009 now and for `seconds` (60) on this path",
    "too_parallel": "45033",
    "token_invalid": "40014, and the token is dead",
    "token_refused": "40014 for ever: new tokens are refused too",
    "token_expired": "42001 before its time, and the token is dead",
    "ip_refused": "60020",
    "forbidden": "48002",
    "code": "the return code `code`",
    "slow": "it takes effect, the answer comes after `seconds` (30)",
    "late_apply": "no answer; it takes effect `seconds` (60) later. `clock`: business (default) or machine",
    "listing_lag": "a new group send is not listed, and questions about it answer 41063, for `seconds` (30, business)",
    "pages_move": "the last row of the page before stands at the head of the page asked for, as when the list moves under the cursor",
    "fail_list": "`share` (0.5) of the receivers of a group send are not accepted",
}
PUSH_FAULTS: dict[str, str] = {
    "push_lost": "the callback is never sent",
    "push_doubled": "the callback is sent `times` (4) times, encrypted anew",
    "push_late": "the callback is sent `seconds` (86400, machine) later",
    "push_shuffled": "the callback waits up to `seconds` (30, machine), so that later ones overtake it",
    "push_bad_signature": "wrong signature",
    "push_wrong_receive_id": "meant for somebody else",
    "push_unknown_elements": "extra elements",
    "push_plain_text": "plain text in place of CDATA",
}
KINDS = CALL_FAULTS | PUSH_FAULTS


@dataclass(frozen=True)
class Fault:
    """`path`: a path of the contract, or `*`; for callbacks its ChangeType or `*`. `remaining`: times left, None without end."""

    id: int
    kind: str
    path: str
    probability: float
    remaining: int | None
    params: dict[str, Any] = field(default_factory=dict)
    met: int = 0
    fired: int = 0

    def seconds(self, default: float) -> float:
        return float(self.params.get("seconds", default))


class Faults:
    """The orders of a test, kept in the books. Whether one fires depends on the seed and on how many calls it has met."""

    def __init__(self, books: Books, seed: int) -> None:
        self._books = books
        self._draws = Draws(seed)
        with books.read() as db:
            self._any = db.execute("select count(*) from fault where remaining is null or remaining > 0").fetchone()[0] > 0

    def order(self, kind: str, path: str = "*", *, probability: float = 1.0, count: int | None = None, params: dict[str, Any] | None = None) -> int:
        """Add a fault; its id."""
        with self._books.write() as db:
            self._any = True
            row = db.execute(
                "insert into fault (kind, path, probability, remaining, params) values (?, ?, ?, ?, ?) returning id",
                (kind, path, probability, count, json.dumps(params or {})),
            ).fetchone()
            return int(row["id"])

    def share(self, *purpose: Part) -> float:
        """A number in [0, 1) that depends on the seed and on what it is for."""
        return self._draws.uniform("fault", *purpose)

    def clear(self, id: int | None = None) -> None:
        """Take one fault back, or all; what has fired stays in the log."""
        with self._books.write() as db:
            db.execute("update fault set remaining = 0 where id = ? or ? is null", (id, id))

    def listed(self) -> list[Fault]:
        with self._books.read() as db:
            return [_read(row) for row in db.execute("select * from fault order by id")]

    def draw(self, path: str, *, push: bool, business: float, machine: float) -> Fault | None:
        """The first fault that fires for this call or callback."""
        if not self._any:
            return None
        with self._books.write() as db:
            rows = db.execute("select * from fault where (remaining is null or remaining > 0) and path in (?, '*') order by id", (path,)).fetchall()
            for fault in map(_read, rows):
                if (fault.kind in PUSH_FAULTS) != push or (fault.kind in _SENDS_ONLY and not path.endswith("/add_msg_template")):
                    continue
                fires = self._draws.happens(fault.probability, "fault", fault.id, fault.met)
                db.execute("update fault set met = met + 1, fired = fired + ?1, remaining = remaining - ?1 where id = ?2", (int(fires), fault.id))
                if fires:
                    db.execute("insert into fault_fired values (?, ?, ?, ?, ?)", (fault.id, fault.kind, path, business, machine))
                    return fault
        return None


_SENDS_ONLY = ("listing_lag", "fail_list")


def _read(row: Any) -> Fault:
    return Fault(row["id"], row["kind"], row["path"], row["probability"], row["remaining"], json.loads(row["params"]), row["met"], row["fired"])
