"""What stands where nothing is: a plain page for who follows a link there, a reason in JSON for who asks the control interface."""

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

_PAGE = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content='width=device-width'><title>沙箱</title>"
    "<h1>这个地址没有内容</h1><p lang=en>There is nothing at this address.</p>"
)


async def lost(request: Request, error: Exception) -> Response:
    """404, in the way it was asked for."""
    if request.method == "GET" and not request.url.path.startswith("/sandbox/"):
        return HTMLResponse(_PAGE, 404)
    assert isinstance(error, HTTPException)
    return await http_exception_handler(request, error)
