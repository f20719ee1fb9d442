"""What the town does outside its books: customers fetch links, the shop tells its orders. Kept in the books until it got through."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import structlog

from siyu.connectors.wecom.sandbox.books import Books
from siyu.connectors.wecom.trust import trust

log = structlog.get_logger(__name__)

VISITOR_HEADER = "X-Siyu-Sandbox-Visitor"


@dataclass(frozen=True)
class ShopTarget:
    """Where the shop tells its orders: `url` takes orders, `url/{order_no}/refunds` refunds. `key` goes as a bearer key, `shop` is its name there."""

    url: str
    key: str = field(repr=False)
    shop: str = "online"


@dataclass(frozen=True)
class Effect:
    """One thing to do outside; those of one `customer` go in order."""

    name: str
    customer: str
    at: float
    do: Callable[[], bool]
    """Whether it got through."""


class Effects:
    """Runs open effects: those of one customer in order, different customers side by side. Failed ones stay open and are tried again later."""

    def __init__(self, books: Books, link_hosts: tuple[str, ...], *, more: Callable[[], list[Effect]] = list, tries: int = 3, parallel: int = 8) -> None:
        self._books = books
        self._hosts = link_hosts
        self._more = more
        self._tries = tries
        self._http = httpx.Client(verify=trust(), timeout=30.0, trust_env=False, limits=httpx.Limits(max_connections=parallel * 2))
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="town")
        stored = books.note("shop")
        self._shop = ShopTarget(**json.loads(stored)) if stored else None
        self._failed: set[str] = set()
        self._one_run = threading.Lock()

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        self._http.close()

    def sell_to(self, shop: ShopTarget | None) -> None:
        """Set, change or take away the address for orders; orders made meanwhile wait."""
        self._shop = shop
        self._books.set_note("shop", json.dumps(vars(shop)) if shop else "")

    def fetches(self, url: str) -> bool:
        """Whether customers really fetch this address: only hosts the settings name."""
        try:
            return (urlsplit(url).hostname or "") in self._hosts
        except ValueError:
            return False

    def opened(self, db: sqlite3.Connection, msgid: str, external_userid: str, url: str, at: float) -> None:
        """A customer opens the link of a message or a moment; fetched soon when the host is one of those."""
        db.execute(
            "insert or ignore into link_opening (msgid, external_userid, url, opened_at, fetched) values (?, ?, ?, ?, ?)",
            (msgid, external_userid, url, at, int(self.fetches(url))),
        )

    def open_count(self) -> int:
        """Effects that have not got through, those without an address aside."""
        return len(self._open())

    def run(self, *, again: bool = False) -> None:
        """Do what is open; what failed before waits for a run with `again`."""
        with self._one_run:
            if again:
                self._failed.clear()
            by_customer: dict[str, list[Effect]] = {}
            for effect in sorted(self._open(), key=lambda effect: effect.at):
                if effect.name not in self._failed:
                    by_customer.setdefault(effect.customer, []).append(effect)
            if by_customer:
                list(self._pool.map(self._in_order, by_customer.values()))

    def _in_order(self, effects: list[Effect]) -> None:
        for effect in effects:
            if not effect.do():
                self._failed.add(effect.name)

    def _open(self) -> list[Effect]:
        with self._books.read() as db:
            openings = db.execute("select id, external_userid, url, opened_at from link_opening where fetched = 1 and http_status is null").fetchall()
            orders = db.execute("select * from shop_order where http_status is null").fetchall() if self._shop else []
            refunds = (
                db.execute("select * from shop_order where refunded_at is not null and refund_http_status is null and http_status < 400").fetchall()
                if self._shop
                else []
            )
        found = [Effect(f"open/{row['id']}", row["external_userid"], row["opened_at"], partial(self._fetch, row)) for row in openings]
        found += [Effect(f"paid/{row['order_no']}", row["external_userid"], row["paid_at"], partial(self._tell, row)) for row in orders]
        found += [Effect(f"refund/{row['order_no']}", row["external_userid"], row["refunded_at"], partial(self._refund, row)) for row in refunds]
        return found + self._more()

    def _fetch(self, row: sqlite3.Row) -> bool:
        status = self._until_answered(lambda: self._http.get(row["url"], headers={VISITOR_HEADER: row["external_userid"]}))
        if status is not None:
            with self._books.write() as db:
                db.execute("update link_opening set http_status = ? where id = ?", (status, row["id"]))
        return status is not None

    def _tell(self, row: sqlite3.Row) -> bool:
        status = self._post(row["order_no"], "", row["payload"])
        if status is not None:
            with self._books.write() as db:
                db.execute("update shop_order set http_status = ? where order_no = ?", (status, row["order_no"]))
        return status is not None

    def _refund(self, row: sqlite3.Row) -> bool:
        status = self._post(row["order_no"], f"/{row['order_no']}/refunds", row["refund_payload"])
        if status is not None:
            with self._books.write() as db:
                db.execute("update shop_order set refund_http_status = ? where order_no = ?", (status, row["order_no"]))
        return status is not None

    def _post(self, order_no: str, path: str, payload: str) -> int | None:
        shop = self._shop
        if shop is None:
            return None
        body: dict[str, Any] = {"shop": shop.shop, **json.loads(payload)}
        headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": f"{quote(shop.shop)}-{body.get('refund_no') or order_no}"}
        status = self._until_answered(lambda: self._http.post(shop.url.rstrip("/") + path, json=body, headers=headers))
        if status is not None and status >= 400:
            log.warning("town.order_refused", order_no=order_no, status=status)
        return status

    def _until_answered(self, call: Callable[[], httpx.Response]) -> int | None:
        """A final status, or None when the other side stayed away, overloaded or broken."""
        for attempt in range(self._tries):
            try:
                status = call().status_code
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OverflowError):  # also an address at which nobody can be
                status = 599
            if status < 500 and status != 429:
                return status
            if attempt + 1 < self._tries:
                time.sleep(0.05 * 2**attempt)
        return None
