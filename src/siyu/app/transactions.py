"""How a request becomes a transaction: who asks, for which tenant, once per idempotency key."""

from typing import Any

from fastapi import Request, Response
from sqlalchemy import Connection

from siyu.access import sessions
from siyu.app import api_keys
from siyu.infra.database import Database, enter
from siyu.infra.http import KeyReused, StoredAnswer
from siyu.infra.tx import Actor, Tx
from siyu.kernel.errors import Refusal
from siyu.kernel.ids import TenantId


class InFlight(Refusal):
    """The same key is being worked on right now."""

    code = "idempotency.in_flight"


class Transactions:
    """Opens, commits and rolls back the transactions of requests. Kept on `app.state.transactions`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open(self, request: Request) -> Tx:
        """The request's transaction. Raises NoSession, CrossOrigin, KeyReused; StoredAnswer when this key was answered before."""
        tenant_id, actor = self._who(request)
        connection = self.database.engine.connect()
        request.state.connection = connection
        connection.begin()
        tx = enter(connection, tenant_id, actor, self.database.clock)
        key = getattr(request.state, "idempotency", None)
        if key:
            self._once(tx, *key)
        return tx

    def commit(self, request: Request, response: Response) -> None:
        """Keep the answer for the request's key, then commit; an answer that says no is rolled back."""
        connection: Connection | None = getattr(request.state, "connection", None)
        if connection is None:
            return
        try:
            if response.status_code >= 400:
                connection.rollback()
                return
            key = getattr(request.state, "idempotency", None)
            if key:
                tx: Tx = request.state.tx
                tx.execute(
                    "update idempotency_keys set status = :status, media_type = :media_type, body = :body "
                    "where tenant_id = :tenant_id and actor = :actor and key = :key",
                    {
                        "actor": tx.actor.label,
                        "key": key[0],
                        "status": response.status_code,
                        "media_type": response.media_type or response.headers.get("content-type"),
                        "body": bytes(getattr(response, "body", b"")),
                    },
                )
            connection.commit()
        finally:
            connection.close()

    def rollback(self, request: Request) -> None:
        """Undo what the request did; harmless after a commit."""
        connection: Connection | None = getattr(request.state, "connection", None)
        if connection is not None and not connection.closed:
            connection.rollback()
            connection.close()

    def _who(self, request: Request) -> tuple[TenantId, Actor]:
        bearer = request.headers.get("authorization", "")
        if bearer.lower().startswith("bearer "):
            known = api_keys.resolve(self.database, bearer[7:].strip())
        else:
            sessions.check_origin(request)
            token = sessions.token_of(request)
            known = sessions.resolve(self.database, token) if token else None
        if known is None:
            raise sessions.NoSession()
        return known

    @staticmethod
    def _once(tx: Tx, key: str, fingerprint: str) -> None:
        """Take the key for this request, waiting for another transaction that holds it."""
        taken = tx.execute(
            """
            insert into idempotency_keys (tenant_id, actor, key, fingerprint, created_at)
            values (:tenant_id, :actor, :key, :fingerprint, :now)
            on conflict do nothing
            """,
            {"actor": tx.actor.label, "key": key, "fingerprint": fingerprint},
        )
        if taken.rowcount:
            return
        row: Any = tx.execute(
            "select fingerprint, status, media_type, body from idempotency_keys where tenant_id = :tenant_id and actor = :actor and key = :key",
            {"actor": tx.actor.label, "key": key},
        ).first()
        if row is None or row.status is None:
            raise InFlight()
        if row.fingerprint != fingerprint:
            raise KeyReused()
        raise StoredAnswer(Response(bytes(row.body or b""), row.status, media_type=row.media_type, headers={"idempotent-replay": "true"}))
