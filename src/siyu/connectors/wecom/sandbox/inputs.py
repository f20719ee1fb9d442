"""What may be told to the control interface: values with their bounds, and how one beyond them is refused."""

import json
import math
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, field_validator

from siyu.connectors.wecom.sandbox.clock import FASTEST, epoch, is_pace, iso

MOST_DAYS = 400
MOST_SECONDS = MOST_DAYS * 86_400
"""As far as one order moves the town: longer than any scenario needs at once, and still something that ends."""
LARGEST = 2**63 - 1
"""Of whole numbers that the books can hold."""
_FROM, _TO = epoch("2000-01-01"), epoch("2200-01-01")


class Order(BaseModel):
    """What every order keeps to: whole characters, and numbers that the books can hold."""

    model_config = ConfigDict(allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def holdable(cls, given: Any) -> Any:
        waiting = [given]
        while waiting:
            match waiting.pop():
                case str() as text:
                    _whole_characters(text)
                case float() as number if not math.isfinite(number):
                    raise ValueError("a number is wanted")
                case int() as number if not -LARGEST <= number <= LARGEST:
                    raise ValueError("a number within 64 bits is wanted")
                case list() as items:
                    waiting += items
                case dict() as fields:
                    waiting += [*fields, *fields.values()]
        return given


def refusal(field: str, why: str) -> RequestValidationError:
    """422 that names a field of the body."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": why}])


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


def _whole_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("whole characters are wanted") from None


def _pace(speed: float) -> float:
    if not is_pace(speed):
        raise ValueError(f"0, or 1 to {FASTEST}, is wanted")
    return speed


def _address(text: str) -> str:
    try:
        parts, url = urlsplit(text), httpx.URL(text)
        url.raw_host.decode().encode("idna")
        fits = parts.scheme in ("http", "https") and bool(url.host) and parts.port != 0
    except (httpx.InvalidURL, ValueError):
        fits = False
    if not fits:
        raise ValueError("an address like http://127.0.0.1:9000/wecom is wanted")
    return text


def _parts(text: str) -> str:
    urlsplit(text)
    return text


Instant = Annotated[float, BeforeValidator(instant), WithJsonSchema({"type": "string", "format": "date-time"})]
"""ISO 8601, as epoch seconds."""
Pace = Annotated[float, AfterValidator(_pace)]
WebAddress = Annotated[str, AfterValidator(_address)]
"""Where the sandbox calls by itself."""
Link = Annotated[str, AfterValidator(_parts)]
"""What a customer opens; it may lead nowhere."""
Last = Annotated[int, Query(ge=-1, le=1_000_000_000)]
"""How many rows at most; -1 for all."""
