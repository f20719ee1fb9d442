"""Sessions: how long they last and what is refused. All of it is machine time; business time has no part in it."""

from dataclasses import dataclass

from siyu.kernel.errors import Refusal

PARALLEL = 10


@dataclass(frozen=True)
class Limits:
    """A session ends after `idle_minutes` without a request and after `absolute_hours` in any case."""

    idle_minutes: int = 30
    absolute_hours: int = 12


class NoSession(Refusal):
    """No session, or one that has ended."""

    code = "session.required"
    status = 401


class Stale(Refusal):
    """This needs the password once more.

    `POST /api/session/fresh`, then the same request again.
    """

    code = "session.stale"
    status = 403


class CrossOrigin(Refusal):
    """A page of another origin made this request."""

    code = "request.cross_origin"
    status = 403


class UnsafeMediaType(Refusal):
    """A body that a plain form can send: unsafe methods take JSON or multipart."""

    code = "request.media_type"
    status = 415
