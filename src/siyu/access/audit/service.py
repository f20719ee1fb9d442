"""Recording acts, reading them back, proving that nothing was changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from siyu.access.audit import kept, model, store
from siyu.access.audit.model import Entry, Head, Verdict
from siyu.infra.tx import Tx


def record(tx: Tx, act: str, subject: str, detail: Mapping[str, Any] | None = None) -> int:
    """Write down that the acting person did `act` (`account.created`) to `subject` (`account:<id>`), in this transaction. Returns the entry's number.

    The tenant's chain stays locked until the transaction ends: record last. `detail` names people by id and holds no secrets.
    """
    seq, previous, recorded_at = store.lock_head(tx)
    entry = Entry(
        seq=seq + 1,
        at=tx.now,
        recorded_at=recorded_at,
        actor=tx.actor.label,
        actor_name=model.clean(tx.actor.name),
        act=model.clean(act),
        subject=model.clean(subject),
        detail=model.detail_text(detail or {}),
    )
    store.append(tx, replace(entry, hash=model.link(tx.tenant_id, entry, previous)))
    return entry.seq


def page(tx: Tx, *, before: int | None = None, actor: str | None = None, act: str | None = None, subject: str | None = None, limit: int = 50) -> list[Entry]:
    """Entries, newest first, older than number `before`; `actor` is a label such as `user:<id>`."""
    return store.page(tx, before=before, actor=actor, act=act, subject=subject, limit=limit)


def verify(tx: Tx) -> Verdict:
    """Recompute the tenant's whole chain as it stands at this instant, and hold it against the heads kept outside the database."""
    with store.chain(tx) as (head, entries):
        return model.verify(tx.tenant_id, entries, head, kept.of(tx.tenant_id))


def keep_head(tx: Tx) -> Head:
    """Write the head down outside the database, where a forger of the database does not reach it."""
    last = head(tx)
    kept.keep(tx.tenant_id, last, store.machine_time(tx))
    return last


def head(tx: Tx) -> Head:
    """Number and hash of the last entry, to be kept somewhere else."""
    seq, hash = store.head(tx)
    return Head(seq, hash.hex())
