"""What access does while nobody looks: prove the audit chain, sweep out sessions that have ended."""

import structlog

from siyu.access import audit, sessions
from siyu.infra.jobs import JobFailed, Work

log = structlog.get_logger()


def prove_audit(work: Work) -> None:
    """Verify the tenant's audit chain and keep its head outside the database and in the log. Raises JobFailed when broken."""
    with work.transaction() as tx:
        verdict = audit.verify(tx)
        if not verdict.ok:
            log.error("audit.broken", tenant_id=str(tx.tenant_id), broken_at=verdict.broken_at, why=verdict.reason)
            raise JobFailed(reason="audit chain broken", broken_at=verdict.broken_at)
        head = audit.keep_head(tx)
        log.info("audit.head", tenant_id=str(tx.tenant_id), seq=head.seq, hash=head.hash)


def sweep_sessions(work: Work) -> None:
    """Delete sessions that have ended."""
    with work.transaction() as tx:
        log.info("sessions.swept", tenant_id=str(tx.tenant_id), sessions=sessions.sweep(tx))
