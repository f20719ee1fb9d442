"""Use cases of contacts."""

from siyu.observe.contacts.service.connecting import (
    SYNC,
    address,
    change,
    connect,
    corp,
    corp_names,
    corps,
    reader_of,
    readers,
    request_sync,
    try_again,
)
from siyu.observe.contacts.service.examining import (
    EXAMINE,
    findings,
    held,
    keep_findings,
    request_examination,
    speakers,
    verified,
)
from siyu.observe.contacts.service.folding import (
    Folded,
    end_unlisted,
    fold,
    lost_by_customer,
    possible,
)
from siyu.observe.contacts.service.gating import (
    Gate,
)
from siyu.observe.contacts.service.handing import (
    assigned,
    handed_over,
)
from siyu.observe.contacts.service.inbox import (
    arrived,
    forget_callbacks,
    greet_with,
    listen,
    read,
    read_soon,
    sweep,
    take,
)
from siyu.observe.contacts.service.joining import (
    take_over,
)
from siyu.observe.contacts.service.looking import (
    look_at,
    looked_at,
)
from siyu.observe.contacts.service.losing import (
    loss_totals,
    losses,
)
from siyu.observe.contacts.service.reading import (
    finish_sync,
    fold_read,
    members,
    take_address_book,
)
from siyu.observe.contacts.service.refreshing import (
    ask_once,
    fold_refreshed,
    put_off,
    take_refreshes,
)
from siyu.observe.contacts.service.seeing import (
    customers_of_staff,
    faces,
    in_scope,
    in_scope_expr,
    member_name,
    notes_of,
    relations_of,
    seen_identities,
    sees,
)
from siyu.observe.contacts.service.sparing import (
    spare_with,
)
from siyu.observe.contacts.service.tagging import (
    look_again,
    retagged,
)
from siyu.observe.contacts.service.trying import (
    TrialGate,
    may_try,
)

__all__ = [
    "EXAMINE",
    "SYNC",
    "Folded",
    "Gate",
    "TrialGate",
    "address",
    "arrived",
    "ask_once",
    "assigned",
    "change",
    "connect",
    "corp",
    "corp_names",
    "corps",
    "customers_of_staff",
    "end_unlisted",
    "faces",
    "findings",
    "finish_sync",
    "fold",
    "fold_read",
    "fold_refreshed",
    "forget_callbacks",
    "greet_with",
    "handed_over",
    "held",
    "in_scope",
    "in_scope_expr",
    "keep_findings",
    "listen",
    "look_again",
    "look_at",
    "looked_at",
    "loss_totals",
    "losses",
    "lost_by_customer",
    "may_try",
    "member_name",
    "members",
    "notes_of",
    "possible",
    "put_off",
    "read",
    "read_soon",
    "reader_of",
    "readers",
    "relations_of",
    "request_examination",
    "request_sync",
    "retagged",
    "seen_identities",
    "sees",
    "spare_with",
    "speakers",
    "sweep",
    "take",
    "take_address_book",
    "take_over",
    "take_refreshes",
    "try_again",
    "verified",
]
