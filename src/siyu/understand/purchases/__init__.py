"""Who bought what, when: the one table expression that every figure about buying starts from."""

from siyu.understand.purchases.questions import Purchases, paid_orders, purchases_of, seen, shop_numbers

__all__ = ["Purchases", "paid_orders", "purchases_of", "seen", "shop_numbers"]
