"""What customers buy in the town's shop, of their own accord or after a message, and what they give back."""

import json
import sqlite3
from collections.abc import Callable

from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.town.buying import Buyers
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue
from siyu.connectors.wecom.sandbox.town.habits import Habits
from siyu.connectors.wecom.sandbox.town.moods import Moods
from siyu.connectors.wecom.sandbox.town.payments import Payments
from siyu.connectors.wecom.sandbox.town.referrals import Referrals
from siyu.connectors.wecom.sandbox.town.scenario import Scenario
from siyu.connectors.wecom.sandbox.town.shop import Buyer, Shop, refunded


class Trade:
    """Orders and refunds. All are part of the running transaction."""

    def __init__(
        self,
        corp: Corp,
        scenario: Scenario,
        catalogue: Catalogue,
        habits: Habits,
        moods: Moods,
        referrals: Referrals,
        payments: Payments,
        later: Callable[..., None],
    ) -> None:
        self._shop = Shop(catalogue, scenario.shop, corp.draws)
        self._buyers = Buyers(scenario.buying, scenario.customer.orders_per_month, corp.draws)
        self._stay = scenario.fatigue.estranged_order_rate
        self._draws = corp.draws
        self._serial = corp.books.serial
        self._habits = habits
        self._moods = moods
        self._referrals = referrals
        self._payments = payments
        self._later = later

    def begin(self, db: sqlite3.Connection, customer: sqlite3.Row, at: float) -> None:
        """A customer may order from now on; which order is next, the row says."""
        external_userid, own = customer["external_userid"], json.loads(customer["habits"]).get("orders_per_month")
        rate = self._buyers.orders_per_month(external_userid, own)
        if (next_at := self._habits.next_organic(external_userid, customer["organic_orders"], rate, at)) is not None:
            self._later(db, "organic", next_at, external_userid, external_userid=external_userid)

    def organic(self, db: sqlite3.Connection, external_userid: str, at: float) -> None:
        """The occasion for an order, taken unless the customer is estranged and thinks better of it; the next one, unless the customer drops out."""
        customer = db.execute("update customer set organic_orders = organic_orders + 1 where external_userid = ? returning *", (external_userid,)).fetchone()
        nth = customer["organic_orders"] - 1
        if not self._moods.estranged(db, external_userid, at) or self._draws.happens(self._stay, "orders estranged", external_userid, nth):
            self.order(db, external_userid, "organic", nth, at)
            if self._buyers.drops_out(external_userid, nth):
                db.execute("update customer set dropped_out_at = ? where external_userid = ?", (at, external_userid))
                return
        self.begin(db, customer, at)

    def order(self, db: sqlite3.Connection, external_userid: str, cause: str, nth: int, at: float, msgid: str | None = None) -> str:
        """The customer's nth order of this cause; `msgid` names the message that caused it. Returns its number."""
        customer = db.execute("select * from customer where external_userid = ?", (external_userid,)).fetchone()
        buyer = Buyer(*(customer[name] for name in ("shop_customer_id", "unionid", "name", "city", "province")))
        order = self._shop.order(buyer, cause=cause, nth=nth, paid_at=at)
        db.execute(
            """
            insert into shop_order (order_no, external_userid, shop_customer_id, cause, msgid, paid_at, amount, cost, payload)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                order.order_no,
                external_userid,
                buyer.shop_customer_id,
                cause,
                msgid,
                at,
                str(order.amount),
                str(order.cost),
                json.dumps(order.payload(), ensure_ascii=False),
            ),
        )
        after = self._habits.refunds_after(order.order_no)
        if after is not None:
            self._later(db, "refund", at + after, order.order_no, order_no=order.order_no)
        self._referrals.ordered(db, customer, f"{cause}-{nth}", at)
        return order.order_no

    def buy(self, db: sqlite3.Connection, external_userid: str, at: float, *, msgid: str | None = None) -> str:
        """A customer orders because somebody at the sandbox says so, perhaps because of a group send; the order's number."""
        return self.order(db, external_userid, "act", self._serial(f"bought/{external_userid}"), at, msgid)

    def refund(self, db: sqlite3.Connection, order_no: str, at: float) -> None:
        payload = json.loads(db.execute("select payload from shop_order where order_no = ?", (order_no,)).fetchone()["payload"])
        db.execute(
            "update shop_order set refunded_at = ?, refund_payload = ? where order_no = ?",
            (at, json.dumps(refunded(payload, at), ensure_ascii=False), order_no),
        )
        self._payments.order_refunded(db, order_no, at)
