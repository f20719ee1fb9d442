"""Parameters of a scenario: each with unit and range, read from JSON and refused by name."""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints


class BadScenario(ValueError):
    """There is no such scenario, or it names a field that does not exist or gives it a value that cannot be meant."""


@dataclass(frozen=True)
class Bounds:
    """What a number may be: `low`…`high`, both included. `unit` is for the reader."""

    unit: str
    low: float = 0.0
    high: float = math.inf

    def __str__(self) -> str:
        return f"{self.low:g} or more" if self.high == math.inf else f"{self.low:g}…{self.high:g}"


def number(default: Any, unit: str, *, low: float = 0.0, high: float = math.inf) -> Any:
    """A field that holds a number, or several of one kind."""
    return field(default=default, metadata={"bounds": Bounds(unit, low, high)})


def rate(default: float, unit: str = "share") -> Any:
    """A field that holds a share or a chance, 0…1."""
    return number(default, unit, high=1.0)


def read(kind: Any, raw: Any, where: str = "") -> Any:
    """The dataclass `kind` made of decoded JSON; fields left out keep their defaults. Raises BadScenario."""
    if dataclasses.is_dataclass(kind):
        return _object(kind, raw, where)
    if kinds := get_args(kind):
        if not isinstance(raw, list):
            raise BadScenario(f"{where}: a list is wanted")
        return tuple(read(kinds[0], item, where) for item in raw)
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if not isinstance(raw, kind) or isinstance(raw, bool):
        raise BadScenario(f"{where}: {kind.__name__} is wanted")
    return raw


def _object(kind: Any, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        raise BadScenario(f"{where or 'scenario'}: an object is wanted")
    known = {found.name: found for found in dataclasses.fields(kind)}
    if unknown := set(raw) - set(known):
        raise BadScenario(f"{where or 'scenario'}: unknown {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    hints, given = get_type_hints(kind), {}
    for name, value in raw.items():
        path = f"{where}.{name}".strip(".")
        given[name] = read(hints[name], value, path)
        if bounds := known[name].metadata.get("bounds"):
            _check(given[name], bounds, path)
    try:
        return kind(**given)
    except BadScenario as clash:
        raise BadScenario(f"{where or 'scenario'}: {clash}") from None
    except TypeError as missing:
        raise BadScenario(f"{where or 'scenario'}: {missing}") from None


def _check(given: Any, bounds: Bounds, where: str) -> None:
    for value in given if isinstance(given, tuple) else (given,):
        if not bounds.low <= value <= bounds.high or value == math.inf:
            raise BadScenario(f"{where}: {json.dumps(value)} is out of range; {bounds} {bounds.unit} is wanted")
