"""Use cases of contacts."""

from siyu.observe.contacts.service.connecting import connect, corp, corps, request_sync
from siyu.observe.contacts.service.folding import Folded, end_unlisted, fold, lost_by_customer
from siyu.observe.contacts.service.reading import finish_sync, fold_read, members, take_address_book
from siyu.observe.contacts.service.refreshing import fold_refreshed, forget_callbacks, put_off, receive, sweep, take_refreshes
from siyu.observe.contacts.service.seeing import customers_of_staff, faces, in_scope, in_scope_expr, relations_of, sees

__all__ = [
    "Folded",
    "connect",
    "corp",
    "corps",
    "customers_of_staff",
    "end_unlisted",
    "faces",
    "finish_sync",
    "fold",
    "fold_read",
    "fold_refreshed",
    "forget_callbacks",
    "in_scope",
    "in_scope_expr",
    "lost_by_customer",
    "members",
    "put_off",
    "receive",
    "relations_of",
    "request_sync",
    "sees",
    "sweep",
    "take_address_book",
    "take_refreshes",
]
