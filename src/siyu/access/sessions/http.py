"""Sessions at the edge: the cookie, and the check that an unsafe request comes from our own pages."""

from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from siyu.access.sessions.model import CrossOrigin, UnsafeMediaType

SAFE = {"GET", "HEAD", "OPTIONS"}
_SAME_SITE: Literal["lax"] = "lax"


def cookie_name(secure: bool) -> str:
    """`__Host-siyu` on https: a browser takes it from this very host only. Plain http cannot have it."""
    return "__Host-siyu" if secure else "siyu"


def _secure(request: Request) -> bool:
    """Whether the browser speaks https, to us or to a proxy before us that `public_url` tells of."""
    if request.url.scheme == "https":
        return True
    settings = getattr(request.app.state, "settings", None) if "app" in request.scope else None
    public = urlsplit(getattr(settings, "public_url", None) or "")
    return public.scheme == "https" and public.netloc.lower() == request.headers.get("host", "").lower()


def token_of(request: Request) -> str | None:
    """The session token that a request carries."""
    return request.cookies.get(cookie_name(_secure(request))) or None


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Hand the token to the browser: until it closes, for this host, out of reach of scripts."""
    secure = _secure(request)
    response.set_cookie(cookie_name(secure), token, path="/", secure=secure, httponly=True, samesite=_SAME_SITE)


def drop_cookie(request: Request, response: Response) -> None:
    """Take the token away again."""
    secure = _secure(request)
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite=_SAME_SITE)


def check_origin(request: Request) -> None:
    """Refuse an unsafe request that another site's page made the browser send. Raises CrossOrigin or UnsafeMediaType.

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; who sends neither is no browser and has no cookies to abuse.
    A body must be JSON or multipart, which no cross-origin form can send without our answer to a preflight, respectively without one of those headers.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossOrigin(site=site)
    elif origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise CrossOrigin(origin=origin)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in {"application/json", "multipart/form-data"} and not kind.endswith("+json"):
        raise UnsafeMediaType(media_type=kind)
    if not kind and request.headers.get("content-length", "0") not in {"", "0"}:
        raise UnsafeMediaType(media_type="")
