"""Texts that nothing can keep are refused once, before a route reads them."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from siyu.kernel.errors import Refusal
from siyu.kernel.text import storable


class Unprintable(Refusal):
    """A text holds a NUL or half a character, which cannot be kept; `field` says where."""

    code = "text.unprintable"
    status = 422


async def printable(request: Request) -> None:
    """A dependency of every route. Raises Unprintable for what the path, the query, a form or a JSON body holds; what is no JSON is left to the route.

    Of the API alone: what lies outside it is a browser's address, which may be anything and gets the console's page.
    """
    if not request.scope["path"].startswith("/api/"):
        return
    for field, text in [*_texts(request.path_params), *_texts(dict(request.query_params)), *_texts(await _body(request))]:
        if not storable(text):
            raise Unprintable(field=field or "body")


async def _body(request: Request) -> Any:
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/form-data"):
        return {name: value.filename if isinstance(value, UploadFile) else value for name, value in (await request.form()).multi_items()}
    if "json" not in kind:
        return None
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None


def _texts(whole: Any) -> Iterator[tuple[str, str]]:
    """Every text below `whole`, keys of objects too, with the dotted path to it; without recursion, for a body may be deep."""
    open: list[tuple[str, Any]] = [("", whole)]
    while open:
        path, value = open.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            open += [(f"{path}.{place}".lstrip("."), inner) for place, inner in enumerate(value)]
        elif isinstance(value, dict):
            open += [(path, key) for key in value]
            open += [(f"{path}.{key}".lstrip("."), inner) for key, inner in value.items() if storable(key)]
