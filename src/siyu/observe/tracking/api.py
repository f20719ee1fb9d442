"""The public address of tracked links."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import text

from siyu.infra.database import Database
from siyu.infra.tx import Actor
from siyu.kernel.ids import LinkId, TenantId
from siyu.observe.tracking import service

links = APIRouter(tags=["links"], include_in_schema=False)


@links.get("/t/{code}", operation_id="open_link")
def open_link(request: Request, code: str, x_siyu_sandbox_visitor: Annotated[str | None, Header(max_length=64)] = None) -> RedirectResponse:
    """On to the target; counted before the answer leaves. Unknown codes are not found."""
    database: Database = request.app.state.database
    if not (code.isascii() and code.isalnum()):
        raise HTTPException(404)
    with database.lookup() as connection:
        row = connection.execute(text("select tenant_id, id from siyu_link_by_code(:code)"), {"code": code[:64]}).first()
    if row is None:
        raise HTTPException(404)
    with database.transaction(TenantId(row.tenant_id), Actor("customer")) as tx:
        target = service.open_link(tx, LinkId(row.id), x_siyu_sandbox_visitor)
    return RedirectResponse(target, 302, headers={"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"})
