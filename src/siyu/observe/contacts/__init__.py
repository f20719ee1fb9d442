"""Corps, their contacts, and the one answer to whom an actor may see."""

from siyu.observe.contacts.clients import client, use
from siyu.observe.contacts.model import Corp, CorpNotFound, CorpTaken, Face, Relation, RelationState, Welcome
from siyu.observe.contacts.service import (
    Folded,
    connect,
    corp,
    corps,
    customers_of_staff,
    faces,
    greet_with,
    in_scope,
    in_scope_expr,
    lost_by_customer,
    relations_of,
    request_sync,
    sees,
)

__all__ = [
    "Corp",
    "CorpNotFound",
    "CorpTaken",
    "Face",
    "Folded",
    "Relation",
    "RelationState",
    "Welcome",
    "client",
    "connect",
    "corp",
    "corps",
    "customers_of_staff",
    "faces",
    "greet_with",
    "in_scope",
    "in_scope_expr",
    "lost_by_customer",
    "relations_of",
    "request_sync",
    "sees",
    "use",
]
