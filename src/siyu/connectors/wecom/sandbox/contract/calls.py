"""One call of the contract, with its fields read the platform's way."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from siyu.connectors.wecom.sandbox.answers import Answer, Failure
from siyu.connectors.wecom.sandbox.corp import Corp
from siyu.connectors.wecom.sandbox.faults import Fault
from siyu.connectors.wecom.sandbox.settings import AppSettings
from siyu.connectors.wecom.sandbox.uploads import Upload

_LARGEST = 2**63 - 1
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """`fields`: the query of a GET or an upload, the JSON body of a POST. Extra fields are ignored. `span`: the bytes asked for, as in a Range header."""

    corp: Corp
    app: AppSettings
    path: str
    fields: Mapping[str, Any]
    caller_ip: str
    now: float
    machine: float
    fault: Fault | None = None
    upload: Upload | None = None
    span: str = ""

    def text(self, name: str, *, missing: int | None = None) -> str:
        """A text field; `missing` is the code when it is absent or empty, None allows that. Numbers are read as text."""
        value = self.fields.get(name)
        if value is None or value == "":
            if missing is not None:
                raise Failure(missing, name)
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Failure(40058, name)
        return str(value)

    def number(self, name: str, *, missing: int | None = None) -> int | None:
        value = self.fields.get(name)
        if value is None or value == "":
            if missing is not None:
                raise Failure(missing, name)
            return None
        if isinstance(value, bool):
            raise Failure(40058, name)
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise Failure(40058, name) from None
        if abs(number) > _LARGEST:
            raise Failure(40058, name)
        return number

    def texts(self, name: str) -> list[str]:
        """A list of ids; absent is empty, anything but a list of texts is 40058."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Failure(40058, name)
        return list(value)

    def numbers(self, name: str) -> list[int]:
        """A list of whole numbers; absent is empty, anything else is 40058."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, int) and not isinstance(item, bool) for item in value):
            raise Failure(40058, name)
        return list(value)

    def inner(self, name: str) -> "Call":
        """The object of this name within the body, read the same way; absent is empty, anything but an object is 40058."""
        value = self.fields.get(name) or {}
        if not isinstance(value, dict):
            raise Failure(40058, name)
        return self.part(value)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of objects; absent is empty, anything else is 40058."""
        value = self.fields.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise Failure(40058, name)
        return list(value)

    def part(self, fields: Mapping[str, Any]) -> "Call":
        """An object within the body, read the same way."""
        return replace(self, fields=fields)

    def switch(self, name: str, default: bool) -> bool:
        """A yes or no; numbers count as the platform's older way of saying it."""
        value = self.fields.get(name)
        if value is None or value == "":
            return default
        if not isinstance(value, bool | int):
            raise Failure(40058, name)
        return bool(value)

    def address(self, name: str) -> str:
        """A web address, or nothing. Fails with 45034 without http or https."""
        text = self.text(name)
        if text and not _WEB.match(text):
            raise Failure(45034, name)
        return text

    def page(self, default: int, most: int) -> int:
        """The `limit`: larger than the maximum is cut to it, nothing or less than one is the default."""
        limit = self.number("limit")
        return default if not limit or limit < 1 else min(limit, most)


Handler = Callable[[Call], dict[str, Any] | Answer]


@dataclass(frozen=True)
class Contract:
    """`rights`: customer calls need the app to be listed under 客户联系. `body`: uploads come as multipart. `either`: taken with GET and with POST."""

    method: Literal["GET", "POST"]
    handler: Handler
    rights: Literal["any", "customer"] = "any"
    body: Literal["json", "multipart"] = "json"
    either: bool = False
