"""Corps, their contacts, and the one answer to whom an actor may see."""

from siyu.observe.contacts.clients import (
    client,
    use,
)
from siyu.observe.contacts.examination import (
    look,
)
from siyu.observe.contacts.findings import (
    Finding,
)
from siyu.observe.contacts.model import (
    Corp,
    CorpInactive,
    CorpNotFound,
    CorpTaken,
    Face,
    Relation,
    RelationState,
    Welcome,
)
from siyu.observe.contacts.refusals import (
    refusals_told,
)
from siyu.observe.contacts.service import (
    Folded,
    Gate,
    ask_once,
    change,
    connect,
    corp,
    corps,
    customers_of_staff,
    faces,
    greet_with,
    handed_over,
    in_scope,
    in_scope_expr,
    keep_findings,
    listen,
    lost_by_customer,
    possible,
    read_next,
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
    "ask_once",
    "change",
    "client",
    "connect",
    "corp",
    "corps",
    "customers_of_staff",
    "faces",
    "greet_with",
    "handed_over",
    "in_scope",
    "in_scope_expr",
    "keep_findings",
    "listen",
    "look",
    "lost_by_customer",
    "possible",
    "read_next",
    "refusals_told",
    "relations_of",
    "request_examination",
    "request_sync",
    "sees",
    "try_again",
    "use",
]
