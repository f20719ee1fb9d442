"""What may be told to the control interface: values with their bounds, and how one beyond them is refused."""

import json
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator, WithJsonSchema

from siyu.connectors.wecom.sandbox.clock import epoch, iso

MOST_DAYS = 400
MOST_SECONDS = MOST_DAYS * 86_400
"""As far as one order moves the town: longer than any scenario needs at once, and still something that ends."""
_FROM, _TO = epoch("2000-01-01"), epoch("2200-01-01")


def refusal(field: str, why: str) -> RequestValidationError:
    """422 that names a field of the body; a dot leads to a field within it."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", *field.split(".")), "msg": why}])


def told(_: Request, error: Exception) -> Response:
    """Where and what is wrong; not the value itself, as not every one can be written down again."""
    assert isinstance(error, RequestValidationError)
    detail = [{name: one[name] for name in ("type", "loc", "msg")} for one in error.errors()]
    return Response(json.dumps({"detail": detail}), 422, media_type="application/json")


def within_reach(field: str, at: float, now: float) -> float:
    """An instant to which one order may lead from `now`; any that is past. Raises the refusal of the field."""
    if at - now > MOST_SECONDS:
        raise refusal(field, f"at most {MOST_DAYS} days after {iso(now)}")
    return at


def instant(text: Any) -> float:
    """ISO 8601 to epoch seconds. Raises ValueError."""
    try:
        at = epoch(text)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("an instant like 2026-03-02T10:00:00+08:00 is wanted") from None
    if not _FROM <= at < _TO:
        raise ValueError("an instant from 2000 to 2199 is wanted")
    return at


Instant = Annotated[float, BeforeValidator(instant), WithJsonSchema({"type": "string", "format": "date-time"})]
