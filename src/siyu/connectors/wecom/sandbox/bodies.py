"""JSON bodies, read as strictly as the platform and its books need it."""

import json
from typing import Any

from siyu.connectors.wecom.sandbox.answers import Failure

_LARGEST = 2**63 - 1


def parsed(body: bytes) -> dict[str, Any]:
    """The object in a body whatever its content type; an empty body is an empty object.

    Fails with 40058 for anything but an object, for numbers that are none or beyond 64 bits and for nesting without end, with 40033 for half characters.
    """
    if not body.strip():
        return {}
    try:
        fields = json.loads(body.decode("utf-8-sig"), parse_constant=_none, parse_int=_whole, parse_float=_fraction)
    except (ValueError, RecursionError):
        raise Failure(40058, "Warning: wrong json format.") from None
    if not isinstance(fields, dict):
        raise Failure(40058)
    if b"\\u" in body:
        try:
            json.dumps(fields, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Failure(40033) from None
    return fields


def _none(word: str) -> float:
    raise ValueError(word)


def _whole(digits: str) -> int:
    number = int(digits)
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError("beyond 64 bits")
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if not -_LARGEST < number < _LARGEST:
        raise ValueError("beyond 64 bits")
    return number
