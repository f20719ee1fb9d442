"""The page on which a person is a customer or a member of staff: files as they are, no build, no other host. It acts over the control interface."""

import json
import mimetypes
from importlib.resources import files
from string import Template

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

LANGUAGES = ("zh-CN", "en-US")
_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_FILES = {file.name: file.read_bytes() for file in files(__package__).iterdir() if file.name.endswith((".js", ".css", ".json", ".svg"))}
_PAGE = Template(files(__package__).joinpath("index.html").read_text("utf-8"))
_WORDS = {language: json.loads(_FILES[f"{language}.json"]) for language in LANGUAGES}


def router() -> APIRouter:
    """The page needs no key to be read; what it shows does, and it asks for it."""
    page = APIRouter(include_in_schema=False)

    @page.get("/sandbox")
    def way_in() -> Response:
        return RedirectResponse("sandbox/")

    @page.get("/sandbox/")
    def index(request: Request, lang: str = "") -> Response:
        chosen = lang if lang in LANGUAGES else preferred(request.headers.get("accept-language", ""))
        words = _WORDS[chosen]
        return HTMLResponse(_PAGE.substitute(lang=chosen, title=words["title"], noscript=words["noscript"]), headers={**_HEADERS, "vary": "accept-language"})

    @page.get("/sandbox/page/{name}")
    def part(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404, "no such file")
        kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
        return Response(_FILES[name], media_type=kind, headers=_HEADERS)

    return page


def preferred(accept: str) -> str:
    """The language a browser asks for first among ours; Chinese when it names none."""
    wanted: list[tuple[float, str]] = []
    for part in accept.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.lower()))
        except ValueError:
            continue
    for _, tag in sorted(wanted, key=lambda pair: pair[0]):
        for language in LANGUAGES:
            if tag.split("-")[0] == language[:2]:
                return language
    return LANGUAGES[0]
