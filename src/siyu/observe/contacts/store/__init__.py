"""The tables of corps, contacts, callbacks and refreshes, and every statement on them."""

from siyu.observe.contacts.store.apps import change_corp, corp_names, corp_rows, forgive, insert_corp, refusals, refused, synced, verified
from siyu.observe.contacts.store.callbacks import file, forget, take, unopened, unread
from siyu.observe.contacts.store.findings import arrived, keep_findings, last_callback, listed, standings, unionids
from siyu.observe.contacts.store.folding import held, held_of, lock, lock_shared, talked, unlisted, write
from siyu.observe.contacts.store.joining import join, pairs
from siyu.observe.contacts.store.looks import looked, looked_at
from siyu.observe.contacts.store.losses import LOST_CUSTOMER, keep_returned, loss_totals, losses
from siyu.observe.contacts.store.refreshes import ask, due, put_off, settle, waiting
from siyu.observe.contacts.store.seeing import IDENTITY_CUSTOMER, SEEN_BY, counts, faces, friends, identities_where, member_name, notes, relations, seen_by
from siyu.observe.contacts.store.tables import (
    callback_inbox,
    callback_letters,
    contact_refreshes,
    contacts,
    corp_findings,
    corps,
    customer_looks,
    past_losses,
    secret_trials,
)
from siyu.observe.contacts.store.trials import all_wrong_trials, forget_trials, keep_wrong_trial, wrong_trials

__all__ = [
    "IDENTITY_CUSTOMER",
    "LOST_CUSTOMER",
    "SEEN_BY",
    "all_wrong_trials",
    "arrived",
    "ask",
    "callback_inbox",
    "callback_letters",
    "change_corp",
    "contact_refreshes",
    "contacts",
    "corp_findings",
    "corp_names",
    "corp_rows",
    "corps",
    "counts",
    "customer_looks",
    "due",
    "faces",
    "file",
    "forget",
    "forget_trials",
    "forgive",
    "friends",
    "held",
    "held_of",
    "identities_where",
    "insert_corp",
    "join",
    "keep_findings",
    "keep_returned",
    "keep_wrong_trial",
    "last_callback",
    "listed",
    "lock",
    "lock_shared",
    "looked",
    "looked_at",
    "loss_totals",
    "losses",
    "member_name",
    "notes",
    "pairs",
    "past_losses",
    "put_off",
    "refusals",
    "refused",
    "relations",
    "secret_trials",
    "seen_by",
    "settle",
    "standings",
    "synced",
    "take",
    "talked",
    "unionids",
    "unlisted",
    "unopened",
    "unread",
    "verified",
    "waiting",
    "write",
    "wrong_trials",
]
