"""Every route of the OpenAPI document: requests that it takes, and the same requests with one thing in them spoilt."""

import base64
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
WORDS = [json.loads((Path(__file__).parents[2] / "web" / "src" / "shared" / f"{tongue}.json").read_text("utf-8"))["problems"] for tongue in ("zh-CN", "en-US")]
LONG = "字" * 350_000
DAYS = ["0001-01-01", "9999-12-31", "99999-01-01", "2026-02-30"]
BAD: dict[str, list[Any]] = {
    "string": ["", LONG, 5],
    "integer": [-1, 0, 2**31, 10**30, float("inf"), "x"],
    "decimal": [-1, 0, 10**30, "1e400", "NaN", "0." + "1" * 40],
    "boolean": ["x"],
    "uuid": [str(UUID(int=1)), "x"],
    "date": DAYS,
    "date-time": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "99999-01-01T00:00:00Z", "2026-03-03T10:00:00", 1e300],
    "enum": ["unknown"],
    "array": [[], "x", [None], ["x"] * 2_000],
    "object": [{}, "x", {"x": None}],
    "any": [{}, "x", 10**30],
}
"""Values that nobody means, by kind."""
CURSORS: list[Any] = [
    5,
    [],
    [None],
    [5],
    ["a\0"],
    ["\ud800"],
    [10**30],
    [str(UUID(int=1))],
    ["x", str(UUID(int=1))],
    ["0001-01-01T00:00:00+14:00", str(UUID(int=1))],
    ["9999-12-31T23:59:59-12:00", str(UUID(int=1))],
    ["9999-12-31T23:59:59+00:00", str(UUID(int=1))],
    ["2026-03-03T10:00:00", str(UUID(int=1))],
    [float("inf"), str(UUID(int=1))],
    [10**30, str(UUID(int=1))],
    [{}, str(UUID(int=1))],
]
"""What other lists would write into their cursors."""


@dataclass(frozen=True)
class Asked:
    """One request of a route. `spoilt`: what of it is not as it should be."""

    method: str
    path: str
    places: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    spoilt: str = ""

    def having(self, parameter: Mapping[str, Any], value: Any) -> "Asked":
        """The same with another value of one parameter."""
        name = parameter["name"]
        return replace(self, places={**self.places, name: value}) if parameter["in"] == "path" else replace(self, query={**self.query, name: value})

    def send(self, client: Any) -> Any:
        path = self.path
        for name, value in self.places.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe="") or "%20")
        more: dict[str, Any] = {"params": {name: value for name, value in self.query.items() if value is not None}}
        if self.form:
            body = dict(self.body)
            more |= {"files": {"file": (body.pop("file"), b"order_no,paid_at\n1,2026-01-01\n")}, "data": body}
        elif self.body is not None:
            more |= {"content": json.dumps(self.body, ensure_ascii=False).encode("utf-8", "surrogatepass"), "headers": {"content-type": "application/json"}}
        return client.request(self.method, path, **more)


