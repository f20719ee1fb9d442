"""What every route shares: its transaction, its permission, keyset pages, and answers that are kept for a repeated key."""

import base64
import hashlib
import json
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, PlainSerializer
from starlette.concurrency import run_in_threadpool

from siyu.infra.tx import Tx
from siyu.kernel.errors import Invalid, Refusal
from siyu.kernel.money import plain
from siyu.kernel.text import storable
from siyu.kernel.time import Period, day_period

Item = TypeVar("Item")
KEY_LENGTH = 200
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""Nothing that a list shows lies outside these days."""
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class KeyReused(Refusal):
    """The idempotency key came before with another request."""

    code = "idempotency.key_reused"


class StoredAnswer(Exception):
    """This key was answered before; the answer is given again."""

    def __init__(self, response: Response) -> None:
        self.response = response


def open_transaction(request: Request) -> Tx:
    """The transaction of this request, opened at first need and committed by the route before the answer leaves."""
    tx: Tx | None = getattr(request.state, "tx", None)
    if tx is None:
        tx = request.app.state.transactions.open(request)
        request.state.tx = tx
    return tx


Db = Annotated[Tx, Depends(open_transaction)]


class TransactionRoute(APIRoute):
    """Commits the request's transaction before the answer leaves, rolls it back on any exception, and keeps answers by `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def with_transaction(request: Request) -> Response:
            transactions = request.app.state.transactions
            key = request.headers.get("idempotency-key") if request.method in UNSAFE else None
            if key and "json" in request.headers.get("content-type", "json"):
                if len(key) > KEY_LENGTH:
                    raise Invalid(field="idempotency-key", reason=f"at most {KEY_LENGTH} characters")
                request.state.idempotency = (key, fingerprint(request, await request.body()))
            try:
                response = await handle(request)
                await run_in_threadpool(transactions.commit, request, response)
                return response
            except StoredAnswer as stored:
                await run_in_threadpool(transactions.rollback, request)
                return stored.response
            except BaseException:
                await run_in_threadpool(transactions.rollback, request)
                raise

        return with_transaction


class SecretRoute(TransactionRoute):
    """A route whose request or answer holds a secret: nothing of either is kept for a repeated `Idempotency-Key`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def without_key(request: Request) -> Response:
            request.scope["headers"] = [(name, value) for name, value in request.scope["headers"] if name != b"idempotency-key"]
            return await handle(Request(request.scope, request.receive))

        return without_key


def fingerprint(request: Request, body: bytes) -> str:
    """What must be equal when a key comes again: method, path, query, body."""
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def router(prefix: str, *, tag: str) -> APIRouter:
    """A router whose routes run in one transaction each."""
    return APIRouter(prefix=f"/api{prefix}", tags=[tag], route_class=TransactionRoute)


def needs(permission: str) -> Any:
    """A route dependency that requires a permission: `dependencies=[needs("orders.read")]`."""

    def check(tx: Db) -> None:
        tx.require(permission)

    check.__dict__["permission"] = permission
    return Depends(check)


def asks(permission: str) -> Any:
    """Like `needs`, for routes that speak to somebody else: the transaction in which the right is looked up is over before the route begins."""

    def check(request: Request) -> None:
        try:
            tx = open_transaction(request)
            tx.require(permission)
            request.state.asker = (tx.tenant_id, tx.actor)
        finally:
            request.app.state.transactions.rollback(request)
            request.state.tx = request.state.connection = None

    check.__dict__["permission"] = permission
    return Depends(check)


def opener(request: Request) -> Callable[[], AbstractContextManager[Tx]]:
    """On a route with `asks`: what opens transactions of whoever asked, each for as long as nobody else is spoken to."""
    return partial(request.app.state.database.transaction, *request.state.asker)


Exact = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""A decimal of an answer: all its digits and no more, as text."""


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None = None
    total: int | None = None


def encode_cursor(*values: Any) -> str:
    """An opaque cursor from the sort values of the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The values of `encode_cursor`. Raises Invalid for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken
    if not isinstance(values, list) or not all(storable(value) for value in values if isinstance(value, str)):
        raise Invalid(field="cursor", reason="not a cursor of this list")
    return values


def decode_id(cursor: str) -> UUID:
    """The id in a cursor that holds one. Raises Invalid for any other."""
    try:
        (id,) = decode_cursor(cursor)
        return UUID(id)
    except (TypeError, ValueError, AttributeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken


def decode_place(cursor: str) -> tuple[datetime, UUID]:
    """The instant and id in a cursor that holds them. Raises Invalid for any other."""
    try:
        at, id = decode_cursor(cursor)
        return datetime.fromisoformat(at), UUID(id)
    except (TypeError, ValueError, AttributeError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken


def decode_named(cursor: str) -> tuple[datetime, str]:
    """The instant and the text in a cursor that holds them. Raises Invalid for any other."""
    try:
        at, name = decode_cursor(cursor)
        return datetime.fromisoformat(at), str(name)
    except (TypeError, ValueError) as broken:
        raise Invalid(field="cursor", reason="not a cursor of this list") from broken


def days(tx: Tx, since: date | None, until: date | None) -> Period | None:
    """The days of the brand's zone that a query asks for as `from` and `to`, both included; None for all. Raises Invalid when `until` comes first."""
    if since is None and until is None:
        return None
    first, last = since or EARLIEST, until or LATEST
    if last < first:
        raise Invalid(field="to", reason="before the first day")
    first, last = (min(max(day, EARLIEST), LATEST) for day in (first, last))
    return Period(day_period(first, tx.tz).start, day_period(last, tx.tz).end)
