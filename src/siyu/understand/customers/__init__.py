"""Customers as the list and the page show them."""

from siyu.understand.customers.api import CustomerPage, listed
from siyu.understand.customers.model import CustomerNotFound, Filter
from siyu.understand.customers.questions import everybody, narrowed, segments_with, survivors
from siyu.understand.customers.service import count, find

__all__ = ["CustomerNotFound", "CustomerPage", "Filter", "count", "everybody", "find", "listed", "narrowed", "segments_with", "survivors"]
