"""The tables of corps, contacts, callbacks and refreshes, and every statement on them."""

from siyu.observe.contacts.store.apps import corp_rows, insert_corp, synced
from siyu.observe.contacts.store.callbacks import file, forget, take, unopened, unread
from siyu.observe.contacts.store.folding import held, held_of, lock, talked, unlisted, write
from siyu.observe.contacts.store.refreshes import ask, due, put_off, settle, waiting
from siyu.observe.contacts.store.seeing import SEEN_BY, counts, faces, relations, seen_by
from siyu.observe.contacts.store.tables import callback_inbox, callback_letters, contact_refreshes, contacts, corps

__all__ = [
    "SEEN_BY",
    "ask",
    "callback_inbox",
    "callback_letters",
    "contact_refreshes",
    "contacts",
    "corp_rows",
    "corps",
    "counts",
    "due",
    "faces",
    "file",
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
    "unopened",
    "unread",
    "waiting",
    "write",
]
