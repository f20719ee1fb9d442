"""The contract as an OpenAPI document: every call with the fields that it asks for. Answers are described as far as all have them in common."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from siyu.connectors.wecom.sandbox.contract import CALLS, Contract

Schema = dict[str, Any]

_TYPES: Mapping[str, Schema] = {"str": {"type": "string"}, "int": {"type": "integer"}, "bool": {"type": "boolean"}, "obj": {"type": "object"}}
_ANSWER: Schema = {
    "type": "object",
    "properties": {"errcode": {"type": "integer"}, "errmsg": {"type": "string"}},
    "required": ["errcode", "errmsg"],
}
_ABOUT = "`access_token` comes from `GET /cgi-bin/gettoken?corpid=…&corpsecret=…`. A call that is refused answers 200 with an `errcode` other than 0."
_TOKEN: Schema = {"name": "access_token", "in": "query", "required": True, "schema": {"type": "string"}}


def document() -> Schema:
    """OpenAPI 3.1."""
    told = json.loads(files(__package__).joinpath("requests.json").read_text("utf-8"))
    return {
        "openapi": "3.1.0",
        "info": {"title": "WeCom server API, as the sandbox keeps it", "version": "1", "description": _ABOUT},
        "paths": {f"/cgi-bin/{path}": {call.method.lower(): _operation(path, call, told["calls"][path])} for path, call in sorted(CALLS.items())},
        "components": {"schemas": {name: _object(fields) for name, fields in told["shapes"].items()}},
    }


def _operation(path: str, call: Contract, fields: Mapping[str, str]) -> Schema:
    schema = _object(fields)
    operation: Schema = {
        "operationId": path.replace("/", "_"),
        "parameters": [_TOKEN],
        "responses": {"200": {"description": "taken or refused", "content": {"application/json": {"schema": _ANSWER}}}},
    }
    if call.method == "GET" or call.body == "multipart":
        required = schema.get("required", ())
        operation["parameters"] = [
            _TOKEN,
            *({"name": name, "in": "query", "required": name in required, "schema": inner} for name, inner in schema["properties"].items()),
        ]
    if call.body == "multipart":
        upload = {"type": "object", "properties": {"media": {"type": "string", "format": "binary"}}, "required": ["media"]}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": upload}}}
    elif call.method == "POST":
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _object(fields: Mapping[str, str]) -> Schema:
    """Fields by dotted name as one object; `[]` in a name is a list of objects."""
    made: Schema = {"type": "object", "properties": {}}
    for name, kind in fields.items():
        *outer, last = name.split(".")
        at = made
        for part in outer:
            many = part.endswith("[]")
            inner = at["properties"].setdefault(part.removesuffix("[]"), {"type": "array", "items": _empty()} if many else _empty())
            at = inner["items"] if many else inner
        at["properties"][last] = _type(kind.removesuffix("!"))
        if kind.endswith("!"):
            at.setdefault("required", []).append(last)
    return made


def _empty() -> Schema:
    return {"type": "object", "properties": {}}


def _type(kind: str) -> Schema:
    if kind.startswith("list["):
        return {"type": "array", "items": _type(kind[5:-1])}
    return dict(_TYPES[kind]) if kind in _TYPES else {"$ref": f"#/components/schemas/{kind}"}
