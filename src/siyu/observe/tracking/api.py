"""The public address of tracked links."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import text

from siyu.infra.database import Database
from siyu.infra.tx import Actor
from siyu.kernel.ids import LinkId, TenantId
from siyu.observe.tracking import service

links = APIRouter(tags=["links"], include_in_schema=False)
DEAD_END = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>链接不存在</title>
<main style="max-width: 28rem; margin: 20vh auto 0; padding: 0 1.5rem; font: 1rem/1.6 system-ui, sans-serif">
<h1 style="font-size: 1.25rem">链接不存在或已失效</h1>
<p>可能是复制时少了几个字符。请向发给您链接的人再要一次。</p>
<p lang="en">This link does not exist or is no longer valid. Some of it may be missing: please ask whoever sent it to you.</p>
</main>
</html>
"""


@links.get("/t/{code:path}", operation_id="open_link")
def open_link(request: Request, code: str, x_siyu_sandbox_visitor: Annotated[str | None, Header(max_length=64)] = None) -> Response:
    """On to the target; counted before the answer leaves. Who follows a code that nobody made is told so in words."""
    database: Database = request.app.state.database
    if not (code.isascii() and code.isalnum()):
        return _dead_end()
    with database.lookup() as connection:
        row = connection.execute(text("select tenant_id, id from siyu_link_by_code(:code)"), {"code": code[:64]}).first()
    if row is None:
        return _dead_end()
    with database.transaction(TenantId(row.tenant_id), Actor("customer")) as tx:
        target = service.open_link(tx, LinkId(row.id), x_siyu_sandbox_visitor)
    return RedirectResponse(target, 302, headers={"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"})


def _dead_end() -> Response:
    return HTMLResponse(DEAD_END, 404, headers={"cache-control": "no-store", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"})
