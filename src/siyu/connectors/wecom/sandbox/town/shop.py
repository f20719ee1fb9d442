"""The town's shop: what is in a basket, and the order as the shop tells it."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from siyu.connectors.wecom.sandbox.clock import iso
from siyu.connectors.wecom.sandbox.draws import Draws, Weighted
from siyu.connectors.wecom.sandbox.town.catalogue import Catalogue, Product
from siyu.connectors.wecom.sandbox.town.scenario import ShopHabits

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    product: Product
    quantity: int
    unit_price: Decimal
    unit_cost: Decimal

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Buyer:
    """Who buys, as the shop knows them."""

    shop_customer_id: str
    unionid: str
    name: str
    city: str
    province: str


@dataclass(frozen=True)
class Order:
    order_no: str
    buyer: Buyer
    paid_at: float
    lines: tuple[Line, ...]

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def cost(self) -> Decimal:
        return sum((line.unit_cost * line.quantity for line in self.lines), Decimal(0))

    def payload(self) -> dict[str, Any]:
        """The order as siyu's orders interface takes it, but for the shop's name: decimals are texts, instants ISO 8601 in UTC."""
        return {
            "order_no": self.order_no,
            "paid_at": iso(self.paid_at),
            "status": "paid",
            "customer_no": self.buyer.shop_customer_id,
            "unionid": self.buyer.unionid,
            "customer_name": self.buyer.name,
            "city": self.buyer.city,
            "province": self.buyer.province,
            "lines": [
                {
                    "sku": line.product.sku,
                    "name": line.product.name,
                    "quantity": str(line.quantity),
                    "unit_price": str(line.unit_price),
                    "amount": str(line.amount),
                    "unit_cost": str(line.unit_cost),
                }
                for line in self.lines
            ],
        }


class Shop:
    """Fills baskets. The same occasion always fills the same basket."""

    def __init__(self, catalogue: Catalogue, habits: ShopHabits, draws: Draws) -> None:
        self._habits = habits
        self._draws = draws
        self._products = Weighted(catalogue.products, [math.sqrt(product.weight) for product in catalogue.products])

    def order(self, buyer: Buyer, *, cause: str, nth: int, paid_at: float) -> Order:
        draws, habits = self._draws, self._habits
        who: tuple[str | int, ...] = (buyer.shop_customer_id, cause, nth)
        count = 1 + min(int(draws.exponential(max(habits.lines_mean - 1, 0.0), "lines", *who) + 0.5), 59)
        chosen: dict[str, Line] = {}
        for number in range(count):
            product = self._products.pick(draws, "product", *who, number)
            chosen.setdefault(product.sku, self._line(product, draws.integer(1, habits.quantity_max, "quantity", *who, number)))
        order_no = f"TN{int.from_bytes(draws.digest('order', *who)[:7], 'big') % 10**15:015d}"
        return Order(order_no, buyer, paid_at, tuple(chosen.values()))

    def _line(self, product: Product, quantity: int) -> Line:
        habits = self._habits
        price = Decimal(str(min(max(product.price * habits.price_factor, habits.price_min), habits.price_max))).quantize(_CENT, ROUND_HALF_UP)
        cost = (price * (1 - Decimal(str(habits.margin_rate)))).quantize(_CENT, ROUND_HALF_UP)
        return Line(product, quantity, price, cost)


def refunded(payload: dict[str, Any], at: float) -> dict[str, Any]:
    """An order given back whole."""
    lines = [{"sku": line["sku"], "quantity": line["quantity"], "amount": line["amount"]} for line in payload["lines"]]
    return {"refund_no": f"R{payload['order_no']}", "refunded_at": iso(at), "lines": lines}
