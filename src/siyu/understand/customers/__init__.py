"""Customers as the list and the page show them."""

from siyu.understand.customers.model import CustomerNotFound, Filter
from siyu.understand.customers.questions import everybody, narrowed
from siyu.understand.customers.service import count

__all__ = ["CustomerNotFound", "Filter", "count", "everybody", "narrowed"]
