"""The tables of corps, contacts, callbacks and refreshes, and every statement on them."""

from siyu.observe.contacts.store.apps import corp_rows, insert_corp, synced
from siyu.observe.contacts.store.callbacks import ask, due, forget, put_off, settle, take, waiting
from siyu.observe.contacts.store.folding import held, held_of, lock, talked, unlisted, write
from siyu.observe.contacts.store.seeing import SEEN_BY, counts, faces, relations, seen_by
from siyu.observe.contacts.store.tables import callback_inbox, contact_refreshes, contacts, corps

__all__ = [
    "SEEN_BY",
    "ask",
    "callback_inbox",
    "contact_refreshes",
    "contacts",
    "corp_rows",
    "corps",
    "counts",
    "due",
    "faces",
    "forget",
    "held",
    "held_of",
    "insert_corp",
    "lock",
    "put_off",
    "relations",
    "seen_by",
    "settle",
    "synced",
    "take",
    "talked",
    "unlisted",
    "waiting",
    "write",
]
