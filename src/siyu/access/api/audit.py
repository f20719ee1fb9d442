"""The audit log."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from siyu.access import audit
from siyu.access.api import edge
from siyu.infra.http import Db, Page, decode_cursor, encode_cursor, needs, router
from siyu.kernel.errors import Invalid

plain = router("", tag="access")


class AuditEntry(BaseModel):
    seq: int
    at: datetime
    recorded_at: datetime
    actor: str
    actor_name: str
    act: str
    subject: str
    detail: dict[str, Any]
    hash: str


class VerdictOut(BaseModel):
    ok: bool
    entries: int
    broken_at: int | None = None
    reason: Literal["changed", "missing", "inserted"] | None = None


@plain.get("/audit", operation_id="list_audit", dependencies=[needs("audit.read")])
def list_audit(
    tx: Db, cursor: str | None = None, actor: edge.Filter = None, act: edge.Filter = None, subject: edge.Filter = None, limit: edge.Limit = 50
) -> Page[AuditEntry]:
    """What was done, newest first. `actor` is a label such as `user:<id>` or the id of an account."""
    before = None
    if cursor:
        (value,) = decode_cursor(cursor)[:1] or [None]
        if not isinstance(value, int) or not 0 <= value < 1 << 63:
            raise Invalid(field="cursor", reason="not a cursor of this list")
        before = value
    if actor and ":" not in actor and actor != "system":
        actor = f"user:{actor}"
    found = audit.page(tx, before=before, actor=actor, act=act, subject=subject, limit=limit + 1)
    items = [
        AuditEntry(
            seq=entry.seq,
            at=entry.at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            actor_name=entry.actor_name,
            act=entry.act,
            subject=entry.subject,
            detail=entry.details(),
            hash=entry.hash.hex(),
        )
        for entry in found[:limit]
    ]
    return Page(items=items, next_cursor=encode_cursor(items[-1].seq) if len(found) > limit else None)


@plain.get("/audit/verify", operation_id="verify_audit", dependencies=[needs("audit.read")])
def verify_audit(tx: Db) -> VerdictOut:
    """Recompute the whole chain and say where it breaks, if it does."""
    return VerdictOut.model_validate(audit.verify(tx), from_attributes=True)