class Doors:
    """All routes of a document. `known`: values by the name of a field or a path, so that a request gets as far as it can."""

    def __init__(self, document: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        self.document, self.known = document, known
        self.operations = [(method.upper(), path, told) for path, methods in document["paths"].items() for method, told in methods.items()]

    def good(self) -> Iterator[tuple[Asked, Mapping[str, Any]]]:
        """One request of every route, with what the document tells of the route."""
        for method, path, told in self.operations:
            parameters = told.get("parameters", [])
            places = {one["name"]: self.place(method, path, one) for one in parameters if one["in"] == "path"}
            query = {one["name"]: self.value(one["name"], one["schema"]) for one in parameters if one["in"] == "query" and one.get("required")}
            content = told.get("requestBody", {}).get("content", {})
            form = "multipart/form-data" in content
            schema = next(iter(content.values()))["schema"] if content else None
            body = self.known.get(f"{method} {path} body") or (self.value("", schema) if schema else None)
            yield Asked(method, path, places, query, body, form), told

    def place(self, method: str, path: str, parameter: Mapping[str, Any]) -> Any:
        name = parameter["name"]
        return self.known.get(f"{method} {path}") or self.known.get(f"{path} {name}") or self.value(name, parameter["schema"])

    def spoilt(self) -> Iterator[Asked]:
        """Every request with every field, parameter and place spoilt in every way, one at a time; a parameter that several lists share at the first."""
        tried = set()
        for asked, told in self.good():
            yield asked
            for one in told.get("parameters", []):
                name, kind = one["name"], self.kind(one["schema"])
                shared = (name, str(one["schema"]))
                if one["in"] == "header" or (one["in"] == "query" and shared in tried and name not in {"cursor", "limit"}):
                    continue
                tried.add(shared)
                for bad in map(cursor_of, CURSORS) if name == "cursor" else BAD[kind]:
                    bad = "x" * 60_000 if bad is LONG else bad
                    yield replace(asked.having(one, bad), spoilt=f"{name}={str(bad)[:30]}")
            content = told.get("requestBody", {}).get("content", {})
            if content and not asked.form:
                for path, kind in self.fields(next(iter(content.values()))["schema"], asked.body):
                    for bad in [*BAD[kind], None]:
                        yield replace(asked, body=put(asked.body, path, bad), spoilt=f"{path}={str(bad)[:30]}")

    def texts(self, *bad: str) -> Iterator[tuple[Asked, str, str]]:
        """Every request with each of these in the place of every text of its body, every parameter and place; the name of that place; the text."""
        for asked, told in self.good():
            for one in told.get("parameters", []):
                name = one["name"]
                if one["in"] in {"path", "query"}:
                    yield asked.having(one, bad[0]), name, bad[0]
            content = told.get("requestBody", {}).get("content", {})
            for path, kind in self.fields(next(iter(content.values()))["schema"], asked.body) if content else ():
                if path and path != ("file",) and kind not in {"object", "array", "integer", "boolean"}:
                    for text in bad[:1] if asked.form else bad:
                        yield replace(asked, body=put(asked.body, path, text)), ".".join(map(str, path)), text

    def fields(self, schema: Mapping[str, Any], body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
        """Paths into a body with the kind of what is there; fields that the body leaves out are named too."""
        schema = self.plain(schema)
        yield path, self.kind(schema)
        if isinstance(body, list) and body:
            yield from self.fields(schema.get("items", {}), body[0], (*path, 0))
        for name, inner in schema.get("properties", {}).items():
            yield from self.fields(inner, body.get(name) if isinstance(body, dict) else None, (*path, name))
        if not schema.get("properties") and isinstance(body, dict):
            for name, value in body.items():
                yield from self.fields({"type": "integer"} if isinstance(value, int) else {"type": "string"}, value, (*path, name))

    def plain(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema without references, and without its null."""
        while True:
            if "$ref" in schema:
                schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            elif "anyOf" in schema:
                schema = next(self.plain(one) for one in schema["anyOf"] if one.get("type") != "null")
            else:
                return schema

    def kind(self, schema: Mapping[str, Any]) -> str:
        """Which of BAD."""
        whole = schema.get("anyOf", [])
        if any(one.get("type") == "number" for one in whole):
            return "decimal"
        schema = self.plain(schema)
        if "enum" in schema or "const" in schema:
            return "enum"
        return str(schema.get("format") if schema.get("format") in BAD else "decimal" if schema.get("type") == "number" else schema.get("type", "any"))

    def value(self, name: str, schema: Mapping[str, Any]) -> Any:
        """Something that a schema takes."""
        if name in self.known:
            return deepcopy(self.known[name])
        kind, schema = self.kind(schema), self.plain(schema)
        match kind:
            case "enum":
                return schema.get("const") or schema["enum"][0]
            case "object":
                return {inner: self.value(inner, told) for inner, told in schema.get("properties", {}).items() if inner in schema.get("required", [])}
            case "array":
                return [self.value(name, schema["items"])]
            case _:
                plain = {"integer": 1, "decimal": "1", "boolean": True, "uuid": str(uuid4()), "date": "2026-03-01", "date-time": "2026-03-01T10:00:00+08:00"}
                return plain.get(kind, "x")


def cursor_of(values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A body with another value at a path."""
    if not path:
        return value
    body = deepcopy(body)
    place = body
    for step in path[:-1]:
        if isinstance(place, dict) and place.get(step) is None:
            place[step] = {}
        place = place[step]
    place[path[-1]] = value
    return body


def worded(code: str, status: int) -> bool:
    """Whether the console has a title and an advice for a code, in both languages; `http` speaks by its status."""
    name = f"http.{status}" if code == "http" else code
    for words in WORDS:
        for part in name.split("."):
            words = words.get(part, {}) if isinstance(words, dict) else {}
        if not {"title", "advice"} <= words.keys():
            return False
    return True
