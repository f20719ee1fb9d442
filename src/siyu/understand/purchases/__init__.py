"""Who bought what, when: the one table expression that every figure about buying starts from."""

from siyu.understand.purchases.questions import Purchases, local_day, paid_orders, purchases_of

__all__ = ["Purchases", "local_day", "paid_orders", "purchases_of"]
