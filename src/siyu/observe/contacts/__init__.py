"""Corps, their contacts, and the one answer to whom an actor may see."""

from siyu.observe.contacts.clients import client, use
from siyu.observe.contacts.examination import look
from siyu.observe.contacts.findings import Finding
from siyu.observe.contacts.model import Corp, CorpInactive, CorpNotFound, CorpTaken, Face, Relation, RelationState, Welcome
from siyu.observe.contacts.service import (
    Folded,
    Gate,
    change,
    connect,
    corp,
    corps,
    customers_of_staff,
    faces,
    greet_with,
    in_scope,
    in_scope_expr,
    keep_findings,
    lost_by_customer,
    relations_of,
    request_examination,
    request_sync,
    sees,
    try_again,
)

__all__ = [
    "Corp",
    "CorpInactive",
    "CorpNotFound",
    "CorpTaken",
    "Face",
    "Finding",
    "Folded",
    "Gate",
    "Relation",
    "RelationState",
    "Welcome",
    "change",
    "client",
    "connect",
    "corp",
    "corps",
    "customers_of_staff",
    "faces",
    "greet_with",
    "in_scope",
    "in_scope_expr",
    "keep_findings",
    "look",
    "lost_by_customer",
    "relations_of",
    "request_examination",
    "request_sync",
    "sees",
    "try_again",
    "use",
]
