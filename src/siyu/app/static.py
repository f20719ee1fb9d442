"""The built console, held in memory: assets under one immutable path per build, HTML always fresh."""

import gzip
import hashlib
import mimetypes
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from siyu.app.problems import problem

BUILT = Path(__file__).parent / "static"
FRONTS = {"side": "side.html", "h5": "h5.html"}
MISSING = """<!doctype html><meta charset="utf-8"><title>siyu</title>
<p>控制台还没有构建。请在项目目录运行 <code>make setup</code>,然后刷新本页。</p>
<p>The console has not been built. Run <code>make setup</code> in the project's folder, then reload.</p>"""
_COMPRESSED = {".js", ".css", ".html", ".svg", ".json"}


def install(app: FastAPI, built: Path = BUILT) -> None:
    """Serve the three fronts; unknown paths outside /api and /static get the HTML of their front."""
    files = {path.relative_to(built).as_posix(): path.read_bytes() for path in sorted(built.rglob("*")) if path.is_file()} if built.exists() else {}
    build = hashlib.sha256(b"".join(name.encode() + hashlib.sha256(body).digest() for name, body in files.items())).hexdigest()[:12]
    assets = {name: (body, gzip.compress(body, 6) if Path(name).suffix in _COMPRESSED else None) for name, body in files.items()}
    pages = {
        name: body.decode().replace("./assets/", f"/static/{build}/assets/").replace('"./', f'"/static/{build}/')
        for name, body in files.items()
        if name.endswith(".html")
    }

    @app.api_route("/static/{build_id}/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def asset(request: Request, build_id: str, name: str) -> Response:
        found = assets.get(name)
        if found is None or build_id != build:
            return problem(request, 404, "not_found", "No such file.")
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        body, packed = found
        if packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers = packed, {**headers, "content-encoding": "gzip", "vary": "accept-encoding"}
        return Response(body, media_type=mimetypes.guess_type(name)[0] or "application/octet-stream", headers=headers)

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def page(request: Request, path: str) -> Response:
        if path.startswith(("api/", "static/", "callbacks/")):
            return problem(request, 404, "not_found", "No such path.")
        html = pages.get(FRONTS.get(path.split("/")[0], "index.html"))
        return HTMLResponse(html or MISSING, headers={"cache-control": "no-cache", "content-security-policy": _CSP})


_CSP = (
    "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)
