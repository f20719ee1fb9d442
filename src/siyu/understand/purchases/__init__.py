"""Who bought what, when, and what it earned: the one table expression that every figure about buying starts from."""

from siyu.understand.purchases.margins import MarginSpread, margin_rate_bp, margin_spread, net_until, order_margins
from siyu.understand.purchases.questions import Purchases, paid_orders, purchases_of, seen, shop_numbers

__all__ = ["MarginSpread", "Purchases", "margin_rate_bp", "margin_spread", "net_until", "order_margins", "paid_orders", "purchases_of", "seen", "shop_numbers"]
